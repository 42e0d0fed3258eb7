/**
 * The events of a stream, read in long pieces.
 *
 * @module
 */
import {
  type CairnError,
  EMPTY_BYTES,
  type ReadOptions,
  throwIfAborted,
} from "@cairn/core";
import { decodeEvents } from "./_decode_events.ts";
import type { KeyChain } from "./_key_chain.ts";
import type { StreamBatch } from "./stream_batch.ts";

/** Bytes of one read, unless an event is longer. */
export const PIECE_BYTES: number = 2 ** 20;

/** Events of a batch, unless the caller says otherwise. */
const BATCH_EVENTS = 65_536;

/** Where events are read from. */
export interface EventLog {
  /** The file's name. */
  readonly name: string;
  /** Reads exactly so many bytes. */
  read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array>;
}

/** What to read. */
export interface ScanLogOptions extends ReadOptions {
  /** Where an event begins. */
  readonly from: number;
  /** Where the events end at the latest. */
  readonly limit: number;
  /** Keys of the events before `from`; brought forward by the scan. */
  readonly chain?: KeyChain | undefined;
  /** Most events; no bound if left out. */
  readonly eventsMax?: number | undefined;
  /** Most events in a batch. */
  readonly batchEvents?: number | undefined;
  /** Bytes of one read. */
  readonly pieceBytes?: number;
}

/** Where a scan ended, and why. */
export interface LogEnd {
  /** Behind the last event handed out. */
  readonly offset: number;
  /** `full`: as many events as asked for. The others as in `DecodedEvents`. */
  readonly stop: "full" | "cut" | "mark" | "damage";
  /** The error, for `damage`. */
  readonly error: CairnError | undefined;
}

/**
 * Reads events in order; the next piece is read while the caller is busy with
 * the last. Damage is no error here: the caller decides.
 *
 * @param log Where the bytes are.
 * @param options What to read.
 * @returns Batches that are not empty, and in the end why there are no more.
 */
export async function* scanLog(
  log: EventLog,
  options: ScanLogOptions,
): AsyncGenerator<StreamBatch, LogEnd, undefined> {
  const { limit, chain, signal } = options;
  const stopper = new AbortController();
  const stops = signal === undefined
    ? stopper.signal
    : AbortSignal.any([signal, stopper.signal]);
  const pieceBytes = options.pieceBytes ?? PIECE_BYTES;
  const read = (at: number, atLeast: number): Promise<Uint8Array> => {
    const length = Math.min(Math.max(pieceBytes, atLeast), limit - at);
    if (length <= 0) return Promise.resolve(EMPTY_BYTES);
    const promise = log.read(at, length, { signal: stops });
    // Who leaves early does not wait for it.
    promise.catch(() => {});
    return promise;
  };
  let left = options.eventsMax ?? Infinity;
  let offset = options.from;
  let next = read(offset, 0);
  try {
    while (true) {
      throwIfAborted(signal);
      let bytes = await next;
      let more = true;
      while (more) {
        const eventsMax = Math.min(left, options.batchEvents ?? BATCH_EVENTS);
        const { batch, stop, needs, error } = decodeEvents(
          { bytes, offset, limit, file: log.name },
          { eventsMax, chain },
        );
        left -= batch.count;
        bytes = bytes.subarray(batch.end - offset);
        offset = batch.end;
        if (stop === "more") next = read(offset, needs);
        if (batch.count > 0) yield batch;
        if (stop === "full" && left > 0) throwIfAborted(signal);
        else if (stop === "more") more = false;
        else return { offset, stop, error };
      }
    }
  } finally {
    stopper.abort();
  }
}
