/**
 * Reading of tables of any size, by ranges.
 *
 * @module
 */
import {
  type ByteReaderPlace,
  CairnError,
  equalBytes,
  type Finding,
  type ReadOptions,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import {
  type BlockHandle,
  type BlockOptions,
  type Footer,
  openBlock,
  openEntries,
} from "./block.ts";
import { BlockRuns } from "./_block_runs.ts";
import { areTiled, encodeFooter } from "./_exact_layout.ts";
import { searchBlock } from "./_block_search.ts";
import { KeptBlocks } from "./_kept_blocks.ts";
import { keyRange, narrow } from "./_key_range.ts";
import {
  CACHE_BYTES,
  FOOTER_BYTES,
  READ_BYTES,
  TRAILER_BYTES,
} from "./layout.ts";
import { decodeMetaIndex } from "./meta_index.ts";
import { entryKey, entryValue, lowerBound } from "./table_entries.ts";
import { assertInIndex, decodeIndex, type TableIndex } from "./table_index.ts";
import type {
  EntriesOptions,
  EntryPlace,
  OpenTableOptions,
  TableBatch,
} from "./table_options.ts";

/** A table, open for reading. Any number of calls may run at once. */
export class Table {
  /** Bytes of the table. */
  readonly byteLength: number;
  readonly #source: Source;
  readonly #blockSource: Source;
  readonly #place: { file: string; part: string; offset: number };
  readonly #options: BlockOptions;
  readonly #readBytes: number;
  readonly #footer: Footer;
  /** Blocks that were decoded, and those that were only looked into. */
  readonly #kept: KeptBlocks<TableBatch>;
  readonly #plain: KeptBlocks<Uint8Array>;
  #tail: Uint8Array | undefined;
  #index: TableIndex | undefined;

  /** Not for callers: see `openTable`. */
  constructor(
    source: Source,
    options: OpenTableOptions & {
      offset: number;
      length: number;
      part: string;
    },
    footer: Footer,
    tail: Uint8Array,
  ) {
    this.byteLength = options.length;
    this.#source = source;
    this.#blockSource = options.blockSource ?? source;
    this.#place = {
      file: source.name,
      part: options.part,
      offset: options.offset,
    };
    this.#options = options;
    this.#readBytes = options.readBytes ?? READ_BYTES;
    this.#kept = new KeptBlocks(options.cacheBytes ?? CACHE_BYTES);
    this.#plain = new KeptBlocks(options.cacheBytes ?? CACHE_BYTES);
    this.#footer = footer;
    this.#tail = tail;
  }

  /** Loads the index block, once. @param options Stops the read. */
  async index(options: ReadOptions = {}): Promise<TableIndex> {
    if (this.#index !== undefined) return this.#index;
    const handle = this.#footer.index;
    const stored = await this.#stored(handle, options);
    const place = this.#at(handle.offset);
    this.#index = decodeIndex(
      openEntries(stored, place, this.#options),
      place,
      this.byteLength - FOOTER_BYTES,
    );
    this.#tail = undefined;
    return this.#index;
  }

  /**
   * Finds the value of a key.
   *
   * @returns A view that stays valid until the source is closed; `undefined`
   * when the key is not there.
   * @throws {CairnError} `corrupt`, `aborted`, `io`.
   */
  async get(
    key: Uint8Array,
    options: ReadOptions = {},
  ): Promise<Uint8Array | undefined> {
    const known = this.getSync(key);
    if (known !== null) return known;
    const index = await this.index(options);
    const { compare } = this.#options;
    const block = lowerBound(index.separators, key, compare);
    if (compare === undefined && block < index.count) {
      const plain = this.#plain.get(block) ??
        this.#open(
          index,
          block,
          await this.#storedBlock(index, block, options),
        );
      const value = searchBlock(plain, key, this.#at(index.offsets[block]!));
      if (value !== null) return value;
    }
    return (await this.find(key, options))?.value;
  }

  /**
   * Finds the value of a key without a promise, in the index and blocks that
   * are kept or can be read at once.
   *
   * @returns As `get`; `null` when telling takes a promise: `get` then does it.
   */
  getSync(key: Uint8Array): Uint8Array | undefined | null {
    const index = this.#index;
    if (index === undefined || this.#options.compare !== undefined) return null;
    const block = lowerBound(index.separators, key);
    if (block === index.count) return undefined;
    const plain = this.#plain.get(block) ?? this.#readPlain(index, block);
    return plain === undefined
      ? null
      : searchBlock(plain, key, this.#at(index.offsets[block]!));
  }

  /** Finds a key and says where it lies; `undefined` when it is not there. */
  async find(
    key: Uint8Array,
    options: ReadOptions = {},
  ): Promise<EntryPlace | undefined> {
    const { compare } = this.#options;
    const place = await this.seek(key, options);
    if (place === undefined) return undefined;
    const same = compare === undefined
      ? equalBytes(place.key, key)
      : compare(place.key, key) === 0;
    return same ? place : undefined;
  }

  /** Finds the first entry at or after a key; `undefined` behind the last. */
  async seek(
    key: Uint8Array,
    options: ReadOptions = {},
  ): Promise<EntryPlace | undefined> {
    const index = await this.index(options);
    const { compare } = this.#options;
    // A key between a block's last key and its separator is before the next block.
    for (
      let block = lowerBound(index.separators, key, compare);
      block < index.count;
      block++
    ) {
      const entries = await this.block(block, options);
      const row = lowerBound(entries, key, compare);
      if (row < entries.count) {
        return {
          block,
          row,
          key: entryKey(entries, row),
          value: entryValue(entries, row),
        };
      }
    }
    return undefined;
  }

  /**
   * Reads one data block.
   *
   * @param block Its number.
   * @throws {RangeError} When there is no such block.
   */
  async block(block: number, options: ReadOptions = {}): Promise<TableBatch> {
    const index = await this.index(options);
    if (!(block >= 0 && block < index.count)) {
      throw new RangeError(
        `Cannot read block ${block}: the table has ${index.count}`,
      );
    }
    const cached = this.#kept.get(block);
    if (cached !== undefined) return cached;
    const stored = await this.#storedBlock(index, block, options);
    const batch = this.#decode(index, block, stored);
    this.#kept.add(block, batch, index.lengths[block]!);
    return batch;
  }

  /**
   * Walks over entries in key order, a data block at a time. Neighbouring
   * blocks are read together, one piece ahead; a range of keys that fits in a
   * piece is one read.
   */
  async *entries(
    options: EntriesOptions = {},
  ): AsyncGenerator<TableBatch, void, undefined> {
    const index = await this.index(options);
    const { compare } = this.#options;
    const { from, to } = keyRange(options);
    const first = from === undefined
      ? 0
      : lowerBound(index.separators, from, compare);
    const last = to === undefined
      ? index.count - 1
      : Math.min(index.count - 1, lowerBound(index.separators, to, compare));
    const runs = new BlockRuns(this.#source, index, {
      first,
      last,
      base: this.#place.offset,
      readBytes: this.#readBytes,
      signal: options.signal,
    });
    try {
      for (let block = first; block <= last; block++) {
        throwIfAborted(options.signal);
        const stored = runs.block(block) ?? await runs.load(block);
        const batch = narrow(
          this.#decode(index, block, stored),
          from,
          to,
          compare,
        );
        if (batch.count > 0) yield batch;
      }
    } finally {
      runs.stop();
    }
  }

  /** Names of the blocks that the meta-index block names, in order. */
  async metaBlockNames(options: ReadOptions = {}): Promise<string[]> {
    return [...(await this.#metaHandles(options)).keys()];
  }

  /**
   * Reads a block by its name in the meta-index block.
   *
   * @returns Its content, checked; `undefined` when there is no such name.
   */
  async metaBlock(
    name: string,
    options: ReadOptions = {},
  ): Promise<Uint8Array | undefined> {
    const handle = (await this.#metaHandles(options)).get(name);
    if (handle === undefined) return undefined;
    const stored = await this.#stored(handle, options);
    return openBlock(stored, this.#at(handle.offset), this.#options);
  }

  /**
   * Looks at every block and reports what is damaged.
   *
   * @param options A signal; `exact` to report also what readers pass over:
   * bytes between blocks, and a footer that is not as it is written here.
   */
  async *verify(
    options: ReadOptions & { readonly exact?: boolean } = {},
  ): AsyncGenerator<Finding> {
    try {
      if (options.exact === true) await this.#assertExact(options);
      for (const name of await this.metaBlockNames(options)) {
        await this.metaBlock(name, options);
      }
      for await (const _ of this.entries(options)) { /* checked on the way */ }
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== "corrupt") {
        throw error;
      }
      yield {
        severity: "corrupt",
        detail: error.detail,
        where: error.where,
      };
    }
  }

  /** Fails unless blocks and footer fill the table, and nothing else does. */
  async #assertExact(options: ReadOptions): Promise<void> {
    const footerOffset = this.byteLength - FOOTER_BYTES;
    const found = await this.#source.read(
      this.#place.offset + footerOffset,
      FOOTER_BYTES,
      options,
    );
    const { count, offsets, lengths } = await this.index(options);
    const data = Array.from(
      offsets,
      (offset, i) => ({ offset, length: lengths[i]! }),
    );
    const meta = await this.#metaHandles(options);
    const { metaIndex, index } = this.#footer;
    const handles = [...data, ...meta.values(), metaIndex, index];
    if (
      count < 1 || !areTiled(handles, footerOffset) ||
      !equalBytes(found, encodeFooter(this.#footer))
    ) {
      throw new CairnError(
        "corrupt",
        "Cannot trust table: its blocks and footer do not fill it exactly",
        { where: this.#at(footerOffset) },
      );
    }
  }

  /** Reads one data block at once, where that can be done. */
  #readPlain(index: TableIndex, block: number): Uint8Array | undefined {
    const source = this.#blockSource;
    if (source.readSync === undefined) return undefined;
    const stored = source.readSync(
      this.#place.offset + index.offsets[block]!,
      index.lengths[block]! + TRAILER_BYTES,
    );
    return this.#open(index, block, stored);
  }

  /** Checks and keeps a data block without decoding it. */
  #open(index: TableIndex, block: number, stored: Uint8Array): Uint8Array {
    const place = this.#at(index.offsets[block]!);
    const plain = openBlock(stored, place, this.#options);
    this.#plain.add(block, plain, plain.length);
    return plain;
  }

  #storedBlock(
    index: TableIndex,
    block: number,
    options: ReadOptions,
  ): Promise<Uint8Array> | Uint8Array {
    return this.#stored(
      { offset: index.offsets[block]!, length: index.lengths[block]! },
      options,
      this.#blockSource,
    );
  }

  #decode(index: TableIndex, block: number, stored: Uint8Array): TableBatch {
    const place = this.#at(index.offsets[block]!);
    const entries = openEntries(stored, place, this.#options);
    assertInIndex(index, block, entries, place, this.#options.compare);
    return { ...entries, block, firstRow: 0 };
  }

  async #metaHandles(
    options: ReadOptions,
  ): Promise<Map<string, BlockHandle>> {
    const handle = this.#footer.metaIndex;
    const stored = await this.#stored(handle, options);
    const place = this.#at(handle.offset);
    return decodeMetaIndex(
      openEntries(stored, place, { packed: this.#options.packed ?? true }),
      place,
      this.byteLength - FOOTER_BYTES,
    );
  }

  #at(offset: number): ByteReaderPlace {
    return { ...this.#place, offset: this.#place.offset + offset };
  }

  /** Gets a block with its trailer, from the tail where that is still there. */
  #stored(
    handle: BlockHandle,
    options: ReadOptions,
    source = this.#source,
  ): Promise<Uint8Array> | Uint8Array {
    const length = handle.length + TRAILER_BYTES;
    if (this.#tail !== undefined) {
      const at = handle.offset - (this.byteLength - this.#tail.length);
      if (at >= 0) return this.#tail.subarray(at, at + length);
    }
    return source.read(
      this.#place.offset + handle.offset,
      length,
      options,
    );
  }
}
