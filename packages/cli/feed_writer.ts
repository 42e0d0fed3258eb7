/**
 * Events being read, into the writer of a store.
 *
 * @module
 */
import { CairnError, type InputBatch, type StoreWriter } from "@cairn/core";
import { KeyHasher } from "./hash_keys.ts";
import type { EventReader } from "./input/read_events.ts";
import { formatCount } from "./text/byte_size.ts";

/** How to hand events on. */
export interface FeedOptions {
  /** Whether trail keys are hashed. */
  readonly hashKeys: boolean;
  /** Whether events that the store refuses are left out, instead of stopping. */
  readonly skipBad: boolean;
  /** Told of each event left out. */
  readonly onBad: (error: CairnError) => void;
}

/**
 * Hands all batches of a reader to a writer.
 *
 * @param reader Where from.
 * @param writer Where to.
 * @param options How.
 * @returns The number of events that the store refused.
 * @throws {CairnError} What reader and writer throw.
 */
export async function feedWriter(
  reader: EventReader,
  writer: StoreWriter,
  options: FeedOptions,
): Promise<number> {
  const hasher = options.hashKeys ? new KeyHasher() : undefined;
  let refused = 0;
  let before = 0;
  for await (const batch of reader.batches()) {
    let rest = hasher === undefined ? batch : {
      ...batch,
      trailKeys: hasher.hash(batch.trailKeys, batch.count),
    };
    // Events that the layout cannot hold are found one at a time.
    for (let done = false; !done;) {
      try {
        await writer.addBatch(rest);
        done = true;
      } catch (error) {
        const row = refusedRow(error);
        if (row === undefined) throw error;
        const named = nameEvent(error as CairnError, before + row + 1);
        if (!options.skipBad) throw named;
        options.onBad(named);
        refused++;
        rest = withoutRow(rest, row);
      }
    }
    before += batch.count;
  }
  return refused;
}

/** The row of a batch that a writer refused, if that is what happened. */
function refusedRow(error: unknown): number | undefined {
  return error instanceof CairnError &&
      (error.code === "invalid-input" || error.code === "limit")
    ? error.where.line
    : undefined;
}

/** Says which event of the input it was, since a row of a batch says nothing. */
function nameEvent(error: CairnError, event: number): CairnError {
  const { line: _row, ...where } = error.where;
  return new CairnError(
    error.code,
    `Cannot store event ${formatCount(event)} of the input: ${error.detail}`,
    { where, cause: error },
  );
}

function withoutRow(batch: InputBatch, row: number): InputBatch {
  const count = batch.count - 1;
  const drop = <T extends Float64Array | Uint32Array>(array: T): T => {
    const rest = array.slice(0, batch.count) as T;
    rest.copyWithin(row, row + 1);
    return rest;
  };
  const dropSpan = (spans: InputBatch["trailKeys"]) => ({
    bytes: spans.bytes,
    starts: drop(spans.starts),
    ends: drop(spans.ends),
  });
  return {
    count,
    trailKeys: dropSpan(batch.trailKeys),
    timestamps: drop(batch.timestamps),
    columns: batch.columns.map(dropSpan),
  };
}
