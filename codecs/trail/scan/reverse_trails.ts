/**
 * Turning the rows of each trail round.
 *
 * @module
 */
import type { ScanRows } from "./scan_buffer.ts";

/**
 * Reverses the order of time within each trail.
 *
 * A trail that is longer than a batch is kept until its end is known, and then
 * given from there in batches: memory grows with the longest such trail.
 *
 * @param batches Rows in ascending order.
 * @param batchRows Most rows of a batch.
 */
export async function* reverseTrails(
  batches: AsyncIterable<ScanRows>,
  batchRows: number,
): AsyncGenerator<ScanRows> {
  let parts: ScanRows[] = [];
  for await (const rows of batches) {
    if (parts.length > 0) {
      // The trail that was cut is the first one here.
      const end = rows.trailOffsets[1]!;
      const isOnly = rows.trailOrdinals.length === 1;
      parts.push(copyRows(rows, 0, end));
      if (isOnly && rows.goesOn) continue;
      yield* reverseLong(parts, batchRows);
      parts = [];
      if (!isOnly) yield* reverseWhole(withoutFirst(rows), parts);
    } else yield* reverseWhole(rows, parts);
  }
}

/** Reverses the trails that end here, and keeps the one that does not. */
function* reverseWhole(
  rows: ScanRows,
  parts: ScanRows[],
): Generator<ScanRows> {
  const count = rows.trailOrdinals.length;
  const whole = rows.goesOn ? count - 1 : count;
  if (rows.goesOn) {
    parts.push(
      copyRows(
        rows,
        rows.trailOffsets[whole]!,
        rows.trailOffsets[count]!,
        whole,
      ),
    );
  }
  if (whole === 0) return;
  const end = rows.trailOffsets[whole]!;
  const kept: ScanRows = {
    trailOrdinals: rows.trailOrdinals.subarray(0, whole),
    trailOffsets: rows.trailOffsets.subarray(0, whole + 1),
    times: rows.times.subarray(0, end),
    columns: rows.columns.map((column) => column.subarray(0, end)),
    goesOn: false,
  };
  for (let t = 0; t < whole; t++) {
    const from = kept.trailOffsets[t]!;
    const to = kept.trailOffsets[t + 1]!;
    kept.times.subarray(from, to).reverse();
    for (const column of kept.columns) column.subarray(from, to).reverse();
  }
  yield kept;
}

/** Gives a trail in parts, the last rows first. */
function* reverseLong(
  parts: readonly ScanRows[],
  batchRows: number,
): Generator<ScanRows> {
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i]!;
    part.times.reverse();
    for (const column of part.columns) column.reverse();
    for (let from = 0; from < part.times.length; from += batchRows) {
      const to = Math.min(part.times.length, from + batchRows);
      yield {
        trailOrdinals: part.trailOrdinals,
        trailOffsets: Uint32Array.of(0, to - from),
        times: part.times.subarray(from, to),
        columns: part.columns.map((column) => column.subarray(from, to)),
        goesOn: i > 0 || to < part.times.length,
      };
    }
  }
}

function copyRows(
  rows: ScanRows,
  from: number,
  to: number,
  trail = 0,
): ScanRows {
  return {
    trailOrdinals: rows.trailOrdinals.slice(trail, trail + 1),
    trailOffsets: Uint32Array.of(0, to - from),
    times: rows.times.slice(from, to),
    columns: rows.columns.map((column) => column.slice(from, to)),
    goesOn: true,
  };
}

function withoutFirst(rows: ScanRows): ScanRows {
  const from = rows.trailOffsets[1]!;
  return {
    trailOrdinals: rows.trailOrdinals.subarray(1),
    trailOffsets: rows.trailOffsets.subarray(1).map((offset) => offset - from),
    times: rows.times.subarray(from),
    columns: rows.columns.map((column) => column.subarray(from)),
    goesOn: rows.goesOn,
  };
}
