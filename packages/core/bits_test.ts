import { assertEquals } from "@std/assert";
import { bitLength, popCount, trailingZeros } from "@cairn/core";
import fc from "fast-check";

Deno.test("popCount() and trailingZeros() agree with the binary text", () => {
  const words = fc.oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }),
    fc.constantFrom(0, 1, -1, 2 ** 31, 2 ** 32 - 1, -(2 ** 31)),
  );
  fc.assert(fc.property(words, (word) => {
    const text = (word >>> 0).toString(2).padStart(32, "0");
    assertEquals(popCount(word), text.replaceAll("0", "").length);
    if (word !== 0) {
      assertEquals(trailingZeros(word), 31 - text.lastIndexOf("1"));
    }
  }));
});

Deno.test("bitLength() counts binary digits up to 53", () => {
  assertEquals(bitLength(0), 1);
  for (let bits = 1; bits <= 53; bits++) {
    assertEquals(bitLength(2 ** (bits - 1)), bits);
    assertEquals(bitLength(2 ** bits - 1), bits);
  }
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    assertEquals(bitLength(value), value.toString(2).length);
  }));
});
