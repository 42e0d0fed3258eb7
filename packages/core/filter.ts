/**
 * Which events to keep: conjunctions of disjunctions, as in TrailDB.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

/** Holds when the field's value is this one; `null` and empty are no value. */
export interface EqualTerm {
  /** Tells terms apart. */
  readonly kind: "equal";
  /** The field's name. */
  readonly field: string;
  /** The value. */
  readonly value: Uint8Array | null;
  /** True: holds when the value is any other, no value included. */
  readonly negated: boolean;
}

/** Holds when `from <= time < to`. */
export interface TimeTerm {
  /** Tells terms apart. */
  readonly kind: "time";
  /** First time that matches. */
  readonly from: number;
  /** First time behind that does not; may be `Infinity`. */
  readonly to: number;
}

/**
 * Holds when a test of the value says so: a pattern, a prefix, a number range.
 * The test is pure; a codec with a lexicon asks it once for each distinct
 * value and not once for each event.
 */
export interface TestTerm {
  /** Tells terms apart. */
  readonly kind: "test";
  /** The field's name. */
  readonly field: string;
  /** What the test is, in words, for `explain` and messages. */
  readonly label: string;
  /** The test. No value is `null`. */
  readonly test: (value: Uint8Array | null) => boolean;
}

/** One condition on an event. */
export type FilterTerm = EqualTerm | TimeTerm | TestTerm;

/** Alternatives: holds when one of its terms does. An empty one never holds. */
export type FilterClause = readonly FilterTerm[];

/**
 * A list of clauses that must all hold; without clauses everything matches.
 *
 * A filter speaks of names and bytes, so it fits any store. A name that the
 * store does not have, and a value that no event has, never match; negated
 * they always do.
 *
 * @example Purchases of page A or B
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { equal, Filter } from "@cairn/core";
 *
 * const filter = new Filter([
 *   [equal("type", "purchase")],
 *   [equal("page", "A"), equal("page", "B")],
 * ]);
 * assertEquals(filter.matchesAll, false);
 * ```
 */
export class Filter {
  /** Keeps every event. */
  static readonly all: Filter = new Filter([]);
  /** Keeps none. */
  static readonly none: Filter = new Filter([[]]);

  /** The clauses; not to be changed. */
  readonly clauses: readonly FilterClause[];

  /** Makes a filter. @param clauses Alternatives, all of which must hold. */
  constructor(clauses: readonly FilterClause[]) {
    this.clauses = clauses;
  }

  /** True when the filter keeps everything, as far as its shape tells. */
  get matchesAll(): boolean {
    return this.clauses.length === 0;
  }

  /** True when the filter keeps nothing, as far as its shape tells. */
  get matchesNone(): boolean {
    return this.clauses.some((clause) => clause.length === 0);
  }

  /** Gives a filter that also wants the clauses of another. @param other The other. */
  and(other: Filter): Filter {
    return new Filter([...this.clauses, ...other.clauses]);
  }
}

const encoder = new TextEncoder();

/**
 * Makes a term: the field has this value.
 *
 * @param field The field's name.
 * @param value Text is taken as UTF-8; `null` and empty are no value.
 */
export function equal(
  field: string,
  value: Uint8Array | string | null,
): EqualTerm {
  return { kind: "equal", field, value: toValue(value), negated: false };
}

/**
 * Makes a term: the field has another value than this, or none.
 *
 * @param field The field's name.
 * @param value Text is taken as UTF-8; `null` and empty are no value.
 */
export function notEqual(
  field: string,
  value: Uint8Array | string | null,
): EqualTerm {
  return { kind: "equal", field, value: toValue(value), negated: true };
}

/**
 * Makes a term: `from <= time < to`.
 *
 * @param from First time that matches.
 * @param to First time behind that does not.
 * @throws {CairnError} `invalid-input` when the range is empty.
 */
export function timeRange(from: number, to: number): TimeTerm {
  if (!(from < to)) {
    throw new CairnError(
      "invalid-input",
      `Cannot make time range: from ${from} to ${to} holds no time`,
    );
  }
  return { kind: "time", from, to };
}

/**
 * Makes a term from a pure function of the value.
 *
 * @param field The field's name.
 * @param label What it tests, in words.
 * @param test The function; no value is `null`.
 */
export function test(
  field: string,
  label: string,
  test: (value: Uint8Array | null) => boolean,
): TestTerm {
  return { kind: "test", field, label, test };
}

function toValue(value: Uint8Array | string | null): Uint8Array | null {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return bytes === null || bytes.length === 0 ? null : bytes;
}
