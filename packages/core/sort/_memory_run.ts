/**
 * Events in order, in memory.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import { throwIfAborted } from "../errors.ts";
import {
  isIds,
  type NarrowIds,
  type NarrowTimes,
  type PackedBytes,
} from "./_row_chunk.ts";
import { release, type Run } from "./_run.ts";
import type {
  PackedLexicon,
  SortedBatch,
  SortedColumn,
  SortedScanOptions,
} from "./sorted_events.ts";

/** Most rows of a batch. */
const BATCH_ROWS_MAX = 1 << 16;

/** What a memory run is made of. */
export interface MemoryRunParts {
  /** All keys, by id. */
  readonly keys: PackedLexicon;
  /** The ids of the trails' keys, less 1, in order. */
  readonly order: Uint32Array;
  /** Where each trail's events begin, and the end of the last. */
  readonly trailStarts: Uint32Array;
  /** The times of all events. */
  readonly times: NarrowTimes;
  /** The columns of all events. */
  readonly columns: readonly (NarrowIds | PackedBytes)[];
  /** About how large a batch may get. */
  readonly batchBytes: number;
}

/** A sorted run whose columns each lie in one array. */
export class MemoryRun implements Run {
  #parts: MemoryRunParts | undefined;
  /** Number of trails. */
  readonly trails: number;

  /** Makes a run. @param parts Its arrays; not copied. */
  constructor(parts: MemoryRunParts) {
    this.#parts = parts;
    this.trails = parts.order.length;
  }

  /** Walks over the events. */
  async *scan(options: SortedScanOptions): AsyncGenerator<SortedBatch> {
    const parts = this.#open();
    const chosen = options.columns ?? parts.columns.map((_, c) => c);
    const rowBytes = 16 + 8 * chosen.length;
    const rowsMax = Math.max(
      1,
      Math.min(BATCH_ROWS_MAX, Math.floor(parts.batchBytes / rowBytes)),
    );
    const window = new Window(parts, chosen, rowsMax);
    const events = parts.trailStarts[this.trails]!;
    let start = 0;
    let trail = 0;
    while (start < events) {
      throwIfAborted(options.signal);
      this.#open();
      while (parts.trailStarts[trail + 1]! <= start) trail++;
      const end = batchEnd(parts, trail, start, rowsMax);
      yield window.batch(trail, start, end);
      start = end;
    }
  }

  /** Frees the arrays. */
  dispose(): Promise<void> {
    if (this.#parts !== undefined) {
      const { times, columns } = this.#parts;
      release(times.offsets);
      for (const column of columns) {
        if (isIds(column)) release(column);
        else for (const array of [column.bytes, column.ends]) release(array);
      }
      this.#parts = undefined;
    }
    return Promise.resolve();
  }

  #open(): MemoryRunParts {
    if (this.#parts === undefined) {
      throw new TypeError("Cannot scan sorted events: they are disposed of");
    }
    return this.#parts;
  }
}

/** Gives where a batch ends: behind a trail, unless that one is too long. */
function batchEnd(
  parts: MemoryRunParts,
  trail: number,
  start: number,
  rowsMax: number,
): number {
  const { trailStarts, columns, batchBytes } = parts;
  let wanted = Math.min(start + rowsMax, trailStarts.at(-1)!);
  for (const column of columns) {
    if (isIds(column)) continue;
    const { ends } = column;
    const bytesMax = (start === 0 ? 0 : ends[start - 1]!) + batchBytes;
    // At least one row, however large.
    wanted = Math.max(start + 1, lastUpTo(ends, start, wanted, bytesMax) + 1);
  }
  const behind = lastUpTo(trailStarts, trail, trailStarts.length, wanted);
  return behind === trail ? wanted : trailStarts[behind]!;
}

/** Finds the last of some ascending numbers that is at most `most`; `start - 1` if none. */
function lastUpTo(
  numbers: Uint32Array,
  start: number,
  end: number,
  most: number,
): number {
  let low = start - 1;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle]! <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The arrays of a batch, filled anew for each. */
class Window {
  readonly #parts: MemoryRunParts;
  readonly #chosen: readonly number[];
  readonly #times: Float64Array;
  readonly #numbers: readonly Uint32Array[];
  readonly #bytesStarts: readonly (Uint32Array | undefined)[];

  constructor(parts: MemoryRunParts, chosen: readonly number[], rows: number) {
    this.#parts = parts;
    this.#chosen = chosen;
    this.#times = new Float64Array(rows);
    this.#numbers = chosen.map(() => new Uint32Array(rows));
    this.#bytesStarts = chosen.map((c) =>
      isIds(parts.columns[c]!) ? undefined : new Uint32Array(rows)
    );
  }

  batch(trail: number, start: number, end: number): SortedBatch {
    const { trailStarts } = this.#parts;
    let trailEnd = trail + 1;
    while (trailStarts[trailEnd]! < end) trailEnd++;
    const trailOffsets = new Uint32Array(trailEnd - trail + 1);
    for (let t = 1; t < trailOffsets.length - 1; t++) {
      trailOffsets[t] = trailStarts[trail + t]! - start;
    }
    trailOffsets[trailOffsets.length - 1] = end - start;
    return {
      count: end - start,
      firstTrail: trail,
      continued: trailStarts[trail]! < start,
      trailKeys: this.#keys(trail, trailEnd),
      trailOffsets,
      timestamps: this.#timestamps(start, end),
      columns: this.#chosen.map((c, i) => this.#column(c, i, start, end)),
    };
  }

  #keys(trail: number, trailEnd: number): ByteSpans {
    const { keys, order } = this.#parts;
    const starts = new Uint32Array(trailEnd - trail);
    const ends = new Uint32Array(trailEnd - trail);
    for (let t = trail; t < trailEnd; t++) {
      const key = order[t]!;
      starts[t - trail] = keys.offsets[key]!;
      ends[t - trail] = keys.offsets[key + 1]!;
    }
    return { bytes: keys.bytes, starts, ends };
  }

  #timestamps(start: number, end: number): Float64Array {
    const { base, offsets } = this.#parts.times;
    const times = this.#times.subarray(0, end - start);
    times.set(offsets.subarray(start, end));
    if (base !== 0) {
      for (let i = 0; i < times.length; i++) {
        times[i]! += base;
      }
    }
    return times;
  }

  #column(c: number, i: number, start: number, end: number): SortedColumn {
    const column = this.#parts.columns[c]!;
    const numbers = this.#numbers[i]!.subarray(0, end - start);
    if (isIds(column)) {
      numbers.set(column.subarray(start, end));
      return numbers;
    }
    const { bytes, ends } = column;
    const base = start === 0 ? 0 : ends[start - 1]!;
    const starts = this.#bytesStarts[i]!.subarray(0, end - start);
    for (let row = start; row < end; row++) {
      starts[row - start] = row === start ? 0 : ends[row - 1]! - base;
      numbers[row - start] = ends[row]! - base;
    }
    const last = ends[end - 1]!;
    return { bytes: bytes.subarray(base, last), starts, ends: numbers };
  }
}
