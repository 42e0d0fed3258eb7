/**
 * Scanning of many spaces by a kernel.
 *
 * @module
 */
import {
  createEsdbDecodeCompiled,
  ESDB_STATUS,
  type EsdbDecodeKernel,
} from "@cairn/kernels";
import { holdKernel, mayHoldKernel } from "./_live_kernels.ts";
import type { BulkBatch, BulkScanOptions } from "./bulk_options.ts";
import { arrangeRows } from "./row_order.ts";
import {
  type LoadedSpaces,
  spaceId,
  WHOLE_SPACE_BYTES,
  WINDOW_BYTES,
  WINDOW_SPACES,
} from "./space_loader.ts";

/** Fewer spaces are not worth the kernel. */
export const KERNEL_SPACES_MIN = 256;
/** Unpacked bytes of a run of spaces. */
const CONTENT_BYTES = 16_777_216;
/** Events of a run of spaces, for batches up to this. */
const ROWS = 262_144;
/** Bytes between two spaces that are copied along rather than left out. */
const GAP_BYTES = 4096;
const NO_SECTION = new Uint8Array(0);

/** Tells whether a kernel does what is asked for. */
export function kernelCan(options: BulkScanOptions): boolean {
  return options.groupings !== true && options.rank === undefined &&
    options.batchEvents <= ROWS;
}

/** Decodes windows of spaces, and leaves to others what is not as usual. */
export class KernelScan {
  readonly #options: BulkScanOptions;
  readonly #kernel: EsdbDecodeKernel;
  /** The spaces of the window that the kernel has: first and first behind. */
  #first = 0;
  #end = 0;
  /** Lets others have a kernel; the last batch stays. */
  readonly release: () => void = holdKernel(this);

  private constructor(options: BulkScanOptions, kernel: EsdbDecodeKernel) {
    this.#options = options;
    this.#kernel = kernel;
  }

  /**
   * Makes the kernel's memory.
   *
   * @param options What to scan.
   * @returns `undefined` where there can be no kernel.
   */
  static create(options: BulkScanOptions): KernelScan | undefined {
    if (!mayHoldKernel()) return undefined;
    const kernel = createEsdbDecodeCompiled({
      storedBytes: WINDOW_BYTES + WHOLE_SPACE_BYTES,
      spaces: WINDOW_SPACES,
      contentBytes: CONTENT_BYTES,
      rows: ROWS,
    }, options.section ?? NO_SECTION);
    return kernel && new KernelScan(options, kernel);
  }

  /**
   * Scans spaces from `first` on, up to one that is not loaded or not as
   * usual. A batch is valid until the next step.
   *
   * @returns The first space that was not scanned.
   */
  *scan(
    spaces: LoadedSpaces,
    first: number,
  ): Generator<BulkBatch, number, undefined> {
    const kernel = this.#kernel;
    let next = first;
    while (next < spaces.count && spaces.buffers[next] !== undefined) {
      this.#load(spaces, next);
      while (next < this.#end) {
        const from = next;
        next = this.#first + kernel.decode(
          from - this.#first,
          this.#end - this.#first,
          this.#options.batchEvents,
        );
        yield* this.#batches(spaces, from, next);
        if (kernel.status === ESDB_STATUS.unusual || next === from) return next;
      }
    }
    return next;
  }

  /** Hands the kernel as many spaces as it can hold; at least one. */
  #load(spaces: LoadedSpaces, first: number): void {
    const { buffers, starts, lengths, count } = spaces;
    const { stored, spaceStarts, spaceLengths } = this.#kernel;
    this.#first = first;
    let filled = 0;
    let i = first;
    while (i < count) {
      const buffer = buffers[i];
      if (buffer === undefined) break;
      // Spaces that lie side by side are copied together.
      const start = starts[i]!;
      const room = stored.length - filled;
      const run = i;
      let end = start;
      for (; i < count && buffers[i] === buffer; i++) {
        const gap = starts[i]! - end;
        const stop = starts[i]! + lengths[i]!;
        if (!(gap >= 0 && gap <= GAP_BYTES) || stop - start > room) break;
        spaceStarts[i - first] = filled + starts[i]! - start;
        spaceLengths[i - first] = lengths[i]!;
        end = stop;
      }
      if (i === run) break; // there is no room
      stored.set(buffer.subarray(start, end), filled);
      filled += end - start;
    }
    this.#end = i;
  }

  /** The rows of the kernel's last run: spaces `from` up to `end`. */
  *#batches(
    spaces: LoadedSpaces,
    from: number,
    end: number,
  ): Generator<BulkBatch, void, undefined> {
    const kernel = this.#kernel;
    const { batchEvents } = this.#options;
    const { rowCount } = kernel;
    if (rowCount === 0) return;
    const ordinals = new Uint32Array(end - from);
    const offsets = new Uint32Array(end - from + 1);
    const indexes = new Uint32Array(end - from);
    const arranged = this.#arrange(from, end);
    const { ends } = arranged;
    let count = 0;
    let before = 0;
    for (let i = 0; i < ends.length; i++) {
      const rows = ends[i]!;
      if (rows === before) continue;
      ordinals[count] = spaces.ordinals[from + i]!;
      indexes[count] = from + i;
      offsets[++count] = rows;
      before = rows;
    }
    // Only a space alone can have more rows than a batch.
    for (let row = 0; row < before; row += batchEvents) {
      const stop = Math.min(before, row + batchEvents);
      yield {
        ordinals: ordinals.subarray(0, count),
        offsets: stop - row === before
          ? offsets.subarray(0, count + 1)
          : Uint32Array.of(0, stop - row),
        ids: () =>
          Array.from(
            indexes.subarray(0, count),
            (index) => spaceId(spaces, index),
          ),
        timestamps: arranged.timestamps.subarray(row, stop),
        data: {
          bytes: kernel.content,
          starts: arranged.starts.subarray(row, stop),
          ends: arranged.dataEnds.subarray(row, stop),
        },
        groupings: undefined,
      };
    }
  }

  /** Columns in the order that is asked for: mostly as they are. */
  #arrange(from: number, end: number): {
    timestamps: Float64Array;
    starts: Uint32Array;
    dataEnds: Uint32Array;
    ends: Uint32Array;
  } {
    const kernel = this.#kernel;
    const first = from - this.#first;
    const spaceRows = kernel.spaceRows.subarray(first, end - this.#first);
    const counts = kernel.sectionCounts.subarray(first, end - this.#first);
    if (this.#isAsStored(counts)) {
      const { timestamps, starts, ends: dataEnds } = kernel;
      return { timestamps, starts, dataEnds, ends: spaceRows };
    }
    const options = this.#options;
    const rows = new Uint32Array(kernel.rowCount);
    const ends = new Uint32Array(spaceRows.length);
    let kept = 0;
    let row = 0;
    for (let i = 0; i < ends.length; i++) {
      const start = kept;
      while (row < spaceRows[i]!) rows[kept++] = row++;
      const sorted = options.sorted === true ||
        options.section === undefined && counts[i]! > 1;
      kept = arrangeRows(rows, start, kept, kernel.timestamps, {
        ...options,
        sorted,
        rank: undefined,
      });
      ends[i] = kept;
    }
    const timestamps = new Float64Array(kept);
    const starts = new Uint32Array(kept);
    const dataEnds = new Uint32Array(kept);
    for (let i = 0; i < kept; i++) {
      timestamps[i] = kernel.timestamps[rows[i]!]!;
      starts[i] = kernel.starts[rows[i]!]!;
      dataEnds[i] = kernel.ends[rows[i]!]!;
    }
    return { timestamps, starts, dataEnds, ends };
  }

  #isAsStored(sectionCounts: Uint32Array): boolean {
    const { order, ties, from = 0, to = Infinity, sorted, section } =
      this.#options;
    if (
      order === "oldest" || ties === "reversed" || from > 0 ||
      to !== Infinity || sorted === true
    ) return false;
    if (section !== undefined) return true;
    for (let i = 0; i < sectionCounts.length; i++) {
      if (sectionCounts[i]! > 1) return false;
    }
    return true;
  }
}
