/**
 * Events in input order, kept small.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import { CairnError } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import type { SortColumn } from "./event_sorter_options.ts";
import {
  areJoined,
  copyString,
  type WordBytes,
  wordBytes,
} from "./_copy_bytes.ts";
import type { Interner } from "./_interner.ts";

/** Ids in as few bytes each as the largest needs. */
export type NarrowIds = Uint8Array | Uint16Array | Uint32Array;

/** Times: the numbers themselves, or what is to be added to a base. */
export interface NarrowTimes {
  /** Added to each offset. */
  readonly base: number;
  /** One for each event. */
  readonly offsets: Uint32Array | Float64Array;
}

/** Byte strings one behind the other: string `i` ends at `ends[i]`. */
export interface PackedBytes {
  /** All bytes. */
  readonly bytes: Uint8Array;
  /** Where each ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
}

/** Events that will not change any more. */
export interface RowChunk {
  /** Number of events. */
  readonly count: number;
  /** Ids of their keys, from 1. */
  readonly keys: NarrowIds;
  /** Their times. */
  readonly times: NarrowTimes;
  /** A column each, narrow ids or bytes. */
  readonly columns: readonly (NarrowIds | PackedBytes)[];
}

/** Bytes of a column of bytes after which a chunk is full. */
const CHUNK_BYTES_MAX = 1 << 22;
/** Most bytes of a value, give or take what the chunk has already. */
const VALUE_BYTES_MAX = 1 << 30;
/** Most rows of a chunk. */
const CHUNK_ROWS_MAX = 1 << 16;

/** Tells ids from bytes. */
export function isIds(
  column: NarrowIds | PackedBytes,
): column is NarrowIds {
  return ArrayBuffer.isView(column);
}

/** Bytes that a column takes. */
export function columnBytes(column: NarrowIds | PackedBytes): number {
  return isIds(column)
    ? column.byteLength
    : column.bytes.byteLength + column.ends.byteLength;
}

/** Bytes that a chunk takes. */
export function chunkBytes(chunk: RowChunk): number {
  let byteLength = chunk.keys.byteLength + chunk.times.offsets.byteLength;
  for (const column of chunk.columns) byteLength += columnBytes(column);
  return byteLength;
}

/** Copies ids into as few bytes each as the largest needs. */
export function narrowIds(ids: Uint32Array): NarrowIds {
  // All bits that any id has: as wide as the largest, without a branch.
  let bits = 0;
  for (let i = 0; i < ids.length; i++) bits |= ids[i]!;
  bits >>>= 0;
  return bits < 0x100
    ? new Uint8Array(ids)
    : bits < 0x1_0000
    ? new Uint16Array(ids)
    : ids.slice();
}

/** Copies times, as offsets from the smallest where that is shorter. */
export function narrowTimes(times: Float64Array): NarrowTimes {
  let smallest = Infinity;
  let largest = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (time < smallest) smallest = time;
    if (time > largest) largest = time;
  }
  if (times.length === 0 || largest - smallest > 0xffff_ffff) {
    return { base: 0, offsets: times.slice() };
  }
  const offsets = new Uint32Array(times.length);
  for (let i = 0; i < times.length; i++) offsets[i] = times[i]! - smallest;
  return { base: smallest, offsets };
}

/** A column of bytes that grows. */
class OpenBytes {
  #to: WordBytes = wordBytes(new Uint8Array(1024));
  byteLength = 0;

  get bytes(): Uint8Array {
    return this.#to.bytes;
  }

  /** Appends strings and says in `numbers`, from `at` on, where each ends. */
  append(
    spans: ByteSpans,
    start: number,
    end: number,
    numbers: Uint32Array,
    at: number,
  ): void {
    const { starts, ends } = spans;
    if (areJoined(starts, ends, start, end)) {
      this.#appendJoined(spans, start, end, numbers, at);
      return;
    }
    const from = wordBytes(spans.bytes);
    for (let row = start; row < end; row++) {
      const to = this.byteLength;
      const next = to + ends[row]! - starts[row]!;
      if (next > this.#to.bytes.length) this.#grow(next);
      copyString(from, starts[row]!, ends[row]!, this.#to, to);
      this.byteLength = next;
      numbers[at + row - start] = next;
    }
  }

  /** Strings without gaps between them are copied in one go. */
  #appendJoined(
    spans: ByteSpans,
    start: number,
    end: number,
    numbers: Uint32Array,
    at: number,
  ): void {
    if (start === end) return;
    const { bytes, starts, ends } = spans;
    const from = starts[start]!;
    const to = this.byteLength;
    const next = to + ends[end - 1]! - from;
    if (next > this.#to.bytes.length) this.#grow(next);
    this.#to.bytes.set(bytes.subarray(from, ends[end - 1]!), to);
    const shift = to - from;
    for (let row = start; row < end; row++) {
      numbers[at + row - start] = ends[row]! + shift;
    }
    this.byteLength = next;
  }

  #grow(wanted: number): void {
    if (wanted > VALUE_BYTES_MAX) {
      throw new CairnError(
        "limit",
        "Cannot take value: at most 1 GiB wanted",
      );
    }
    const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.#to = wordBytes(grown);
  }

  /** Drops all bytes, and memory beyond a bound. */
  clear(bytesMax: number): void {
    this.byteLength = 0;
    if (this.bytes.length > bytesMax) {
      this.#to = wordBytes(new Uint8Array(1024));
    }
  }
}

/** Collects events until a chunk is full. */
export class OpenChunk {
  readonly #kinds: readonly SortColumn[];
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  readonly #keys: Uint32Array;
  readonly #times: Float64Array;
  readonly #numbers: readonly Uint32Array[];
  readonly #bytes: readonly (OpenBytes | undefined)[];
  #count = 0;

  /**
   * Makes an empty chunk.
   *
   * @param kinds How each column is kept.
   * @param byteLength About how large a chunk may get.
   */
  constructor(kinds: readonly SortColumn[], byteLength: number) {
    this.#kinds = kinds;
    const rowBytes = 12 + 4 * kinds.length;
    this.#rowsMax = Math.max(
      1,
      Math.min(CHUNK_ROWS_MAX, Math.floor(byteLength / rowBytes)),
    );
    this.#bytesMax = Math.min(CHUNK_BYTES_MAX, byteLength);
    this.#keys = new Uint32Array(this.#rowsMax);
    this.#times = new Float64Array(this.#rowsMax);
    this.#numbers = kinds.map(() => new Uint32Array(this.#rowsMax));
    this.#bytes = kinds.map((kind) =>
      kind === "bytes" ? new OpenBytes() : undefined
    );
  }

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes events until the chunk is full.
   *
   * @param batch The events.
   * @param start The first to take.
   * @param keys Numbers the keys.
   * @param interners Number the values of columns of ids.
   * @returns The first event not taken; the batch's count unless full.
   */
  take(
    batch: InputBatch,
    start: number,
    keys: Interner,
    interners: readonly (Interner | undefined)[],
  ): number {
    const at = this.#count;
    let end = Math.min(batch.count, start + this.#rowsMax - at);
    for (let c = 0; c < this.#kinds.length; c++) {
      const bytes = this.#bytes[c];
      if (bytes === undefined) continue;
      const { starts, ends } = batch.columns[c]!;
      let room = this.#bytesMax - bytes.byteLength;
      for (let row = start; row < end && room > 0; row++) {
        room -= ends[row]! - starts[row]!;
        // The row that passes the bound is the last: no row is too large.
        if (room <= 0) end = row + 1;
      }
    }
    keys.intern(batch.trailKeys, start, end, this.#keys, at);
    this.#times.set(batch.timestamps.subarray(start, end), at);
    for (let c = 0; c < this.#kinds.length; c++) {
      const spans = batch.columns[c]!;
      const numbers = this.#numbers[c]!;
      const bytes = this.#bytes[c];
      if (bytes === undefined) {
        interners[c]!.intern(spans, start, end, numbers, at);
        continue;
      }
      bytes.append(spans, start, end, numbers, at);
    }
    this.#count = at + end - start;
    return end;
  }

  /** Whether no further event fits. */
  get full(): boolean {
    return this.#count === this.#rowsMax ||
      this.#bytes.some((bytes) =>
        bytes !== undefined && bytes.byteLength >= this.#bytesMax
      );
  }

  /** Hands out the events, small, and starts anew. */
  seal(): RowChunk {
    const count = this.#count;
    const chunk: RowChunk = {
      count,
      keys: narrowIds(this.#keys.subarray(0, count)),
      times: narrowTimes(this.#times.subarray(0, count)),
      columns: this.#numbers.map((numbers, c) => {
        const open = this.#bytes[c];
        return open === undefined ? narrowIds(numbers.subarray(0, count)) : {
          bytes: open.bytes.slice(0, open.byteLength),
          ends: numbers.slice(0, count),
        };
      }),
    };
    for (const bytes of this.#bytes) bytes?.clear(2 * this.#bytesMax);
    this.#count = 0;
    return chunk;
  }
}
