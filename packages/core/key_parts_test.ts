import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, decodeKeyParts, encodeKeyParts } from "@cairn/core";
import fc from "fast-check";

Deno.test("decodeKeyParts() gives back what encodeKeyParts() joined", () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 });
  fc.assert(fc.property(parts, (parts) => {
    assertEquals(decodeKeyParts(encodeKeyParts(parts), parts.length), parts);
  }));
});

Deno.test("decodeKeyParts() refuses a key of other parts", () => {
  const key = encodeKeyParts([Uint8Array.of(1), Uint8Array.of(2)]);
  for (const wrong of [key.subarray(1), key.subarray(0, 5)]) {
    const error = assertThrows(() => decodeKeyParts(wrong, 2), CairnError);
    assertEquals(error.code, "corrupt");
  }
  assertEquals(
    assertThrows(() => decodeKeyParts(key, 3), CairnError).code,
    "corrupt",
  );
});
