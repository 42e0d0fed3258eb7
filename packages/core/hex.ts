/**
 * Bytes as hexadecimal text, and back.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

const PAIRS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/**
 * Writes bytes as lower-case hexadecimal digits.
 *
 * @param bytes What to write.
 * @returns Two digits a byte.
 */
export function formatHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += PAIRS[bytes[i]!];
  return text;
}

/**
 * Reads hexadecimal digits of either case.
 *
 * @param text Pairs of digits and nothing else.
 * @returns A copy, half as long as the text.
 * @throws {CairnError} `invalid-input` when the text is anything else.
 */
export function parseHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) {
    throw new CairnError(
      "invalid-input",
      `Cannot read hex: "${text.slice(0, 80)}", pairs of hex digits wanted`,
    );
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
