/**
 * The section table of a space: names, offsets and lengths of its sections.
 *
 * @module
 */
import type { ByteReaderPlace, ByteSpans } from "@cairn/core";
import { TableDecoder } from "@cairn/sstable";
import { corruptAt } from "./_corrupt.ts";
import {
  NAME_EVENTS,
  NAME_POSTINGS,
  SPACE_MAGIC,
  TABLE_LENGTH_BYTES,
} from "./layout.ts";

/** Part of the file, for errors. */
export const SECTION_TABLE_PART = "section table";

/**
 * Sections of a space in the order of their names. Used again for space after
 * space; only the first `count` rows count, until the next `decode`.
 */
export class SectionTable {
  /** Number of sections. */
  count = 0;
  /** Names of the sections, their first letter included. */
  names: ByteSpans;
  /** Offset of each section from the start of the space. */
  offsets: Float64Array = new Float64Array(64);
  /** Stored bytes of each section. */
  lengths: Float64Array = new Float64Array(64);
  /** Where the section table begins: all sections end before. */
  tableOffset = 0;
  readonly #decoder = new TableDecoder();

  /** Makes an empty table. */
  constructor() {
    this.names = this.#decoder.keys;
  }

  /**
   * Decodes the table at the end of a space.
   *
   * @param tail The last bytes of the space, at least its table.
   * @param start Where in `tail` the bytes begin that belong to the space.
   * @param end Where the space ends in `tail`, exclusive.
   * @param spaceLength Bytes of the whole space.
   * @param place Where `tail` lies, for errors.
   * @returns 0, or how many of the last bytes are needed when `tail` is too
   * short.
   * @throws {CairnError} `corrupt`
   */
  decode(
    tail: Uint8Array,
    start: number,
    end: number,
    spaceLength: number,
    place: ByteReaderPlace,
  ): number {
    const tableEnd = end - TABLE_LENGTH_BYTES;
    const tableLength = readU64(tail, tableEnd);
    if (tableLength > spaceLength - TABLE_LENGTH_BYTES - 1) {
      throw corruptAt(
        place,
        tableEnd,
        `Cannot read section table: ${tableLength} bytes in a space of ${spaceLength}`,
        "table-length",
      );
    }
    const needed = tableLength + TABLE_LENGTH_BYTES;
    if (needed > end - start) return needed;
    this.tableOffset = spaceLength - needed;
    this.#decoder.decode(tail, tableEnd - tableLength, tableEnd, place);
    this.#readValues(place);
    return 0;
  }

  /**
   * Fails unless a space begins with its magic.
   *
   * @param bytes Holds the space. @param start Where it begins.
   * @param place Where `bytes` lies.
   */
  static assertMagic(
    bytes: Uint8Array,
    start: number,
    place: ByteReaderPlace,
  ): void {
    if (bytes[start] !== SPACE_MAGIC) {
      throw corruptAt(
        place,
        start,
        `Cannot read space: it begins with ${
          bytes[start]
        }, ${SPACE_MAGIC} wanted`,
      );
    }
  }

  /** Finds a section by name. @returns Its row, or -1. */
  find(name: Uint8Array): number {
    const { bytes, starts, ends } = this.names;
    const row = this.lowerBound(name);
    return row < this.count &&
        compareTo(bytes, starts[row]!, ends[row]!, name) === 0
      ? row
      : -1;
  }

  /** Finds the first section at or after a name. @returns Its row, or `count`. */
  lowerBound(name: Uint8Array): number {
    const { bytes, starts, ends } = this.names;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareTo(bytes, starts[middle]!, ends[middle]!, name) < 0) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }

  /** Tells whether a section holds events. */
  isEvents(row: number): boolean {
    return this.#letter(row) === NAME_EVENTS;
  }

  /** Tells whether a section holds postings. */
  isPostings(row: number): boolean {
    return this.#letter(row) === NAME_POSTINGS;
  }

  /** Gives a copy of a section's name without its first letter. */
  nameOf(row: number): Uint8Array {
    const { bytes, starts, ends } = this.names;
    return bytes.slice(starts[row]! + 1, ends[row]!);
  }

  #letter(row: number): number {
    const { bytes, starts, ends } = this.names;
    return starts[row] === ends[row] ? -1 : bytes[starts[row]!]!;
  }

  #readValues(place: ByteReaderPlace): void {
    const { count, values } = this.#decoder;
    this.count = count;
    this.names = this.#decoder.keys;
    if (count > this.offsets.length) {
      this.offsets = new Float64Array(2 * count);
      this.lengths = new Float64Array(2 * count);
    }
    let end = 1;
    let ordered = true;
    for (let row = 0; row < count; row++) {
      this.offsets[row] = 0;
      this.lengths[row] = 0;
      // Sections that are neither events nor postings are not ours to judge.
      if (!this.isEvents(row) && !this.isPostings(row)) continue;
      const at = values.starts[row]!;
      const stop = values.ends[row]!;
      const offset = readUvarint(values.bytes, at, stop);
      const second = skipUvarint(values.bytes, at, stop);
      const length = readUvarint(values.bytes, second, stop);
      const rest = skipUvarint(values.bytes, second, stop);
      if (
        offset < 1 || length < 0 || offset > this.tableOffset ||
        length > this.tableOffset - offset || rest > stop
      ) {
        throw corruptAt(
          place,
          0,
          "Cannot read section table: a section leaves its space",
          "section-value",
        );
      }
      ordered &&= offset >= end;
      end = offset + length;
      this.offsets[row] = offset;
      this.lengths[row] = length;
    }
    if (!ordered) this.#assertApart(place);
  }

  /** Sections may lie in any order, but not over each other. */
  #assertApart(place: ByteReaderPlace): void {
    const rows = Array.from({ length: this.count }, (_, row) => row)
      .filter((row) => this.offsets[row] !== 0)
      .sort((a, b) =>
        this.offsets[a]! - this.offsets[b]! ||
        this.lengths[a]! - this.lengths[b]!
      );
    let end = 1;
    for (const row of rows) {
      if (this.offsets[row]! < end) {
        throw corruptAt(
          place,
          0,
          "Cannot read section table: sections overlap",
          "section-value",
        );
      }
      end = this.offsets[row]! + this.lengths[row]!;
    }
  }
}

/** Reads a u64 as a number; Infinity beyond 2^53. */
export function readU64(bytes: Uint8Array, at: number): number {
  const low = (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
  const high = (bytes[at + 4]! | bytes[at + 5]! << 8 | bytes[at + 6]! << 16 |
    bytes[at + 7]! << 24) >>> 0;
  return high === 0
    ? low
    : high >= 0x20_0000
    ? Infinity
    : high * 0x1_0000_0000 + low;
}

/** A uvarint within `at .. end`; -1 when there is none or it is too large. */
function readUvarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at, scale = 1; i < end && i - at < 10; i++, scale *= 128) {
    const byte = bytes[i]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : -1;
  }
  return -1;
}

/** The position behind a uvarint; behind `end` when it is cut off. */
function skipUvarint(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! >= 0x80) at++;
  return at + 1;
}

function compareTo(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: Uint8Array,
): number {
  const shorter = Math.min(end - start, name.length);
  for (let i = 0; i < shorter; i++) {
    const order = bytes[start + i]! - name[i]!;
    if (order !== 0) return order;
  }
  return end - start - name.length;
}
