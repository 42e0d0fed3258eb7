/**
 * Events as columns.
 *
 * @module
 */
import { type Column, columnValue } from "./column.ts";

/** One event of a batch, for those who read by row. */
export interface EventRow {
  /** Ordinal of its trail. */
  readonly trail: number;
  /** Its time. */
  readonly timestamp: number;
  /** A value for each requested field; views, valid as long as the batch. */
  readonly values: readonly (Uint8Array | null)[];
}

/** What a batch is made of. */
export interface EventBatchParts {
  /** Ordinals of the trails in the batch, ascending. */
  readonly trailOrdinals: Uint32Array;
  /** Where each trail's rows begin, and the end of the last: one more entry. */
  readonly trailOffsets: Uint32Array;
  /** A time for each row. */
  readonly timestamps: Float64Array;
  /** A column for each requested field, in the order requested. */
  readonly columns: readonly Column[];
}

/**
 * A run of events in columns: row `i` is one event.
 *
 * Rows of trail `t` of the batch are `trailOffsets[t] .. trailOffsets[t + 1]`.
 * Trails come whole, except one that is longer than a batch: then the next
 * batch begins with the same ordinal and goes on where this one stopped. A
 * trail of which no event matches the filter does not appear.
 *
 * All arrays are views that are valid until the next batch is asked for;
 * `copy()` keeps a batch longer.
 *
 * @example Sum up a column without making rows
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EventBatch } from "@cairn/core";
 *
 * const batch = new EventBatch({
 *   trailOrdinals: Uint32Array.of(4),
 *   trailOffsets: Uint32Array.of(0, 2),
 *   timestamps: Float64Array.of(10, 20),
 *   columns: [],
 * });
 * assertEquals(batch.count, 2);
 * assertEquals([...batch.events()].map((event) => event.trail), [4, 4]);
 * ```
 */
export class EventBatch implements EventBatchParts {
  /** Ordinals of the trails in the batch, ascending. */
  readonly trailOrdinals: Uint32Array;
  /** Where each trail's rows begin, and the end of the last: one more entry. */
  readonly trailOffsets: Uint32Array;
  /** A time for each row. */
  readonly timestamps: Float64Array;
  /** A column for each requested field, in the order requested. */
  readonly columns: readonly Column[];

  /** Makes a batch. @param parts Its columns; not copied. */
  constructor(parts: EventBatchParts) {
    this.trailOrdinals = parts.trailOrdinals;
    this.trailOffsets = parts.trailOffsets;
    this.timestamps = parts.timestamps;
    this.columns = parts.columns;
  }

  /** Number of events. */
  get count(): number {
    return this.timestamps.length;
  }

  /** Number of trails that have events in this batch. */
  get trailCount(): number {
    return this.trailOrdinals.length;
  }

  /** Walks over the events as rows. Makes an object each: not for hot loops. */
  *events(): Generator<EventRow> {
    for (let t = 0; t < this.trailOrdinals.length; t++) {
      const trail = this.trailOrdinals[t]!;
      const end = this.trailOffsets[t + 1]!;
      for (let row = this.trailOffsets[t]!; row < end; row++) {
        yield {
          trail,
          timestamp: this.timestamps[row]!,
          values: this.columns.map((column) => columnValue(column, row)),
        };
      }
    }
  }

  /** Copies the arrays, so that the batch outlives the scan's next step. */
  copy(): EventBatch {
    return new EventBatch({
      trailOrdinals: this.trailOrdinals.slice(),
      trailOffsets: this.trailOffsets.slice(),
      timestamps: this.timestamps.slice(),
      columns: this.columns.map((column) =>
        column.kind === "ids" ? { ...column, ids: column.ids.slice() } : {
          kind: "bytes",
          bytes: column.bytes.slice(),
          starts: column.starts.slice(),
          ends: column.ends.slice(),
        }
      ),
    });
  }
}
