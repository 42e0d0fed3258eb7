/**
 * Ranks of events of one time that lie in several groupings, where the layout
 * alone would lose the order in which they were added.
 *
 * @module
 */
import { encodeRanked } from "./event_fields.ts";
import { type Output, reserve } from "./_output.ts";
import type { SpaceEvents } from "./space_encoder.ts";

/** Adds ranks to the records of spaces; arrays are used again. */
export class TieRanker {
  readonly #fieldCount: number;
  readonly #out: Output = { bytes: new Uint8Array(4096), byteLength: 0 };

  /** Makes a ranker. @param fieldCount Fields that lie in the data. */
  constructor(fieldCount: number) {
    this.#fieldCount = fieldCount;
  }

  /**
   * Gives the events of a space with ranks where they are needed.
   *
   * @param events By time, equal times as added.
   * @returns The same, or a copy that is valid until the next call.
   */
  rank(events: SpaceEvents): SpaceEvents {
    const { count, timestamps, first } = events;
    for (let row = first + 1; row < first + count; row++) {
      if (
        timestamps[row] === timestamps[row - 1] &&
        !sameGrouping(events, row, row - 1)
      ) return this.#copy(events);
    }
    return events;
  }

  #copy(events: SpaceEvents): SpaceEvents {
    const { count, timestamps, first, bytes } = events;
    const out = this.#out;
    out.byteLength = 0;
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let from = 0; from < count;) {
      let to = from + 1;
      const time = timestamps[first + from];
      let isMixed = false;
      while (to < count && timestamps[first + to] === time) {
        isMixed ||= !sameGrouping(events, first + to, first + from);
        to++;
      }
      for (let i = from; i < to; i++) {
        starts[i] = out.byteLength;
        const start = events.starts[first + i]!;
        const end = events.ends[first + i]!;
        const data = isMixed ? dataStart(bytes, start) : end;
        reserve(out, data - start);
        out.bytes.set(bytes.subarray(start, data), out.byteLength);
        out.byteLength += data - start;
        if (isMixed) {
          encodeRanked(out, bytes, data, end, this.#fieldCount, i - from);
        }
        ends[i] = out.byteLength;
      }
      from = to;
    }
    return {
      count,
      timestamps: timestamps.subarray(first, first + count),
      bytes: out.bytes,
      starts,
      ends,
      first: 0,
    };
  }
}

/** Whether two records begin with the same grouping. */
function sameGrouping(events: SpaceEvents, a: number, b: number): boolean {
  const { bytes, starts } = events;
  const startA = starts[a]!;
  const startB = starts[b]!;
  const [length, at] = uvarint(bytes, startA);
  const end = at + length - startA;
  for (let i = 0; i < end; i++) {
    if (bytes[startA + i] !== bytes[startB + i]) return false;
  }
  return true;
}

/** Where the data of a record begins. */
function dataStart(bytes: Uint8Array, start: number): number {
  let [length, at] = uvarint(bytes, start);
  let keys: number;
  [keys, at] = uvarint(bytes, at + length);
  for (; keys > 0; keys--) {
    [length, at] = uvarint(bytes, at);
    at += length;
  }
  return at;
}

function uvarint(bytes: Uint8Array, at: number): [value: number, at: number] {
  let value = 0;
  for (let scale = 1;; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at];
  }
}
