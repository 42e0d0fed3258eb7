/**
 * What can be worked out of events in one pass.
 *
 * @module
 */
import type { EventBatch } from "@cairn/core";
import type { BatchIds } from "./batch_ids.ts";
import type { TimeRange } from "./time_range.ts";

/** Something that looks at every batch of a scan. */
export interface ScanJob {
  /** The field it needs; `undefined` for none. */
  readonly field: string | undefined;
  /** Times it looks at; all if `undefined`. */
  readonly times: TimeRange | undefined;
  /** Distinct values met that should be numbers and are not. */
  readonly notNumbers: number;
  /** Looks at a batch. Trails come in order; a long one comes in parts. */
  visit(batch: EventBatch, ids: BatchIds): void;
}

/** A column of numbers that grows. */
export class NumberList {
  #numbers: Float64Array = new Float64Array(256);
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds one. @param value Any number. */
  push(value: number): void {
    if (this.#count === this.#numbers.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#count++] = value;
  }

  /** The numbers; a view, valid until the next is added. */
  view(): Float64Array {
    return this.#numbers.subarray(0, this.#count);
  }
}
