/**
 * Events on their way through the sorter: one byte string each.
 *
 * ```text
 * uvarint length | grouping | uvarint number of keys | (uvarint length | key) ... | data
 * ```
 *
 * @module
 */
import type { InputBatch } from "@cairn/core";
import { IdSet } from "./_id_set.ts";
import { appendBytes, appendUvarint, type Output } from "./_output.ts";

/** Rows of a batch. */
const ROWS_MAX = 8192;
/** Bytes of records after which a batch is full. */
const BYTES_MAX = 1_048_576;

/** Packs events into records, a batch at a time. */
export class RecordBatch {
  readonly #keys: Output = { bytes: new Uint8Array(65_536), byteLength: 0 };
  readonly #records: Output = { bytes: new Uint8Array(65_536), byteLength: 0 };
  readonly #timestamps = new Float64Array(ROWS_MAX);
  readonly #keyStarts = new Uint32Array(ROWS_MAX);
  readonly #keyEnds = new Uint32Array(ROWS_MAX);
  readonly #starts = new Uint32Array(ROWS_MAX);
  readonly #ends = new Uint32Array(ROWS_MAX);
  #count = 0;
  /** Spaces of the first `#listed` events; filled only when it is asked for. */
  #spaces = new IdSet();
  #listed = 0;

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /** Whether the batch must be taken before the next event. */
  get isFull(): boolean {
    return this.#count === ROWS_MAX || this.#records.byteLength >= BYTES_MAX;
  }

  /**
   * Adds an event. Bytes are copied.
   *
   * @param space Its space. @param timestamp Its time.
   * @param grouping Its grouping. @param keys Keys of its indexes.
   * @param data Its data.
   */
  add(
    space: Uint8Array,
    timestamp: number,
    grouping: Uint8Array,
    keys: readonly Uint8Array[],
    data: Uint8Array,
  ): void {
    const row = this.#count++;
    this.#timestamps[row] = timestamp;
    this.#keyStarts[row] = this.#keys.byteLength;
    appendBytes(this.#keys, space);
    this.#keyEnds[row] = this.#keys.byteLength;
    const out = this.#records;
    this.#starts[row] = out.byteLength;
    appendUvarint(out, grouping.length);
    appendBytes(out, grouping);
    appendUvarint(out, keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      appendUvarint(out, key.length);
      appendBytes(out, key);
    }
    appendBytes(out, data);
    this.#ends[row] = out.byteLength;
  }

  /** Tells whether an event of a space is in the batch. @param space Its id. */
  holds(space: Uint8Array): boolean {
    for (; this.#listed < this.#count; this.#listed++) {
      this.#spaces.add(
        this.#keys.bytes.subarray(
          this.#keyStarts[this.#listed]!,
          this.#keyEnds[this.#listed]!,
        ),
      );
    }
    return this.#spaces.has(space);
  }

  /** Hands out the batch and begins anew; valid until the next `add`. */
  take(): InputBatch {
    const count = this.#count;
    this.#count = 0;
    if (this.#listed > 0) this.#spaces = new IdSet();
    this.#listed = 0;
    this.#keys.byteLength = 0;
    this.#records.byteLength = 0;
    return {
      count,
      trailKeys: {
        bytes: this.#keys.bytes,
        starts: this.#keyStarts,
        ends: this.#keyEnds,
      },
      timestamps: this.#timestamps,
      columns: [{
        bytes: this.#records.bytes,
        starts: this.#starts,
        ends: this.#ends,
      }],
    };
  }
}
