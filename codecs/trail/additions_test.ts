import { assertEquals, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import { crc32c } from "@cairn/kernels";
import fc from "fast-check";
import {
  decodeBlocks,
  decodeFieldTypes,
  decodeSums,
  encodeBlocks,
  encodeFieldTypes,
  encodeSums,
  RangeSummer,
  sumsByteLength,
} from "./additions.ts";

const PLACE = { part: "cairn", offset: 100 };
const BLOCKS = {
  trailsPerBlock: 2,
  events: Float64Array.of(5, 1),
  minTimes: Float64Array.of(100, 2 ** 50),
  maxTimes: Float64Array.of(2 ** 40, 2 ** 50),
};
const EXPECTED = { trails: 3, events: 6, minTime: 100, maxTime: 2 ** 50 };

Deno.test("decodeFieldTypes() reads back what was encoded", () => {
  const bytes = encodeFieldTypes(["bytes", "integer", "text"]);
  assertEquals(decodeFieldTypes(bytes, 3, PLACE), ["bytes", "integer", "text"]);
});

Deno.test("decodeFieldTypes() refuses another number of fields", () => {
  const error = assertThrows(
    () => decodeFieldTypes(encodeFieldTypes(["bytes"]), 2, PLACE),
    CairnError,
  );
  assertEquals(error.code, "corrupt");
  assertEquals(error.where, PLACE);
});

Deno.test("decodeBlocks() reads back what was encoded", () => {
  assertEquals(
    decodeBlocks(encodeBlocks(BLOCKS, 100), EXPECTED, PLACE),
    BLOCKS,
  );
});

Deno.test("decodeBlocks() refuses what does not agree with info", () => {
  const bytes = encodeBlocks(BLOCKS, 100);
  for (
    const expected of [
      { ...EXPECTED, trails: 2 },
      { ...EXPECTED, trails: 5 },
      { ...EXPECTED, trails: 2 ** 50 },
      { ...EXPECTED, events: 5 },
      { ...EXPECTED, events: 7 },
      { ...EXPECTED, maxTime: 2 ** 50 - 1 },
    ]
  ) {
    const error = assertThrows(
      () => decodeBlocks(bytes, expected, PLACE),
      CairnError,
    );
    assertEquals(error.code, "corrupt");
  }
});

Deno.test("decodeSums() reads back what was encoded, of the stated length", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.string(), fc.nat(1000), fc.integer({ min: 1 }))),
    (rows) => {
      const parts = rows.map(([member, byteLength, rangeBytes]) => ({
        member,
        byteLength,
        rangeBytes,
        sums: Uint32Array.from(
          { length: Math.ceil(byteLength / rangeBytes) },
          (_, i) => 0xffff_ffff - i,
        ),
      }));
      const bytes = encodeSums(parts);
      assertEquals(bytes.length, sumsByteLength(parts));
      assertEquals(decodeSums(bytes, PLACE), parts);
    },
  ));
});

Deno.test("decodeSums() finds every flipped bit and every cut", () => {
  const sums = Uint32Array.of(1, 2, 3);
  const part = { member: "", byteLength: 10, rangeBytes: 4, sums };
  const bytes = encodeSums([part]);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assertThrows(() => decodeSums(flipped, PLACE), CairnError);
  }
  for (let end = 0; end < bytes.length; end++) {
    assertThrows(() => decodeSums(bytes.subarray(0, end), PLACE), CairnError);
  }
});

Deno.test("a later version is unsupported, deep nesting corrupt", () => {
  // {"version": 2}
  const later = Uint8Array.of(
    0xa1,
    0x67,
    ...new TextEncoder().encode("version"),
    2,
  );
  assertEquals(
    assertThrows(() => decodeFieldTypes(later, 0, PLACE), CairnError).code,
    "unsupported",
  );
  const deep = new Uint8Array(1_000_000).fill(0x81);
  assertEquals(
    assertThrows(() => decodeFieldTypes(deep, 0, PLACE), CairnError).code,
    "corrupt",
  );
});

Deno.test("RangeSummer sums up each range, however the bytes come", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 31 >> 2);
  const wanted = [0, 300, 600, 900].map((start) =>
    crc32c(bytes.subarray(start, start + 300))
  );
  for (const step of [1, 7, 299, 300, 301, 1000]) {
    const summer = new RangeSummer(300);
    for (let at = 0; at < bytes.length; at += step) {
      summer.update(bytes.subarray(at, at + step));
    }
    assertEquals([...summer.finish()], wanted);
  }
});
