/**
 * Chunks of events in input order into a sorted run: linear passes over
 * columns, and merges within those trails only that are out of time order.
 *
 * @module
 */
import { copyString, wordBytes } from "./_copy_bytes.ts";
import type { Interner } from "./_interner.ts";
import { MemoryRun } from "./_memory_run.ts";
import {
  columnBytes,
  isIds,
  type NarrowIds,
  type NarrowTimes,
  narrowTimes,
  type PackedBytes,
  type RowChunk,
} from "./_row_chunk.ts";
import { release } from "./_run.ts";
import { sortKeys } from "./_sort_keys.ts";
import type { KeyOrder } from "./event_sorter_options.ts";

/** How to sort. */
export interface SortRowsOptions {
  /** The order of keys. */
  readonly order: KeyOrder;
  /** About how large the run's batches may get. */
  readonly batchBytes: number;
}

/**
 * Sorts events by key, time, input order.
 *
 * @param chunks The events; their memory is given up on the way.
 * @param keys Their keys; the run keeps views of them.
 * @param options How.
 * @returns The run.
 */
export function sortRows(
  chunks: RowChunk[],
  keys: Interner,
  options: SortRowsOptions,
): MemoryRun {
  const lexicon = keys.lexicon();
  const keyOrder = sortKeys(lexicon, lexicon.count, options.order);
  const { places, trailStarts, inPlace } = placeRows(chunks, keyOrder);
  const count = places.length;
  const times = new Float64Array(count);
  let row = 0;
  for (const chunk of chunks) {
    scatterTimes(chunk.times, places, row, times);
    row += chunk.count;
    release(chunk.times.offsets);
    release(chunk.keys);
  }
  const moved = sortTrails(times, trailStarts);
  if (moved !== undefined) {
    for (let i = 0; i < count; i++) places[i] = moved[places[i]!]!;
    release(moved);
  }
  const narrow = narrowTimes(times);
  release(times);
  const straight = inPlace && moved === undefined;
  const columnCount = chunks[0]?.columns.length ?? 0;
  const columns = Array.from({ length: columnCount }, (_, c) => {
    const parts = chunks.map((chunk) => chunk.columns[c]!);
    const sorted = isIds(parts[0]!)
      ? scatterIds(parts as NarrowIds[], places, straight)
      : scatterBytes(parts as PackedBytes[], places);
    for (const part of parts) {
      if (isIds(part)) release(part);
      else for (const array of [part.bytes, part.ends]) release(array);
    }
    return sorted;
  });
  release(places);
  chunks.length = 0;
  return new MemoryRun({
    keys: lexicon,
    order: keyOrder,
    trailStarts,
    times: narrow,
    columns,
    batchBytes: options.batchBytes,
  });
}

/**
 * Gives about how many bytes sorting needs beside the chunks themselves.
 *
 * @param events Number of events.
 * @param keys Number of distinct keys.
 * @param columns Bytes of each column.
 * @returns Bytes at the peak.
 */
export function sortingBytes(
  events: number,
  keys: number,
  columns: readonly number[],
): number {
  let largest = 0;
  for (const byteLength of columns) largest = Math.max(largest, byteLength);
  // Places and times of all events, and then either moves or one column.
  return 16 * keys + 12 * events + Math.max(16 * events, largest);
}

/** Adds up the bytes of each column of a chunk. */
export function addColumnBytes(chunk: RowChunk, sums: number[]): void {
  chunk.columns.forEach((column, c) => {
    sums[c] = (sums[c] ?? 0) + columnBytes(column);
  });
}

/** Finds each event's place when events are ordered by key, then input order. */
function placeRows(
  chunks: readonly RowChunk[],
  keyOrder: Uint32Array,
): { places: Uint32Array; trailStarts: Uint32Array; inPlace: boolean } {
  const next = new Uint32Array(keyOrder.length + 1);
  let count = 0;
  for (const chunk of chunks) {
    const { keys } = chunk;
    for (let i = 0; i < keys.length; i++) next[keys[i]!]!++;
    count += chunk.count;
  }
  const trailStarts = new Uint32Array(keyOrder.length + 1);
  let start = 0;
  for (let trail = 0; trail < keyOrder.length; trail++) {
    const id = keyOrder[trail]! + 1;
    const events = next[id]!;
    trailStarts[trail] = start;
    next[id] = start;
    start += events;
  }
  trailStarts[keyOrder.length] = start;
  const places = new Uint32Array(count);
  let row = 0;
  let inPlace = true;
  for (const chunk of chunks) {
    const { keys } = chunk;
    for (let i = 0; i < keys.length; i++, row++) {
      const place = next[keys[i]!]!++;
      places[row] = place;
      if (place !== row) inPlace = false;
    }
  }
  return { places, trailStarts, inPlace };
}

function scatterTimes(
  from: NarrowTimes,
  places: Uint32Array,
  row: number,
  to: Float64Array,
): void {
  const { base, offsets } = from;
  for (let i = 0; i < offsets.length; i++) {
    to[places[row + i]!] = base + offsets[i]!;
  }
}

/** Puts ids in their places. */
function scatterIds(
  parts: readonly NarrowIds[],
  places: Uint32Array,
  straight: boolean,
): NarrowIds {
  const width = Math.max(...parts.map((part) => part.BYTES_PER_ELEMENT));
  const count = places.length;
  const to = width === 1
    ? new Uint8Array(count)
    : width === 2
    ? new Uint16Array(count)
    : new Uint32Array(count);
  let row = 0;
  for (const part of parts) {
    if (straight) to.set(part, row);
    else scatterPart(part, places, row, to);
    row += part.length;
  }
  return to;
}

function scatterPart(
  part: NarrowIds,
  places: Uint32Array,
  row: number,
  to: NarrowIds,
): void {
  for (let i = 0; i < part.length; i++) to[places[row + i]!] = part[i]!;
}

/** Puts byte strings in their places. */
function scatterBytes(
  parts: readonly PackedBytes[],
  places: Uint32Array,
): PackedBytes {
  const ends = new Uint32Array(places.length);
  let row = 0;
  for (const part of parts) {
    let start = 0;
    for (let i = 0; i < part.ends.length; i++, row++) {
      ends[places[row]!] = part.ends[i]! - start;
      start = part.ends[i]!;
    }
  }
  let byteLength = 0;
  for (let i = 0; i < ends.length; i++) ends[i] = byteLength += ends[i]!;
  const to = wordBytes(new Uint8Array(byteLength));
  row = 0;
  for (const part of parts) {
    const from = wordBytes(part.bytes);
    let start = 0;
    for (let i = 0; i < part.ends.length; i++, row++) {
      const end = part.ends[i]!;
      const place = places[row]!;
      copyString(from, start, end, to, place === 0 ? 0 : ends[place - 1]!);
      start = end;
    }
  }
  return { bytes: to.bytes, ends };
}

/**
 * Sorts times within trails, equal ones in place.
 *
 * @returns Where each event moved to, or `undefined` when none had to.
 */
function sortTrails(
  times: Float64Array,
  trailStarts: Uint32Array,
): Uint32Array | undefined {
  let moved: Uint32Array | undefined;
  let merger: TimeMerger | undefined;
  for (let trail = 0; trail + 1 < trailStarts.length; trail++) {
    const start = trailStarts[trail]!;
    const end = trailStarts[trail + 1]!;
    let sorted = start + 1;
    while (sorted < end && times[sorted - 1]! <= times[sorted]!) sorted++;
    if (sorted >= end) continue;
    if (moved === undefined) {
      moved = new Uint32Array(times.length);
      for (let i = 0; i < moved.length; i++) moved[i] = i;
    }
    merger ??= new TimeMerger(longestTrail(trailStarts));
    merger.sort(times, start, end, moved);
  }
  return moved;
}

function longestTrail(trailStarts: Uint32Array): number {
  let longest = 0;
  for (let trail = 0; trail + 1 < trailStarts.length; trail++) {
    longest = Math.max(longest, trailStarts[trail + 1]! - trailStarts[trail]!);
  }
  return longest;
}

/** Stable merge sort of times and the places they came from. */
class TimeMerger {
  #times: Float64Array;
  #rows: Uint32Array;
  #spareTimes: Float64Array;
  #spareRows: Uint32Array;

  constructor(longest: number) {
    this.#times = new Float64Array(longest);
    this.#rows = new Uint32Array(longest);
    this.#spareTimes = new Float64Array(longest);
    this.#spareRows = new Uint32Array(longest);
  }

  /** Sorts `times` from `start` to `end` and says in `moved` where each went. */
  sort(
    times: Float64Array,
    start: number,
    end: number,
    moved: Uint32Array,
  ): void {
    const count = end - start;
    this.#times.set(times.subarray(start, end));
    for (let i = 0; i < count; i++) this.#rows[i] = i;
    this.#insertRuns(count);
    for (let width = RUN; width < count; width *= 2) {
      for (let from = 0; from < count; from += 2 * width) {
        this.#merge(
          from,
          Math.min(from + width, count),
          Math.min(from + 2 * width, count),
        );
      }
      [this.#times, this.#spareTimes] = [this.#spareTimes, this.#times];
      [this.#rows, this.#spareRows] = [this.#spareRows, this.#rows];
    }
    times.set(this.#times.subarray(0, count), start);
    for (let i = 0; i < count; i++) moved[start + this.#rows[i]!] = start + i;
  }

  #insertRuns(count: number): void {
    const times = this.#times;
    const rows = this.#rows;
    for (let from = 0; from < count; from += RUN) {
      const end = Math.min(from + RUN, count);
      for (let i = from + 1; i < end; i++) {
        const time = times[i]!;
        const row = rows[i]!;
        let to = i;
        for (; to > from && times[to - 1]! > time; to--) {
          times[to] = times[to - 1]!;
          rows[to] = rows[to - 1]!;
        }
        times[to] = time;
        rows[to] = row;
      }
    }
  }

  #merge(start: number, middle: number, end: number): void {
    const times = this.#times;
    const rows = this.#rows;
    const toTimes = this.#spareTimes;
    const toRows = this.#spareRows;
    if (middle >= end || times[middle - 1]! <= times[middle]!) {
      toTimes.set(times.subarray(start, end), start);
      toRows.set(rows.subarray(start, end), start);
      return;
    }
    let left = start;
    let right = middle;
    for (let to = start; to < end; to++) {
      const takeLeft = right >= end ||
        (left < middle && times[left]! <= times[right]!);
      const from = takeLeft ? left++ : right++;
      toTimes[to] = times[from]!;
      toRows[to] = rows[from]!;
    }
  }
}

/** Events sorted by insertion before they are merged. */
const RUN = 16;
