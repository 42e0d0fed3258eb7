/**
 * Decoding many trails to columns, by the kernel.
 *
 * @module
 */
import { invariant } from "@cairn/core";
import {
  createTrailDecodeKernel,
  createTrailFilterKernel,
  DATA_BYTES,
  DATA_PADDING,
  LANE,
  LANE_STATUS,
  type TrailDecodeKernel,
} from "@cairn/kernels";
import {
  planRows,
  type RowLayout,
  writeDecodeTables,
} from "./decode_tables.ts";
import {
  type KernelMemory,
  LANES,
  planMemory,
  ROUND_TRAILS,
} from "./_kernel_memory.ts";
import type { FilterStates } from "./filter_states.ts";
import { explainDamage } from "./_explain_damage.ts";
import type { DecodeModel } from "./event_decoder.ts";
import { type RowArrays, ScanBuffer, type ScanRows } from "./scan_buffer.ts";
import type {
  ScannerOptions,
  TrailExtent,
  TrailScanner,
} from "./trail_scanner.ts";

/** Bytes in front of the data of a trail that does not fit: its first byte. */
const WINDOW_START = 8;

/** Runs the kernel over rounds of trails. */
export class KernelScanner implements TrailScanner {
  /** Whether rows have been filtered by the states. */
  readonly filters: boolean;
  readonly #model: DecodeModel;
  readonly #kernel: TrailDecodeKernel;
  readonly #layout: RowLayout;
  readonly #columnCount: number;
  readonly #buffer: ScanBuffer;
  readonly #arrays: RowArrays;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #timeBase: number;
  readonly #timeSpan: number;
  readonly #at: KernelMemory;

  private constructor(
    model: DecodeModel,
    layout: RowLayout,
    options: ScannerOptions,
  ) {
    const { states } = options;
    const filtering = states === undefined || options.reference
      ? undefined
      : createTrailFilterKernel();
    const kernel = filtering ?? createTrailDecodeKernel(options);
    this.filters = filtering !== undefined;
    this.#model = model;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#columnCount = options.fields.length;
    const tables = filtering === undefined ? [] : [...states!.values.values()];
    this.#at = planMemory(
      kernel.regions.heap,
      layout.rowBytes,
      options,
      tables,
    );
    const { outRows } = this.#at;
    const memory = kernel.reserve(this.#at.end);
    this.#bytes = new Uint8Array(memory);
    this.#words = new Uint32Array(memory, 0, memory.byteLength >>> 2);
    this.#arrays = {
      times: new Float64Array(memory, this.#at.times, outRows),
      columns: this.#at.columns.map((at) =>
        new Uint32Array(memory, at, outRows)
      ),
    };
    this.#buffer = new ScanBuffer(this.#arrays, options.batchRows);
    this.#timeBase = Number(model.minTime);
    this.#timeSpan = options.timeSpan;
    this.#configure(options.fields, filtering && states);
    if (filtering === undefined) return;
    this.#bytes.set(states!.accept, filtering.accept);
    tables.forEach((bits, i) => {
      const address = this.#at.valueTables[i]!;
      const entry = (filtering.values >>> 2) + 2 * i;
      this.#bytes.set(bits, address);
      this.#words[entry] = address;
      this.#words[entry + 1] = bits.length;
    });
    filtering.configureFilter(states!.first);
  }

  /** Makes a scanner; `undefined` where the kernel cannot decode the file. */
  static create(
    model: DecodeModel,
    options: ScannerOptions,
  ): KernelScanner | undefined {
    const layout = planRows(model, options.fields.length, options.timeSpan);
    return layout && new KernelScanner(model, layout, options);
  }

  /** Decodes an extent. See {@linkcode TrailScanner.decode}. */
  *decode(extent: TrailExtent): Generator<ScanRows> {
    const { starts, ends, ordinals } = extent;
    let next = 0;
    while (next < ordinals.length) {
      const first = next;
      const start = starts[first]!;
      if (ends[first]! - start > DATA_BYTES) {
        yield* this.#decodeLong(extent, first);
        next++;
        continue;
      }
      const limit = start + this.#at.roundBytes;
      next++;
      while (
        next < ordinals.length && next - first < ROUND_TRAILS &&
        ends[next]! <= limit
      ) next++;
      yield* this.#decodeRound(extent, first, next);
    }
  }

  /** Gives what is left. See {@linkcode TrailScanner.flush}. */
  *flush(): Generator<ScanRows> {
    while (this.#buffer.isFull) yield this.#buffer.take();
    const rest = this.#buffer.takeRest();
    if (rest !== undefined) yield rest;
  }

  #configure(
    fields: readonly number[],
    states: FilterStates | undefined,
  ): void {
    const { rowBytes, timeScale, idScale } = this.#layout;
    const minEventBits = writeDecodeTables(
      this.#kernel,
      this.#model,
      fields,
      this.#layout,
      states,
    );
    this.#kernel.functions.configure(
      rowBytes,
      minEventBits,
      timeScale,
      idScale,
      this.#at.starts,
      this.#at.ends,
      this.#at.rowEnds,
    );
    // The largest value of each column; nothing is wrong with the other slots.
    const limits = (this.#at.carry + rowBytes) >>> 2;
    this.#words.fill(0xffff_ffff, limits, limits + (rowBytes >>> 2));
    fields.forEach((field, column) => {
      this.#words[limits + 2 + column] = this.#model.valueCounts[field]! *
        2 ** idScale;
    });
    for (const rows of this.#at.rows) {
      this.#bytes.fill(0xff, rows, rows + this.#at.laneRows * rowBytes);
    }
  }

  /** Decodes trails that fit the data region together. */
  *#decodeRound(
    extent: TrailExtent,
    first: number,
    last: number,
  ): Generator<ScanRows> {
    const { regions, functions } = this.#kernel;
    const base = extent.starts[first]!;
    const end = extent.ends[last - 1]!;
    this.#putData(extent.bytes, base, end, 0);
    const startWord = this.#at.starts >>> 2;
    const endWord = this.#at.ends >>> 2;
    for (let i = first; i < last; i++) {
      this.#words[startWord + i - first] = extent.starts[i]! - base;
      this.#words[endWord + i - first] = extent.ends[i]! - base;
    }
    let from = first;
    const firsts: number[] = [];
    for (let lane = 0; lane < LANES; lane++) {
      const target = base + (end - base) * (lane + 1) / LANES;
      const to = lane === LANES - 1
        ? last
        : splitAt(extent.ends, from, last, target);
      this.#setLane(lane, from - first, to - first);
      firsts.push(from - first);
      from = to;
    }
    const { lanes } = regions;
    const step = LANE.byteLength;
    functions.walkFour(lanes, lanes + step, lanes + 2 * step, lanes + 3 * step);
    functions.walkTwo(lanes, lanes + step);
    functions.walkTwo(lanes + 2 * step, lanes + 3 * step);
    functions.walkTwo(lanes, lanes + 2 * step);
    functions.walkTwo(lanes + step, lanes + 3 * step);
    functions.walkTwo(lanes, lanes + 3 * step);
    functions.walkTwo(lanes + step, lanes + 2 * step);
    for (let lane = 0; lane < LANES; lane++) {
      yield* this.#drain(lane, extent, first, firsts[lane]!);
    }
  }

  /** Decodes a trail that is longer than the data region, part by part. */
  *#decodeLong(extent: TrailExtent, index: number): Generator<ScanRows> {
    const lane = this.#kernel.regions.lanes;
    const { bytes } = extent;
    const start = extent.starts[index]!;
    const end = extent.ends[index]!;
    this.#words[this.#at.starts >>> 2] = 0;
    this.#setLane(0, 0, 1);
    let from = start;
    while (true) {
      const to = Math.min(end, from + DATA_BYTES - WINDOW_START - 64);
      // The first byte says how many bits of the last one count.
      this.#bytes[this.#kernel.regions.data] = bytes[start]!;
      this.#putData(bytes, from, to, from === start ? 0 : WINDOW_START);
      const dataEnd = to - from + (from === start ? 0 : WINDOW_START);
      this.#words[this.#at.ends >>> 2] = to === end ? dataEnd : dataEnd + 64;
      this.#words[(lane + LANE.limit) >>> 2] = to === end
        ? 0xffff_ffff
        : 8 * (dataEnd - 8);
      yield* this.#drain(0, extent, index, 0);
      if (this.#words[(lane + LANE.status) >>> 2] === LANE_STATUS.done) return;
      const position = this.#words[(lane + LANE.position) >>> 2]!;
      const read = (position >>> 3) - (from === start ? 0 : WINDOW_START);
      invariant(read > 0, "a window of a trail is walked on");
      from += read;
      this.#words[(lane + LANE.position) >>> 2] = 8 * WINDOW_START +
        (position & 7);
    }
  }

  /** Copies bytes into the kernel's memory, with what it may read behind. */
  #putData(bytes: Uint8Array, start: number, end: number, at: number): void {
    const to = this.#kernel.regions.data + at;
    const part = bytes.subarray(start, Math.min(end + 8, bytes.length));
    this.#bytes.set(part, to);
    this.#bytes.fill(0, to + part.length, to + end - start + DATA_PADDING - 16);
  }

  #setLane(lane: number, next: number, last: number): void {
    const at = (this.#kernel.regions.lanes + lane * LANE.byteLength) >>> 2;
    const { rowBytes } = this.#layout;
    const rows = this.#at.rows[lane]!;
    this.#words.fill(0, at, at + LANE.byteLength / 4);
    this.#words[at + LANE.next / 4] = next;
    this.#words[at + LANE.last / 4] = last;
    this.#words[at + LANE.row / 4] = this.filters ? rows : rows - rowBytes;
    this.#words[at + LANE.rowsEnd / 4] = rows + this.#at.laneRows * rowBytes;
    this.#words[at + LANE.limit / 4] = 0xffff_ffff;
  }

  /**
   * Walks a lane to the end of its trails or data, and expands its rows
   * whenever they are full.
   *
   * @param first Index in the extent of the first trail of the lists.
   * @param told First trail of the lane, in the lists.
   */
  *#drain(
    lane: number,
    extent: TrailExtent,
    first: number,
    told: number,
  ): Generator<ScanRows> {
    const lanePointer = this.#kernel.regions.lanes + lane * LANE.byteLength;
    const at = lanePointer >>> 2;
    const words = this.#words;
    const { rowBytes } = this.#layout;
    const rows = this.#at.rows[lane]!;
    const buffer = this.#buffer;
    while (true) {
      this.#kernel.functions.walkOne(lanePointer);
      if (words[at + LANE.failed / 4] !== 0) this.#explain(extent);
      const status = words[at + LANE.status / 4]!;
      const inside = status === LANE_STATUS.inside;
      // Inside a trail the last row is not complete; when filtering it never is.
      const row = words[at + LANE.row / 4]!;
      const count = (row - rows) / rowBytes +
        (inside || this.filters ? 0 : 1);
      if (count > 0) {
        while (buffer.isFull) yield buffer.take();
        buffer.makeRoom();
        this.#expand(rows, count, extent);
      }
      const next = words[at + LANE.next / 4]!;
      this.#tell(rows, count, { told, next, inside }, extent, first);
      told = next;
      if (status === LANE_STATUS.done) return;
      words[at + LANE.row / 4] = inside || this.filters
        ? rows
        : rows - rowBytes;
      if (inside && row !== rows) {
        this.#bytes.copyWithin(rows, row, row + rowBytes);
        this.#bytes.fill(0xff, row, row + rowBytes);
      }
      const isOutOfData = inside &&
        words[at + LANE.position / 4]! >= words[at + LANE.limit / 4]!;
      if (isOutOfData) return;
    }
  }

  /** Expands complete rows to columns behind what the buffer has. */
  #expand(rows: number, count: number, extent: TrailExtent): void {
    const { functions } = this.#kernel;
    const out = this.#buffer.end;
    const column = (index: number): number =>
      index < this.#columnCount
        ? this.#at.columns[index]! + 4 * out
        : this.#at.dropped;
    const fits = functions.expandTimes(
      rows,
      count,
      this.#at.carry,
      this.#timeBase,
      this.#at.times + 8 * out,
      column(0),
      column(1),
    );
    let isWithin = fits;
    for (let at = 16; at < this.#layout.rowBytes; at += 16) {
      const index = at / 4 - 2;
      isWithin &= functions.expandFour(
        rows + at,
        count,
        this.#at.carry + at,
        column(index),
        column(index + 1),
        column(index + 2),
        column(index + 3),
      );
    }
    if (isWithin === 0) this.#explain(extent);
  }

  /** Tells the buffer whose the expanded rows are. */
  #tell(
    rows: number,
    count: number,
    lane: { told: number; next: number; inside: boolean },
    extent: TrailExtent,
    first: number,
  ): void {
    const buffer = this.#buffer;
    const { rowBytes } = this.#layout;
    const base = buffer.end;
    let start = base;
    for (let i = lane.told; i < lane.next; i++) {
      const rowEnd = this.#words[(this.#at.rowEnds >>> 2) + i]!;
      const end = base + (rowEnd - rows) / rowBytes;
      buffer.add(extent.ordinals[first + i]!, start, end, true);
      start = end;
    }
    if (lane.inside && base + count > start) {
      const ordinal = extent.ordinals[first + lane.next]!;
      buffer.add(ordinal, start, base + count, false);
    }
  }

  /** Decodes again with every check, and throws what it finds. */
  #explain(extent: TrailExtent): never {
    return explainDamage(this.#model, extent, this.#timeSpan);
  }
}

/** Finds where to end a lane: the first trail that ends at or behind a byte. */
function splitAt(
  ends: Float64Array,
  from: number,
  last: number,
  target: number,
): number {
  let low = from;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! >= target) high = middle;
    else low = middle + 1;
  }
  return Math.min(low + 1, last);
}
