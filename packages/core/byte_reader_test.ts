import { assertEquals, assertThrows } from "@std/assert";
import { ByteReader, ByteWriter, CairnError } from "@cairn/core";
import fc from "fast-check";

const PLACE = { part: "body", offset: 100, file: "a" };

/** A reader over bytes that do not start at the start of their buffer. */
function readerOf(...bytes: number[]): ByteReader {
  const inside = Uint8Array.from([0xee, 0xee, 0xee, ...bytes, 0xee]);
  return new ByteReader(inside.subarray(3, 3 + bytes.length), PLACE);
}

/** Asserts the error, its place, and that the position did not move. */
function refuses(reader: ByteReader, run: () => unknown, at?: number): void {
  const before = reader.position;
  const error = assertThrows(run, CairnError);
  assertEquals(error.code, "corrupt");
  assertEquals(error.where, { ...PLACE, offset: 100 + (at ?? before) });
}

Deno.test("ByteReader reads little-endian numbers of any alignment", () => {
  const reader = readerOf(9, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 0);
  assertEquals(reader.u8("a"), 9);
  assertEquals(reader.u16("b"), 0x0201);
  assertEquals(reader.u32("c"), 0x04030201);
  assertEquals(reader.u64("d"), 0x07060504030201);
  assertEquals([reader.position, reader.remaining], [15, 0]);
  reader.expectEnd();
  assertEquals(readerOf(255, 255, 255, 255).u32("a"), 2 ** 32 - 1);
});

Deno.test("ByteReader refuses every number that the bytes end inside", () => {
  const reads: [number, (reader: ByteReader) => unknown][] = [
    [1, (r) => r.u8("x")],
    [2, (r) => r.u16("x")],
    [4, (r) => r.u32("x")],
    [8, (r) => r.u64("x")],
    [8, (r) => r.bigU64("x")],
    [5, (r) => r.bytes(5, "x")],
    [5, (r) => r.skip(5, "x")],
  ];
  for (const [width, read] of reads) {
    for (let length = 0; length < width; length++) {
      const reader = readerOf(7, ...new Array(length).fill(0));
      reader.u8("first");
      refuses(reader, () => read(reader), 1);
      assertEquals(reader.position, 1);
    }
    read(readerOf(...new Array(width).fill(0)));
  }
});

Deno.test("ByteReader.u64() refuses what is above max, and above 2^53 - 1", () => {
  const bytesOf = (value: bigint) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    return [...new Uint8Array(view.buffer)];
  };
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  assertEquals(readerOf(...bytesOf(safe)).u64("x"), Number(safe));
  assertEquals(readerOf(...bytesOf(7n)).u64("x", 7), 7);
  for (
    const [value, max] of [[safe + 1n], [2n ** 64n - 1n], [8n, 7]] as const
  ) {
    const reader = readerOf(...bytesOf(value));
    refuses(reader, () => reader.u64("x", max));
    assertEquals(reader.bigU64("x"), value);
  }
});

Deno.test("ByteReader.uvarint() reads back what ByteWriter wrote", () => {
  const values = fc.oneof(
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 53 }).map((bits) =>
      Math.min(2 ** bits, Number.MAX_SAFE_INTEGER)
    ),
    fc.nat(300),
  );
  fc.assert(fc.property(fc.array(values), (list) => {
    const writer = new ByteWriter();
    for (const value of list) writer.uvarint(value);
    const reader = new ByteReader(writer.take(), PLACE);
    assertEquals(list.map(() => reader.uvarint("x")), list);
    reader.expectEnd();
  }));
});

Deno.test("ByteReader.uvarint() refuses what is cut, too long or too large", () => {
  const ten = new Array(9).fill(0x80);
  const wrong: number[][] = [
    [],
    [0x80],
    ten,
    [...ten, 0x80, 0], // eleven bytes
    [255, 255, 255, 255, 255, 255, 255, 16], // 2^53
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], // 2^56
    [...ten, 1], // 2^63
    [255, 255, 255, 255, 255, 255, 255, 255, 255, 1], // 2^64 - 1
    [...ten, 2], // past 64 bits
  ];
  for (const bytes of wrong) {
    const reader = readerOf(...bytes);
    refuses(reader, () => reader.uvarint("x"));
    assertEquals(reader.position, 0);
  }
  // Leading zeros are long-winded, not wrong.
  assertEquals(readerOf(0x81, ...ten.slice(1), 0).uvarint("x"), 1);
  assertEquals(
    readerOf(255, 255, 255, 255, 255, 255, 255, 15).uvarint("x"),
    2 ** 53 - 1,
  );
  assertEquals(readerOf(5).uvarint("x", 5), 5);
  const reader = readerOf(6);
  refuses(reader, () => reader.uvarint("x", 5));
});

Deno.test("ByteReader.count() refuses what cannot fit in the bytes left", () => {
  assertEquals(readerOf(2, 0, 0, 0, 1, 1, 1, 1).count("x", 2), 2);
  assertEquals(readerOf(0, 0, 0, 0).count("x", 2), 0);
  for (const [count, left] of [[3, 5], [1, 1], [1, 0]] as const) {
    const reader = readerOf(count, 0, 0, 0, ...new Array(left).fill(0));
    refuses(reader, () => reader.count("x", 2));
  }
  const hostile = readerOf(255, 255, 255, 255, 1, 2);
  refuses(hostile, () => hostile.count("x", 1));
});

Deno.test("ByteReader.bytes() gives a view of the right bytes", () => {
  const reader = readerOf(1, 2, 3, 4);
  reader.skip(1, "x");
  assertEquals([...reader.bytes(2, "x")], [2, 3]);
  assertEquals([...reader.bytes(0, "x")], []);
  for (const length of [-1, 2, Infinity, NaN]) {
    refuses(reader, () => reader.bytes(length, "x"));
  }
  refuses(reader, () => reader.expectEnd());
});

Deno.test("ByteReader.corrupt() names place and file as far as known", () => {
  const error = new ByteReader(new Uint8Array(2), { part: "p" }).corrupt("x");
  assertEquals(error.where, { part: "p", offset: 0 });
  assertEquals(readerOf(1, 2).corrupt("x", 2).where.offset, 102);
});
