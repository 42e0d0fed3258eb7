import { assertEquals } from "@std/assert";
import {
  compareBytes,
  concatBytes,
  decodeText,
  EMPTY_BYTES,
  encodeText,
  equalBytes,
} from "@cairn/core";
import fc from "fast-check";

// Few distinct bytes, so that prefixes and equal strings come up.
const bytes = fc.uint8Array({ maxLength: 6, max: 2 });

Deno.test("compareBytes() orders as lower-case hex text does", () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    const [x, y] = [a.toHex(), b.toHex()];
    assertEquals(Math.sign(compareBytes(a, b)), x < y ? -1 : x > y ? 1 : 0);
  }));
  assertEquals(
    compareBytes(Uint8Array.of(0x80), Uint8Array.of(0x7f)) > 0,
    true,
  );
});

Deno.test("equalBytes() agrees with compareBytes()", () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    assertEquals(equalBytes(a, b), compareBytes(a, b) === 0);
    assertEquals(equalBytes(a, a.slice()), true);
  }));
});

Deno.test("concatBytes() joins copies in order", () => {
  fc.assert(fc.property(fc.array(bytes), (parts) => {
    const joined = concatBytes(parts);
    assertEquals([...joined], parts.flatMap((part) => [...part]));
    joined.fill(9);
    assertEquals(parts.every((part) => !part.includes(9)), true);
  }));
  assertEquals(concatBytes([]).length, 0);
  assertEquals(EMPTY_BYTES.length, 0);
});

Deno.test("decodeText() gives back what encodeText() made, a leading BOM too", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertEquals(decodeText(encodeText(text)), text.toWellFormed());
    assertEquals(decodeText(encodeText(`\ufeff${text}`)), `\ufeff${text}`);
  }));
});

Deno.test("decodeText() gives undefined for what is not UTF-8, and goes on", () => {
  const wrong = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [
    0xf4,
    0x90,
    0x80,
    0x80,
  ]];
  for (const bytes of wrong) {
    assertEquals(decodeText(Uint8Array.from(bytes)), undefined);
    assertEquals(decodeText(Uint8Array.of(0x61)), "a");
  }
});
