/**
 * Hot loops as WebAssembly, each beside a TypeScript reference of the same
 * function that does the work where WebAssembly is not at hand.
 *
 * @module
 */
export { crc32c, crc32cReference } from "./crc32c.ts";
export { createEsdbDecodeCompiled } from "./esdb_decode.ts";
export {
  ESDB_STATUS,
  type EsdbDecodeKernel,
  type EsdbDecodeRoom,
} from "./esdb_decode_layout.ts";
export { createEsdbDecodeReference } from "./esdb_decode_reference.ts";
export {
  createEsdbEncodeCompiled,
  type EsdbEncodeKernel,
  type EsdbEncodeRoom,
} from "./esdb_encode.ts";
export { createTrailDecodeKernel } from "./trail_decode.ts";
export {
  DATA_BYTES,
  DATA_PADDING,
  ENTRIES_BYTES,
  ENTRY,
  FIRST_BITS,
  LANE,
  LANE_STATUS,
  NO_LIMIT,
  SLOT_MAX,
  SPARE_BITS,
  type TrailDecodeFunctions,
  type TrailDecodeKernel,
  type TrailDecodeRegions,
  WORD_BITS,
} from "./trail_decode_layout.ts";
export { DeltaNumbers, NO_DELTA } from "./trail_deltas.ts";
export { EdgeList, itemBases } from "./trail_edges.ts";
export {
  createTrailCountCompiled,
  createTrailCountKernel,
  createTrailEncodeCompiled,
  createTrailEncodeKernel,
} from "./trail_encode.ts";
export {
  CODE_LENGTH_SHIFT,
  type TrailCountKernel,
  type TrailEncodeKernel,
  type TrailEncodeOutput,
  type TrailEncodeRun,
  type TrailEncodeTables,
  type TrailGramCounts,
} from "./trail_encode_layout.ts";
export {
  createTrailCounterReference,
  createTrailEncoderReference,
} from "./trail_encode_reference.ts";
export {
  countPairs,
  Cover,
  FIRST,
  flagPartners,
  SECOND,
} from "./trail_grams.ts";
export { PAIR_CODE, PAIR_COUNT, PAIR_WORDS, PairTable } from "./trail_pairs.ts";
export { createTrailFilterKernel } from "./trail_filter.ts";
export {
  FILTER_FIELDS,
  FILTER_KINDS,
  FILTER_STATE,
  FILTER_STATE_BITS,
  FILTER_TIME_BITS,
  FILTER_TRANSITIONS_BYTES,
  type TrailFilterFunctions,
  type TrailFilterKernel,
  type TrailFilterRegions,
} from "./trail_filter_layout.ts";
export { turnBits, turnBitsReference } from "./turn_bits.ts";
