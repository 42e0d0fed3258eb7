/**
 * Decimal text of integers, as fields of type `integer` hold it.
 *
 * @module
 */

/** More digits than any number that is kept; longer text is no integer here. */
const DIGITS_MAX = 100;

/**
 * Reads the decimal text of an integer: digits, perhaps behind one minus sign.
 *
 * @example Numbers and what is none
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, parseInteger } from "@cairn/core";
 *
 * assertEquals(parseInteger(encodeText("-12")), -12n);
 * assertEquals(parseInteger(encodeText("1.5")), undefined);
 * ```
 * @param bytes A value.
 * @returns The number; `undefined` for anything else, and for more than 100 digits.
 */
export function parseInteger(bytes: Uint8Array): bigint | undefined {
  const sign = bytes[0] === 0x2d ? 1 : 0;
  const digits = bytes.length - sign;
  if (digits < 1 || digits > DIGITS_MAX) return undefined;
  let small = 0;
  let text = "";
  for (let i = sign; i < bytes.length; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    if (digits <= 15) small = small * 10 + digit;
    else text += digit;
  }
  const value = digits <= 15 ? BigInt(small) : BigInt(text);
  return sign === 1 ? -value : value;
}
