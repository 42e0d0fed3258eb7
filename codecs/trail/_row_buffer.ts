/**
 * Rows of one trail that are held back until their order is known.
 *
 * @module
 */
import { packSpans, spanValue } from "@cairn/core";
import type { SortedBatch } from "@cairn/core/sort";

/** A batch of sorted events, whose times may be too large for its timestamps. */
export interface ExactBatch extends SortedBatch {
  /** The exact times, where the timestamps do not hold them. */
  readonly exactTimes?: BigUint64Array;
}

/** Takes rows of one trail and gives them back, in any order, as a batch. */
export class RowBuffer {
  /** Number of rows. */
  count = 0;
  /** Ordinal of the trail; -1 before there was one. */
  trail = -1;
  #key: Uint8Array | null = null;
  #timestamps: Float64Array = new Float64Array(16);
  #columns: Uint32Array[] = [];

  /** Time of the row that was added last. */
  get lastTime(): number {
    return this.#timestamps[this.count - 1]!;
  }

  /** Ids of a column; a view, valid until the next `add`. @param column Which one. */
  ids(column: number): Uint32Array {
    return this.#columns[column]!.subarray(0, this.count);
  }

  /**
   * Adds rows of a batch.
   *
   * @param batch Where they are.
   * @param trail Which trail of the batch they belong to; that of all rows so far.
   * @param start First row.
   * @param end First row behind.
   */
  add(batch: SortedBatch, trail: number, start: number, end: number): void {
    this.trail = batch.firstTrail + trail;
    this.#key ??= spanValue(batch.trailKeys, trail)!.slice();
    this.#reserve(this.count + end - start, batch.columns.length);
    this.#timestamps.set(batch.timestamps.subarray(start, end), this.count);
    for (let c = 0; c < batch.columns.length; c++) {
      const ids = batch.columns[c] as Uint32Array;
      this.#columns[c]!.set(ids.subarray(start, end), this.count);
    }
    this.count += end - start;
  }

  /**
   * Gives the rows back and forgets them.
   *
   * @param order Positions of the rows, in the order wanted.
   * @param continued Whether the trail began earlier.
   * @returns A batch of one trail; copies.
   */
  take(order: Uint32Array, continued: boolean): SortedBatch {
    const batch: SortedBatch = {
      count: this.count,
      firstTrail: this.trail,
      continued,
      trailKeys: packSpans([this.#key]),
      trailOffsets: Uint32Array.of(0, this.count),
      timestamps: Float64Array.from(order, (row) => this.#timestamps[row]!),
      columns: this.#columns.map((ids) =>
        Uint32Array.from(order, (row) => ids[row]!)
      ),
    };
    this.count = 0;
    this.#key = null;
    return batch;
  }

  #reserve(rows: number, columns: number): void {
    while (this.#columns.length < columns) {
      this.#columns.push(new Uint32Array(this.#timestamps.length));
    }
    if (rows <= this.#timestamps.length) return;
    const capacity = Math.max(rows, 2 * this.#timestamps.length);
    const timestamps = new Float64Array(capacity);
    timestamps.set(this.#timestamps);
    this.#timestamps = timestamps;
    this.#columns = this.#columns.map((ids) => {
      const grown = new Uint32Array(capacity);
      grown.set(ids);
      return grown;
    });
  }
}

/** Gives rows `start` up to `end` of one trail of a batch, as views. */
export function sliceTrail(
  batch: SortedBatch,
  trail: number,
  start: number,
  end: number,
): SortedBatch {
  return {
    count: end - start,
    firstTrail: batch.firstTrail + trail,
    continued: start > batch.trailOffsets[trail]! ||
      (trail === 0 && batch.continued),
    trailKeys: {
      bytes: batch.trailKeys.bytes,
      starts: batch.trailKeys.starts.subarray(trail, trail + 1),
      ends: batch.trailKeys.ends.subarray(trail, trail + 1),
    },
    trailOffsets: Uint32Array.of(0, end - start),
    timestamps: batch.timestamps.subarray(start, end),
    columns: batch.columns.map((ids) =>
      (ids as Uint32Array).subarray(start, end)
    ),
  };
}
