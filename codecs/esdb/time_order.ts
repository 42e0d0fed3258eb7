/**
 * Ordering of events by time.
 *
 * @module
 */
import { concatBytes } from "@cairn/core";
import { EsdbEvents } from "./esdb_events.ts";

/**
 * Joins runs and sorts them, newest first; equal times stay in the order given.
 *
 * @param runs Any runs.
 * @returns One run; its bytes are copies where there were several.
 */
export function sortedByTime(runs: readonly EsdbEvents[]): EsdbEvents {
  const joined = joinEvents(runs);
  const { timestamps } = joined;
  let isSorted = true;
  for (let row = 1; row < timestamps.length; row++) {
    if (timestamps[row]! > timestamps[row - 1]!) isSorted = false;
  }
  if (isSorted) return joined;
  const rows = Uint32Array.from(timestamps, (_, row) => row);
  rows.sort((a, b) => timestamps[b]! - timestamps[a]! || a - b);
  return joined.pick(rows);
}

/** Joins runs, one behind the other. @param runs Any runs. */
export function joinEvents(runs: readonly EsdbEvents[]): EsdbEvents {
  if (runs.length === 1) return runs[0]!;
  let count = 0;
  for (const run of runs) count += run.count;
  const timestamps = new Float64Array(count);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const bytes = concatBytes(runs.map((run) => run.data.bytes));
  let row = 0;
  let shift = 0;
  for (const run of runs) {
    timestamps.set(run.timestamps, row);
    for (let i = 0; i < run.count; i++, row++) {
      starts[row] = run.data.starts[i]! + shift;
      ends[row] = run.data.ends[i]! + shift;
    }
    shift += run.data.bytes.length;
  }
  return new EsdbEvents(timestamps, { bytes, starts, ends });
}
