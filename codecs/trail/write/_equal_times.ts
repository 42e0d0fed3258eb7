/**
 * Equal times as the C program has them: last added, first stored.
 *
 * @module
 */
import type { SortedBatch } from "@cairn/core/sort";
import { RowBuffer } from "../_row_buffer.ts";

/**
 * Reverses every run of equal times within a trail, also a run that goes on
 * from batch to batch: that one is held in memory.
 *
 * @param batches Sorted events, equal times in input order.
 * @returns The same events; batches are valid until the next is asked for.
 */
export async function* reverseEqualTimes(
  batches: AsyncIterable<SortedBatch>,
): AsyncGenerator<SortedBatch> {
  // The last run of a batch may go on in the next one.
  const held = new RowBuffer();
  let heldContinued = false;
  const release = () => {
    const { count } = held;
    const order = Uint32Array.from({ length: count }, (_, i) => count - 1 - i);
    return held.take(order, heldContinued);
  };
  for await (const batch of batches) {
    let start = 0;
    if (held.count > 0) {
      start = batch.continued ? runEnd(batch, 0, held.lastTime) : 0;
      if (start > 0) held.add(batch, 0, 0, start);
      if (start === batch.count) continue;
      yield release();
    }
    const lastTrail = batch.trailOffsets.length - 2;
    const lastStart = lastRunStart(
      batch,
      Math.max(start, batch.trailOffsets[lastTrail]!),
    );
    if (lastStart > start) yield reversed(batch, start, lastStart);
    held.add(batch, lastTrail, lastStart, batch.count);
    heldContinued = lastStart > batch.trailOffsets[lastTrail]! ||
      (lastTrail === 0 && batch.continued);
  }
  if (held.count > 0) yield release();
}

/** First row from `row` on, within the first trail, with another time. */
function runEnd(batch: SortedBatch, row: number, time: number): number {
  const end = batch.trailOffsets[1]!;
  while (row < end && batch.timestamps[row] === time) row++;
  return row;
}

/** Where the last run of equal times begins, not before `start`. */
function lastRunStart(batch: SortedBatch, start: number): number {
  let row = batch.count - 1;
  const time = batch.timestamps[row];
  while (row > start && batch.timestamps[row - 1] === time) row--;
  return row;
}

/** Rows `start` up to `end` with all runs reversed; `end` begins a run. */
function reversed(batch: SortedBatch, start: number, end: number): SortedBatch {
  const { timestamps, trailOffsets } = batch;
  const order = new Uint32Array(end - start);
  const offsets: number[] = [];
  let firstTrail = -1;
  for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
    const from = Math.max(start, trailOffsets[trail]!);
    const to = Math.min(end, trailOffsets[trail + 1]!);
    if (from >= to) continue;
    if (firstTrail < 0) firstTrail = trail;
    offsets.push(from - start);
    for (let row = from; row < to;) {
      let behind = row + 1;
      while (behind < to && timestamps[behind] === timestamps[row]) behind++;
      for (let i = row; i < behind; i++) {
        order[i - start] = row + behind - 1 - i;
      }
      row = behind;
    }
  }
  const trails = offsets.length;
  return {
    count: end - start,
    firstTrail: batch.firstTrail + firstTrail,
    continued: start > trailOffsets[firstTrail]! ||
      (firstTrail === 0 && batch.continued),
    trailKeys: {
      bytes: batch.trailKeys.bytes,
      starts: batch.trailKeys.starts.subarray(firstTrail, firstTrail + trails),
      ends: batch.trailKeys.ends.subarray(firstTrail, firstTrail + trails),
    },
    trailOffsets: Uint32Array.from([...offsets, end - start]),
    timestamps: timestamps.subarray(start, end),
    columns: batch.columns.map((column) => {
      const ids = column as Uint32Array;
      const result = new Uint32Array(order.length);
      for (let i = 0; i < order.length; i++) result[i] = ids[order[i]!]!;
      return result;
    }),
  };
}
