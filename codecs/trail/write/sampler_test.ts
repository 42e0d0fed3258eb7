import { assert, assertEquals } from "@std/assert";
import { SampleGenerator, TrailSample } from "./sampler.ts";

Deno.test("SampleGenerator.next() gives the numbers of the format document", () => {
  const generator = new SampleGenerator();
  assertEquals(Array.from({ length: 6 }, () => generator.next()), [
    0.5891207946362058,
    0.30722985494097754,
    0.05031824812772778,
    0.5870079523336476,
    0.8813822175528889,
    0.4283494983933194,
  ]);
});

Deno.test("TrailSample.next() takes the trails of the format document", () => {
  const sample = new TrailSample();
  const taken = Array.from({ length: 82 }, (_, trail) => trail)
    .filter(() => sample.next());
  assertEquals(taken, [0, 3, 10, 15, 17, 33, 48, 59, 63, 73, 79, 81]);
});

Deno.test("SampleGenerator.next() stays in [0, 1) with other seeds", () => {
  for (const seed of [0, 1, 0xffff_ffff]) {
    const generator = new SampleGenerator(seed);
    for (let i = 0; i < 1000; i++) {
      const number = generator.next();
      assert(number >= 0 && number < 1);
    }
  }
});
