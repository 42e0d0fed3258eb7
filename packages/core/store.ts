/**
 * The contract of an open store.
 *
 * @module
 */
import type { AbortOptions } from "./abort_options.ts";
import type { Bitmap } from "./bitmap.ts";
import type { ByteSpans } from "./column.ts";
import type { EventBatch } from "./event_batch.ts";
import type { Filter } from "./filter.ts";
import type { Finding } from "./finding.ts";
import type { Index } from "./index.ts";
import type { Lexicon } from "./lexicon.ts";
import type { Schema } from "./schema.ts";

/** A run of ordinals: from `start` up to `end`, exclusive. */
export interface OrdinalRange {
  /** The first. */
  readonly start: number;
  /** The first behind. */
  readonly end: number;
}

/** Facts about a whole store. */
export interface StoreStats {
  /** Number of trails. */
  readonly trails: number;
  /** Number of events. */
  readonly events: number;
  /** Smallest timestamp; `undefined` without events. */
  readonly minTimestamp: number | undefined;
  /** Largest timestamp; `undefined` without events. */
  readonly maxTimestamp: number | undefined;
}

/** What to scan, and how. */
export interface ScanOptions extends AbortOptions {
  /** Which trails; all if left out. Ordinals that do not exist are passed over. */
  readonly trails?: OrdinalRange | Bitmap;
  /** Which fields, in which order; all in schema order if left out. */
  readonly fields?: readonly string[];
  /** Which events; all if left out. It may name fields that are not in `fields`. */
  readonly filter?: Filter;
  /**
   * Order of time within each trail; ascending if left out. Equal times come
   * in input order; descending is the exact reverse. Trails come in ordinal
   * order either way.
   */
  readonly order?: "ascending" | "descending";
  /** Most events in a batch, 1 or more; 65,536 if left out. */
  readonly batchEvents?: number;
}

/** Events of a batch, unless the caller says otherwise. */
export const BATCH_EVENTS = 65_536;

/**
 * An immutable store, open for reading. Any number of calls may run at once.
 *
 * After `close`, every method throws a `TypeError`, and scans under way end
 * with one at their next step.
 */
export interface Store extends AsyncDisposable {
  /** Name of the codec. */
  readonly codec: string;
  /** The fields. A store of unknown payloads has the one field `data`. */
  readonly schema: Schema;

  /**
   * Gives facts about the whole store. Free where the file states them; else
   * one pass over the file, whose result is kept.
   */
  stats(options?: AbortOptions): Promise<StoreStats>;

  /** Finds a trail's ordinal by its key; `undefined` when there is none. */
  find(
    trailKey: Uint8Array,
    options?: AbortOptions,
  ): Promise<number | undefined>;

  /**
   * Gets the keys of a run of trails, in ordinal order; copies or views that
   * are valid until the store is closed.
   *
   * @throws {RangeError} When the run is not inside the store.
   */
  keys(range: OrdinalRange, options?: AbortOptions): Promise<ByteSpans>;

  /**
   * Loads the lexicon of a field, once; `undefined` where the codec has none.
   *
   * @throws {CairnError} `not-found` when there is no such field.
   */
  lexicon(field: string, options?: AbortOptions): Promise<Lexicon | undefined>;

  /**
   * Scans events as batches, in trail order. Nothing is read before the first
   * step; leaving the loop early frees everything.
   *
   * @throws {CairnError} `not-found` for an unknown field in `fields`;
   * `corrupt`; `aborted`; `io`.
   */
  scan(options?: ScanOptions): AsyncIterableIterator<EventBatch>;

  /** Gets the index that belongs to the store, if there is one. */
  index(options?: AbortOptions): Promise<Index | undefined>;

  /**
   * Looks at everything and reports what is wrong. Ends after the last finding;
   * a sound store has none of severity `corrupt`.
   */
  verify(options?: AbortOptions): AsyncIterableIterator<Finding>;

  /** Closes the store and its source. May be called twice. */
  close(): Promise<void>;
}
