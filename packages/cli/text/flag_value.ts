/**
 * Values of flags that must be one of a few.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";

/**
 * Reads a flag's value that must be one of a few words.
 *
 * @param flag The flag.
 * @param value Its value.
 * @param words The words.
 * @throws {UsageError} When it is none of them.
 */
export function oneOf<Word extends string>(
  flag: string,
  value: string,
  words: readonly Word[],
): Word {
  const word = words.find((word) => word === value);
  if (word === undefined) {
    throw new UsageError(
      `Cannot use ${flag} "${value}": one of ${words.join(", ")} wanted`,
    );
  }
  return word;
}

/**
 * Reads a flag's value that must be a whole number.
 *
 * @param flag The flag.
 * @param value Its value.
 * @param least The smallest that makes sense; 0 if left out.
 * @throws {UsageError} When it is none.
 */
export function wholeNumber(flag: string, value: string, least = 0): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number) || number < least) {
    throw new UsageError(
      `Cannot use ${flag} "${value}": a whole number from ${least} wanted`,
    );
  }
  return number;
}
