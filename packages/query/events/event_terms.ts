/**
 * Conditions on events beyond those of core: patterns and numbers.
 *
 * @module
 */
import { EMPTY_BYTES, parseInteger, test, type TestTerm } from "@cairn/core";
import { PatternMatcher } from "../pattern/matcher.ts";

/**
 * Makes a term: the whole value matches a pattern. No value is the empty value.
 *
 * @example Events of translations
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, Filter } from "@cairn/core";
 * import { matchesPattern } from "@cairn/query";
 *
 * const term = matchesPattern("path", "po/.*\\.po");
 * const filter = new Filter([[term]]); // for Store.scan, countEvents, funnel ...
 * assertEquals(filter.matchesAll, false);
 * assertEquals(term.test(encodeText("po/de.po")), true);
 * ```
 * @param field The field's name.
 * @param pattern In the dialect of the query language.
 * @throws {CairnError} `invalid-input` with reason `bad-regex`.
 */
export function matchesPattern(field: string, pattern: string): TestTerm {
  const matcher = new PatternMatcher(pattern);
  return test(
    field,
    `matches ${pattern}`,
    (value) => matcher.matches(value ?? EMPTY_BYTES),
  );
}

/**
 * Makes a term: the value, as a decimal integer, is above a number. Anything
 * else, no value included, is not.
 *
 * @param field The field's name.
 * @param number The number.
 */
export function greaterThan(field: string, number: number | bigint): TestTerm {
  return numberTerm(field, `> ${number}`, (value) => value > number);
}

/**
 * Makes a term: the value, as a decimal integer, lies between two numbers,
 * both included.
 *
 * @param field The field's name.
 * @param low The least.
 * @param high The greatest.
 */
export function between(
  field: string,
  low: number | bigint,
  high: number | bigint,
): TestTerm {
  return numberTerm(
    field,
    `${low} to ${high}`,
    (value) => value >= low && value <= high,
  );
}

function numberTerm(
  field: string,
  label: string,
  holds: (value: bigint) => boolean,
): TestTerm {
  return test(field, label, (value) => {
    const number = value === null ? undefined : parseInteger(value);
    return number !== undefined && holds(number);
  });
}
