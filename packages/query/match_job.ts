/**
 * Finds the trails of which some event meets a condition.
 *
 * @module
 */
import { type Bitmap, BitmapBuilder, type EventBatch } from "@cairn/core";
import type { BatchIds } from "./batch_ids.ts";
import { IdTest, YES } from "./id_tests.ts";
import type { ScanJob } from "./scan_job.ts";
import type { TimeRange } from "./time_range.ts";
import type { ValueCondition } from "./value_condition.ts";

/** Collects trails with a value, or with a value that meets a condition. */
export class MatchJob implements ScanJob {
  /** See {@linkcode ScanJob}. */
  readonly field: string;
  /** See {@linkcode ScanJob}. */
  readonly times: TimeRange | undefined;
  readonly #test: IdTest | undefined;
  readonly #trails = new BitmapBuilder();
  #last = -1;

  /**
   * Makes the job.
   *
   * @param field The store's field.
   * @param times Which events count.
   * @param condition What a value must meet; any value will do if `undefined`.
   */
  constructor(
    field: string,
    times: TimeRange | undefined,
    condition: ValueCondition | undefined,
  ) {
    this.field = field;
    this.times = times;
    this.#test = condition && new IdTest(condition);
  }

  /** See {@linkcode ScanJob}. */
  get notNumbers(): number {
    return this.#test?.notNumbers ?? 0;
  }

  /** The trails found so far. */
  trails(): Bitmap {
    return this.#trails.finish();
  }

  /** See {@linkcode ScanJob}. */
  visit(batch: EventBatch, batchIds: BatchIds): void {
    const { ids, lexicon } = batchIds.rows(this.field);
    const answers = this.#test?.answers(lexicon);
    const { trailOrdinals, trailOffsets, timestamps } = batch;
    const { from, to } = this.times ?? { from: -Infinity, to: Infinity };
    for (let t = 0; t < trailOrdinals.length; t++) {
      const trail = trailOrdinals[t]!;
      if (trail === this.#last) continue;
      const end = trailOffsets[t + 1]!;
      for (let row = trailOffsets[t]!; row < end; row++) {
        const id = ids[row]!;
        if (id === 0) continue;
        if (answers !== undefined) {
          const answer = answers[id]!;
          if (answer !== YES) {
            if (answer !== 0 || this.#test!.decide(id) !== YES) continue;
          }
        }
        const time = timestamps[row]!;
        if (time < from || time >= to) continue;
        this.#trails.add(trail);
        this.#last = trail;
        break;
      }
    }
  }
}
