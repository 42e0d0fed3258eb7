/**
 * Event filters in items, as TrailDB has them.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { itemField, itemValue, type TrailItem } from "./items.ts";

/** Holds when the event's item of that field is this one, or, negated, is not. */
export interface MatchTerm {
  /** Tells terms apart. */
  readonly kind: "match";
  /** The item. One of field 0 never holds; negated it always does. */
  readonly item: TrailItem;
  /** Whether the term is negated. */
  readonly negated: boolean;
}

/** Holds when `start <= time < end`. */
export interface TimeRangeTerm {
  /** Tells terms apart. */
  readonly kind: "time-range";
  /** First time that matches. */
  readonly start: bigint;
  /** First time behind that does not. */
  readonly end: bigint;
}

/** One condition of an event filter. */
export type TrailFilterTerm = MatchTerm | TimeRangeTerm;

/** A term with field and value apart, for the loop. */
type RunTerm =
  | {
    readonly kind: "match";
    readonly field: number;
    readonly value: number;
    readonly negated: boolean;
  }
  | TimeRangeTerm;

/**
 * A list of clauses, all of which must hold; a clause is a list of terms, one
 * of which must hold. It speaks of items, so it belongs to one TrailDB; the
 * contracts' `Filter` speaks of names and bytes and fits any.
 *
 * A new filter has one clause without terms, which never holds.
 *
 * @example Purchases, but not of item 7
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EventFilter, makeItem } from "@cairn/trail";
 *
 * const filter = new EventFilter();
 * filter.addTerm(makeItem(1, 2));
 * filter.addClause();
 * filter.addTerm(makeItem(2, 7), { negated: true });
 * assertEquals(filter.clauseCount, 2);
 * assertEquals(filter.matches(0n, [0, 2, 6]), true);
 * ```
 */
export class EventFilter {
  readonly #clauses: TrailFilterTerm[][] = [[]];
  readonly #run: RunTerm[][] = [[]];
  readonly #verdict: "all" | "none" | undefined;

  /** Makes a filter. @param verdict Fixed answer; terms then have no effect. */
  constructor(verdict?: "all" | "none") {
    this.#verdict = verdict;
  }

  /** Makes a filter that every event passes. */
  static matchAll(): EventFilter {
    return new EventFilter("all");
  }

  /** Makes a filter that no event passes. */
  static matchNone(): EventFilter {
    return new EventFilter("none");
  }

  /** Whether every event passes, as far as is known without looking. */
  get matchesAll(): boolean {
    return this.#verdict === "all";
  }

  /** Whether no event passes, as far as is known without looking. */
  get matchesNone(): boolean {
    return this.#verdict === "none" ||
      (this.#verdict === undefined &&
        this.#clauses.some((clause) => clause.length === 0));
  }

  /** Number of clauses, at least 1. */
  get clauseCount(): number {
    return this.#clauses.length;
  }

  /**
   * Adds a term to the last clause.
   *
   * @param item The item to match.
   * @param options `negated`: holds when the event has another item.
   */
  addTerm(
    item: TrailItem,
    options: { readonly negated?: boolean } = {},
  ): void {
    const negated = options.negated ?? false;
    this.#clauses[this.#clauses.length - 1]!.push({
      kind: "match",
      item,
      negated,
    });
    this.#run[this.#run.length - 1]!.push({
      kind: "match",
      field: itemField(item),
      value: itemValue(item),
      negated,
    });
  }

  /**
   * Adds a range of times to the last clause.
   *
   * @param start First time that matches.
   * @param end First time behind that does not.
   * @throws {CairnError} `invalid-input`, reason `invalid-range`, when it is empty.
   */
  addTimeRange(start: bigint | number, end: bigint | number): void {
    const from = BigInt(start);
    const to = BigInt(end);
    if (from >= to) {
      throw new CairnError(
        "invalid-input",
        `Cannot add time range: from ${from} to ${to} holds no time`,
        { reason: "invalid-range" },
      );
    }
    const term: TimeRangeTerm = { kind: "time-range", start: from, end: to };
    this.#clauses[this.#clauses.length - 1]!.push(term);
    this.#run[this.#run.length - 1]!.push(term);
  }

  /** Begins a clause; those before must hold too. */
  addClause(): void {
    this.#clauses.push([]);
    this.#run.push([]);
  }

  /**
   * Counts the terms of a clause.
   *
   * @throws {CairnError} `not-found`, reason `no-such-item`.
   */
  termCount(clause: number): number {
    return this.#clause(clause).length;
  }

  /**
   * Gets a term.
   *
   * @throws {CairnError} `not-found`, reason `no-such-item`, without such a
   * clause or term.
   */
  term(clause: number, index: number): TrailFilterTerm {
    const term = this.#clause(clause)[index];
    if (term === undefined) {
      throw new CairnError(
        "not-found",
        `Cannot get term ${index} of clause ${clause}: there is none`,
        { reason: "no-such-item" },
      );
    }
    return term;
  }

  /**
   * Tells whether an event passes.
   *
   * @param time Its time.
   * @param values Value ids by field id; entry 0 is not looked at.
   */
  matches(time: bigint, values: ArrayLike<number>): boolean {
    if (this.#verdict !== undefined) return this.#verdict === "all";
    for (const clause of this.#run) {
      if (!clause.some((term) => holds(term, time, values))) return false;
    }
    return true;
  }

  #clause(index: number): readonly TrailFilterTerm[] {
    const clause = this.#clauses[index];
    if (clause === undefined) {
      throw new CairnError(
        "not-found",
        `Cannot get clause ${index}: there are ${this.#clauses.length}`,
        { reason: "no-such-item" },
      );
    }
    return clause;
  }
}

function holds(
  term: RunTerm,
  time: bigint,
  values: ArrayLike<number>,
): boolean {
  if (term.kind === "time-range") return term.start <= time && time < term.end;
  // Field 0 and fields that there are not: as a value that nobody has.
  if (term.field === 0 || term.field >= values.length) return term.negated;
  return (values[term.field] === term.value) !== term.negated;
}
