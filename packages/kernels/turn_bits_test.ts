import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { turnBits, turnBitsReference } from "./mod.ts";

Deno.test("turnBits() equals its reference on any matrix", () => {
  const shape = fc.tuple(fc.nat(32), fc.nat(1200), fc.integer());
  fc.assert(fc.property(shape, ([count, words, seed]) => {
    let state = seed | 1;
    const slices = Array.from(
      { length: count },
      () =>
        Uint32Array.from({ length: words }, () => {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          return state;
        }),
    );
    const made = new Uint32Array(32 * words);
    const wanted = new Uint32Array(32 * words);
    turnBits(slices, made);
    turnBitsReference(slices, wanted);
    assertEquals(made, wanted);
  }));
});

Deno.test("turnBits() reads every single bit", () => {
  const words = 40;
  for (let s = 0; s < 32; s++) {
    for (const bit of [0, 1, 7, 8, 15, 16, 23, 24, 31, 32 * words - 1]) {
      const slices = Array.from({ length: 32 }, () => new Uint32Array(words));
      slices[s]![bit >>> 5] = 1 << (bit & 31);
      const numbers = new Uint32Array(32 * words);
      turnBits(slices, numbers);
      assertEquals(numbers[bit], 2 ** s);
      assertEquals(numbers.reduce((sum, n) => sum + n, 0), 2 ** s);
    }
  }
});
