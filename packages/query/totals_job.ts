/**
 * Adds up a field, or counts events, by trail.
 *
 * @module
 */
import type { EventBatch } from "@cairn/core";
import type { BatchIds } from "./batch_ids.ts";
import { IdNumbers, NO_NUMBER } from "./id_tests.ts";
import { NumberList, type ScanJob } from "./scan_job.ts";
import type { TimeRange } from "./time_range.ts";

/** Totals of a counter over trails that have it. */
export interface Totals {
  /** Ordinals of the trails, ascending. */
  readonly trails: Float64Array;
  /** Total of each; exact. */
  total(at: number): number | bigint;
}

/** Totals by trail: of the numbers of a field, or of 1 for each event. */
export class TotalsJob implements ScanJob, Totals {
  /** See {@linkcode ScanJob}. */
  readonly field: string | undefined;
  /** See {@linkcode ScanJob}. */
  readonly times: TimeRange | undefined;
  readonly #numbers = new IdNumbers();
  readonly #trails = new NumberList();
  readonly #totals = new NumberList();
  /** What does not fit the number of a trail, by trail. */
  readonly #carried = new Map<number, bigint>();
  #trail = -1;
  #total = 0;

  /**
   * Makes the job.
   *
   * @param field The store's field; `undefined` counts events.
   * @param times Which events count.
   */
  constructor(field: string | undefined, times: TimeRange | undefined) {
    this.field = field;
    this.times = times;
  }

  /** See {@linkcode ScanJob}. */
  get notNumbers(): number {
    return this.#numbers.notNumbers;
  }

  /** See {@linkcode Totals}; after the scan. */
  get trails(): Float64Array {
    this.#flush();
    return this.#trails.view();
  }

  /** See {@linkcode Totals}; after the scan. */
  total(at: number): number | bigint {
    this.#flush();
    const total = this.#totals.view()[at]!;
    const carried = this.#carried.get(this.#trails.view()[at]!);
    return carried === undefined ? total : carried + BigInt(total);
  }

  /** See {@linkcode ScanJob}. */
  visit(batch: EventBatch, batchIds: BatchIds): void {
    const { trailOrdinals, trailOffsets, timestamps } = batch;
    const rows = this.field === undefined
      ? undefined
      : batchIds.rows(this.field);
    const numbers = rows && this.#numbers.numbers(rows.lexicon);
    for (let t = 0; t < trailOrdinals.length; t++) {
      const trail = trailOrdinals[t]!;
      const start = trailOffsets[t]!;
      const end = trailOffsets[t + 1]!;
      if (rows !== undefined) {
        this.#sum(trail, rows.ids, numbers!, timestamps, start, end);
        continue;
      }
      const count = this.times === undefined
        ? end - start
        : countTimes(timestamps, start, end, this.times);
      if (count === 0) continue;
      if (trail !== this.#trail) this.#begin(trail);
      this.#total += count;
    }
  }

  #sum(
    trail: number,
    ids: Uint32Array,
    numbers: Float64Array,
    timestamps: Float64Array,
    start: number,
    end: number,
  ): void {
    const { from, to } = this.times ?? { from: -Infinity, to: Infinity };
    for (let row = start; row < end; row++) {
      const id = ids[row]!;
      let number = numbers[id]!;
      if (number !== number) number = this.#numbers.decide(id);
      if (number === NO_NUMBER) continue;
      const time = timestamps[row]!;
      if (time < from || time >= to) continue;
      if (trail !== this.#trail) this.#begin(trail);
      const total = this.#total + number;
      if (total <= Number.MAX_SAFE_INTEGER) this.#total = total;
      else this.#carry(id, number);
    }
  }

  #begin(trail: number): void {
    this.#flush();
    this.#trail = trail;
    this.#total = 0;
  }

  /** Writes down the trail under way; once. */
  #flush(): void {
    if (this.#trail < 0) return;
    this.#trails.push(this.#trail);
    this.#totals.push(this.#total);
    this.#trail = -1;
  }

  #carry(id: number, number: number): void {
    const before = this.#carried.get(this.#trail) ?? 0n;
    const more = number === Infinity ? this.#numbers.large(id) : BigInt(number);
    this.#carried.set(this.#trail, before + BigInt(this.#total) + more);
    this.#total = 0;
  }
}

/** A kernel: how many times lie in a range. */
function countTimes(
  timestamps: Float64Array,
  start: number,
  end: number,
  { from, to }: TimeRange,
): number {
  let count = 0;
  for (let row = start; row < end; row++) {
    const time = timestamps[row]!;
    if (time >= from && time < to) count++;
  }
  return count;
}
