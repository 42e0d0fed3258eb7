/**
 * The contract of an index: which trails or events a condition names, without
 * decoding any.
 *
 * @module
 */
import type { AbortOptions } from "./abort_options.ts";
import type { Bitmap } from "./bitmap.ts";

/**
 * A condition on one value of a field.
 *
 * For a field of numbers (a counter, a set of `uint`), `in` takes decimal
 * texts, `between` is by size, and `prefix` and `test` see decimal text. For
 * strings, `between` holds of values that are decimal integers, see
 * {@linkcode parseInteger}.
 */
export type Condition =
  /** The value is one of these. */
  | { readonly kind: "in"; readonly values: readonly Uint8Array[] }
  /** The value, as a number, lies between these, both inclusive. */
  | { readonly kind: "between"; readonly low: bigint; readonly high: bigint }
  /** The value begins with these bytes. */
  | { readonly kind: "prefix"; readonly prefix: Uint8Array }
  /** The value passes a test. */
  | {
    readonly kind: "test";
    /** What the test is, in words. */
    readonly label: string;
    /** The test; pure. */
    readonly test: (value: Uint8Array) => boolean;
    /** What every value that passes must contain, so that an index can narrow; see {@linkcode Grams}. */
    readonly grams: Grams;
  };

/**
 * What a value must contain: three code points in a row, all of some
 * conditions, or one of some. `any` says nothing.
 */
export type Grams =
  | { readonly kind: "any" }
  | { readonly kind: "gram"; readonly gram: string }
  | { readonly kind: "all"; readonly of: readonly Grams[] }
  | { readonly kind: "some"; readonly of: readonly Grams[] };

/** Seconds, milliseconds or microseconds since 1970-01-01 UTC. */
export type TimeUnit = "s" | "ms" | "us";

/** A day, a month or a year, in UTC. */
export interface Period {
  /** 1 to 9999. */
  readonly year: number;
  /** 1 to 12; absent for a whole year. */
  readonly month?: number;
  /** 1 to 31; absent for a whole month. */
  readonly day?: number;
}

/** A field, perhaps within a period, perhaps with a condition. */
export interface Term {
  /** The field's name. */
  readonly field: string;
  /** Only events of this period count; all if left out. */
  readonly period?: Period;
  /** What one of the values must meet; without it, having the field is enough. */
  readonly condition?: Condition;
}

/** The set that a term names. */
export interface Postings {
  /** Ordinals of trails or events. */
  readonly bitmap: Bitmap;
  /** False: a superset; whoever asked must look at the events. */
  readonly exact: boolean;
  /** How many stored chunks were looked at for it; absent where nobody counts. */
  readonly chunks?: number;
}

/** What an index keeps of a field. */
export interface IndexField {
  /** The field's name. */
  readonly name: string;
  /**
   * `set`: the values of the trail's events. `counter`: one number a trail.
   * `flag`: whether the trail has such an event.
   */
  readonly kind: "set" | "counter" | "flag";
  /** What the values are; counters hold numbers, flags none. */
  readonly of: "string" | "uint";
  /** Which periods it is kept for: none, years, months too, days too. */
  readonly quantum: "" | "Y" | "YM" | "YMD";
}

/** A value of a field and how many trails have it. */
export interface ValueCount {
  /** The value: bytes of a string, or a number. */
  readonly value: Uint8Array | bigint;
  /** How many trails of those asked about have it. */
  readonly count: number;
  /** The total of the counter asked for over these trails; absent if none was. */
  readonly sum?: bigint;
}

/** What to count values over. */
export interface ValuesOptions extends AbortOptions {
  /** Only events of this period count. */
  readonly period?: Period;
  /** Only these trails; all if left out. */
  readonly trails?: Bitmap;
  /** Also total this counter over the trails of each value. */
  readonly sum?: { readonly field: string; readonly period?: Period };
  /** Stop after so many values. */
  readonly limit?: number;
}

/** What else to know when trails are looked for. */
export interface TrailsOptions extends AbortOptions {
  /**
   * Whoever asks will look at these trails only. The index may leave others
   * out or name them; it need not read their chunks.
   */
  readonly within?: Bitmap;
}

/** Of which events values are asked. */
export interface ValuesOfOptions extends AbortOptions {
  /** Only events of this period count. */
  readonly period?: Period;
}

/**
 * Answers by term, as long as its store is open; afterwards every question is a
 * `TypeError`.
 */
export interface Index {
  /** What it keeps, in schema order. Names that begin with a dot are not of event fields. */
  readonly fields: readonly IndexField[];

  /**
   * Names of the parts of a trail key; one part for ordinary stores. A key of
   * several parts is each part behind its length as a big-endian u16; see
   * {@linkcode encodeKeyParts}. A key of one part is the part as it is.
   */
  readonly keyParts: readonly string[];

  /**
   * What parts of keys are: `bytes` if left out. `uint`: keys have one part, an
   * unsigned number of at most 128 bits, whose key is its decimal text.
   */
  readonly keyType?: "bytes" | "uint";

  /**
   * True where the store keeps rows (counters, sets, flags) and not the events
   * they were made of: what the index does not answer, nobody can.
   */
  readonly rowsOnly?: boolean;

  /** Unit of the times that periods were made of; absent where there are none. */
  readonly timeUnit?: TimeUnit;

  /** All trails. */
  all(options?: AbortOptions): Promise<Bitmap>;

  /**
   * Finds the trails of which some event meets a term. For a counter, the
   * trail's total must meet the condition.
   *
   * @returns `undefined` when the index cannot answer; the events must be scanned.
   */
  trails(term: Term, options?: TrailsOptions): Promise<Postings | undefined>;

  /** Finds the events that meet a term, by flat ordinal; as `trails`. */
  events?(term: Term, options?: AbortOptions): Promise<Postings | undefined>;

  /**
   * Lists the values of a set, or the totals of a counter, in value order
   * (numbers by size, strings by bytes), each with its number of trails.
   *
   * @returns `undefined` when the index does not know.
   */
  values?(
    field: string,
    options?: ValuesOptions,
  ): AsyncIterableIterator<ValueCount> | undefined;

  /**
   * Gets the values of a set that given trails have, in value order, for many
   * trails in one pass; empty where a trail has none. Absent where `values`
   * must be asked trail by trail.
   *
   * @param field A field of kind `set`.
   * @param trails Ordinals, distinct, in any order.
   */
  valuesOf?(
    field: string,
    trails: readonly number[],
    options?: ValuesOfOptions,
  ): Promise<(readonly (Uint8Array | bigint)[])[]>;

  /** What only counters answer; absent where the index keeps none. */
  readonly counters?: CounterIndex;
}

/** A number and how many trails have it. */
export interface CounterExtreme {
  /** The least or greatest total; `undefined` when no trail has the counter. */
  readonly value: bigint | undefined;
  /** How many trails have it. */
  readonly count: number;
}

/** A counter asked about, over some trails. */
export interface CounterOptions extends AbortOptions {
  /** Only events of this period count. */
  readonly period?: Period;
  /** Only these trails; all if left out. */
  readonly trails?: Bitmap;
}

/** What an index answers about counters. */
export interface CounterIndex {
  /** Totals a counter over trails that have it. */
  sum(
    field: string,
    options?: CounterOptions,
  ): Promise<{ readonly sum: bigint; readonly count: number }>;
  /** Finds the least total. */
  min(field: string, options?: CounterOptions): Promise<CounterExtreme>;
  /** Finds the greatest total. */
  max(field: string, options?: CounterOptions): Promise<CounterExtreme>;
  /** Finds the trails with the greatest totals, falling; equal totals in ordinal order. */
  top(
    field: string,
    count: number,
    options?: CounterOptions,
  ): Promise<readonly { readonly trail: number; readonly value: bigint }[]>;
  /** Gets the totals of given trails; `undefined` where a trail has none. */
  totals(
    field: string,
    trails: readonly number[],
    options?: CounterOptions,
  ): Promise<(bigint | undefined)[]>;
}
