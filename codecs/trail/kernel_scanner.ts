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
  NO_LIMIT,
  SPARE_BITS,
  type TrailDecodeKernel,
  type TrailFilterKernel,
} from "@cairn/kernels";
import { DecodeEntries } from "./decode_entries.ts";
import {
  planRows,
  type RowLayout,
  writeDecodeTables,
} from "./decode_tables.ts";
import { FilterEntries } from "./filter_entries.ts";
import { FilterPlan } from "./filter_plan.ts";
import type { FilterStates } from "./filter_states.ts";
import {
  type KernelMemory,
  planMemory,
  ROUND_TRAILS,
} from "./_kernel_memory.ts";
import { type Segment, TrailLanes } from "./_trail_lanes.ts";
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
  /** Rows decoded so far: those that pass, where it filters. */
  rowCount = 0;
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
  readonly #lanes: TrailLanes;
  /** Where the kernel filters: the same kernel. */
  readonly #filter: TrailFilterKernel | undefined;
  /** Where it does not. */
  #entries: DecodeEntries | undefined;

  private constructor(
    model: DecodeModel,
    layout: RowLayout,
    options: ScannerOptions,
    plan: FilterPlan | undefined,
  ) {
    const filtering = plan && createTrailFilterKernel(options);
    const kernel = filtering ?? createTrailDecodeKernel(options);
    this.#filter = filtering;
    this.#model = model;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#columnCount = options.fields.length;
    this.#at = planMemory(
      kernel.regions.heap,
      layout.rowBytes,
      options,
      plan === undefined ? undefined : [...plan.states.values.values()],
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
    this.#lanes = new TrailLanes(kernel, this.#at, {
      rowBytes: layout.rowBytes,
      filters: plan !== undefined,
      words: this.#words,
    });
    this.#buffer = new ScanBuffer(this.#arrays, options.batchRows);
    this.#timeBase = Number(model.minTime);
    this.#timeSpan = options.timeSpan;
    this.#clearRows();
    this.#setLimits(options.fields);
    if (filtering === undefined) this.#setUpDecoding();
    else this.#setUpFilter(filtering, plan!);
  }

  /** Makes a scanner; `undefined` where the kernel cannot decode the file. */
  static create(
    model: DecodeModel,
    options: ScannerOptions,
  ): KernelScanner | undefined {
    const layout = planRows(model, options.fields, options.timeSpan);
    return layout && new KernelScanner(model, layout, options, undefined);
  }

  /**
   * Makes a scanner that gives only events that pass a filter; `undefined` where
   * the kernel cannot do that.
   */
  static createFiltering(
    model: DecodeModel,
    options: ScannerOptions,
    states: FilterStates,
  ): KernelScanner | undefined {
    const layout = planRows(model, options.fields, options.timeSpan);
    const plan = layout && FilterPlan.create(model, layout, states);
    return plan && new KernelScanner(model, layout, options, plan);
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
      next = this.#endOfRound(extent, first);
      yield* this.#decodeRound(extent, first, next);
    }
  }

  /** Gives what is left. See {@linkcode TrailScanner.flush}. */
  *flush(): Generator<ScanRows> {
    while (this.#buffer.isFull) yield this.#buffer.take();
    const rest = this.#buffer.takeRest();
    if (rest !== undefined) yield rest;
  }

  #setUpDecoding(): void {
    const entries = new DecodeEntries(this.#model, this.#layout);
    this.#entries = entries;
    this.#configure(writeDecodeTables(this.#kernel, this.#model, entries));
  }

  /** Tells a filtering kernel its filter. */
  #setUpFilter(kernel: TrailFilterKernel, plan: FilterPlan): void {
    const { transitions, transitionBias, items, slots } = kernel.filterRegions;
    const { states } = plan;
    const entries = new FilterEntries(
      this.#model,
      this.#layout,
      plan,
      transitions - transitionBias,
    );
    const words = this.#words;
    const place = (entry: number, symbol: number): void => {
      words.set(entries.items(symbol), (items >>> 2) + 2 * entry);
    };
    this.#configure(
      writeDecodeTables(kernel, this.#model, entries, place),
    );
    words.set(plan.kinds, slots >>> 2);
    plan.classes.forEach((successors, i) =>
      words.set(successors, (transitions + i * plan.classBytes) >>> 2)
    );
    this.#putValues(kernel, plan);
    const { seen, carry } = this.#at;
    const { timeBits, rowBytes } = this.#layout;
    kernel.functions.configureFilter(
      4 * states.first,
      timeBits,
      plan.kinds.length,
      seen,
    );
    // Its rows have whole times, in 64 bits.
    const masks = (carry + rowBytes) >>> 2;
    words.fill(0xffff_ffff, masks, masks + 2);
  }

  /** Writes what literals of the filter's fields are looked up in. */
  #putValues(kernel: TrailFilterKernel, plan: FilterPlan): void {
    let at = kernel.filterRegions.values >>> 2;
    plan.fields.forEach((field, table) => {
      const bits = plan.states.values.get(field)!;
      const address = this.#at.valueTables[table]!;
      this.#bytes.set(bits, address);
      this.#words[at++] = address;
      this.#words[at++] = bits.length;
      this.#words[at++] = 2 ** this.#model.valueBits[field]! - 1;
      this.#words[at++] = 4 * plan.kindOf(field, 0);
    });
  }

  #configure(minEventBits: number): void {
    this.#kernel.functions.configure(
      this.#layout.rowBytes,
      minEventBits,
      this.#layout.scale,
      this.#at.starts,
      this.#at.ends,
      this.#at.rowEnds,
    );
  }

  /**
   * Sets of each column the bits that count, and the largest value; slots that
   * are no column may hold anything.
   */
  #setLimits(fields: readonly number[]): void {
    const { rowBytes, timeBits } = this.#layout;
    const masks = (this.#at.carry + rowBytes) >>> 2;
    const limits = masks + (rowBytes >>> 2);
    this.#words.fill(0, masks, limits + (rowBytes >>> 2));
    this.#words[masks] = 2 ** Math.min(timeBits, 32) - 1;
    this.#words[masks + 1] = 2 ** Math.max(timeBits - 32, 0) - 1;
    fields.forEach((field, column) => {
      const { valueBits, valueCounts } = this.#model;
      this.#words[masks + 2 + column] = 2 ** valueBits[field]! - 1;
      this.#words[limits + 2 + column] = valueCounts[field]!;
    });
  }

  /** Puts all rows to "no change". */
  #clearRows(): void {
    const { rowBytes } = this.#layout;
    for (const rows of this.#at.rows) {
      const start = rows - rowBytes;
      const end = rows + (this.#at.laneRows + 1) * rowBytes;
      this.#bytes.fill(0xff, start, end);
      for (let row = start; row < end; row += rowBytes) {
        this.#words[(row + 4) >>> 2] = 0;
      }
    }
  }

  /** Finds how many trails fit the data region together. */
  #endOfRound(extent: TrailExtent, first: number): number {
    const { starts, ends, ordinals } = extent;
    const limit = starts[first]! + DATA_BYTES;
    const most = Math.min(ordinals.length, first + ROUND_TRAILS);
    let next = first + 1;
    while (next < most && ends[next]! <= limit) next++;
    return next;
  }

  /** Decodes trails that fit the data region together. */
  *#decodeRound(
    extent: TrailExtent,
    first: number,
    last: number,
  ): Generator<ScanRows> {
    const base = extent.starts[first]!;
    this.#putData(extent.bytes, base, extent.ends[last - 1]!, 0);
    const startWord = this.#at.starts >>> 2;
    const endWord = this.#at.ends >>> 2;
    for (let i = first; i < last; i++) {
      this.#words[startWord + i - first] = extent.starts[i]! - base;
      this.#words[endWord + i - first] = extent.ends[i]! - base;
    }
    const lanes = this.#lanes;
    lanes.begin(last - first);
    while (true) {
      lanes.walk();
      if (lanes.failed) this.#explain(extent);
      let head = lanes.head();
      while (head !== undefined) {
        yield* this.#drain(head, extent, first);
        head = lanes.head();
      }
      if (lanes.isDone) return;
    }
  }

  /** Decodes a trail that is longer than the data region, part by part. */
  *#decodeLong(extent: TrailExtent, index: number): Generator<ScanRows> {
    const lane = this.#kernel.regions.lanes;
    const { bytes } = extent;
    const start = extent.starts[index]!;
    const end = extent.ends[index]!;
    const words = this.#words;
    words[this.#at.starts >>> 2] = 0;
    const segment = this.#lanes.beginOne();
    let from = start;
    while (true) {
      const to = Math.min(end, from + DATA_BYTES - WINDOW_START - 64);
      const ahead = from === start ? 0 : WINDOW_START;
      // The first byte says how many bits of the last one count.
      this.#bytes[this.#kernel.regions.data] = bytes[start]!;
      this.#putData(bytes, from, to, ahead);
      const dataEnd = to - from + ahead;
      words[this.#at.ends >>> 2] = to === end ? dataEnd : dataEnd + 64;
      const limit = to === end ? NO_LIMIT : 8 * (dataEnd - 8) - SPARE_BITS;
      words[(lane + LANE.limit) >>> 2] = limit;
      const position = (lane + LANE.position) >>> 2;
      do {
        this.#lanes.walkAlone();
        if (this.#lanes.failed) this.#explain(extent);
        yield* this.#drain(segment, extent, index);
      } while (!this.#lanes.isDone && words[position]! < limit);
      if (this.#lanes.isDone) return;
      this.#filter?.functions.settle(lane);
      const reached = words[position]! + SPARE_BITS;
      const read = (reached >>> 3) - ahead;
      invariant(read > 0, "a window of a trail is walked on");
      from += read;
      words[position] = 8 * WINDOW_START + (reached & 7) - SPARE_BITS;
    }
  }

  /** Copies bytes into the kernel's memory, with what it may read behind. */
  #putData(bytes: Uint8Array, start: number, end: number, at: number): void {
    const to = this.#kernel.regions.data + at;
    const part = bytes.subarray(start, Math.min(end + 8, bytes.length));
    this.#bytes.set(part, to);
    this.#bytes.fill(0, to + part.length, to + end - start + DATA_PADDING - 16);
  }

  /** Expands the rows of a segment that are complete, and tells whose they are. */
  *#drain(
    segment: Segment,
    extent: TrailExtent,
    first: number,
  ): Generator<ScanRows> {
    const buffer = this.#buffer;
    const { rows, told } = segment;
    const part = this.#lanes.take(segment);
    const count = (part.end - rows) / this.#layout.rowBytes;
    this.rowCount += count;
    if (count > 0) {
      while (buffer.isFull) yield buffer.take();
      buffer.makeRoom();
      this.#expand(rows, count, extent);
    }
    this.#tell(rows, count, { told, ...part }, extent, first);
    this.#lanes.goOn(segment, part);
  }

  /** Expands complete rows to columns behind what the buffer has. */
  #expand(rows: number, count: number, extent: TrailExtent): void {
    const { functions } = this.#kernel;
    const out = this.#buffer.end;
    this.#entries?.resolveWide(this.#words, rows, count);
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
      // Only the first can have begun before.
      if (end === start && i > lane.told) continue;
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
