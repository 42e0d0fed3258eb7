/**
 * Byte strings: order, equality, joining, text.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A byte string of length 0. Shared; it has nothing that could be changed. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Orders two byte strings as unsigned bytes, a prefix before its extension.
 *
 * @param a One byte string.
 * @param b The other.
 * @returns Less than 0, 0, or more than 0.
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < shorter; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Tells whether two byte strings are the same.
 *
 * @param a One byte string.
 * @param b The other.
 * @returns True when lengths and all bytes agree.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Joins byte strings into a new one.
 *
 * @param parts What to join, in order.
 * @returns A copy.
 */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let byteLength = 0;
  for (const part of parts) byteLength += part.length;
  const joined = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Encodes text as UTF-8.
 *
 * @param text Any string; lone surrogates become U+FFFD.
 * @returns A copy.
 */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Decodes UTF-8, strictly.
 *
 * @param bytes What to decode.
 * @returns The text, or `undefined` when the bytes are not UTF-8.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
