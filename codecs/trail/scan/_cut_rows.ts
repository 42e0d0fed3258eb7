/**
 * Cutting many rows into batches.
 *
 * @module
 */
import type { ScanRows } from "./scan_buffer.ts";

/**
 * Cuts rows where trails end; only a trail that is longer than a batch is cut
 * itself.
 *
 * @param rows The rows.
 * @param batchRows Most rows of a batch.
 * @returns Views of the rows.
 */
export function* cutRows(
  rows: ScanRows,
  batchRows: number,
): Generator<ScanRows> {
  const { trailOffsets } = rows;
  const end = rows.times.length;
  if (end <= batchRows) {
    yield rows;
    return;
  }
  let start = 0;
  let trail = 0;
  while (start < end) {
    const limit = start + batchRows;
    // Trails that end within the limit.
    let next = trail;
    while (
      next < rows.trailOrdinals.length && trailOffsets[next + 1]! <= limit
    ) {
      next++;
    }
    const isWhole = next > trail;
    const cut = isWhole ? trailOffsets[next]! : limit;
    yield slice(rows, { trail, next: isWhole ? next : trail + 1, start, cut });
    start = cut;
    trail = next;
  }
}

function slice(
  rows: ScanRows,
  { trail, next, start, cut }: {
    readonly trail: number;
    readonly next: number;
    readonly start: number;
    readonly cut: number;
  },
): ScanRows {
  const trailOffsets = rows.trailOffsets.slice(trail, next + 1);
  for (let i = 0; i < trailOffsets.length; i++) trailOffsets[i]! -= start;
  // A trail that is cut begins before these rows, or ends behind them.
  trailOffsets[0] = 0;
  trailOffsets[trailOffsets.length - 1] = cut - start;
  const isLast = cut === rows.times.length;
  return {
    trailOrdinals: rows.trailOrdinals.subarray(trail, next),
    trailOffsets,
    times: rows.times.subarray(start, cut),
    columns: rows.columns.map((column) => column.subarray(start, cut)),
    goesOn: isLast ? rows.goesOn : cut < rows.trailOffsets[next]!,
  };
}
