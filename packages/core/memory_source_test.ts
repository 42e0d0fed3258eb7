import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { assertRange, CairnError, MemorySource, readProbe } from "@cairn/core";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

Deno.test("MemorySource.read() gives views of any range inside", async () => {
  await using source = new MemorySource(BYTES, { name: "here" });
  assertEquals([source.name, source.size], ["here", 100]);
  assertEquals(await source.read(0, 100), BYTES);
  assertEquals(await source.read(99, 1), Uint8Array.of(99));
  assertEquals((await source.read(100, 0)).length, 0);
  const view = await source.read(10, 5);
  assertEquals(view.buffer === BYTES.buffer, true);
});

Deno.test("MemorySource.read() refuses ranges outside, and after close", async () => {
  const source = new MemorySource(BYTES.subarray(10, 20));
  for (
    const [offset, length] of [[10, 1], [11, 0], [-1, 1], [0, 11], [0, -1]]
  ) {
    await assertRejects(() => source.read(offset!, length!), RangeError);
  }
  await source.close();
  await source.close();
  await assertRejects(() => source.read(0, 1), TypeError);
});

Deno.test("MemorySource.read() says aborted with the signal's reason", async () => {
  await using source = new MemorySource(BYTES);
  const signal = AbortSignal.abort("enough");
  const error = await assertRejects(
    () => source.read(0, 1, { signal }),
    CairnError,
  );
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
});

Deno.test("assertRange() takes whole numbers inside, and nothing else", () => {
  for (const [offset, length] of [[0, 0], [0, 9], [9, 0], [4, 5]]) {
    assertRange(9, offset!, length!);
  }
  const outside = [[0, 10], [9, 1], [10, 0], [-1, 1], [1, -1], [5, 5]];
  const strange = [[0.5, 1], [0, 1.5], [NaN, 0], [0, NaN], [Infinity, 0]];
  const large = [[Number.MAX_SAFE_INTEGER, 2], [2, Number.MAX_SAFE_INTEGER]];
  for (const [offset, length] of [...outside, ...strange, ...large]) {
    assertThrows(() => assertRange(9, offset!, length!), RangeError);
  }
});

Deno.test("readProbe() gives both ends, whole where the file is small", async () => {
  for (const size of [0, 1, 4095, 4096, 4097, 9000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31);
    await using source = new MemorySource(bytes);
    const probe = await readProbe(source);
    assertEquals(probe.size, size);
    assertEquals(probe.head, bytes.slice(0, 4096));
    assertEquals(probe.tail, bytes.slice(Math.max(0, size - 4096)));
  }
});

Deno.test("MemorySource.readSync() gives views, refuses ranges and ends with close", async () => {
  const source = new MemorySource(BYTES);
  const view = source.readSync(10, 5);
  assertEquals(view, BYTES.subarray(10, 15));
  assertEquals(view.buffer === BYTES.buffer, true);
  assertThrows(() => source.readSync(100, 1), RangeError);
  await source.close();
  assertThrows(() => source.readSync(0, 1), TypeError);
});
