import { assertEquals } from "@std/assert";
import { encodeText, parseInteger } from "@cairn/core";
import fc from "fast-check";

Deno.test("parseInteger() reads back what is written in decimal", () => {
  const limit = 10n ** 100n - 1n;
  fc.assert(fc.property(fc.bigInt(-limit, limit), (value) => {
    assertEquals(parseInteger(encodeText(String(value))), value);
  }));
});

Deno.test("parseInteger() refuses whatever is not digits behind a sign", () => {
  for (const text of ["", "-", "+1", " 1", "1 ", "1.0", "0x1", "--1", "1e3"]) {
    assertEquals(parseInteger(encodeText(text)), undefined, text);
  }
  assertEquals(parseInteger(encodeText("9".repeat(101))), undefined);
  assertEquals(parseInteger(encodeText("007")), 7n);
});
