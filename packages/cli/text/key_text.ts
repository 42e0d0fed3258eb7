/**
 * Trail keys as text: one rule for all keys of a store.
 *
 * @module
 */
import {
  type ByteSpans,
  CairnError,
  decodeText,
  encodeText,
  formatHex,
  parseHex,
  parseUuid,
  type Store,
  UUID_BYTES,
} from "@cairn/core";

/**
 * How keys are written.
 *
 * - `uuid`: 32 hex digits, for 16 bytes;
 * - `text`: as they are, for UTF-8;
 * - `hex`: two hex digits a byte.
 */
export type KeyStyle = "uuid" | "text" | "hex";

/** Keys looked at in one go. */
const WINDOW = 65_536;

/**
 * Chooses how the keys of a store are written: `uuid` when every key has 16
 * bytes, else `text` when every key is UTF-8, else `hex`. A store without
 * trails has `text`.
 *
 * One pass over the keys, unless their length is known.
 *
 * @param store The store.
 * @param trails How many trails it has.
 * @param keyBytes The lengths that its codec allows.
 * @param signal Stops the pass.
 */
export async function chooseKeyStyle(
  store: Store,
  trails: number,
  keyBytes: { readonly min: number; readonly max: number },
  signal?: AbortSignal,
): Promise<KeyStyle> {
  if (keyBytes.min === UUID_BYTES && keyBytes.max === UUID_BYTES) return "uuid";
  if (trails === 0) return "text";
  let uuid = true;
  let text = true;
  for (let start = 0; start < trails && (uuid || text); start += WINDOW) {
    const end = Math.min(trails, start + WINDOW);
    const keys = await store.keys(
      { start, end },
      signal === undefined ? {} : { signal },
    );
    uuid &&= allHave16Bytes(keys, end - start);
    text &&= allAreText(keys, end - start);
  }
  return uuid ? "uuid" : text ? "text" : "hex";
}

/**
 * Writes a key.
 *
 * @param key Its bytes.
 * @param style How; `text` falls back on hex digits for what is not UTF-8.
 */
export function formatKey(key: Uint8Array, style: KeyStyle): string {
  return style === "text" ? decodeText(key) ?? formatHex(key) : formatHex(key);
}

/**
 * Reads a key as {@linkcode formatKey} writes it; `uuid` also with hyphens.
 *
 * @param text The key.
 * @param style How it is written.
 * @throws {CairnError} `invalid-input` when it does not fit the style.
 */
export function parseKey(text: string, style: KeyStyle): Uint8Array {
  const key = style === "text"
    ? encodeText(text)
    : style === "uuid"
    ? parseUuid(text)
    : parseHex(text);
  if (key.length === 0) {
    throw new CairnError("invalid-input", "Cannot read trail key: it is empty");
  }
  return key;
}

function allHave16Bytes({ starts, ends }: ByteSpans, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (ends[i]! - starts[i]! !== UUID_BYTES) return false;
  }
  return true;
}

function allAreText({ bytes, starts, ends }: ByteSpans, count: number) {
  for (let i = 0; i < count; i++) {
    const start = starts[i]!;
    const end = ends[i]!;
    let ascii = true;
    for (let at = start; at < end && ascii; at++) ascii = bytes[at]! < 0x80;
    if (!ascii && decodeText(bytes.subarray(start, end)) === undefined) {
      return false;
    }
  }
  return true;
}
