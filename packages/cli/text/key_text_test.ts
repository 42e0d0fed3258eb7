import { assertEquals, assertThrows } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import fc from "fast-check";
import { memoryCodec } from "../testdata/memory_codec.ts";
import { chooseKeyStyle, formatKey, parseKey } from "./key_text.ts";

async function styleOf(keys: readonly Uint8Array[]) {
  const sink = new MemorySink();
  await using writer = await memoryCodec.create(sink, createSchema([]));
  for (const key of keys) writer.add(key, 1, []);
  await writer.finish();
  await using store = await memoryCodec.open(new MemorySource(sink.bytes()));
  return await chooseKeyStyle(store, keys.length, { min: 1, max: 99 });
}

const UUID = Uint8Array.from({ length: 16 }, (_, i) => 240 + i);

Deno.test("chooseKeyStyle() has one rule for all keys of a store", async () => {
  assertEquals(await styleOf([]), "text");
  assertEquals(await styleOf([UUID]), "uuid");
  assertEquals(await styleOf([encodeText("sixteen letters!")]), "uuid");
  assertEquals(await styleOf([encodeText("ann"), encodeText("bjørn")]), "text");
  assertEquals(await styleOf([encodeText("ann"), UUID]), "hex");
  assertEquals(
    await styleOf([encodeText("sixteen letters!"), encodeText("a")]),
    "text",
  );
});

Deno.test("chooseKeyStyle() asks no keys where all have 16 bytes", async () => {
  const none = {} as Parameters<typeof chooseKeyStyle>[0];
  assertEquals(await chooseKeyStyle(none, 9, { min: 16, max: 16 }), "uuid");
});

Deno.test("parseKey() reads what formatKey() writes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), (key) => {
      assertEquals(parseKey(formatKey(key, "hex"), "hex"), key);
      if (key.length === 16) {
        assertEquals(parseKey(formatKey(key, "uuid"), "uuid"), key);
      }
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
      assertEquals(formatKey(parseKey(text, "text"), "text"), text);
    }),
  );
});

Deno.test("parseKey() refuses what does not fit the style", () => {
  for (
    const [text, style] of [["", "text"], ["", "hex"], ["abc", "hex"], [
      "00",
      "uuid",
    ]] as const
  ) {
    const error = assertThrows(() => parseKey(text, style), CairnError);
    assertEquals(error.code, "invalid-input");
  }
});
