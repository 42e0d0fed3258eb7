import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { packSpans } from "../column.ts";
import { Interner } from "./_interner.ts";

/** Numbers values with a map. */
function internNaively(values: readonly Uint8Array[]) {
  const ids = new Map<string, number>();
  const numbers = values.map((value) => {
    const name = value.toHex();
    if (name === "") return 0;
    if (!ids.has(name)) ids.set(name, ids.size + 1);
    return ids.get(name)!;
  });
  return { numbers, names: [...ids.keys()] };
}

function namesOf(interner: Interner): string[] {
  const { count, bytes, offsets } = interner.lexicon();
  return Array.from(
    { length: count },
    (_, i) => bytes.subarray(offsets[i], offsets[i + 1]).toHex(),
  );
}

function check(values: readonly Uint8Array[], cut: number): void {
  const interner = new Interner();
  const spans = packSpans(values);
  // Twice, to see that nothing is left behind by clear().
  for (let round = 0; round < 2; round++) {
    interner.clear();
    const out = new Uint32Array(values.length + 2).fill(77);
    interner.intern(spans, 0, cut, out, 1);
    interner.intern(spans, cut, values.length, out, 1 + cut);
    const { numbers, names } = internNaively(values);
    assertEquals([...out], [77, ...numbers, 77]);
    assertEquals(namesOf(interner), names);
    values.forEach((value, i) =>
      assertEquals(interner.find(value), numbers[i])
    );
  }
  interner.freeze();
  assertEquals(namesOf(interner), internNaively(values).names);
}

Deno.test("Interner numbers values as a map does, of any length", () => {
  // Few different bytes, zeros among them, make many near misses.
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 10, max: 1 }),
    fc.uint8Array({ minLength: 7, maxLength: 18, max: 1 }),
    fc.uint8Array({ maxLength: 100 }),
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 300, size: "max" }),
      fc.nat(300),
      (values, cut) => check(values, Math.min(cut, values.length)),
    ),
    { numRuns: 200 },
  );
});

Deno.test("Interner tells all lengths of the same bytes apart", () => {
  for (const fill of [0, 1]) {
    const values = Array.from(
      { length: 70 },
      (_, i) => new Uint8Array(i).fill(fill),
    );
    check([...values, ...values.toReversed()], 70);
  }
});

Deno.test("Interner grows to many values", () => {
  for (const length of [4, 12, 20]) {
    const values = Array.from({ length: 20_000 }, (_, i) => {
      const value = new Uint8Array(length);
      new DataView(value.buffer).setUint32(length - 4, i % 9000);
      return value;
    });
    check(values.slice(1), 5000);
  }
});

Deno.test("Interner reads spans at the very end of their bytes", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const starts = Uint32Array.of(8, 4, 1, 0, 8);
  const ends = Uint32Array.of(9, 9, 9, 9, 9);
  const out = new Uint32Array(5);
  new Interner().intern({ bytes, starts, ends }, 0, 5, out, 0);
  assertEquals([...out], [1, 2, 3, 4, 1]);
  // A view that begins within its buffer.
  const spans = {
    bytes: bytes.subarray(3),
    starts: Uint32Array.of(0, 5),
    ends: Uint32Array.of(6, 6),
  };
  const interner = new Interner();
  interner.intern(spans, 0, 2, out, 0);
  assertEquals(namesOf(interner), ["040506070809", "09"]);
});

Deno.test("Interner.find() tells strings of every length from others", () => {
  const interner = new Interner();
  const values = Array.from(
    { length: 40 },
    (_, length) => new Uint8Array(length).fill(7),
  );
  interner.intern(packSpans(values), 0, 40, new Uint32Array(40), 0);
  for (const [length, value] of values.entries()) {
    assertEquals(interner.find(value), length);
    if (length === 0) continue;
    const other = value.slice();
    other[length - 1] = 8;
    assertEquals(interner.find(other), 0);
  }
});
