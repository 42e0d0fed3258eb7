/**
 * Scanning of many spaces: read in large pieces, decoded into columns.
 *
 * @module
 */
import { type Source, throwIfAborted } from "@cairn/core";
import { KERNEL_SPACES_MIN, kernelCan, KernelScan } from "./_kernel_scan.ts";
import type { BulkBatch, BulkScanOptions } from "./bulk_options.ts";
import { arrangeRows } from "./row_order.ts";
import { SpaceDecoder } from "./space_decoder.ts";
import type { SpaceRun } from "./space_directory.ts";
import { type LoadedSpaces, loadSpaces, spaceId } from "./space_loader.ts";
import { SpaceReader } from "./space_reader.ts";

export type { BulkBatch } from "./bulk_options.ts";

/** Content is let go of once there is so much of it. */
const CONTENT_BYTES = 33_554_432;

/**
 * Scans spaces one after the other.
 *
 * @param source The file.
 * @param runs Which spaces.
 * @param options What to scan in each.
 */
export async function* bulkScan(
  source: Source,
  runs: AsyncIterable<SpaceRun>,
  options: BulkScanOptions,
): AsyncGenerator<BulkBatch, void, undefined> {
  const builder = new BatchBuilder(source.name, options);
  const { signal, wanted } = options;
  const loads = loadSpaces(source, runs, {
    wanted,
    ...(signal === undefined ? {} : { signal }),
  });
  let kernel: KernelScan | undefined;
  try {
    for await (const spaces of loads) {
      let isUsual = kernelCan(options) &&
        spaces.count >= (options.kernelSpaces ?? KERNEL_SPACES_MIN);
      for (let i = 0; i < spaces.count;) {
        if (spaces.buffers[i] === undefined) {
          yield* unlessAborted(builder.emit(), signal);
          yield* scanLarge(source, spaces, i++, options);
        } else if (isUsual) {
          kernel ??= KernelScan.create(options);
          if (kernel !== undefined) {
            i = yield* unlessAborted(kernel.scan(spaces, i), signal);
          }
          // One strange space tells of more: the rest goes the ordinary way,
          // which also says what is wrong.
          isUsual = i < spaces.count && spaces.buffers[i] === undefined;
        } else {
          builder.add(spaces, i++);
          if (builder.isFull) yield* unlessAborted(builder.emit(), signal);
        }
      }
      yield* unlessAborted(builder.emit(), signal);
    }
  } finally {
    kernel?.release();
  }
}

function* unlessAborted<Result>(
  batches: Generator<BulkBatch, Result, undefined>,
  signal: AbortSignal | undefined,
): Generator<BulkBatch, Result, undefined> {
  for (;;) {
    const next = batches.next();
    if (next.done === true) return next.value;
    throwIfAborted(signal);
    yield next.value;
  }
}

/** Decodes spaces and cuts their events into batches. */
class BatchBuilder {
  readonly #decoder: SpaceDecoder;
  readonly #options: BulkScanOptions;
  #rows: Uint32Array = new Uint32Array(65_536);
  #rowCount = 0;
  /** The window that the spaces come from, and per space with events its
   * place in the window and its first row. */
  #window: LoadedSpaces | undefined;
  #spaceCount = 0;
  #indexes: Uint32Array = new Uint32Array(4096);
  #firsts: Uint32Array = new Uint32Array(4096);
  #groupStarts: Uint32Array = new Uint32Array(0);
  #groupEnds: Uint32Array = new Uint32Array(0);

  readonly #rank: ((row: number) => number) | undefined;

  constructor(file: string, options: BulkScanOptions) {
    const decoder = new SpaceDecoder(file);
    this.#decoder = decoder;
    this.#options = options;
    const { rank } = options;
    this.#rank = rank && ((row) => {
      const { starts, ends } = decoder.events;
      return rank(decoder.content.bytes, starts[row]!, ends[row]!);
    });
  }

  get isFull(): boolean {
    return this.#rowCount >= this.#options.batchEvents ||
      this.#decoder.content.byteLength >= CONTENT_BYTES;
  }

  add(spaces: LoadedSpaces, i: number): void {
    const decoder = this.#decoder;
    const { section } = this.#options;
    decoder.open(
      spaces.buffers[i]!,
      spaces.starts[i]!,
      spaces.lengths[i]!,
      spaces.offsets[i]!,
      true,
    );
    const first = this.#rowCount;
    let sectionCount = 0;
    if (section === undefined) {
      const { sections } = decoder;
      for (let row = 0; row < sections.count; row++) {
        if (!sections.isEvents(row)) continue;
        sectionCount++;
        this.#addSection(row);
      }
    } else {
      const row = decoder.sections.find(section);
      if (row < 0) return;
      this.#addRows(decoder.readPostings(row));
    }
    this.#rowCount = arrangeRows(
      this.#rows,
      first,
      this.#rowCount,
      decoder.events.timestamps,
      {
        ...this.#options,
        sorted: sectionCount > 1 || this.#options.sorted === true,
        rank: sectionCount > 1 ? this.#rank : undefined,
      },
    );
    if (this.#rowCount === first) return;
    this.#window = spaces;
    if (this.#spaceCount === this.#indexes.length) this.#growSpaces();
    this.#indexes[this.#spaceCount] = i;
    this.#firsts[this.#spaceCount++] = first;
  }

  /** Gives batches of whole spaces, or parts of one, until none is left. */
  *emit(): Generator<BulkBatch, void, undefined> {
    const { batchEvents } = this.#options;
    let space = 0;
    while (space < this.#spaceCount) {
      const from = this.#firsts[space]!;
      let end = space + 1;
      while (
        end < this.#spaceCount && this.#endOf(end) - from <= batchEvents
      ) end++;
      if (end - space === 1) {
        const stop = this.#endOf(space);
        for (let row = from; row < stop; row += batchEvents) {
          yield this.#batch(space, end, row, Math.min(stop, row + batchEvents));
        }
      } else yield this.#batch(space, end, from, this.#endOf(end - 1));
      space = end;
    }
    this.#clear();
  }

  #endOf(space: number): number {
    return space + 1 < this.#spaceCount
      ? this.#firsts[space + 1]!
      : this.#rowCount;
  }

  #growSpaces(): void {
    const indexes = new Uint32Array(2 * this.#spaceCount);
    indexes.set(this.#indexes);
    this.#indexes = indexes;
    const firsts = new Uint32Array(2 * this.#spaceCount);
    firsts.set(this.#firsts);
    this.#firsts = firsts;
  }

  #clear(): void {
    this.#spaceCount = 0;
    this.#rowCount = 0;
    this.#decoder.content.clear();
    this.#decoder.events.clear();
  }

  #addSection(row: number): void {
    const decoder = this.#decoder;
    const first = decoder.readEvents(row);
    const { count } = decoder.events;
    if (this.#rowCount + count - first > this.#rows.length) {
      this.#grow(this.#rowCount + count - first);
    }
    for (let event = first; event < count; event++) {
      this.#rows[this.#rowCount++] = event;
    }
    if (this.#options.groupings === true) this.#addGrouping(row, first, count);
  }

  /** Keeps the name of a grouping beside the content, for its events. */
  #addGrouping(row: number, first: number, count: number): void {
    const { content, sections } = this.#decoder;
    const { bytes, starts, ends } = sections.names;
    const start = content.append(bytes, starts[row]! + 1, ends[row]!);
    if (count > this.#groupStarts.length) {
      const size = Math.max(4096, 2 * count);
      const groupStarts = new Uint32Array(size);
      groupStarts.set(this.#groupStarts);
      this.#groupStarts = groupStarts;
      const groupEnds = new Uint32Array(size);
      groupEnds.set(this.#groupEnds);
      this.#groupEnds = groupEnds;
    }
    this.#groupStarts.fill(start, first, count);
    this.#groupEnds.fill(content.byteLength, first, count);
  }

  #addRows(rows: Uint32Array): void {
    const wanted = this.#rowCount + rows.length;
    if (wanted > this.#rows.length) this.#grow(wanted);
    this.#rows.set(rows, this.#rowCount);
    this.#rowCount = wanted;
  }

  #grow(wanted: number): void {
    const grown = new Uint32Array(Math.max(wanted, 2 * this.#rows.length));
    grown.set(this.#rows.subarray(0, this.#rowCount));
    this.#rows = grown;
  }

  #batch(space: number, spaceEnd: number, from: number, to: number): BulkBatch {
    const { events, content } = this.#decoder;
    const count = to - from;
    const timestamps = new Float64Array(count);
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const row = this.#rows[from + i]!;
      timestamps[i] = events.timestamps[row]!;
      starts[i] = events.starts[row]!;
      ends[i] = events.ends[row]!;
    }
    const ordinals = new Uint32Array(spaceEnd - space);
    const offsets = new Uint32Array(spaceEnd - space + 1);
    const window = this.#window!;
    for (let i = space; i < spaceEnd; i++) {
      ordinals[i - space] = window.ordinals[this.#indexes[i]!]!;
      offsets[i - space] = Math.max(0, this.#firsts[i]! - from);
    }
    const indexes = this.#indexes;
    offsets[spaceEnd - space] = count;
    const { bytes } = content;
    return {
      ordinals,
      offsets,
      ids: () => {
        const ids: Uint8Array[] = [];
        for (let i = space; i < spaceEnd; i++) {
          ids.push(spaceId(window, indexes[i]!));
        }
        return ids;
      },
      timestamps,
      data: { bytes, starts, ends },
      groupings: this.#options.groupings === true
        ? {
          bytes,
          starts: this.#pick(this.#groupStarts, from, to),
          ends: this.#pick(this.#groupEnds, from, to),
        }
        : undefined,
    };
  }

  #pick(values: Uint32Array, from: number, to: number): Uint32Array {
    const picked = new Uint32Array(to - from);
    for (let i = from; i < to; i++) picked[i - from] = values[this.#rows[i]!]!;
    return picked;
  }
}

/** Scans one space that is too large to be read whole. */
async function* scanLarge(
  source: Source,
  spaces: LoadedSpaces,
  i: number,
  options: BulkScanOptions,
): AsyncGenerator<BulkBatch, void, undefined> {
  const reader = await SpaceReader.open(
    source,
    {
      offset: spaces.offsets[i]!,
      length: spaces.lengths[i]!,
    },
    new SpaceDecoder(source.name),
    options,
  );
  const ordinals = Uint32Array.of(spaces.ordinals[i]!);
  const ids = () => [spaceId(spaces, i)];
  for await (const run of reader.scanWhole(options)) {
    const { batchEvents } = options;
    for (let from = 0; from < run.events.count; from += batchEvents) {
      const to = Math.min(run.events.count, from + batchEvents);
      const part = run.events.slice(from, to);
      yield {
        ordinals,
        offsets: Uint32Array.of(0, part.count),
        ids,
        timestamps: part.timestamps,
        data: part.data,
        groupings: run.groupings && {
          bytes: run.groupings.bytes,
          starts: run.groupings.starts.subarray(from, to),
          ends: run.groupings.ends.subarray(from, to),
        },
      };
    }
  }
}
