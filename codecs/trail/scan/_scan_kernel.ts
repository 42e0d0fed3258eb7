/**
 * A kernel in its memory, told what to decode and what to leave out.
 *
 * @module
 */
import {
  createTrailDecodeKernel,
  createTrailFilterKernel,
  type TrailDecodeFunctions,
  type TrailDecodeKernel,
  type TrailDecodeRegions,
  type TrailFilterKernel,
} from "@cairn/kernels";
import { DecodeEntries } from "./decode_entries.ts";
import { type RowLayout, writeDecodeTables } from "./decode_tables.ts";
import type { DecodeModel } from "../event_decoder.ts";
import { FilterEntries } from "./filter_entries.ts";
import type { FilterPlan } from "./filter_plan.ts";
import { type KernelMemory, planMemory } from "./_kernel_memory.ts";
import type { RowArrays } from "./scan_buffer.ts";
import type { ScannerOptions } from "./trail_scanner.ts";

/** A kernel, where things are in its memory, and views of that. */
export class ScanKernel {
  /** What rows look like. */
  readonly layout: RowLayout;
  /** Where things are. */
  readonly at: KernelMemory;
  /** The memory. */
  readonly bytes: Uint8Array;
  /** The memory, by words. */
  readonly words: Uint32Array;
  /** The kernel's functions. */
  readonly functions: TrailDecodeFunctions;
  /** The kernel's own regions. */
  readonly regions: TrailDecodeRegions;
  /** Whether it is the reference. */
  readonly isReference: boolean;
  /** The kernel again, where it filters. */
  readonly filter: TrailFilterKernel | undefined;
  readonly #entries: DecodeEntries | undefined;

  /**
   * Lays out the memory; tables are for others to write.
   *
   * @param how The kernel with its filter, or what entries of its table are.
   */
  constructor(
    model: DecodeModel,
    layout: RowLayout,
    options: ScannerOptions,
    how:
      | { readonly kernel: TrailFilterKernel; readonly plan: FilterPlan }
      | { readonly kernel: TrailDecodeKernel; readonly entries: DecodeEntries },
  ) {
    const { kernel } = how;
    this.functions = kernel.functions;
    this.regions = kernel.regions;
    this.isReference = kernel.isReference;
    this.layout = layout;
    this.at = planMemory(
      kernel.regions.heap,
      layout.rowBytes,
      options,
      "plan" in how ? [...how.plan.states.values.values()] : undefined,
    );
    const memory = kernel.reserve(this.at.end);
    this.bytes = new Uint8Array(memory);
    this.words = new Uint32Array(memory, 0, memory.byteLength >>> 2);
    if ("plan" in how) this.filter = how.kernel;
    else this.#entries = how.entries;
    this.#clearRows();
    this.#setLimits(model, options.fields);
  }

  /** Gives the columns that rows are expanded to. */
  rowArrays(): RowArrays {
    const { times, columns, outRows } = this.at;
    const memory = this.bytes.buffer;
    return {
      times: new Float64Array(memory, times, outRows),
      columns: columns.map((at) => new Uint32Array(memory, at, outRows)),
    };
  }

  /** Tells the kernel what is in place. @param minEventBits As a table has it. */
  configure(minEventBits: number): void {
    const { rowBytes, scale } = this.layout;
    const { starts, ends, rowEnds } = this.at;
    this.functions.configure(
      rowBytes,
      minEventBits,
      scale,
      starts,
      ends,
      rowEnds,
    );
  }

  /** Takes from the data what a lane may still need of it, before it moves. */
  settle(lane: number): void {
    this.filter?.functions.settle(lane);
  }

  /** Puts the times of rows in place that do not fit where they are. */
  resolveTimes(rows: number, count: number): void {
    this.#entries?.resolveWide(this.words, rows, count);
  }

  /** Puts all rows to "no change". */
  #clearRows(): void {
    const { rowBytes } = this.layout;
    for (const rows of this.at.rows) {
      const start = rows - rowBytes;
      const end = rows + (this.at.laneRows + 1) * rowBytes;
      this.bytes.fill(0xff, start, end);
      for (let row = start; row < end; row += rowBytes) {
        this.words[(row + 4) >>> 2] = 0;
      }
    }
  }

  /**
   * Sets of each column the bits that count, and the largest value; slots that
   * are no column may hold anything.
   */
  #setLimits(model: DecodeModel, fields: readonly number[]): void {
    const { words } = this;
    const { rowBytes, timeBits } = this.layout;
    const masks = (this.at.carry + rowBytes) >>> 2;
    const limits = masks + (rowBytes >>> 2);
    words.fill(0, masks, limits + (rowBytes >>> 2));
    if (this.filter !== undefined) {
      // Its rows have whole times, in 64 bits.
      words.fill(0xffff_ffff, masks, masks + 2);
    } else {
      words[masks] = 2 ** Math.min(timeBits, 32) - 1;
      words[masks + 1] = 2 ** Math.max(timeBits - 32, 0) - 1;
    }
    fields.forEach((field, column) => {
      words[masks + 2 + column] = 2 ** model.valueBits[field]! - 1;
      words[limits + 2 + column] = model.valueCounts[field]!;
    });
  }
}

/** Prepares a kernel that decodes all events. */
export function prepareDecoding(
  model: DecodeModel,
  layout: RowLayout,
  options: ScannerOptions,
): ScanKernel {
  const kernel = createTrailDecodeKernel(options);
  const entries = new DecodeEntries(model, layout);
  const prepared = new ScanKernel(model, layout, options, { kernel, entries });
  prepared.configure(writeDecodeTables(kernel, model, entries));
  return prepared;
}

/** Prepares a kernel that gives only events that pass a filter. */
export function prepareFiltering(
  model: DecodeModel,
  layout: RowLayout,
  options: ScannerOptions,
  plan: FilterPlan,
): ScanKernel {
  const kernel = createTrailFilterKernel(options);
  const prepared = new ScanKernel(model, layout, options, { kernel, plan });
  const { words, at } = prepared;
  const { transitions, transitionBias, items, slots } = kernel.filterRegions;
  const pointer = transitions - transitionBias;
  const entries = new FilterEntries(model, layout, plan, pointer);
  const place = (entry: number, symbol: number): void => {
    words.set(entries.items(symbol), (items >>> 2) + 2 * entry);
  };
  prepared.configure(writeDecodeTables(kernel, model, entries, place));
  words.set(plan.kinds, slots >>> 2);
  plan.classes.forEach((successors, i) =>
    words.set(successors, (transitions + i * plan.classBytes) >>> 2)
  );
  writeValues(prepared, kernel, model, plan);
  kernel.functions.configureFilter(
    4 * plan.states.first,
    layout.timeBits,
    plan.kinds.length,
    at.seen,
  );
  return prepared;
}

/** Writes what literals of the filter's fields are looked up in. */
function writeValues(
  { bytes, words, at }: ScanKernel,
  kernel: TrailFilterKernel,
  model: DecodeModel,
  plan: FilterPlan,
): void {
  let next = kernel.filterRegions.values >>> 2;
  plan.fields.forEach((field, table) => {
    const bits = plan.states.values.get(field)!;
    const address = at.valueTables[table]!;
    bytes.set(bits, address);
    words[next++] = address;
    words[next++] = bits.length;
    words[next++] = 2 ** model.valueBits[field]! - 1;
    words[next++] = 4 * plan.kindOf(field, 0);
  });
}
