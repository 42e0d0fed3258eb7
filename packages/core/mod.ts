/**
 * The contracts of cairn: events, trails, stores, codecs, indexes, and what
 * all of them stand on.
 *
 * @module
 */
export {
  CairnError,
  type CairnErrorOptions,
  type ErrorCode,
  type ErrorPlace,
  invariant,
  throwIfAborted,
} from "./errors.ts";
export {
  compareBytes,
  concatBytes,
  decodeText,
  EMPTY_BYTES,
  encodeText,
  equalBytes,
} from "./bytes.ts";
export { formatHex, parseHex } from "./hex.ts";
export { parseInteger } from "./integer.ts";
export { decodeKeyParts, encodeKeyParts } from "./key_parts.ts";
export { formatUuid, parseUuid, UUID_BYTES } from "./uuid.ts";
export { ByteReader, type ByteReaderPlace } from "./byte_reader.ts";
export { ByteWriter } from "./byte_writer.ts";
export { bitLength, popCount, trailingZeros } from "./bits.ts";
export { assertRange, type ReadOptions, type Source } from "./source.ts";
export { MemorySource, type MemorySourceOptions } from "./memory_source.ts";
export { SliceSource, type SliceSourceOptions } from "./slice_source.ts";
export {
  type MemoryEvent,
  MemoryStore,
  type MemoryStoreParts,
  type MemoryTrail,
} from "./memory_store.ts";
export type { FinishOptions, Sink } from "./sink.ts";
export { MemorySink } from "./memory_sink.ts";
export type { Scratch, ScratchFile } from "./scratch.ts";
export { openScratch } from "./open_scratch.ts";
export {
  createSchema,
  type Field,
  FIELDS_MAX,
  type FieldSpec,
  type FieldType,
  findField,
  getField,
  type Schema,
} from "./schema.ts";
export type { Lexicon } from "./lexicon.ts";
export {
  type BytesColumn,
  type ByteSpans,
  type Column,
  columnValue,
  compareValues,
  type IdColumn,
  packSpans,
  spanValue,
} from "./column.ts";
export {
  EventBatch,
  type EventBatchParts,
  type EventRow,
} from "./event_batch.ts";
export type { InputBatch } from "./input_batch.ts";
export {
  equal,
  type EqualTerm,
  Filter,
  type FilterClause,
  type FilterTerm,
  notEqual,
  test,
  type TestTerm,
  timeRange,
  type TimeTerm,
} from "./filter.ts";
export {
  type CompiledFieldTerm,
  type CompiledFilter,
  type CompiledTerm,
  type CompiledTimeTerm,
  compileFilter,
  filterFields,
  selectRows,
} from "./compiled_filter.ts";
export { Bitmap, CHUNK_BITS, CHUNK_BYTES, CHUNK_WORDS } from "./bitmap.ts";
export { BitmapBuilder } from "./bitmap_builder.ts";
export {
  type Capabilities,
  type Codec,
  type CreateOptions,
  type OpenOptions,
  type Probe,
  readProbe,
} from "./codec.ts";
export type { AbortOptions } from "./abort_options.ts";
export {
  BATCH_EVENTS,
  type OrdinalRange,
  type ScanOptions,
  type Store,
  type StoreStats,
} from "./store.ts";
export type {
  AppendOptions,
  StoreWriter,
  WriteSummary,
} from "./store_writer.ts";
export type { Finding } from "./finding.ts";
export { SharedLoad } from "./shared_load.ts";
export type {
  Condition,
  CounterExtreme,
  CounterIndex,
  CounterOptions,
  Grams,
  Index,
  IndexField,
  Period,
  Postings,
  Term,
  TimeUnit,
  TrailsOptions,
  ValueCount,
  ValuesOfOptions,
  ValuesOptions,
} from "./index.ts";
