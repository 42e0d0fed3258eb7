/**
 * Events being read, into the writer of a store.
 *
 * @module
 */
import {
  type ByteSpans,
  CairnError,
  type InputBatch,
  type StoreWriter,
} from "@cairn/core";
import type { ChangeKeys } from "./change_keys.ts";
import type { EventPlace } from "./input/event_reader.ts";
import { formatCount } from "./text/byte_size.ts";

/** How to hand events on. */
export interface FeedOptions {
  /** Changes trail keys; they stay as they are if left out. */
  readonly changeKeys?: ChangeKeys | undefined;
  /** Whether events that the store refuses are left out, instead of stopping. */
  readonly skipBad: boolean;
  /** Says where an event of the latest batch stands; counted if left out. */
  readonly place?: ((row: number) => EventPlace) | undefined;
  /** Told of each event left out. */
  readonly onBad: (error: CairnError) => void;
}

/**
 * Hands all batches to a writer.
 *
 * @param batches Where from.
 * @param writer Where to.
 * @param options How.
 * @returns The number of events that the store refused.
 * @throws {CairnError} What both throw.
 */
export async function feedWriter(
  batches: AsyncIterable<InputBatch>,
  writer: StoreWriter,
  options: FeedOptions,
): Promise<number> {
  const { changeKeys, place } = options;
  let refused = 0;
  let before = 0;
  for await (const batch of batches) {
    let rest: InputBatch = changeKeys === undefined ? batch : {
      ...batch,
      trailKeys: changeKeys(batch.trailKeys, batch.count),
    };
    let passed = 0;
    while (rest.count > 0) {
      const error = await tryBatch(writer, rest);
      if (error === undefined) break;
      // Nothing of the batch was taken: the rows before the refused one go
      // first, those behind it are tried again.
      const row = error.where.line!;
      const named = place === undefined
        ? countEvent(error, before + passed + row + 1)
        : placeEvent(error, place(passed + row));
      if (!options.skipBad) throw named;
      options.onBad(named);
      refused++;
      if (row > 0) await writer.addBatch(slice(rest, 0, row));
      rest = slice(rest, row + 1, rest.count);
      passed += row + 1;
    }
    before += batch.count;
  }
  return refused;
}

/** Hands a batch on; gives the error when one of its rows was refused. */
async function tryBatch(
  writer: StoreWriter,
  batch: InputBatch,
): Promise<CairnError | undefined> {
  try {
    await writer.addBatch(batch);
    return undefined;
  } catch (error) {
    const isRow = error instanceof CairnError &&
      (error.code === "invalid-input" || error.code === "limit") &&
      error.where.line !== undefined;
    if (isRow) return error;
    throw error;
  }
}

/** Says which event it was, since a row of a batch says nothing. */
function countEvent(error: CairnError, event: number): CairnError {
  const { line: _row, ...where } = error.where;
  return new CairnError(
    error.code,
    `Cannot store event ${formatCount(event)} of the input: ${error.detail}`,
    {
      where,
      cause: error,
      ...(error.reason === undefined ? {} : { reason: error.reason }),
    },
  );
}

/** Says where the event stands. */
function placeEvent(error: CairnError, place: EventPlace): CairnError {
  return new CairnError(error.code, error.detail, {
    where: { ...error.where, ...place },
    cause: error,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}

/** A part of a batch; views. */
function slice(batch: InputBatch, start: number, end: number): InputBatch {
  const part = (spans: ByteSpans): ByteSpans => ({
    bytes: spans.bytes,
    starts: spans.starts.subarray(start, end),
    ends: spans.ends.subarray(start, end),
  });
  return {
    count: end - start,
    trailKeys: part(batch.trailKeys),
    timestamps: batch.timestamps.subarray(start, end),
    columns: batch.columns.map(part),
  };
}
