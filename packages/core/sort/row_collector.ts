/**
 * Rows into columns.
 *
 * @module
 */
import type { InputBatch } from "../input_batch.ts";

/** Rows of a collector, unless its maker says otherwise. */
const ROWS_MAX = 4096;
/** Bytes of a collector's values after which it counts as full. */
const BYTES_MAX = 1 << 20;

/** One column of spans that grows. */
class SpanCollector {
  bytes: Uint8Array = new Uint8Array(1024);
  byteLength = 0;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;

  constructor(rowsMax: number) {
    this.starts = new Uint32Array(rowsMax);
    this.ends = new Uint32Array(rowsMax);
  }

  set(row: number, value: Uint8Array | null): void {
    const start = this.byteLength;
    this.starts[row] = start;
    if (value !== null) {
      const wanted = start + value.length;
      if (wanted > this.bytes.length) {
        const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
        grown.set(this.bytes.subarray(0, start));
        this.bytes = grown;
      }
      this.bytes.set(value, start);
      this.byteLength = wanted;
    }
    this.ends[row] = this.byteLength;
  }
}

/**
 * Turns events added one by one into batches. It checks nothing: see
 * {@linkcode assertRow}.
 */
export class RowCollector {
  readonly #rowsMax: number;
  readonly #keys: SpanCollector;
  readonly #timestamps: Float64Array;
  readonly #columns: readonly SpanCollector[];
  #count = 0;
  #byteLength = 0;

  /**
   * Makes an empty collector.
   *
   * @param fieldCount Values of an event.
   * @param rowsMax Rows after which it is full; fewer for many fields.
   */
  constructor(fieldCount: number, rowsMax: number = ROWS_MAX) {
    this.#rowsMax = Math.max(
      1,
      Math.min(rowsMax, Math.floor((1 << 20) / (fieldCount + 1))),
    );
    this.#keys = new SpanCollector(this.#rowsMax);
    this.#timestamps = new Float64Array(this.#rowsMax);
    this.#columns = Array.from(
      { length: fieldCount },
      () => new SpanCollector(this.#rowsMax),
    );
  }

  /** Rows collected and not taken yet. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an event; bytes are copied.
   *
   * @param trailKey The trail's key.
   * @param timestamp Its time.
   * @param values A value for each field.
   * @returns Whether the collector is now full and must be taken from before
   * the next row.
   */
  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): boolean {
    const row = this.#count;
    this.#keys.set(row, trailKey);
    this.#timestamps[row] = timestamp;
    this.#byteLength += trailKey.length;
    for (let c = 0; c < this.#columns.length; c++) {
      const value = values[c] ?? null;
      this.#columns[c]!.set(row, value);
      if (value !== null) this.#byteLength += value.length;
    }
    this.#count = row + 1;
    return this.#count === this.#rowsMax || this.#byteLength >= BYTES_MAX;
  }

  /**
   * Hands out what was collected and starts anew.
   *
   * @returns Views, valid until the next `add`.
   */
  take(): InputBatch {
    const batch: InputBatch = {
      count: this.#count,
      trailKeys: spansOf(this.#keys),
      timestamps: this.#timestamps,
      columns: this.#columns.map(spansOf),
    };
    this.#count = 0;
    this.#byteLength = 0;
    for (const column of [this.#keys, ...this.#columns]) column.byteLength = 0;
    return batch;
  }
}

function spansOf(column: SpanCollector): InputBatch["trailKeys"] {
  return { bytes: column.bytes, starts: column.starts, ends: column.ends };
}
