/**
 * Reading of many spaces in large pieces.
 *
 * @module
 */
import { type AbortOptions, type Source, throwIfAborted } from "@cairn/core";
import { runId, type SpaceRun } from "./space_directory.ts";

/** Spaces up to this are read whole, together with their neighbours. */
export const WHOLE_SPACE_BYTES = 1_048_576;
/** Stored bytes of spaces that are loaded together. */
export const WINDOW_BYTES = 8_388_608;
/** Spaces that are loaded together. */
export const WINDOW_SPACES = 65_536;
/** A window has room for so many spaces at first. */
const SPACES_MIN = 1024;
/** Bytes of a read at most; a space is never cut. */
const READ_BYTES = 4_194_304;
/** Bytes between two spaces that are read along rather than asked twice. */
const GAP_BYTES = 16_384;
/** A file up to this is kept whole when its spaces lie in no order. */
const KEPT_FILE_BYTES = 268_435_456;

/** A space with its bytes, or without where it is large. */
export interface LoadedSpaces {
  /** Number of spaces. */
  readonly count: number;
  /** Ordinal of each. */
  readonly ordinals: Float64Array;
  /** Where each begins in the file. */
  readonly offsets: Float64Array;
  /** Bytes of each. */
  readonly lengths: Float64Array;
  /** The bytes that hold it; `undefined` for a space that is not read whole. */
  readonly buffers: readonly (Uint8Array | undefined)[];
  /** Where the space begins in its buffer. */
  readonly starts: Float64Array;
  /** The runs that the spaces come from. */
  readonly runs: readonly SpaceRun[];
  /** Which run each space comes from. */
  readonly runIndexes: Uint32Array;
}

/** Gives the id of a space; a view that stays valid. */
export function spaceId(spaces: LoadedSpaces, i: number): Uint8Array {
  const run = spaces.runs[spaces.runIndexes[i]!]!;
  return runId(run, spaces.ordinals[i]! - run.ordinal);
}

interface Piece {
  readonly offset: number;
  readonly bytes: Promise<Uint8Array>;
}

/** Collects places until there are enough, then reads them. */
class Window {
  count = 0;
  ordinals: Float64Array;
  offsets: Float64Array;
  lengths: Float64Array;
  runIndexes: Uint32Array;
  readonly runs: SpaceRun[] = [];
  wholeBytes = 0;
  readonly #wholeMax: number;

  /** Begins with room for some spaces; there may be more. */
  constructor(wholeMax: number, spaces: number) {
    this.#wholeMax = wholeMax;
    this.ordinals = new Float64Array(spaces);
    this.offsets = new Float64Array(spaces);
    this.lengths = new Float64Array(spaces);
    this.runIndexes = new Uint32Array(spaces);
  }

  get isFull(): boolean {
    return this.wholeBytes >= WINDOW_BYTES ||
      this.count >= WINDOW_SPACES;
  }

  add(run: SpaceRun, row: number): void {
    const length = run.lengths[row]!;
    if (this.runs[this.runs.length - 1] !== run) this.runs.push(run);
    if (this.count === this.ordinals.length) this.#grow();
    const i = this.count++;
    this.ordinals[i] = run.ordinal + row;
    this.offsets[i] = run.offsets[row]!;
    this.lengths[i] = length;
    this.runIndexes[i] = this.runs.length - 1;
    if (length <= this.#wholeMax) this.wholeBytes += length;
  }

  #grow(): void {
    const size = 2 * this.count;
    const grow = (array: Float64Array): Float64Array => {
      const grown = new Float64Array(size);
      grown.set(array);
      return grown;
    };
    this.ordinals = grow(this.ordinals);
    this.offsets = grow(this.offsets);
    this.lengths = grow(this.lengths);
    const runIndexes = new Uint32Array(size);
    runIndexes.set(this.runIndexes);
    this.runIndexes = runIndexes;
  }
}

/**
 * Loads spaces in the order given, a window at a time and one window ahead.
 *
 * @param source The file.
 * @param runs Which spaces.
 * @param options Which of them count, up to which length they are read whole,
 * and what stops.
 */
export async function* loadSpaces(
  source: Source,
  runs: AsyncIterable<SpaceRun>,
  options: AbortOptions & {
    readonly wanted?: ((ordinal: number) => boolean) | undefined;
    readonly wholeBytes?: number;
  } = {},
): AsyncGenerator<LoadedSpaces, void, undefined> {
  const abort = new AbortController();
  const signal = options.signal === undefined
    ? abort.signal
    : AbortSignal.any([abort.signal, options.signal]);
  const wholeMax = options.wholeBytes ?? WHOLE_SPACE_BYTES;
  const reader = new PieceReader(source, signal, wholeMax);
  let ahead: Promise<LoadedSpaces> | undefined;
  try {
    for await (const window of windows(runs, wholeMax, options.wanted)) {
      throwIfAborted(options.signal);
      const next = reader.load(window);
      next.catch(() => {}); // told when it is awaited
      if (ahead !== undefined) yield await ahead;
      ahead = next;
    }
    if (ahead !== undefined) {
      const last = ahead;
      ahead = undefined;
      yield await last;
    }
  } finally {
    if (ahead !== undefined) abort.abort();
  }
}

async function* windows(
  runs: AsyncIterable<SpaceRun>,
  wholeMax: number,
  wanted: ((ordinal: number) => boolean) | undefined,
): AsyncGenerator<Window, void, undefined> {
  let window = new Window(wholeMax, SPACES_MIN);
  for await (const run of runs) {
    for (let row = 0; row < run.entries.count; row++) {
      if (wanted !== undefined && !wanted(run.ordinal + row)) continue;
      window.add(run, row);
      if (window.isFull) {
        yield window;
        // The next one is mostly as large.
        window = new Window(
          wholeMax,
          Math.min(WINDOW_SPACES, window.count + (window.count >> 3) + 1),
        );
      }
    }
  }
  if (window.count > 0) yield window;
}

/** Reads windows; keeps a whole file where its spaces lie in no order. */
class PieceReader {
  readonly #source: Source;
  readonly #signal: AbortSignal;
  #kept: Piece[] | undefined;

  readonly #wholeMax: number;

  constructor(source: Source, signal: AbortSignal, wholeMax: number) {
    this.#source = source;
    this.#signal = signal;
    this.#wholeMax = wholeMax;
  }

  async load(window: Window): Promise<LoadedSpaces> {
    const { count, offsets, lengths } = window;
    const buffers: (Uint8Array | undefined)[] = new Array(count).fill(
      undefined,
    );
    const starts = new Float64Array(count);
    const order = orderByOffset(count, offsets, lengths, this.#wholeMax);
    const pieces = this.#kept ?? this.#plan(order, offsets, lengths);
    let at = 0;
    let bytes: Uint8Array | undefined;
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!;
      const offset = offsets[row]!;
      const end = offset + lengths[row]!;
      while (at + 1 < pieces.length && pieces[at + 1]!.offset <= offset) {
        at++;
        bytes = undefined;
      }
      bytes ??= await pieces[at]!.bytes;
      const start = offset - pieces[at]!.offset;
      if (start + lengths[row]! <= bytes.length) {
        buffers[row] = bytes;
        starts[row] = start;
      } else {
        // A kept file is cut at fixed places, which a space may lie across.
        buffers[row] = await this.#across(pieces, at, offset, end);
      }
    }
    return {
      count,
      ordinals: window.ordinals,
      offsets,
      lengths,
      buffers,
      starts,
      runs: window.runs,
      runIndexes: window.runIndexes,
    };
  }

  /** Joins neighbours; decides to keep the file where that joins little. */
  #plan(
    order: Uint32Array,
    offsets: Float64Array,
    lengths: Float64Array,
  ): Piece[] {
    const starts: number[] = [];
    const ends: number[] = [];
    let start = 0;
    let end = -Infinity;
    let read = 0;
    let wanted = 0;
    const close = (): void => {
      if (end < 0) return;
      starts.push(start);
      ends.push(end);
      read += end - start;
    };
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!;
      const offset = offsets[row]!;
      const stop = offset + lengths[row]!;
      wanted += lengths[row]!;
      if (offset - end <= GAP_BYTES && stop - start <= READ_BYTES) {
        if (stop > end) end = stop;
        continue;
      }
      close();
      start = offset;
      end = stop;
    }
    close();
    const { size } = this.#source;
    if (
      size <= KEPT_FILE_BYTES &&
      (starts.length > 64 || read > 2 * wanted + READ_BYTES) &&
      wanted > size / 64
    ) return this.#keep(size);
    return starts.map((offset, i) => this.#read(offset, ends[i]! - offset));
  }

  #keep(size: number): Piece[] {
    this.#kept = [];
    for (let offset = 0; offset < size; offset += READ_BYTES) {
      this.#kept.push(this.#read(offset, Math.min(READ_BYTES, size - offset)));
    }
    return this.#kept;
  }

  #read(offset: number, length: number): Piece {
    const bytes = this.#source.read(offset, length, { signal: this.#signal });
    bytes.catch(() => {}); // told when it is awaited
    return { offset, bytes };
  }

  async #across(
    pieces: readonly Piece[],
    at: number,
    offset: number,
    end: number,
  ): Promise<Uint8Array> {
    const joined = new Uint8Array(end - offset);
    for (; at < pieces.length && pieces[at]!.offset < end; at++) {
      const { offset: pieceOffset, bytes } = pieces[at]!;
      const piece = await bytes;
      const from = Math.max(offset, pieceOffset);
      const to = Math.min(end, pieceOffset + piece.length);
      joined.set(
        piece.subarray(from - pieceOffset, to - pieceOffset),
        from - offset,
      );
    }
    return joined;
  }
}

/** Rows of the spaces that are read whole, by their place in the file. */
function orderByOffset(
  count: number,
  offsets: Float64Array,
  lengths: Float64Array,
  wholeMax: number,
): Uint32Array {
  const rows = new Uint32Array(count);
  let kept = 0;
  let ascending = true;
  let last = -1;
  for (let row = 0; row < count; row++) {
    if (lengths[row]! > wholeMax) continue;
    ascending &&= offsets[row]! >= last;
    last = offsets[row]!;
    rows[kept++] = row;
  }
  const order = rows.subarray(0, kept);
  return ascending ? order : order.sort((a, b) => offsets[a]! - offsets[b]!);
}
