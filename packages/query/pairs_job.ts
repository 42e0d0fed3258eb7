/**
 * Collects the values of each trail.
 *
 * @module
 */
import type { EventBatch, Lexicon } from "@cairn/core";
import type { BatchIds } from "./batch_ids.ts";
import { parseUint } from "./id_tests.ts";
import { NumberList, type ScanJob } from "./scan_job.ts";
import type { TimeRange } from "./time_range.ts";

/** Pairs of a trail and a value that it has, each once, trails ascending. */
export interface TrailValues {
  /** The trail of each pair. */
  readonly trails: Float64Array;
  /** The value's number of each pair, for {@linkcode TrailValues.value}. */
  readonly numbers: Float64Array;
  /** Gives the value of a number. */
  value(number: number): Uint8Array | bigint;
}

/** No trail has this ordinal: stores number theirs below it. */
const NO_TRAIL = 0xffff_ffff;

/** Collects values as they are, or as unsigned numbers. */
export class PairsJob implements ScanJob, TrailValues {
  /** See {@linkcode ScanJob}. */
  readonly field: string;
  /** See {@linkcode ScanJob}. */
  readonly times: TimeRange | undefined;
  /** See {@linkcode ScanJob}. */
  notNumbers = 0;
  readonly #isUint: boolean;
  readonly #trails = new NumberList();
  readonly #numbers = new NumberList();
  #lexicon: Lexicon | undefined;
  /** For each id its value's number plus 1; 0: not known; -1: none. */
  #numberOfId: Float64Array = new Float64Array(0);
  /** For each value's number, the last trail that had it. */
  #lastTrail: Uint32Array = new Uint32Array(64).fill(NO_TRAIL);
  #counts: Float64Array = new Float64Array(64);
  readonly #keepsPairs: boolean;
  readonly #values: (Uint8Array | bigint)[] = [];
  readonly #known = new Map<bigint, number>();

  /**
   * Makes the job.
   *
   * @param field The store's field.
   * @param times Which events count.
   * @param of What its values are; text that is no number is passed over.
   * @param keep Whether pairs are wanted, or only how many trails have a value.
   */
  constructor(
    field: string,
    times: TimeRange | undefined,
    of: "string" | "uint",
    keep: "pairs" | "counts",
  ) {
    this.field = field;
    this.times = times;
    this.#isUint = of === "uint";
    this.#keepsPairs = keep === "pairs";
  }

  /** See {@linkcode TrailValues}; after the scan. */
  get trails(): Float64Array {
    return this.#trails.view();
  }

  /** See {@linkcode TrailValues}; after the scan. */
  get numbers(): Float64Array {
    return this.#numbers.view();
  }

  /** How many trails have each value, by its number; after the scan. */
  get counts(): Float64Array {
    return this.#counts.subarray(0, this.#values.length);
  }

  /** See {@linkcode TrailValues}. */
  value(number: number): Uint8Array | bigint {
    return this.#values[number]!;
  }

  /** See {@linkcode ScanJob}. */
  visit(batch: EventBatch, batchIds: BatchIds): void {
    const { ids, lexicon } = batchIds.rows(this.field);
    this.#reserve(lexicon);
    const { trailOrdinals, trailOffsets, timestamps } = batch;
    const { from, to } = this.times ?? { from: -Infinity, to: Infinity };
    for (let t = 0; t < trailOrdinals.length; t++) {
      const trail = trailOrdinals[t]!;
      const end = trailOffsets[t + 1]!;
      for (let row = trailOffsets[t]!; row < end; row++) {
        const id = ids[row]!;
        if (id === 0) continue;
        const time = timestamps[row]!;
        if (time < from || time >= to) continue;
        const known = this.#numberOfId[id]!;
        const number = (known === 0 ? this.#decide(id) : known) - 1;
        if (number < 0 || this.#lastTrail[number] === trail) continue;
        this.#lastTrail[number] = trail;
        this.#counts[number]!++;
        if (!this.#keepsPairs) continue;
        this.#trails.push(trail);
        this.#numbers.push(number);
      }
    }
  }

  #reserve(lexicon: Lexicon): void {
    if (lexicon !== this.#lexicon) {
      this.#lexicon = lexicon;
      this.#numberOfId = new Float64Array(lexicon.size);
    } else if (this.#numberOfId.length < lexicon.size) {
      const grown = new Float64Array(2 * lexicon.size);
      grown.set(this.#numberOfId);
      this.#numberOfId = grown;
    }
  }

  #decide(id: number): number {
    const value = this.#lexicon!.value(id);
    const number = this.#isUint ? this.#numberOf(value) : this.#add(value);
    this.#numberOfId[id] = number < 0 ? number : number + 1;
    return this.#numberOfId[id]!;
  }

  /** Texts of one number are one value. */
  #numberOf(value: Uint8Array): number {
    const number = parseUint(value);
    if (number === undefined) {
      this.notNumbers++;
      return -1;
    }
    let known = this.#known.get(number);
    if (known === undefined) {
      known = this.#add(number);
      this.#known.set(number, known);
    }
    return known;
  }

  #add(value: Uint8Array | bigint): number {
    const number = this.#values.push(value) - 1;
    if (number >= this.#lastTrail.length) {
      const grown = new Uint32Array(2 * number).fill(NO_TRAIL);
      grown.set(this.#lastTrail);
      this.#lastTrail = grown;
      const counts = new Float64Array(2 * number);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    return number;
  }
}
