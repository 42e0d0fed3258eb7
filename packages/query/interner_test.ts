import { assertEquals, assertThrows } from "@std/assert";
import { encodeText, packSpans } from "@cairn/core";
import fc from "fast-check";
import { Interner } from "./interner.ts";

Deno.test("Interner gives the same id to the same bytes, over many batches", () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.nat(5000).map((n) => encodeText(`value ${n}`)),
    fc.constant(new Uint8Array(40_000).fill(7)),
  );
  fc.assert(fc.property(
    fc.array(fc.array(value, { maxLength: 200 }), { maxLength: 6 }),
    (batches) => {
      const interner = new Interner();
      const known = new Map<string, number>([["", 0]]);
      for (const values of batches) {
        const ids = new Uint32Array(values.length);
        const spans = packSpans(values);
        interner.intern({ kind: "bytes", ...spans }, values.length, ids);
        spans.bytes.fill(0xff);
        values.forEach((value, row) => {
          const text = value.toHex();
          if (!known.has(text)) known.set(text, known.size);
          assertEquals(ids[row], known.get(text));
          assertEquals(interner.value(ids[row]!), value);
          assertEquals(interner.find(value), ids[row]);
        });
      }
      assertEquals(interner.size, known.size);
      assertEquals(interner.find(encodeText("never met")), undefined);
    },
  ));
});

Deno.test("Interner.value() refuses ids that it never gave", () => {
  assertThrows(() => new Interner().value(1), RangeError);
});

Deno.test("Interner holds many values", () => {
  const interner = new Interner();
  const values = Array.from({ length: 50_000 }, (_, i) => encodeText(`${i}`));
  const ids = new Uint32Array(values.length);
  interner.intern({ kind: "bytes", ...packSpans(values) }, values.length, ids);
  assertEquals(ids.every((id, row) => id === row + 1), true);
  assertEquals(interner.find(encodeText("49999")), 50_000);
});
