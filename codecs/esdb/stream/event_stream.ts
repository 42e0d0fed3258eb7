/**
 * What can be read of a stream, whether it is a file, a remote one, or one
 * that is being written.
 *
 * @module
 */
import type { AbortOptions } from "@cairn/core";
import type { StreamBatch, StreamEvent } from "./stream_batch.ts";
import type { TextOrBytes } from "./stream_key.ts";

/** What to read of a stream, and how. */
export interface StreamScanOptions extends AbortOptions {
  /**
   * Offset of the event to begin with, as `StreamEvent.offset` or
   * `StreamBatch.end` tell it; the first in the order asked for if left out.
   */
  readonly from?: number;
  /** Most events; no bound if left out. */
  readonly limit?: number;
  /** Most events in a batch; 65,536 if left out. */
  readonly batchEvents?: number;
}

/** What to read of one key's events. */
export interface StreamIndexOptions extends StreamScanOptions {
  /**
   * `newest` first if left out, which follows the links in the file; `oldest`
   * first does that too, before the first batch comes.
   */
  readonly order?: "newest" | "oldest";
}

/** Where the events of a stream lie. */
export interface StreamExtent {
  /** Offset of the first event, if there is one. */
  readonly start: number;
  /** The end of the last whole event. */
  readonly end: number;
  /** What lies behind the events of an open stream, and is no event. */
  readonly rest: StreamRest | undefined;
}

/** Bytes behind the last whole event of an open stream. */
export interface StreamRest {
  /** Where they begin. */
  readonly offset: number;
  /** How many. */
  readonly byteLength: number;
  /**
   * - `cut`: the beginning of an event, such as a crash leaves.
   * - `mark`: a length of 0: zeros of the file system, or the end of a closed
   *   stream that was cut.
   * - `damage`: bytes that contradict the format or the events before them;
   *   only where the caller asked for recovery.
   */
  readonly reason: "cut" | "mark" | "damage";
}

/** A key, and where its newest event begins. */
export interface StreamTail {
  /** Index name, colon and value. */
  readonly key: Uint8Array;
  /** Offset of its newest event. */
  readonly offset: number;
}

/** Reading, the same for files and for streams that are being written. */
export interface EventStream {
  /** Name for messages, such as a path. */
  readonly name: string;
  /** Whether the stream is closed: no event can come any more. */
  readonly closed: boolean;

  /** Tells where the events lie. An open file is read through for that, once. */
  extent(options?: AbortOptions): Promise<StreamExtent>;

  /** Finds the newest event of a key; `undefined` when there is none. */
  first(
    name: TextOrBytes,
    value: TextOrBytes,
    options?: AbortOptions,
  ): Promise<number | undefined>;

  /**
   * Reads one event.
   *
   * @throws {CairnError} `not-found` when no event begins at the offset, as
   * far as it can be told.
   */
  event(offset: number, options?: AbortOptions): Promise<StreamEvent>;

  /**
   * Reads events, oldest first. Go on from `batch.end` later.
   *
   * @throws {CairnError} `not-found` when no event begins at `from`;
   * `corrupt`; `aborted`; `io`.
   */
  scan(options?: StreamScanOptions): AsyncIterableIterator<StreamBatch>;

  /**
   * Reads the events of a key. `from` must be one of them.
   *
   * @throws {CairnError} As `scan`.
   */
  scanIndex(
    name: TextOrBytes,
    value: TextOrBytes,
    options?: StreamIndexOptions,
  ): AsyncIterableIterator<StreamBatch>;

  /** Lists all keys and their newest events, in bytewise order of the keys. */
  keys(options?: AbortOptions): AsyncIterableIterator<StreamTail>;
}
