/**
 * The contract of a store being written.
 *
 * @module
 */
import type { AbortOptions } from "./abort_options.ts";
import type { Filter } from "./filter.ts";
import type { InputBatch } from "./input_batch.ts";
import type { Schema } from "./schema.ts";
import type { Store, StoreStats } from "./store.ts";

/** What a finished writer tells. */
export interface WriteSummary extends StoreStats {
  /** Bytes of the store. */
  readonly byteLength: number;
}

/** What to take over from another store. */
export interface AppendOptions extends AbortOptions {
  /** Which events; all if left out. */
  readonly filter?: Filter;
  /**
   * Whether a codec that numbers values takes only those of events, as they
   * come; as it likes if left out. No event depends on it.
   */
  readonly usedValues?: boolean;
}

/**
 * Takes events in any order and writes a store.
 *
 * Trails are made by key, events sorted by time, equal times kept in the order
 * added. What the layout cannot hold is refused when it is added, with the
 * reason, and nothing of that call is taken. Calls come one after the other: a caller awaits each.
 * Disposing of a writer that is not finished aborts it.
 */
export interface StoreWriter extends AsyncDisposable {
  /** The fields of the store. */
  readonly schema: Schema;

  /**
   * Adds an event. Bytes are copied.
   *
   * @param trailKey The trail's key.
   * @param timestamp Its time.
   * @param values A value for each field of the schema, in order; `null` and
   * empty are no value.
   * @returns A promise only when the writer must make room first; it must be
   * awaited before the next call.
   * @throws {CairnError} `invalid-input` or `limit` when the layout cannot hold
   * it; `immutable` after `finish`.
   */
  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): Promise<void> | undefined;

  /**
   * Adds a run of events in columns; the fast way.
   *
   * @throws {CairnError} As `add`; `where.line` is then the row within the
   * batch, from 0, and the rows before it have not been taken either.
   */
  addBatch(batch: InputBatch): Promise<void>;

  /**
   * Adds all events of another store, of any codec. Fields are matched by
   * name; fields that the other store lacks are empty.
   *
   * @throws {CairnError} `invalid-input` when it has a field that this one lacks.
   */
  append(store: Store, options?: AppendOptions): Promise<void>;

  /**
   * Writes what is left and makes the store appear. Once only.
   *
   * @throws {CairnError} What the sink throws; nothing is then left behind.
   */
  finish(options?: AbortOptions): Promise<WriteSummary>;

  /** Leaves nothing behind. Does nothing after `finish`; may be called twice. */
  abort(): Promise<void>;
}
