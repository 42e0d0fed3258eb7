import { assert, assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import {
  packSnappy,
  snappyLength,
  snappyPackedMax,
  unpackSnappy,
  unpackSnappyInto,
} from "./mod.ts";

const place = { part: "test" };

/** Bytes that repeat themselves now and then, as text does. */
const content = fc.array(
  fc.tuple(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.integer({ min: 1, max: 60 }),
  ),
  { maxLength: 40 },
).map((parts) =>
  Uint8Array.from(
    parts.flatMap(([bytes, times]) =>
      Array.from({ length: times }, () => [...bytes]).flat()
    ),
  )
);

Deno.test("unpackSnappy() gives back what packSnappy() packed", () => {
  fc.assert(fc.property(content, (bytes) => {
    const packed = packSnappy(bytes);
    assert(packed.length <= snappyPackedMax(bytes.length));
    assertEquals(unpackSnappy(packed, place), bytes);
  }));
});

Deno.test("packSnappy() packs content longer than a pass", () => {
  for (const length of [65_535, 65_536, 65_537, 65_552, 65_553, 200_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251 & i >> 9);
    assertEquals(unpackSnappy(packSnappy(bytes), place), bytes);
  }
});

Deno.test("packSnappy() gives the bytes of Go's library", () => {
  // Content below 17 bytes is one literal behind its length.
  assertEquals(packSnappy(encodeText("abc")), Uint8Array.of(3, 8, 97, 98, 99));
  assertEquals(packSnappy(new Uint8Array(0)), Uint8Array.of(0));
  // docs/formats/esdb.md: literal of 2, copy of 8 from 1 back, literal of 11.
  const postings = Uint8Array.from(
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0],
  );
  assertEquals(
    packSnappy(postings),
    Uint8Array.of(
      ...[0x15, 0x04, 1, 0, 0x11, 1, 0x28],
      ...[1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0],
    ),
  );
});

Deno.test("unpackSnappy() takes every element of the format", () => {
  const stream = Uint8Array.of(
    ...[20, 0x08, 97, 98, 99], // 3 bytes as they are
    ...[0x05, 3], // copy of 5 from 3 back, 1-byte offset
    ...[0x0e, 8, 0], // copy of 4 from 8 back, 2-byte offset
    ...[0x0f, 12, 0, 0, 0], // copy of 4 from 12 back, 4-byte offset
    ...[0xf0, 3, 119, 120, 121, 122], // 4 bytes, length in one byte
  );
  assertEquals(
    new TextDecoder().decode(unpackSnappy(stream, place)),
    "abcabcababcaabcawxyz",
  );
});

Deno.test("unpackSnappy() refuses each kind of damage", () => {
  const bad: Record<string, number[]> = {
    "no length": [],
    "a length cut off": [0x80],
    "a length of six bytes": [0x80, 0x80, 0x80, 0x80, 0x80, 1],
    "a length that cannot be": [200, 1, 0, 0],
    "a literal cut off": [3, 8, 97],
    "a literal's length cut off": [3, 0xf4, 1],
    "a literal too long": [1, 4, 97, 98],
    "a copy of nothing": [4, 1, 1],
    "an offset of 0": [5, 0, 97, 1, 0],
    "an offset before the start": [5, 0, 97, 1, 2],
    "a copy too long": [3, 0, 97, 1, 1],
    "a copy cut off": [5, 0, 97, 2, 1],
    "a far copy cut off": [5, 0, 97, 3, 1, 0, 0],
    "too little": [5, 0, 97],
    "too much": [1, 0, 97, 0, 98],
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const error = assertThrows(
      () => unpackSnappy(Uint8Array.from(bytes), { part: "p", offset: 100 }),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "p"], what);
    assert(error.where.offset! >= 100, what);
  }
});

Deno.test("unpackSnappyInto() never writes outside its room", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 60 }),
    fc.nat(300),
    (packed, length) => {
      const out = new Uint8Array(400).fill(7);
      unpackSnappyInto(packed, 0, packed.length, out, 50, length);
      assertEquals(out.subarray(0, 50), new Uint8Array(50).fill(7));
      assertEquals(
        out.subarray(50 + length),
        new Uint8Array(350 - length).fill(7),
      );
      const claimed = snappyLength(packed, 0, packed.length);
      assert(claimed <= 22 * packed.length);
    },
  ));
});
