import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, formatUuid, parseUuid, UUID_BYTES } from "@cairn/core";
import fc from "fast-check";

Deno.test("parseUuid() reads all usual forms", () => {
  fc.assert(fc.property(fc.uuid(), (text) => {
    const digits = text.replaceAll("-", "");
    for (const form of [text, text.toUpperCase(), digits]) {
      assertEquals(formatUuid(parseUuid(form)), digits);
    }
  }));
});

Deno.test("parseUuid() refuses all else", () => {
  const digits = "0123456789abcdef0123456789abcdef";
  const wrong = [
    "",
    digits.slice(1),
    `${digits}0`,
    `${digits}\n`,
    `{${digits}}`,
    `g${digits.slice(1)}`,
    "01234567-89abcdef01234567-89abcdef",
    "0123456-789ab-cdef-0123-456789abcdef",
    "01234567-89ab-cdef-0123-456789abcdeg",
    "--------------------------------",
  ];
  for (const text of wrong) {
    const error = assertThrows(() => parseUuid(text), CairnError);
    assertEquals(error.code, "invalid-input");
  }
});

Deno.test("formatUuid() takes 16 bytes and no other number", () => {
  assertEquals(formatUuid(new Uint8Array(UUID_BYTES)), "0".repeat(32));
  for (const length of [0, 15, 17]) {
    assertThrows(() => formatUuid(new Uint8Array(length)), RangeError);
  }
});
