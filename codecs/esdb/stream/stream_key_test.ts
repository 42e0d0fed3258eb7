import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, compareBytes, encodeText } from "@cairn/core";
import {
  encodeStreamKeys,
  joinStreamKey,
  splitStreamKey,
  type TextOrBytes,
} from "@cairn/esdb/stream";
import fc from "fast-check";
import { keyBytes, keyText } from "./stream_key.ts";

Deno.test("splitStreamKey() gives back what joinStreamKey() made, but for colons in names", () => {
  const bytes = fc.uint8Array({ maxLength: 5 });
  fc.assert(fc.property(bytes, bytes, (name, value) => {
    const parts = splitStreamKey(joinStreamKey(name, value));
    if (!name.includes(0x3a)) assertEquals(parts, { name, value });
    else {
      const at = name.indexOf(0x3a);
      assertEquals(parts.name, name.subarray(0, at));
    }
  }));
  assertEquals(splitStreamKey(encodeText("none")).value.length, 0);
});

Deno.test("encodeStreamKeys() makes a key for each pair, in order", () => {
  const wanted = [joinStreamKey("b", "1"), joinStreamKey("é", "ß:ß")];
  const pairs = [["b", "1"], ["é", encodeText("ß:ß")]] as const;
  assertEquals(encodeStreamKeys({ b: "1", é: "ß:ß" }), wanted);
  assertEquals(encodeStreamKeys(pairs), wanted);
  assertEquals(encodeStreamKeys(new Map<string, TextOrBytes>(pairs)), wanted);
  assertEquals(encodeStreamKeys({}), []);
  for (const name of ["a:b", ":", encodeText("a:")]) {
    const error = assertThrows(
      () => encodeStreamKeys([[name, "x"]]),
      CairnError,
    );
    assertEquals([error.code, error.reason], ["invalid-input", "colon"]);
  }
});

Deno.test("keyText() and keyBytes() keep bytes and their order", () => {
  const bytes = fc.uint8Array({ maxLength: 8 });
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    const [x, y] = [keyText(a, 0, a.length), keyText(b, 0, b.length)];
    assertEquals(keyBytes(x), a);
    assertEquals(Math.sign(compareBytes(a, b)), x < y ? -1 : x > y ? 1 : 0);
  }));
  const long = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
  assertEquals(keyBytes(keyText(long, 0, long.length)), long);
});
