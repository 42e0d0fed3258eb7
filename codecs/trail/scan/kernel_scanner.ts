/**
 * Decoding many trails to columns, by the kernel.
 *
 * @module
 */
import { invariant } from "@cairn/core";
import {
  DATA_BYTES,
  DATA_PADDING,
  LANE,
  NO_LIMIT,
  SPARE_BITS,
} from "@cairn/kernels";
import { planRows } from "./decode_tables.ts";
import { FilterPlan } from "./filter_plan.ts";
import type { FilterStates } from "./filter_states.ts";
import { type KernelMemory, ROUND_TRAILS } from "./_kernel_memory.ts";
import {
  prepareDecoding,
  prepareFiltering,
  type ScanKernel,
} from "./_scan_kernel.ts";
import { type Segment, TrailLanes } from "./_trail_lanes.ts";
import { explainDamage } from "./_explain_damage.ts";
import type { DecodeModel } from "../event_decoder.ts";
import { ScanBuffer, type ScanRows } from "./scan_buffer.ts";
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
  readonly #kernel: ScanKernel;
  readonly #columnCount: number;
  readonly #buffer: ScanBuffer;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #timeBase: number;
  readonly #timeSpan: number;
  readonly #at: KernelMemory;
  readonly #lanes: TrailLanes;

  private constructor(
    model: DecodeModel,
    kernel: ScanKernel,
    options: ScannerOptions,
  ) {
    this.#model = model;
    this.#kernel = kernel;
    this.#columnCount = options.fields.length;
    this.#at = kernel.at;
    this.#bytes = kernel.bytes;
    this.#words = kernel.words;
    this.#lanes = new TrailLanes(kernel);
    this.#buffer = new ScanBuffer(kernel.rowArrays(), options.batchRows);
    this.#timeBase = Number(model.minTime);
    this.#timeSpan = options.timeSpan;
  }

  /** Makes a scanner; `undefined` where the kernel cannot decode the file. */
  static create(
    model: DecodeModel,
    options: ScannerOptions,
  ): KernelScanner | undefined {
    const layout = planRows(model, options.fields, options.timeSpan);
    if (layout === undefined) return undefined;
    const kernel = prepareDecoding(model, layout, options);
    return new KernelScanner(model, kernel, options);
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
    if (plan === undefined) return undefined;
    const kernel = prepareFiltering(model, layout!, options, plan);
    return new KernelScanner(model, kernel, options);
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
      this.#kernel.settle(lane);
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
    const count = (part.end - rows) / this.#kernel.layout.rowBytes;
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
    this.#kernel.resolveTimes(rows, count);
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
    for (let at = 16; at < this.#kernel.layout.rowBytes; at += 16) {
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
    const { rowBytes } = this.#kernel.layout;
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
