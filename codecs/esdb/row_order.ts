/**
 * Ordering of the rows of one space.
 *
 * @module
 */
import type { EsdbScanOptions } from "./scan_order.ts";

/** What to do with the rows. */
export interface RowOrderOptions extends EsdbScanOptions {
  /** Whether rows are sorted by time first, newest first. */
  readonly sorted: boolean;
  /** Place of a row among those of its time, where rows alone do not say. */
  readonly rank?: ((row: number) => number) | undefined;
}

/**
 * Orders rows `start` up to `end` in place, and leaves out those whose time is
 * not asked for.
 *
 * @param rows Row numbers in the order of the file: newest first.
 * @param start First of the space.
 * @param end First behind.
 * @param timestamps Times by row number.
 * @param options Order and range.
 * @returns Where the rows end that are left.
 */
export function arrangeRows(
  rows: Uint32Array,
  start: number,
  end: number,
  timestamps: Float64Array,
  options: RowOrderOptions,
): number {
  const { order = "newest", ties = "added", from = 0, to = Infinity } = options;
  if (options.sorted) sortByTime(rows, start, end, timestamps, options.rank);
  if (from > 0 || to !== Infinity) {
    let kept = start;
    for (let i = start; i < end; i++) {
      const time = timestamps[rows[i]!]!;
      if (time >= from && time < to) rows[kept++] = rows[i]!;
    }
    end = kept;
  }
  if (order === "oldest") reverse(rows, start, end);
  if ((order === "oldest") === (ties === "added")) {
    reverseTies(rows, start, end, timestamps);
  }
  return end;
}

/** Sorts, newest first, equal times as they are; mostly there is nothing to do. */
function sortByTime(
  rows: Uint32Array,
  start: number,
  end: number,
  timestamps: Float64Array,
  rank: ((row: number) => number) | undefined,
): void {
  for (let i = start + 1; i < end; i++) {
    const order = timestamps[rows[i]!]! - timestamps[rows[i - 1]!]!;
    if (order > 0 || order === 0 && rank !== undefined) {
      // Rows ascend within a space, so they settle ties.
      rows.subarray(start, end).sort((a, b) =>
        timestamps[b]! - timestamps[a]! ||
        (rank === undefined ? 0 : rank(a) - rank(b)) || a - b
      );
      return;
    }
  }
}

function reverse(rows: Uint32Array, start: number, end: number): void {
  for (let low = start, high = end - 1; low < high; low++, high--) {
    const row = rows[low]!;
    rows[low] = rows[high]!;
    rows[high] = row;
  }
}

function reverseTies(
  rows: Uint32Array,
  start: number,
  end: number,
  timestamps: Float64Array,
): void {
  for (let from = start; from < end;) {
    const time = timestamps[rows[from]!]!;
    let to = from + 1;
    while (to < end && timestamps[rows[to]!] === time) to++;
    if (to - from > 1) reverse(rows, from, to);
    from = to;
  }
}
