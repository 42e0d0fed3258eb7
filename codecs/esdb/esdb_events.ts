/**
 * Events of one space, as columns.
 *
 * @module
 */
import type { ByteSpans } from "@cairn/core";

/** One event, for those who read by row. */
export interface EsdbEvent {
  /** Its time, 0 to 4,294,967,295. */
  readonly timestamp: number;
  /** Its data; a view. */
  readonly data: Uint8Array;
}

/**
 * A run of events: row `i` is one event. Nothing is used again: a batch stays
 * valid as long as someone holds it.
 *
 * @example Walk over rows
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packSpans } from "@cairn/core";
 * import { EsdbEvents } from "@cairn/esdb";
 *
 * const events = new EsdbEvents(
 *   Float64Array.of(20, 10),
 *   packSpans([Uint8Array.of(1), Uint8Array.of(2)]),
 * );
 * assertEquals([...events].map((event) => event.timestamp), [20, 10]);
 * ```
 */
export class EsdbEvents {
  /** A time for each event. */
  readonly timestamps: Float64Array;
  /** The data of each event; an empty span is empty data. */
  readonly data: ByteSpans;

  /** Makes a run. @param timestamps Times. @param data As many byte strings. */
  constructor(timestamps: Float64Array, data: ByteSpans) {
    this.timestamps = timestamps;
    this.data = data;
  }

  /** Number of events. */
  get count(): number {
    return this.timestamps.length;
  }

  /** Walks over the events as rows. Makes an object each: not for hot loops. */
  *[Symbol.iterator](): Generator<EsdbEvent> {
    const { bytes, starts, ends } = this.data;
    for (let row = 0; row < this.count; row++) {
      yield {
        timestamp: this.timestamps[row]!,
        data: bytes.subarray(starts[row]!, ends[row]!),
      };
    }
  }

  /** Gives a part of the run. @param start First row. @param end First row behind. */
  slice(start: number, end: number): EsdbEvents {
    return new EsdbEvents(this.timestamps.subarray(start, end), {
      bytes: this.data.bytes,
      starts: this.data.starts.subarray(start, end),
      ends: this.data.ends.subarray(start, end),
    });
  }

  /** Gives given rows in a given order. @param rows Row numbers. */
  pick(rows: Uint32Array): EsdbEvents {
    const count = rows.length;
    const timestamps = new Float64Array(count);
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      timestamps[i] = this.timestamps[row]!;
      starts[i] = this.data.starts[row]!;
      ends[i] = this.data.ends[row]!;
    }
    return new EsdbEvents(timestamps, { bytes: this.data.bytes, starts, ends });
  }

  /** Gives the run from its last row to its first. */
  reversed(): EsdbEvents {
    return new EsdbEvents(this.timestamps.slice().reverse(), {
      bytes: this.data.bytes,
      starts: this.data.starts.slice().reverse(),
      ends: this.data.ends.slice().reverse(),
    });
  }
}
