/**
 * Trail keys into other trail keys.
 *
 * @module
 */
import {
  type ByteSpans,
  CairnError,
  decodeText,
  formatHex,
  packSpans,
  spanValue,
} from "@cairn/core";
import { KeyHasher } from "./hash_keys.ts";
import { parseKey } from "./text/key_text.ts";

/**
 * What can be made of keys: `uuid` and `hex` read their text, `text` writes
 * bytes as hex digits, `hash` hashes them.
 */
export const KEY_CHANGES = ["uuid", "hex", "text", "hash"] as const;

/** Name of a change. */
export type KeyChange = typeof KEY_CHANGES[number];

/** Changes the keys of rows. */
export type ChangeKeys = (keys: ByteSpans, count: number) => ByteSpans;

/** Keys remembered; past it, all are forgotten. */
const KEYS_MAX = 1 << 18;

/**
 * Gives what changes keys.
 *
 * @param change How.
 * @returns A function that throws `invalid-input` for a key that is no such
 * text.
 */
export function changeKeys(change: KeyChange): ChangeKeys {
  if (change === "hash") {
    const hasher = new KeyHasher();
    return (keys: ByteSpans, count: number) => hasher.hash(keys, count);
  }
  const known = new Map<string, Uint8Array>();
  return (keys: ByteSpans, count: number): ByteSpans => {
    const changed: Uint8Array[] = [];
    for (let row = 0; row < count; row++) {
      const key = spanValue(keys, row)!;
      const text = change === "text" ? formatHex(key) : decodeText(key);
      if (text === undefined) {
        throw new CairnError(
          "invalid-input",
          `Cannot read trail key ${formatHex(key)} as ${change}: it is no text`,
        );
      }
      let bytes = known.get(text);
      if (bytes === undefined) {
        bytes = parseKey(text, change);
        if (known.size >= KEYS_MAX) known.clear();
        known.set(text, bytes);
      }
      changed.push(bytes);
    }
    return packSpans(changed);
  };
}
