/**
 * The bitmap codec: for every field and value the set of rows that have it, in
 * chunks of 256 bytes under sorted keys.
 *
 * A live index takes events and grows; a sealed file is the same keys in one
 * immutable table. Layout: docs/formats/bitmap.md.
 *
 * @module
 */
export { bitmapCodec } from "./codec.ts";
export type { BitmapCreateOptions } from "./create_options.ts";
export { cityHash128 } from "./city_hash.ts";
export type {
  ChunkBatchOptions,
  ChunkChange,
  ChunkEntries,
  ChunkReader,
  ChunkStore,
  KeyRange,
} from "./chunk_store.ts";
export { MemoryChunkStore } from "./memory_chunk_store.ts";
export {
  openLevelChunkStore,
  type OpenLevelOptions,
} from "./level_chunk_store.ts";
export {
  type FieldDefinition,
  type KeyspaceField,
  type KeyspaceSchema,
  parseKeyspaceSchema,
} from "./keyspace_schema.ts";
export type { FieldState, KeyspaceState } from "./keyspace_state.ts";
export type { KeyspaceRecords } from "./keyspace_records.ts";
export type { CborMap } from "./_cbor.ts";
export type { Quantum } from "./calendar.ts";
export {
  type HexBytes,
  parseRowEvent,
  type RowEvent,
  type RowNumber,
  type RowText,
} from "./row_event.ts";
export {
  BitmapIndex,
  type BitmapIndexOptions,
  openBitmapIndex,
} from "./bitmap_index.ts";
export {
  importLines,
  type ImportLinesOptions,
  type ImportLinesSummary,
} from "./import_lines.ts";
export { seal, type SealOptions, type SealSummary } from "./seal.ts";
export {
  type BitmapOpenOptions,
  openBitmapDirectory,
  openSealed,
  openSnapshot,
} from "./open_store.ts";
