import { assertEquals, assertThrows } from "@std/assert";
import {
  CairnError,
  encodeText,
  formatHex,
  packSpans,
  spanValue,
} from "@cairn/core";
import fc from "fast-check";
import { changeKeys, type KeyChange } from "./change_keys.ts";

function changed(change: KeyChange, keys: readonly Uint8Array[]): string[] {
  const spans = changeKeys(change)(packSpans(keys), keys.length);
  return keys.map((_, row) => formatHex(spanValue(spans, row)!));
}

Deno.test("changeKeys() hashes any bytes to the first 16 bytes of SHA-256", async () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 300 });
  await fc.assert(fc.asyncProperty(fc.array(key), async (keys) => {
    const wanted: string[] = [];
    for (const bytes of keys) {
      const digest = await crypto.subtle.digest("SHA-256", bytes.slice());
      wanted.push(formatHex(new Uint8Array(digest)).slice(0, 32));
    }
    assertEquals(changed("hash", keys), wanted);
  }));
});

Deno.test("changeKeys() reads text, and writes it", () => {
  const uuid = "00112233445566778899aabbccddeeff";
  assertEquals(
    changed("uuid", [encodeText(uuid), encodeText(uuid.toUpperCase())]),
    [uuid, uuid],
  );
  assertEquals(changed("hex", [encodeText("0aFF")]), ["0aff"]);
  assertEquals(changed("text", [Uint8Array.of(10, 255)]), [
    formatHex(encodeText("0aff")),
  ]);
});

Deno.test("changeKeys() keeps rows that share a span apart from those that do not", () => {
  const bytes = encodeText("0a0b");
  const spans = changeKeys("hex")({
    bytes,
    starts: Uint32Array.of(0, 0, 2, 0),
    ends: Uint32Array.of(2, 2, 4, 4),
  }, 4);
  assertEquals([0, 1, 2, 3].map((row) => formatHex(spanValue(spans, row)!)), [
    "0a",
    "0a",
    "0b",
    "0a0b",
  ]);
});

Deno.test("changeKeys() refuses what is no such text", () => {
  for (
    const [change, key] of [["uuid", encodeText("x")], [
      "hex",
      encodeText("abc"),
    ], ["uuid", Uint8Array.of(255)]] as const
  ) {
    const error = assertThrows(() => changed(change, [key]), CairnError);
    assertEquals(error.code, "invalid-input");
  }
});
