/**
 * UUIDs of 16 bytes as text, and back.
 *
 * @module
 */
import { CairnError } from "./errors.ts";
import { formatHex, parseHex } from "./hex.ts";

/** Bytes of a UUID. */
export const UUID_BYTES = 16;

/**
 * Reads a UUID: 32 hex digits of either case, with or without the usual four
 * hyphens.
 *
 * @param text The UUID.
 * @returns 16 bytes, in the order of the digits.
 * @throws {CairnError} `invalid-input` when the text is anything else.
 */
export function parseUuid(text: string): Uint8Array {
  const digits = /^[^-]{8}-[^-]{4}-[^-]{4}-[^-]{4}-[^-]{12}$/.test(text)
    ? text.replaceAll("-", "")
    : text;
  if (!/^[0-9a-fA-F]{32}$/.test(digits)) {
    throw new CairnError(
      "invalid-input",
      `Cannot read UUID: "${text.slice(0, 80)}", 32 hex digits wanted`,
    );
  }
  return parseHex(digits);
}

/**
 * Writes a UUID as 32 lower-case hex digits, without hyphens.
 *
 * @param uuid 16 bytes.
 * @returns The digits.
 * @throws {RangeError} When there are not 16 bytes.
 */
export function formatUuid(uuid: Uint8Array): string {
  if (uuid.length !== UUID_BYTES) {
    throw new RangeError(
      `Cannot format UUID: ${uuid.length} bytes, ${UUID_BYTES} wanted`,
    );
  }
  return formatHex(uuid);
}
