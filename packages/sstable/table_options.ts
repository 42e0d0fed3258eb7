/**
 * What tables are opened and read with, and what they give.
 *
 * @module
 */
import type { ReadOptions, Source } from "@cairn/core";
import type { BlockOptions } from "./block.ts";
import type { TableEntries } from "./table_entries.ts";

/** How to open a table. */
export interface OpenTableOptions extends BlockOptions, ReadOptions {
  /** Where the table begins in the source; 0 if left out. */
  readonly offset?: number;
  /** Bytes of the table; up to the end of the source if left out. */
  readonly length?: number;
  /** Name of the table in errors; `table` if left out. */
  readonly part?: string;
  /** Bytes that are read from the table's end at first; 65,536 if left out. */
  readonly tailBytes?: number;
  /** The last bytes of the table, where they have been read already. */
  readonly tail?: Uint8Array;
  /** Neighbouring blocks are read together up to so many bytes; 1 MiB if left out. */
  readonly readBytes?: number;
  /** Decoded blocks that lookups keep, in stored bytes; 4 MiB if left out. */
  readonly cacheBytes?: number;
  /** Where blocks that are looked into are read, as from the source; the source if left out. */
  readonly blockSource?: Source;
}

/** Which entries to walk over. */
export interface EntriesOptions extends ReadOptions {
  /** The first key, or where it would be; the table's first if left out. */
  readonly from?: Uint8Array;
  /** The first key that does not count; none if left out. */
  readonly to?: Uint8Array;
  /** Only keys that begin so; narrows `from` and `to` further. Bytewise order only. */
  readonly prefix?: Uint8Array;
}

/** Entries of one data block. */
export interface TableBatch extends TableEntries {
  /** Number of the data block, from 0. */
  readonly block: number;
  /** Position in the block of the first entry of the batch. */
  readonly firstRow: number;
}

/** Where an entry lies in a table. */
export interface EntryPlace {
  /** Number of its data block, from 0. */
  readonly block: number;
  /** Its position in the block, from 0. */
  readonly row: number;
  /** Its key; a view that stays valid. */
  readonly key: Uint8Array;
  /** Its value; a view that stays valid until the source is closed. */
  readonly value: Uint8Array;
}
