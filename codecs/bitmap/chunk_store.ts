/**
 * The contract of the database below the index: sorted keys and their values.
 *
 * @module
 */
import type { AbortOptions, ByteSpans } from "@cairn/core";

/** A run of entries, in key order. An empty span is an empty byte string. */
export interface ChunkEntries {
  /** How many. */
  readonly count: number;
  /** The keys. */
  readonly keys: ByteSpans;
  /** The values. */
  readonly values: ByteSpans;
}

/** A run of keys, as unsigned bytes, shorter first. */
export interface KeyRange {
  /** The first key, or where it would be. */
  readonly from: Uint8Array;
  /** The first key behind. */
  readonly to: Uint8Array;
}

/**
 * Reads entries of a database whose keys are sorted as unsigned bytes. Any
 * number of calls may run at once.
 *
 * All answers of a reader belong to one state of the database. A `ChunkStore`
 * gives that promise for each call alone; its snapshots for all calls.
 */
export interface ChunkReader extends AsyncDisposable {
  /** Name for messages, such as a path. */
  readonly name: string;

  /**
   * Gets the value of a key.
   *
   * @returns A view or copy, not to be written to, valid until the reader is
   * closed; `undefined` when the key is not there.
   */
  get(
    key: Uint8Array,
    options?: AbortOptions,
  ): Promise<Uint8Array | undefined>;

  /** Gets the values of many keys, in the order of the keys. */
  getMany(
    keys: readonly Uint8Array[],
    options?: AbortOptions,
  ): Promise<(Uint8Array | undefined)[]>;

  /**
   * Walks over the entries of a run of keys, ascending, some at a time. Batches
   * are valid until the next is asked for. Reads of neighbours are joined: a
   * run that lies together costs one read, or one for each mebibyte. Leaving
   * the loop early frees everything.
   */
  range(
    range: KeyRange,
    options?: AbortOptions,
  ): AsyncIterableIterator<ChunkEntries>;

  /** Frees what the reader holds. May be called twice; reads fail afterwards. */
  close(): Promise<void>;
}

/** A change of one key. */
export interface ChunkChange {
  /** The key. */
  readonly key: Uint8Array;
  /** Its new value; `undefined` removes the key. */
  readonly value: Uint8Array | undefined;
}

/** How a batch is stored. */
export interface ChunkBatchOptions {
  /** True: the promise resolves when the batch is on the disk. */
  readonly sync: boolean;
}

/**
 * A database that an index can live in: any that keeps keys sorted bytewise,
 * applies a list of changes whole or not at all, and shows a reader one state.
 *
 * The index writes with one `batch` call a batch of events and asks for nothing
 * else, so it can be laid over another database by writing this interface and
 * a `ChunkReader` for it. One writer at a time; the implementation sees to it.
 */
export interface ChunkStore extends ChunkReader {
  /**
   * Applies changes, all or none, in order; they are on their way when the
   * promise resolves, and on the disk if `sync` says so. A key is changed at
   * most once in a batch. A crash leaves the state before or behind a batch,
   * and never drops a batch but keeps a later one.
   */
  batch(
    changes: readonly ChunkChange[],
    options: ChunkBatchOptions,
  ): Promise<void>;

  /** Gives a reader of the state as it is now, whatever is written later. */
  snapshot(): Promise<ChunkReader>;
}
