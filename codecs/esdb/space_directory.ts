/**
 * The space table of a store: ids, places and ordinals of its spaces.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteReader,
  type ByteReaderPlace,
  CairnError,
  type ReadOptions,
  SharedLoad,
  type Source,
} from "@cairn/core";
import {
  entryKey,
  openTable,
  type Table,
  type TableBatch,
} from "@cairn/sstable";
import { corruptAt } from "./_corrupt.ts";
import {
  SPACE_BYTES_MIN,
  SPACE_VALUE_BYTES,
  STORE_BYTES_MIN,
  TABLE_LENGTH_BYTES,
} from "./layout.ts";
import { readU64 } from "./section_table.ts";

/** Part of the file, for errors. */
export const SPACE_TABLE_PART = "space table";
const TAIL_BYTES = 65_536;
/** Stored bytes of table blocks that lookups keep. */
const CACHE_BYTES = 8_388_608;

/** A space's place in the file. */
export interface SpacePlace {
  /** Where it begins. */
  readonly offset: number;
  /** Its bytes. */
  readonly length: number;
}

/** A run of spaces in the order of their ids. */
export interface SpaceRun {
  /** Ordinal of the first. */
  readonly ordinal: number;
  /** Their ids, from row 0 on. */
  readonly entries: TableBatch;
  /** Where each begins in the file. */
  readonly offsets: Float64Array;
  /** Bytes of each. */
  readonly lengths: Float64Array;
}

/** Finds spaces by id and walks over them. Any number of calls at once. */
export class SpaceDirectory {
  /** The space table. */
  readonly table: Table;
  /** Where the space table begins: all spaces end before. */
  readonly tableOffset: number;
  readonly #place: ByteReaderPlace;
  readonly #counted: SharedLoad<Float64Array> = new SharedLoad((options) =>
    this.#countBlocks(options)
  );
  #blockStarts: Float64Array | undefined;

  private constructor(table: Table, tableOffset: number, file: string) {
    this.table = table;
    this.tableOffset = tableOffset;
    this.#place = { file, part: SPACE_TABLE_PART, offset: tableOffset };
  }

  /**
   * Opens the directory of a store with one read of its end.
   *
   * @param source The file.
   * @param options A signal; the same file behind a cache, for lookups.
   * @throws {CairnError} `corrupt`; `io`.
   */
  static async open(
    source: Source,
    options: ReadOptions & { readonly lookups?: Source } = {},
  ): Promise<SpaceDirectory> {
    const { size, name } = source;
    if (size < STORE_BYTES_MIN) {
      throw new CairnError(
        "corrupt",
        `Cannot read store: ${size} bytes, at least ${STORE_BYTES_MIN} wanted`,
        { where: { file: name, part: "store", offset: 0 } },
      );
    }
    const tailLength = Math.min(size, TAIL_BYTES);
    const tail = await source.read(size - tailLength, tailLength, options);
    const reader = new ByteReader(tail.subarray(tailLength - 8), {
      file: name,
      part: "store",
      offset: size - TABLE_LENGTH_BYTES,
    });
    const tableLength = reader.u64("length of the space table");
    if (tableLength > size - TABLE_LENGTH_BYTES) {
      throw reader.corrupt(
        `Cannot read store: a space table of ${tableLength} bytes in a file of ${size}`,
        0,
      );
    }
    const tableOffset = size - TABLE_LENGTH_BYTES - tableLength;
    const table = await openTable(source, {
      ...options,
      offset: tableOffset,
      length: tableLength,
      part: SPACE_TABLE_PART,
      packed: false,
      cacheBytes: CACHE_BYTES,
      blockSource: options.lookups ?? source,
      tail: tail.subarray(
        Math.max(0, tailLength - TABLE_LENGTH_BYTES - tableLength),
        tailLength - TABLE_LENGTH_BYTES,
      ),
    });
    return new SpaceDirectory(table, tableOffset, name);
  }

  /** Tells where a space lies by its id. */
  async place(
    id: Uint8Array,
    options: AbortOptions = {},
  ): Promise<SpacePlace | undefined> {
    const value = await this.table.get(id, options);
    return value && this.#decode(value);
  }

  /** Tells where a space lies; `null` when that takes a promise: `place` then does it. */
  placeSync(id: Uint8Array): SpacePlace | undefined | null {
    const value = this.table.getSync(id);
    return value && this.#decode(value);
  }

  /** Finds a space by its id. @returns Also where its entry lies in the table. */
  async find(
    id: Uint8Array,
    options: AbortOptions = {},
  ): Promise<(SpacePlace & { block: number; row: number }) | undefined> {
    const entry = await this.table.find(id, options);
    if (entry === undefined) return undefined;
    const { value, block, row } = entry;
    return { ...this.#decode(value), block, row };
  }

  /** Ordinal of the first space of each block of the table, and their number. */
  async blockStarts(options: AbortOptions = {}): Promise<Float64Array> {
    return this.#blockStarts ??= await this.#counted.get(options);
  }

  /** Tells how many spaces each block of the table has, where that is known. */
  useBlockCounts(counts: ArrayLike<number>): void {
    this.#blockStarts = sums(counts);
  }

  /** Walks over spaces, from an id on or those whose ids begin so. */
  async *runs(
    options: AbortOptions & {
      readonly from?: Uint8Array | undefined;
      readonly prefix?: Uint8Array | undefined;
    } = {},
  ): AsyncGenerator<SpaceRun, void, undefined> {
    const { from, prefix, signal } = options;
    let ordinal = 0;
    let total = 0;
    for await (
      const entries of this.table.entries({
        ...(from === undefined ? {} : { from }),
        ...(prefix === undefined ? {} : { prefix }),
        ...(signal === undefined ? {} : { signal }),
      })
    ) {
      const run = this.#run(entries, ordinal);
      ordinal += entries.count;
      // Spaces that together are longer than the file lie over each other.
      for (let row = 0; row < entries.count; row++) total += run.lengths[row]!;
      if (total > this.tableOffset) {
        throw corruptAt(
          this.#place,
          0,
          "Cannot read space table: spaces overlap",
        );
      }
      yield run;
    }
  }

  /** Walks over spaces by ordinal, from `start` up to `end`, exclusive. */
  async *runsByOrdinal(
    start: number,
    end: number,
    options: AbortOptions = {},
  ): AsyncGenerator<SpaceRun, void, undefined> {
    if (start === 0 && end === Infinity) {
      yield* this.runs(options);
      return;
    }
    const starts = await this.blockStarts(options);
    const blocks = starts.length - 1;
    let block = 0;
    while (block < blocks && starts[block + 1]! <= start) block++;
    for (; block < blocks && starts[block]! < end; block++) {
      const entries = await this.table.block(block, options);
      const first = Math.max(0, start - starts[block]!);
      const behind = Math.min(entries.count, end - starts[block]!);
      yield this.#run(
        sliceBatch(entries, first, behind),
        starts[block]! + first,
      );
    }
  }

  #run(entries: TableBatch, ordinal: number): SpaceRun {
    const { count, values } = entries;
    const offsets = new Float64Array(count);
    const lengths = new Float64Array(count);
    const { bytes, starts, ends } = values;
    for (let row = 0; row < count; row++) {
      const start = starts[row]!;
      this.#check(bytes, start, ends[row]!);
      offsets[row] = readU64(bytes, start);
      lengths[row] = readU64(bytes, start + 8);
    }
    return { ordinal, entries, offsets, lengths };
  }

  #decode(value: Uint8Array): SpacePlace {
    this.#check(value, 0, value.length);
    return { offset: readU64(value, 0), length: readU64(value, 8) };
  }

  /** Values of 16 bytes and no others: section tables have shorter ones. */
  #check(bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== SPACE_VALUE_BYTES) {
      throw corruptAt(
        this.#place,
        0,
        `Cannot read space table: a value of ${
          end - start
        } bytes, ${SPACE_VALUE_BYTES} wanted; the file may have been cut`,
      );
    }
    const offset = readU64(bytes, start);
    const length = readU64(bytes, start + 8);
    if (
      offset > this.tableOffset || length > this.tableOffset - offset ||
      length < SPACE_BYTES_MIN
    ) {
      throw corruptAt(
        this.#place,
        0,
        `Cannot read space table: a space of ${length} bytes at ${offset} does not lie before the table`,
      );
    }
  }

  async #countBlocks(options: AbortOptions): Promise<Float64Array> {
    const counts: number[] = [];
    for await (const entries of this.table.entries(options)) {
      counts.push(entries.count);
    }
    return sums(counts);
  }
}

/** Gives the id of a space of a run; a view. */
export function runId(run: SpaceRun, row: number): Uint8Array {
  return entryKey(run.entries, row);
}

/** Gives a part of a batch of table entries. */
export function sliceBatch(
  batch: TableBatch,
  start: number,
  end: number,
): TableBatch {
  const { keys, values } = batch;
  return {
    block: batch.block,
    firstRow: batch.firstRow + start,
    count: end - start,
    keys: {
      bytes: keys.bytes,
      starts: keys.starts.subarray(start, end),
      ends: keys.ends.subarray(start, end),
    },
    values: {
      bytes: values.bytes,
      starts: values.starts.subarray(start, end),
      ends: values.ends.subarray(start, end),
    },
  };
}

function sums(counts: ArrayLike<number>): Float64Array {
  const starts = new Float64Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) {
    starts[i + 1] = starts[i]! + counts[i]!;
  }
  return starts;
}
