import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText, packSpans } from "@cairn/core";
import fc from "fast-check";
import { decode, encode } from "cborg";
import {
  decodeFields,
  encodeFields,
  encodeRanked,
  readRank,
} from "./event_fields.ts";

const place = { part: "events" };

/** Decodes one event's data into its values. */
function values(data: Uint8Array, fieldCount: number): (Uint8Array | null)[] {
  const spans = packSpans([data]);
  const columns = Array.from({ length: fieldCount }, () => ({
    bytes: spans.bytes,
    starts: new Uint32Array(1),
    ends: new Uint32Array(1),
  }));
  decodeFields(spans, 1, fieldCount, columns, place);
  return columns.map(({ bytes, starts, ends }) =>
    starts[0] === ends[0] ? null : bytes.slice(starts[0], ends[0])
  );
}

const value = fc.option(
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 30 }),
    fc.constantFrom(255, 256, 65_535, 65_536).map((n) => new Uint8Array(n)),
  ),
);

Deno.test("decodeFields() gives back what encodeFields() wrote, and so does cborg", () => {
  fc.assert(fc.property(
    fc.array(value, { maxLength: 30 }),
    fc.nat(70_000),
    (row, rank) => {
      const out = { bytes: new Uint8Array(1), byteLength: 0 };
      const columns = row.map((value) => packSpans([value]));
      encodeFields(out, columns, 0);
      const data = out.bytes.slice(0, out.byteLength);
      assertEquals(values(data, row.length), row);
      let count = row.length;
      while (count > 0 && row[count - 1] === null) count--;
      assertEquals(data, encode(row.slice(0, count)));
      out.byteLength = 0;
      encodeRanked(out, data, 0, data.length, row.length, rank);
      const ranked = out.bytes.slice(0, out.byteLength);
      assertEquals(decode(ranked), [...row, rank]);
      assertEquals(values(ranked, row.length), row);
      assertEquals(readRank(ranked, 0, ranked.length, row.length), rank);
      assertEquals(readRank(data, 0, data.length, row.length), 0);
    },
  ));
});

Deno.test("decodeFields() refuses each kind of damage", () => {
  const bad: Record<string, Uint8Array> = {
    "nothing": new Uint8Array(0),
    "a map": encode({ a: 1 }),
    "text": encode(["text"]),
    "a number": encode([1]),
    "too many values": encode([null, null, null, null]),
    "a rank, and more elements stated": Uint8Array.of(0x85, 0xf6, 0xf6, 1),
    "a rank that is no number": encode([null, null, "rank"]),
    "an array of unknown length": Uint8Array.of(0x9f, 0xf6, 0xff),
    "a value cut off": Uint8Array.of(0x81, 0x43, 1, 2),
    "a head cut off": Uint8Array.of(0x81, 0x59, 1),
    "a value missing": Uint8Array.of(0x82, 0x41, 1),
    "more behind": Uint8Array.of(0x81, 0x41, 1, 0),
    "a length that is longer than need be": Uint8Array.of(0x81, 0x58, 1, 7),
    "a length of 64 bits": Uint8Array.of(0x81, 0x5b, 0, 0, 0, 0, 0, 0, 0, 1, 7),
    "JSON": encodeText('{"page":"/"}'),
  };
  for (const [what, data] of Object.entries(bad)) {
    const error = assertThrows(() => values(data, 2), CairnError);
    assertEquals([error.code, error.where.part], ["corrupt", "events"], what);
  }
});
