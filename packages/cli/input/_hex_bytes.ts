/**
 * Values that are no text, as `cairn dump` writes them to NDJSON:
 * `{"hex":"ff00"}`. Only bytes that are not UTF-8 are written so; any other
 * object of that look is JSON that somebody keeps as text.
 *
 * @module
 */
import { decodeText } from "@cairn/core";

const HEAD = new TextEncoder().encode('{"hex":"');
const TAIL = new TextEncoder().encode('"}');

/**
 * Tells whether JSON stands for bytes that are no text.
 *
 * @param bytes Where it is.
 * @param start Its first byte.
 * @param end The first byte behind.
 */
export function isHexBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const digits = end - start - HEAD.length - TAIL.length;
  if (digits <= 0 || digits % 2 !== 0) return false;
  if (!HEAD.every((byte, i) => bytes[start + i] === byte)) return false;
  if (!TAIL.every((byte, i) => bytes[end - TAIL.length + i] === byte)) {
    return false;
  }
  for (let at = start + HEAD.length; at < end - TAIL.length; at++) {
    if (digitOf(bytes[at]!) < 0) return false;
  }
  const copy = bytes.slice(start, end);
  const length = decodeHexBytes(copy, 0, copy.length);
  return decodeText(copy.subarray(0, length)) === undefined;
}

/**
 * Puts the bytes in the place of their JSON.
 *
 * @param bytes Where the JSON is, of which `isHexBytes` holds.
 * @param start Its first byte, and then that of the bytes.
 * @param end The first byte behind.
 * @returns The first byte behind the bytes.
 */
export function decodeHexBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let to = start;
  for (let at = start + HEAD.length; at < end - TAIL.length; at += 2) {
    bytes[to++] = 16 * digitOf(bytes[at]!) + digitOf(bytes[at + 1]!);
  }
  return to;
}

/** Value of a digit in lower case; -1 for any other byte. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
