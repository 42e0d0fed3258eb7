/**
 * LevelDB's table format, written and read.
 *
 * A table holds keys in ascending order and their values, in blocks with
 * checksums and an index. ESDB's indexes and the sealed bitmap index are such
 * tables; LevelDB opens what is written here.
 *
 * @example Write a table and look up a key
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { openTable, TableWriter } from "@cairn/sstable";
 *
 * const sink = new MemorySink();
 * const writer = new TableWriter((bytes) => sink.write(bytes));
 * await writer.add(encodeText("apple"), encodeText("red"));
 * await writer.add(encodeText("plum"), encodeText("blue"));
 * await writer.finish();
 * await sink.finish();
 *
 * const table = await openTable(new MemorySource(sink.bytes()));
 * assertEquals(await table.get(encodeText("plum")), encodeText("blue"));
 * ```
 *
 * @module
 */
export { MAGIC as TABLE_MAGIC } from "./layout.ts";
export { crc32c, maskCrc, unmaskCrc } from "./crc32c.ts";
export {
  snappyLength,
  unpackSnappy,
  unpackSnappyInto,
} from "./snappy_unpack.ts";
export {
  createSnappyTable,
  packSnappy,
  packSnappyInto,
  snappyPackedMax,
} from "./snappy_pack.ts";
export {
  type CompareKeys,
  decodeBlock,
  entryKey,
  entryValue,
  lowerBound,
  type TableEntries,
} from "./table_entries.ts";
export {
  type MetaBlock,
  TableEncoder,
  type TableEncoderOptions,
} from "./table_encoder.ts";
export {
  type TableSummary,
  TableWriter,
  type TableWriterOptions,
} from "./table_writer.ts";
export type { BlockHandle, BlockOptions, Footer } from "./block.ts";
export type { TableIndex } from "./table_index.ts";
export { decodeTable } from "./decode_table.ts";
export { TableDecoder } from "./table_decoder.ts";
export { openTable } from "./open_table.ts";
export { Table } from "./table.ts";
export type {
  EntriesOptions,
  EntryPlace,
  OpenTableOptions,
  TableBatch,
} from "./table_options.ts";
