/**
 * Events of sections, as columns.
 *
 * @module
 */
import type { ByteReaderPlace } from "@cairn/core";
import { corruptAt } from "./_corrupt.ts";
import { END_MARK, TIMESTAMP_BYTES } from "./layout.ts";

/**
 * Times and places of data, a row an event. Used again; grows and never
 * shrinks; only the first `count` rows count.
 */
export class EventColumns {
  /** Number of events. */
  count = 0;
  /** A time for each. */
  timestamps: Float64Array = new Float64Array(1024);
  /** Where the event begins, in the content it was read from. */
  begins: Uint32Array = new Uint32Array(1024);
  /** Where its data begins. */
  starts: Uint32Array = new Uint32Array(1024);
  /** Where its data ends, exclusive. */
  ends: Uint32Array = new Uint32Array(1024);

  /** Forgets the events. */
  clear(): void {
    this.count = 0;
  }

  /**
   * Reads whole events from content.
   *
   * @param content Holds them.
   * @param start Where the first begins.
   * @param end Where the content ends so far, exclusive.
   * @param isLast True when the section ends there: the end mark must be its
   * last byte, and nothing may be left over.
   * @param place For errors: where the section lies.
   * @returns Where the first event begins that is not whole; `end - 1`, the
   * end mark, when `isLast`.
   * @throws {CairnError} `corrupt`
   */
  read(
    content: Uint8Array,
    start: number,
    end: number,
    isLast: boolean,
    place: ByteReaderPlace,
  ): number {
    let at = start;
    // The byte before the end may be the end mark, also while more may come.
    const last = end - 1;
    while (at < last) {
      let i = at;
      let length = content[i++]!;
      if (length >= 0x80) {
        length &= 0x7f;
        for (let scale = 128;; scale *= 128) {
          if (i === end && !isLast) return at;
          if (i === end || i - at === 10) throw badEvent(place);
          const byte = content[i++]!;
          length += (byte & 0x7f) * scale;
          if (byte < 0x80) break;
        }
      }
      const from = i + TIMESTAMP_BYTES;
      // In a whole section the end mark must be left behind the data.
      if (isLast ? length > last - from : length > end - from) {
        if (isLast) throw badEvent(place);
        return at;
      }
      if (this.count === this.starts.length) this.#grow();
      const row = this.count++;
      this.timestamps[row] = (content[i]! | content[i + 1]! << 8 |
        content[i + 2]! << 16 | content[i + 3]! << 24) >>> 0;
      this.begins[row] = at;
      this.starts[row] = from;
      this.ends[row] = from + length;
      at = from + length;
    }
    if (isLast && (at !== last || content[last] !== END_MARK)) {
      throw badEvent(place);
    }
    return at;
  }

  /** Adds an event that was read elsewhere. */
  push(timestamp: number, start: number, end: number): void {
    if (this.count === this.starts.length) this.#grow();
    const row = this.count++;
    this.timestamps[row] = timestamp;
    this.begins[row] = start;
    this.starts[row] = start;
    this.ends[row] = end;
  }

  #grow(): void {
    const size = 2 * this.starts.length;
    const timestamps = new Float64Array(size);
    timestamps.set(this.timestamps);
    this.timestamps = timestamps;
    this.begins = grown(this.begins, size);
    this.starts = grown(this.starts, size);
    this.ends = grown(this.ends, size);
  }
}

function grown(array: Uint32Array, size: number): Uint32Array {
  const larger = new Uint32Array(size);
  larger.set(array);
  return larger;
}

function badEvent(place: ByteReaderPlace): Error {
  return corruptAt(
    place,
    0,
    "Cannot read events: they do not fill their section up to its end mark",
    "events",
  );
}
