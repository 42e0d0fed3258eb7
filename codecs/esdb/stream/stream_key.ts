/**
 * Keys of stream events: an index name and a value in one byte string.
 *
 * @module
 */
import { CairnError, concatBytes, decodeText, encodeText } from "@cairn/core";
import { KEY_COLON } from "./layout.ts";

/** An index name and a value, apart. */
export interface StreamKeyParts {
  /** The index name: what is before the first colon. */
  readonly name: Uint8Array;
  /** The value: all that is behind it. */
  readonly value: Uint8Array;
}

/** Text, taken as UTF-8, or bytes. */
export type TextOrBytes = string | Uint8Array;

/**
 * The indexes of one event: name to value, or pairs where the order matters or
 * names are not text. An object's order is that of its members.
 */
export type StreamIndexes =
  | Readonly<Record<string, TextOrBytes>>
  | Iterable<readonly [TextOrBytes, TextOrBytes]>;

/**
 * Joins an index name and a value to a key.
 *
 * ("a", "b:c") and ("a:b", "c") are one key: that is the format.
 *
 * @param name The index name.
 * @param value The value.
 * @returns A copy.
 */
export function joinStreamKey(
  name: TextOrBytes,
  value: TextOrBytes,
): Uint8Array {
  return concatBytes([toBytes(name), Uint8Array.of(KEY_COLON), toBytes(value)]);
}

/**
 * Splits a key at its first colon.
 *
 * @param key The key; one without a colon is all name.
 * @returns Views of the key.
 */
export function splitStreamKey(key: Uint8Array): StreamKeyParts {
  const colon = key.indexOf(KEY_COLON);
  const end = colon < 0 ? key.length : colon;
  return { name: key.subarray(0, end), value: key.subarray(end + 1) };
}

/**
 * Makes the keys of an event.
 *
 * @param indexes Names and values.
 * @returns The keys, in the order given.
 * @throws {CairnError} `invalid-input` for a name with a colon, which could
 * not be told from its value.
 */
export function encodeStreamKeys(indexes: StreamIndexes): Uint8Array[] {
  return indexTexts(indexes).map(keyBytes);
}

/** Makes the keys of an event, as texts. See {@linkcode encodeStreamKeys}. */
export function indexTexts(indexes: StreamIndexes): string[] {
  const pairs = Symbol.iterator in indexes ? indexes : Object.entries(indexes);
  const texts: string[] = [];
  for (const [name, value] of pairs as Iterable<[TextOrBytes, TextOrBytes]>) {
    const text = toText(name);
    if (text.includes(":")) {
      throw new CairnError(
        "invalid-input",
        `Cannot append event: index name "${showKey(text)}" has a colon`,
        { reason: "colon" },
      );
    }
    texts.push(`${text}:${toText(value)}`);
  }
  return texts;
}

/**
 * Fails unless keys can be written: each has a colon, none comes twice. Go
 * loses its way behind an event that breaks this.
 *
 * @param texts Whole keys of one event, as texts.
 * @throws {CairnError} `invalid-input`
 */
export function assertKeyTexts(texts: readonly string[]): void {
  const twice = texts.length > 1 && new Set(texts).size < texts.length;
  for (const text of texts) {
    if (text.includes(":") && !twice) continue;
    const wrong = twice ? "comes twice" : "has no colon";
    throw new CairnError(
      "invalid-input",
      `Cannot append event: a key, "${showKey(text)}" or another, ${wrong}`,
      { reason: "key" },
    );
  }
}

/** Bytes as a text with one character each; texts order as the bytes do. */
export function keyText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 4096) {
    const part = bytes.subarray(at, Math.min(end, at + 4096));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

/** The reverse of {@linkcode keyText}. */
export function keyBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Text outside ASCII must be encoded first. */
// deno-lint-ignore no-control-regex -- all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

function toText(value: TextOrBytes): string {
  if (typeof value === "string" && ASCII.test(value)) return value;
  const bytes = toBytes(value);
  return keyText(bytes, 0, bytes.length);
}

function showKey(text: string): string {
  return decodeText(keyBytes(text)) ?? "?";
}

function toBytes(value: TextOrBytes): Uint8Array {
  return typeof value === "string" ? encodeText(value) : value;
}
