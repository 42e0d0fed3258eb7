/**
 * Events of a stream as columns.
 *
 * @module
 */
import type { ByteSpans } from "@cairn/core";

/** One key of an event. */
export interface StreamEventKey {
  /** Index name, colon and value; a view. See `splitStreamKey`. */
  readonly key: Uint8Array;
  /** File offset of the event before with this key; 0 for none. */
  readonly previous: number;
}

/** One event of a stream, for those who read by row. */
export interface StreamEvent {
  /** Where it begins in the file: its name for `from`. */
  readonly offset: number;
  /** Its data; a view. */
  readonly data: Uint8Array;
  /** Its keys, in the order of the file. */
  readonly keys: readonly StreamEventKey[];
}

/** What a batch is made of. */
export interface StreamBatchParts {
  /** Where each event begins in the file. */
  readonly offsets: Float64Array;
  /**
   * Where reading goes on behind the batch, as `from`: the end of its last
   * event, or in a scan of one key the key's next event; 0 behind the oldest.
   */
  readonly end: number;
  /** The data of each event; an empty span is empty data. */
  readonly data: ByteSpans;
  /** Where each event's keys begin, and the end of the last: one more entry. */
  readonly keyOffsets: Uint32Array;
  /** The keys of all events. */
  readonly keys: ByteSpans;
  /** For each key, where the event before with it begins; 0 for none. */
  readonly previous: Float64Array;
}

/**
 * A run of events in columns: row `i` is one event. Its keys are the rows
 * `keyOffsets[i] .. keyOffsets[i + 1]` of `keys` and `previous`.
 *
 * All arrays are the batch's own and stay valid; the bytes too, until the
 * source is closed.
 */
export class StreamBatch implements StreamBatchParts {
  /** Where each event begins in the file. */
  readonly offsets: Float64Array;
  /**
   * Where reading goes on behind the batch, as `from`: the end of its last
   * event, or in a scan of one key the key's next event; 0 behind the oldest.
   */
  readonly end: number;
  /** The data of each event; an empty span is empty data. */
  readonly data: ByteSpans;
  /** Where each event's keys begin, and the end of the last: one more entry. */
  readonly keyOffsets: Uint32Array;
  /** The keys of all events. */
  readonly keys: ByteSpans;
  /** For each key, where the event before with it begins; 0 for none. */
  readonly previous: Float64Array;

  /** Makes a batch. @param parts Its columns; not copied. */
  constructor(parts: StreamBatchParts) {
    this.offsets = parts.offsets;
    this.end = parts.end;
    this.data = parts.data;
    this.keyOffsets = parts.keyOffsets;
    this.keys = parts.keys;
    this.previous = parts.previous;
  }

  /** Number of events. */
  get count(): number {
    return this.offsets.length;
  }

  /** Gets one event. @param row Which one; must be inside the batch. */
  event(row: number): StreamEvent {
    const { bytes, starts, ends } = this.keys;
    const keys: StreamEventKey[] = [];
    for (let k = this.keyOffsets[row]!; k < this.keyOffsets[row + 1]!; k++) {
      keys.push({
        key: bytes.subarray(starts[k]!, ends[k]!),
        previous: this.previous[k]!,
      });
    }
    return {
      offset: this.offsets[row]!,
      data: this.data.bytes.subarray(
        this.data.starts[row]!,
        this.data.ends[row]!,
      ),
      keys,
    };
  }

  /** Walks over the events as rows. Makes objects: not for hot loops. */
  *events(): Generator<StreamEvent> {
    for (let row = 0; row < this.count; row++) yield this.event(row);
  }
}
