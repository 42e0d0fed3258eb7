/**
 * What the parsers of records have in common.
 *
 * @module
 */
import type { RowFault } from "./_row_buffer.ts";

/** A bad record. */
export interface BadRecord {
  /** Where the record starts, in the bytes parsed. */
  readonly start: number;
  /** Line of its start, from 1. */
  readonly line: number;
  /** What is wrong. */
  readonly fault: RowFault;
}

/** Told of each bad record; throws unless bad records are skipped. */
export type OnBadRecord = (bytes: Uint8Array, bad: BadRecord) => void;

/** Parses records of one input into rows. */
export interface RecordParser {
  /** Line of the next record, from 1. */
  line: number;

  /**
   * Parses whole records until bytes end or rows are full.
   *
   * @param bytes Text; at `end` is room for one byte, which is overwritten.
   * @param start Where the first record starts.
   * @param end Behind the bytes.
   * @param final Whether the input ends there.
   * @returns Where the first record not parsed starts.
   */
  parse(bytes: Uint8Array, start: number, end: number, final: boolean): number;
}
