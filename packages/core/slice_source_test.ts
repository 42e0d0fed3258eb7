import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemorySource, SliceSource, type Source } from "@cairn/core";
import fc from "fast-check";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

Deno.test("SliceSource.read() gives what a slice of the bytes would", async () => {
  const nat = fc.nat(100);
  await fc.assert(
    fc.asyncProperty(nat, nat, nat, nat, async (a, b, c, d) => {
      await using whole = new MemorySource(BYTES);
      const offset = Math.min(a, b);
      const length = Math.abs(a - b);
      await using slice = new SliceSource(whole, { offset, length });
      const bytes = BYTES.subarray(offset, offset + length);
      assertEquals(slice.size, length);
      const inside = c <= length && d <= length - c;
      if (inside) {
        assertEquals(await slice.read(c, d), bytes.subarray(c, c + d));
      } else await assertRejects(() => slice.read(c, d), RangeError);
    }),
  );
});

Deno.test("SliceSource refuses a window that is not inside", () => {
  const whole = new MemorySource(BYTES);
  for (const [offset, length] of [[0, 101], [100, 1], [101, 0], [-1, 1]]) {
    assertThrows(
      () => new SliceSource(whole, { offset: offset!, length: length! }),
      RangeError,
    );
  }
});

Deno.test("SliceSource.close() leaves the whole open unless it owns it", async () => {
  const whole = new MemorySource(BYTES, { name: "whole" });
  const range = { offset: 1, length: 2 };
  const slice = new SliceSource(whole, range);
  const owner = new SliceSource(whole, range, { owns: true, name: "part" });
  assertEquals([slice.name, owner.name], ["whole", "part"]);
  await slice.close();
  await slice.close();
  await assertRejects(() => slice.read(0, 1), TypeError);
  assertEquals((await whole.read(0, 1)).length, 1);
  await owner.close();
  await owner.close();
  await assertRejects(() => whole.read(0, 1), TypeError);
});

Deno.test("SliceSource.advise() passes on what is inside", async () => {
  const hints: unknown[] = [];
  const whole = Object.assign(new MemorySource(BYTES), {
    advise: (...hint: unknown[]) => hints.push(hint),
  });
  await using slice = new SliceSource(whole, { offset: 10, length: 5 });
  slice.advise(0, 1, "soon");
  slice.advise(1, 2, "soon");
  slice.advise(4, 100, "no-more");
  slice.advise(5, 1, "soon");
  slice.advise(-1, 1, "soon");
  assertEquals(hints, [
    [10, 1, "soon"],
    [11, 2, "soon"],
    [14, 1, "no-more"],
  ]);
});

Deno.test("SliceSource.readSync() is there where the whole has it", async () => {
  const whole = new MemorySource(BYTES);
  const slice = new SliceSource(whole, { offset: 10, length: 20 });
  assertEquals(slice.readSync!(1, 2), BYTES.subarray(11, 13));
  assertThrows(() => slice.readSync!(19, 2), RangeError);
  await slice.close();
  assertThrows(() => slice.readSync!(0, 1), TypeError);
  const far: Source = {
    name: "far",
    size: 100,
    read: (offset, length) => whole.read(offset, length),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const range = { offset: 0, length: 9 };
  assertEquals(new SliceSource(far, range).readSync, undefined);
});
