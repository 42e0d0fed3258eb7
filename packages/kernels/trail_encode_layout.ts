/**
 * What goes into encoding events, and what comes out.
 *
 * @module
 */
import type { DeltaNumbers } from "./trail_deltas.ts";
import type { PairTable } from "./trail_pairs.ts";

/** A code word has its number of bits in bits 24 to 31, and the bits below. */
export const CODE_LENGTH_SHIFT = 24;

/** What encoding needs to know. Nothing of it may change afterwards. */
export interface TrailEncodeTables {
  /** First item number of each field, and of time differences last. */
  readonly bases: Uint32Array;
  /** Bits of a field id in a literal. */
  readonly fieldBits: number;
  /** Bits of a value id in a literal, by field id: time is 0. */
  readonly valueBits: Uint8Array;
  /** Numbers of the time differences that have one. */
  readonly deltas: DeltaNumbers;
  /** Pairs and their counts, and code words: 0 for a pair that has no code. */
  readonly pairs: PairTable;
  /** By item number: whether it is first or second of a pair. */
  readonly partners: Uint8Array;
  /** By item number: a code word, for a code or a short literal; 0 for a long literal. */
  readonly codes: Uint32Array;
}

/** Events to encode: rows of trails, in order. */
export interface TrailEncodeRun {
  /** Number of events. */
  readonly count: number;
  /** Whether the first trail goes on from the run before. */
  readonly continued: boolean;
  /** Where each trail's rows begin, and the end of the last. */
  readonly trailOffsets: Uint32Array;
  /** Time difference of each event. */
  readonly deltas: Float64Array;
  /** Value ids of each field. */
  readonly columns: readonly Uint32Array[];
}

/** What came out of a run: views, valid until the next call. */
export interface TrailEncodeOutput {
  /** Whole bytes, behind those of the run before. */
  readonly bytes: Uint8Array;
  /** Where in `bytes` each trail ends that has ended; 0 for one that was complete before. */
  readonly ends: Uint32Array;
  /** For each of them, how many bits of its last byte are unused: to be set in its first byte. */
  readonly residuals: Uint8Array;
}

/** Encodes runs, one after the other. */
export interface TrailEncodeKernel {
  /** Encodes a run. @param run The events that follow those before. */
  encode(run: TrailEncodeRun): TrailEncodeOutput;
  /** Ends the last trail. Nothing may follow. */
  finish(): TrailEncodeOutput;
}

/** How often grams stand for events. */
export interface TrailGramCounts {
  /** By item number: how often it stands alone. */
  readonly singles: Uint32Array;
  /** By slot of the table of pairs: how often it was chosen. */
  readonly pairs: Uint32Array;
}

/** Counts the grams that cover events, in place of writing them. */
export interface TrailCountKernel {
  /** Counts a run. @param run The events that follow those before. */
  count(run: TrailEncodeRun): void;
  /** Gives the counts of all runs so far; copies. */
  counts(): TrailGramCounts;
}

/** Most bits that one event can take, with room for what was pending. */
export function eventBitsMax(
  tables: Pick<TrailEncodeTables, "fieldBits" | "valueBits">,
): number {
  // A code is longer than a literal only as one of a pair.
  let bits = 32;
  for (const valueBits of tables.valueBits) {
    bits += Math.max(32, 1 + tables.fieldBits + valueBits);
  }
  return bits;
}
