/**
 * Events of a stream on their way to a batch: lists that grow.
 *
 * @module
 */
import { StreamBatch } from "./stream_batch.ts";

/** Where events, their data and their keys lie in some bytes. */
export class EventLists {
  /** Offset of each event in the file. */
  readonly offsets: number[] = [];
  /** Where the data of each event begin. */
  readonly dataStarts: number[] = [];
  /** Where they end. */
  readonly dataEnds: number[] = [];
  /** For each event its first key, and behind the last how many there are. */
  readonly keyOffsets: number[] = [0];
  /** Where each key begins. */
  readonly keyStarts: number[] = [];
  /** Where it ends. */
  readonly keyEnds: number[] = [];
  /** For each key the event before it that has it, or 0. */
  readonly previous: number[] = [];

  /**
   * Makes a batch.
   *
   * @param bytes What starts and ends count in.
   * @param end Where the last event ends in the file.
   */
  toBatch(bytes: Uint8Array, end: number): StreamBatch {
    return new StreamBatch({
      offsets: Float64Array.from(this.offsets),
      end,
      data: {
        bytes,
        starts: Uint32Array.from(this.dataStarts),
        ends: Uint32Array.from(this.dataEnds),
      },
      keyOffsets: Uint32Array.from(this.keyOffsets),
      keys: {
        bytes,
        starts: Uint32Array.from(this.keyStarts),
        ends: Uint32Array.from(this.keyEnds),
      },
      previous: Float64Array.from(this.previous),
    });
  }
}
