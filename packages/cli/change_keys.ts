/**
 * Trail keys into other trail keys.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  type ByteSpans,
  CairnError,
  decodeText,
  formatHex,
  packSpans,
  UUID_BYTES,
} from "@cairn/core";
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
/** Longest key that is remembered, in bytes. */
const KEY_BYTES_MAX = 256;

/**
 * Gives what changes keys. `hash` takes the first 16 bytes of their SHA-256:
 * two of a billion keys have the same ones once in 10^20 times.
 *
 * @param change How.
 * @returns A function that throws `invalid-input` for a key that is no such
 * text.
 */
export function changeKeys(change: KeyChange): ChangeKeys {
  const changeOne = change === "hash"
    ? hash
    : (key: Uint8Array) => readKey(key, change);
  const known = new Map<string, Uint8Array>();
  const find = (bytes: Buffer, start: number, end: number): Uint8Array => {
    if (end - start > KEY_BYTES_MAX) {
      return changeOne(bytes.subarray(start, end));
    }
    const name = bytes.toString("latin1", start, end);
    let found = known.get(name);
    if (found === undefined) {
      found = changeOne(bytes.subarray(start, end));
      if (known.size >= KEYS_MAX) known.clear();
      known.set(name, found);
    }
    return found;
  };
  return ({ bytes, starts, ends }, count) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const changed: Uint8Array[] = [];
    for (let row = 0; row < count; row++) {
      const start = starts[row]!;
      const end = ends[row]!;
      // Rows of one trail often share a span.
      const isSame = row > 0 && start === starts[row - 1] &&
        end === ends[row - 1];
      changed.push(isSame ? changed[row - 1]! : find(buffer, start, end));
    }
    return packSpans(changed);
  };
}

function hash(key: Uint8Array): Uint8Array {
  return createHash("sha256").update(key).digest().subarray(0, UUID_BYTES);
}

function readKey(
  key: Uint8Array,
  change: Exclude<KeyChange, "hash">,
): Uint8Array {
  const text = change === "text" ? formatHex(key) : decodeText(key);
  if (text === undefined) {
    throw new CairnError(
      "invalid-input",
      `Cannot read trail key ${formatHex(key)} as ${change}: it is no text`,
    );
  }
  return parseKey(text, change);
}
