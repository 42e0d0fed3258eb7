import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, formatHex, parseHex } from "@cairn/core";
import fc from "fast-check";

Deno.test("parseHex() gives back what formatHex() wrote, in either case", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    const text = formatHex(bytes);
    assertEquals(text, bytes.toHex());
    assertEquals(parseHex(text), bytes);
    assertEquals(parseHex(text.toUpperCase()), bytes);
  }));
});

Deno.test("parseHex() refuses all but pairs of digits", () => {
  for (
    const text of ["0", "000", "0g", "g0", " 00", "00 ", "00\n", "0x00", "٠٠"]
  ) {
    const error = assertThrows(() => parseHex(text), CairnError);
    assertEquals(error.code, "invalid-input");
  }
});

Deno.test("parseHex() takes and refuses long texts alike", () => {
  const long = "ab".repeat(4_000_000);
  assertEquals(parseHex(long).length, 4_000_000);
  const error = assertThrows(() => parseHex(`${long}x`), CairnError);
  assertEquals(error.code, "invalid-input");
});
