/**
 * TrailDB, read and written: event histories as dictionary-coded, delta-coded
 * and Huffman-coded trails.
 *
 * `trailCodec` serves the contracts; `TrailDatabase` is the library in
 * TrailDB's own terms. Format: docs/formats/traildb.md.
 *
 * @module
 */
export { appendDatabase } from "./append_database.ts";
export { trailCodec } from "./codec.ts";
export { isTrailFieldName, TRAIL_CAPABILITIES } from "./capabilities.ts";
export type { TrailCreateOptions } from "./create_options.ts";
export {
  createTrailDirectory,
  createTrailStore,
  type MemberOutput,
  TrailWriter,
} from "./write/trail_writer.ts";
export type { Member } from "./write/write_members.ts";
export type { WriteMembersOptions } from "./write/write_package.ts";
export {
  type ExtractOptions,
  extractTrails,
  mergeSchemas,
  mergeTrails,
  type MergeTrailsOptions,
} from "./merge_trails.ts";
export {
  openTrailMembers,
  openTrailStore,
  type TrailOpenOptions,
} from "./open_trail.ts";
export {
  findItemIndex,
  openTrailDirectory,
  openTrailPath,
} from "./open_trail_path.ts";
export type { TrailPathOptions } from "./trail_path_options.ts";
export { ScanWorkers, type ScanWorkersOptions } from "./scan/scan_workers.ts";
export { TrailStore, type TrailStoreOptions } from "./trail_store.ts";
export type { MemberWindow, TrailMembers } from "./trail_members.ts";
export { TrailFile } from "./trail_file.ts";
export { TrailKeys } from "./trail_keys.ts";
export { TrailLexicon, type ValueTable } from "./trail_lexicon.ts";
export { TrailsToc } from "./trails_toc.ts";
export type { Codebook } from "./codebook.ts";
export type { DecodeModel } from "./event_decoder.ts";
export type { SummedPart, TrailBlocks } from "./additions.ts";
export type { TrailInfo } from "./info.ts";
export { TrailDatabase, type ViewOptions } from "./trail_database.ts";
export {
  type CursorOptions,
  type FilterLookup,
  TrailCursor,
  type TrailEvent,
} from "./trail_cursor.ts";
export { MultiCursor, type MultiCursorEvent } from "./multi_cursor.ts";
export {
  EventFilter,
  type MatchTerm,
  type TimeRangeTerm,
  type TrailFilterTerm,
} from "./event_filter.ts";
export {
  isItem32,
  itemField,
  itemValue,
  makeItem,
  type TrailItem,
} from "./items.ts";
export { TrailIndexFile } from "./item_index.ts";
export { writeItemIndex } from "./write_item_index.ts";
