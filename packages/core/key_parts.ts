/**
 * Trail keys of several parts.
 *
 * @module
 */
import { ByteReader } from "./byte_reader.ts";
import { CairnError } from "./errors.ts";

const PART_BYTES_MAX = 0xffff;

/**
 * Joins the parts of a trail key: each part behind its length as a big-endian
 * u16. The key of one part is the part itself.
 *
 * @example Two parts
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeKeyParts } from "@cairn/core";
 *
 * const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)];
 * assertEquals(encodeKeyParts(parts), Uint8Array.of(0, 1, 1, 0, 2, 2, 3));
 * ```
 * @param parts At least one.
 * @returns The key; a copy if there are several parts.
 * @throws {CairnError} `limit` when a part is longer than 65,535 bytes.
 */
export function encodeKeyParts(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  let byteLength = 0;
  for (const part of parts) {
    if (part.length > PART_BYTES_MAX) {
      throw new CairnError(
        "limit",
        `Cannot make key: a part of ${part.length} bytes, at most ${PART_BYTES_MAX} wanted`,
      );
    }
    byteLength += 2 + part.length;
  }
  const key = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    key[offset] = part.length >>> 8;
    key[offset + 1] = part.length & 0xff;
    key.set(part, offset + 2);
    offset += 2 + part.length;
  }
  return key;
}

/**
 * Takes a trail key apart; the counterpart of {@linkcode encodeKeyParts}.
 *
 * @param key The key.
 * @param count How many parts it has, 1 or more.
 * @returns Views of the key.
 * @throws {CairnError} `corrupt` when the key does not have that many parts.
 */
export function decodeKeyParts(key: Uint8Array, count: number): Uint8Array[] {
  if (count === 1) return [key];
  const reader = new ByteReader(key, { part: "key" });
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const byteLength = reader.u8("part length") * 256 +
      reader.u8("part length");
    parts.push(reader.bytes(byteLength, "part"));
  }
  reader.expectEnd();
  return parts;
}
