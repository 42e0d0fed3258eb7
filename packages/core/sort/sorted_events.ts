/**
 * Events in the order of a store.
 *
 * @module
 */
import type { AbortOptions } from "../abort_options.ts";
import type { ByteSpans } from "../column.ts";
import type { StoreStats } from "../store.ts";

/**
 * The distinct values of a column, numbered from 1 in order of first
 * appearance in the input; id 0 is no value.
 *
 * The value of id `i` is `bytes[offsets[i - 1]] .. bytes[offsets[i]]`.
 */
export interface PackedLexicon {
  /** Number of distinct values; ids are 1 to `count`. */
  readonly count: number;
  /** All values, one behind the other; views, not to be written to. */
  readonly bytes: Uint8Array;
  /** Where each value begins, and the end of the last: `count + 1` entries. */
  readonly offsets: Uint32Array;
}

/** The values of one column over a batch: ids, or byte spans. */
export type SortedColumn = Uint32Array | ByteSpans;

/**
 * A run of sorted events in columns. All arrays are exactly as long as said,
 * and are views, valid until the next batch is asked for.
 *
 * Rows of the batch's trail `t` are `trailOffsets[t] .. trailOffsets[t + 1]`;
 * its ordinal is `firstTrail + t`. A trail is cut only where it is longer than
 * a batch, or where memory is short: the next batch then begins with the same
 * ordinal, and says so by `continued`. Every trail has at least one row.
 */
export interface SortedBatch {
  /** Number of events, at least 1. */
  readonly count: number;
  /** Ordinal of the batch's first trail, in key order. */
  readonly firstTrail: number;
  /** Whether the first trail began in the batch before. */
  readonly continued: boolean;
  /** Key of each trail of the batch, also of a continued one. */
  readonly trailKeys: ByteSpans;
  /** Where each trail's rows begin, and the end of the last: one more entry. */
  readonly trailOffsets: Uint32Array;
  /** The time of each event. */
  readonly timestamps: Float64Array;
  /** Per column, as asked for: ids as `Uint32Array`, or spans of bytes. */
  readonly columns: readonly SortedColumn[];
}

/** What to give of sorted events. */
export interface SortedScanOptions extends AbortOptions {
  /** Which columns, by position, in which order; all if left out. */
  readonly columns?: readonly number[];
}

/**
 * Events by trail key, then time, then input order. It can be read any number
 * of times, one scan after the other or side by side, until it is disposed of.
 */
export interface SortedEvents extends AsyncDisposable {
  /** Exact counts and range of times. */
  readonly stats: StoreStats;
  /** For each column its lexicon; `undefined` for columns of bytes. */
  readonly lexicons: readonly (PackedLexicon | undefined)[];

  /**
   * Walks over all events in order.
   *
   * @throws {CairnError} `io` when a temporary file cannot be read; `aborted`.
   */
  scan(options?: SortedScanOptions): AsyncIterableIterator<SortedBatch>;
}
