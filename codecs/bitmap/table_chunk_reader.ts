/**
 * Chunks in a sealed file.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteReader,
  type ByteSpans,
  ByteWriter,
  compareBytes,
  type Finding,
  type Source,
} from "@cairn/core";
import {
  entryKey,
  entryValue,
  lowerBound,
  openTable,
  type Table,
  type TableBatch,
} from "@cairn/sstable";
import type { ChunkEntries, ChunkReader, KeyRange } from "./chunk_store.ts";

/** Bytes behind each block. */
const TRAILER_BYTES = 5;
/** Bytes of the footer. */
const FOOTER_BYTES = 48;
/** Bytes of unpacked blocks that are kept for single keys. */
const CACHE_BYTES = 2 << 20;

/**
 * Opens a sealed file: one read of its end. Ranges of keys are read in one
 * piece, or in pieces of a mebibyte.
 *
 * @param source The file; the reader owns it.
 * @throws {CairnError} `corrupt`, `io`, `aborted`, with the file's name.
 */
export async function openTableChunkReader(
  source: Source,
  options: AbortOptions = {},
): Promise<TableChunkReader> {
  try {
    return new TableChunkReader(source, await openTable(source, options));
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Reads chunks from a table. */
export class TableChunkReader implements ChunkReader {
  /** Name of the source. */
  readonly name: string;
  /** The table. */
  readonly table: Table;
  readonly #source: Source;
  readonly #blocks = new Map<number, Promise<TableBatch>>();
  #cacheBytes = 0;
  #closed = false;

  /** Not for callers: see {@linkcode openTableChunkReader}. */
  constructor(source: Source, table: Table) {
    this.name = source.name;
    this.table = table;
    this.#source = source;
  }

  /** Gets the value of a key; the block it lies in is kept for the next. */
  async get(
    key: Uint8Array,
    options: AbortOptions = {},
  ): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    const index = await this.table.index(options);
    const block = lowerBound(index.separators, key);
    if (block >= index.count) return undefined;
    const entries = await this.#block(block, options);
    const row = lowerBound(entries, key);
    return row < entries.count &&
        compareBytes(entryKey(entries, row), key) === 0
      ? entryValue(entries, row)
      : undefined;
  }

  /** Gets many values, in the order of the keys. */
  getMany(
    keys: readonly Uint8Array[],
    options: AbortOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key, options)));
  }

  /** Walks over a run of keys. */
  range(
    range: KeyRange,
    options: AbortOptions = {},
  ): AsyncIterableIterator<ChunkEntries & { keys: ByteSpans }> {
    this.#assertOpen();
    return this.table.entries({ ...options, ...range });
  }

  /** Reports damage of what no key shows: the footer, and blocks that are named. */
  async *verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    this.#assertOpen();
    const { size } = this.#source;
    const index = await this.table.index(options);
    let end = 0;
    for (let block = 0; block < index.count; block++) {
      if (index.offsets[block] !== end) yield this.#gap(end);
      end = index.offsets[block]! + index.lengths[block]! + TRAILER_BYTES;
    }
    for (const name of await this.table.metaBlockNames(options)) {
      await this.table.metaBlock(name, options);
    }
    const footer = await this.#source.read(
      size - FOOTER_BYTES,
      FOOTER_BYTES,
      options,
    );
    const reader = new ByteReader(footer, { part: "footer" });
    const canonical = new ByteWriter();
    for (let i = 0; i < 4; i++) canonical.uvarint(reader.uvarint("handle"));
    const padding = footer.subarray(canonical.byteLength, FOOTER_BYTES - 8);
    const same = canonical.view().every((byte, i) => byte === footer[i]);
    if (!same || padding.some((byte) => byte !== 0)) {
      yield this.#damage(
        "the footer has other bytes than its handles",
        size - FOOTER_BYTES,
      );
    }
  }

  #gap(offset: number): Finding {
    return this.#damage("bytes between blocks", offset);
  }

  #damage(detail: string, offset: number): Finding {
    const where = { file: this.name, part: "table", offset };
    return { severity: "corrupt", detail, where };
  }

  /** Closes the source. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#blocks.clear();
    await this.#source.close();
  }

  /** Closes the reader. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #block(block: number, options: AbortOptions): Promise<TableBatch> {
    const kept = this.#blocks.get(block);
    if (kept !== undefined) return kept;
    if (this.#cacheBytes > CACHE_BYTES) {
      this.#blocks.clear();
      this.#cacheBytes = 0;
    }
    const loading = this.table.block(block, options);
    this.#blocks.set(block, loading);
    loading.then(
      (entries) => this.#cacheBytes += entries.values.bytes.length,
      () => this.#blocks.delete(block),
    );
    return loading;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": it is closed`);
    }
  }
}
