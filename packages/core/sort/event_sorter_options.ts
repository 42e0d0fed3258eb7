/**
 * What a sorter is told: how columns are kept, how trails are ordered, and the
 * memory it may take.
 *
 * @module
 */
import type { Scratch } from "../scratch.ts";

/**
 * How the values of a column are kept: `ids` numbers the distinct ones and
 * collects a lexicon, `bytes` keeps each as it is.
 */
export type SortColumn = "ids" | "bytes";

/**
 * The order of trail keys: `bytes` compares from the first byte on, a prefix
 * before its extension; `reversed` does the same to the reversed keys, so that
 * keys of 16 bytes come in the order of little-endian numbers.
 */
export type KeyOrder = "bytes" | "reversed";

/** What a sorter is told. */
export interface EventSorterOptions {
  /** How to keep each column of the batches to come. */
  readonly columns: readonly SortColumn[];
  /** The order of trails; `bytes` if left out. */
  readonly keyOrder?: KeyOrder;
  /**
   * Memory for events, keys and lexicons in bytes, what sorting needs on top
   * included; 1 GiB if left out. Past it, sorted runs go to `scratch`.
   *
   * Lexicons stay in memory. Where they alone pass three quarters of it,
   * events get the last quarter, and the sum passes `memoryBytes` by what the
   * lexicons have too much.
   */
  readonly memoryBytes?: number;
  /**
   * Whether `hasKey` knows keys also when their events went to `scratch`; they
   * then stay in memory. False if left out.
   */
  readonly keepKeys?: boolean;
  /** Where runs go; the system's folder for temporary files if left out. Borrowed. */
  readonly scratch?: Scratch;
}
