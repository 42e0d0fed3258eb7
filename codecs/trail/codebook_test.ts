import { assertEquals, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import { decodeCodebook } from "./codebook.ts";
import { CODEBOOK_ENTRIES, CODEBOOK_ENTRY_BYTES } from "./layout.ts";
import type { MemberWindow } from "./trail_members.ts";

const WINDOW = {
  name: "trails.codebook",
  offset: 512,
  byteLength: CODEBOOK_ENTRIES * CODEBOOK_ENTRY_BYTES,
  source: { name: "a.tdb" },
} as MemberWindow;
/** Two fields, of 100 and of 1,000 values. */
const COUNTS = Float64Array.of(0, 100, 1000);

/** Sets an entry wherever the low bits are those of its code. */
function fill(
  bytes: Uint8Array,
  code: number,
  codeBits: number,
  items: readonly [field: number, value: number][],
): void {
  for (let k = code; k < CODEBOOK_ENTRIES; k += 1 << codeBits) {
    set(bytes, k, codeBits, items);
  }
}

function set(
  bytes: Uint8Array,
  k: number,
  codeBits: number,
  items: readonly [field: number, value: number][],
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  items.forEach(([field, value], i) => {
    view.setUint32(20 * k + 8 * i, field | value << 8, true);
  });
  view.setUint32(20 * k + 16, codeBits, true);
}

function sample(offset = 0): Uint8Array {
  const bytes = new Uint8Array(WINDOW.byteLength + offset).subarray(offset);
  fill(bytes, 0b0, 1, [[0, 7]]);
  fill(bytes, 0b01, 2, [[1, 100], [2, 9]]);
  fill(bytes, 0b011, 3, [[2, 5]]);
  return bytes;
}

Deno.test("decodeCodebook() numbers symbols from the shortest code on", () => {
  const bytes = sample();
  fill(bytes, 0b00, 2, [[0, 8]]);
  fill(bytes, 0b10, 2, [[0, 9]]);
  const book = decodeCodebook(bytes, 1, COUNTS, WINDOW);
  assertEquals([...book.codeBits], [0, 2, 2, 2, 3]);
  assertEquals([...book.firstFields], [0, 0, 1, 0, 2]);
  assertEquals([...book.firstValues], [0, 8, 100, 9, 5]);
  assertEquals([...book.secondFields], [0, 0, 2, 0, 0]);
  assertEquals([...book.secondValues], [0, 0, 9, 0, 0]);
  // Nothing begins with 111.
  assertEquals(
    [...book.symbols.subarray(0, 8)],
    [1, 2, 3, 4, 1, 2, 3, 0],
  );
  assertEquals(book.symbols[65_532], 1);
});

Deno.test("decodeCodebook() takes bytes that start anywhere", () => {
  assertEquals(
    decodeCodebook(sample(3), 1, COUNTS, WINDOW),
    decodeCodebook(sample(), 1, COUNTS, WINDOW),
  );
});

Deno.test("decodeCodebook() tells an entry from the one that it should repeat", () => {
  const bytes = sample();
  set(bytes, 0b1000, 1, [[0, 6]]);
  const book = decodeCodebook(bytes, 1, COUNTS, WINDOW);
  assertEquals([...book.firstValues], [0, 7, 6, 100, 5]);
  assertEquals([book.symbols[0], book.symbols[8], book.symbols[16]], [1, 2, 1]);
});

Deno.test("decodeCodebook() makes no symbol of an entry that nothing can use", () => {
  const faults: readonly [
    codeBits: number,
    items: readonly [number, number][],
  ][] = [
    [0, [[0, 1]]],
    [17, [[0, 1]]],
    [3, [[3, 1]]],
    [3, [[1, 101]]],
    [3, [[1, 100], [3, 0]]],
    [3, [[1, 100], [2, 1001]]],
    [3, [[1, 100], [0, 1]]],
  ];
  for (const [codeBits, items] of faults) {
    const bytes = sample();
    for (let k = 0b111; k < CODEBOOK_ENTRIES; k += 8) {
      set(bytes, k, codeBits, items);
    }
    assertEquals(
      decodeCodebook(bytes, 1, COUNTS, WINDOW),
      decodeCodebook(sample(), 1, COUNTS, WINDOW),
    );
  }
});

Deno.test("decodeCodebook() refuses any other size", () => {
  for (const size of [0, WINDOW.byteLength - 1, WINDOW.byteLength + 1]) {
    const error = assertThrows(
      () => decodeCodebook(new Uint8Array(size), 1, COUNTS, WINDOW),
      CairnError,
    );
    assertEquals(error.code, "corrupt");
    assertEquals(error.where.part, "trails.codebook");
  }
});
