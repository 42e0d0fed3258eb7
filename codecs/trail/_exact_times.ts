/**
 * Times above 2^53 - 1, which TrailDB can hold and a timestamp cannot.
 *
 * The sorter sees all of them as one time, and beside it a hidden first column
 * with the exact time as eight bytes, most significant first. So they come at
 * the end of their trail, in input order, and are sorted here.
 *
 * @module
 */
import type { PackedLexicon, SortedBatch } from "@cairn/core/sort";
import { type ExactBatch, RowBuffer, sliceTrail } from "./_row_buffer.ts";

/** The time that the sorter sees in place of larger ones. */
const LARGEST_TIME = Number.MAX_SAFE_INTEGER;

/** Encodes a time for the hidden column. @param time Below 2^64. */
export function encodeExactTime(time: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, time);
  return bytes;
}

/**
 * Sorts large times, and takes the hidden column away.
 *
 * @param batches Sorted events with the hidden column.
 * @param lexicon The values of that column.
 * @returns The same events; those with large times in batches of their own.
 */
export async function* sortExactTimes(
  batches: AsyncIterable<SortedBatch>,
  lexicon: PackedLexicon,
): AsyncGenerator<ExactBatch> {
  const held = new RowBuffer();
  let heldContinued = false;
  for await (const batch of batches) {
    for (let trail = 0; trail + 1 < batch.trailOffsets.length; trail++) {
      if (held.count > 0 && held.trail !== batch.firstTrail + trail) {
        yield releaseSorted(held, heldContinued, lexicon);
      }
      const start = batch.trailOffsets[trail]!;
      const end = batch.trailOffsets[trail + 1]!;
      let large = end;
      while (large > start && batch.timestamps[large - 1] === LARGEST_TIME) {
        large--;
      }
      const continued = trail === 0 && batch.continued;
      if (large > start) {
        yield withoutHidden(sliceTrail(batch, trail, start, large));
      }
      if (large === end) continue;
      if (held.count === 0) heldContinued = continued || large > start;
      held.add(batch, trail, large, end);
    }
  }
  if (held.count > 0) yield releaseSorted(held, heldContinued, lexicon);
}

function releaseSorted(
  held: RowBuffer,
  continued: boolean,
  lexicon: PackedLexicon,
): ExactBatch {
  const { bytes, offsets } = lexicon;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hidden = held.ids(0);
  const times = new BigUint64Array(held.count);
  for (let row = 0; row < held.count; row++) {
    const id = hidden[row]!;
    times[row] = id === 0
      ? BigInt(LARGEST_TIME)
      : view.getBigUint64(offsets[id - 1]!);
  }
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) =>
    times[a]! < times[b]! ? -1 : times[a]! > times[b]! ? 1 : a - b
  );
  const batch = held.take(order, continued);
  return {
    ...withoutHidden(batch),
    exactTimes: BigUint64Array.from(order, (row) => times[row]!),
  };
}

function withoutHidden(batch: SortedBatch): SortedBatch {
  return { ...batch, columns: batch.columns.slice(1) };
}
