/**
 * Decoding of many ESDB spaces, in TypeScript alone.
 *
 * @module
 */
import { crc32cReference } from "./crc32c.ts";
import {
  ESDB_BLOCKS_MAX,
  ESDB_NAME_MAX,
  ESDB_SECTIONS_MAX,
  ESDB_STATUS,
  type EsdbDecodeKernel,
  type EsdbDecodeRoom,
} from "./esdb_decode_layout.ts";
import { unpackSnappyReference } from "./esdb_snappy_reference.ts";

const { done, full, unusual } = ESDB_STATUS;
const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const POSTING_BYTES = 10;
const NAME_EVENTS = 0x67;
const NAME_POSTINGS = 0x69;

/**
 * Makes a decoder that does what the compiled one does, slowly: for tests. The
 * codec has a plain decoder of its own that is fast.
 *
 * @param room How much it can hold.
 * @param section Name of a posting section; empty for all events.
 */
export function createEsdbDecodeReference(
  room: EsdbDecodeRoom,
  section: Uint8Array,
): EsdbDecodeKernel {
  return new ReferenceDecoder(room, section);
}

/** Thrown out of a space that cannot be decoded here. */
class Stop {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

interface Section {
  readonly name: readonly number[];
  readonly offset: number;
  readonly length: number;
}

interface Row {
  readonly begin: number;
  readonly timestamp: number;
  readonly start: number;
  readonly end: number;
}

interface ReadSection {
  readonly section: Section;
  readonly blocks: ReadonlyMap<number, readonly [start: number, end: number]>;
  readonly rows: ReadonlyMap<number, Row>;
}

class ReferenceDecoder implements EsdbDecodeKernel {
  readonly stored: Uint8Array;
  readonly spaceStarts: Uint32Array;
  readonly spaceLengths: Uint32Array;
  readonly spaceRows: Uint32Array;
  readonly sectionCounts: Uint32Array;
  readonly content: Uint8Array;
  readonly timestamps: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  rowCount = 0;
  status = 0;
  readonly #wanted: string;
  readonly #rowsMax: number;
  #contentEnd = 0;
  #blockCount = 0;
  #foundCount = 0;

  constructor(room: EsdbDecodeRoom, section: Uint8Array) {
    this.stored = new Uint8Array(room.storedBytes);
    this.spaceStarts = new Uint32Array(room.spaces);
    this.spaceLengths = new Uint32Array(room.spaces);
    this.spaceRows = new Uint32Array(room.spaces);
    this.sectionCounts = new Uint32Array(room.spaces);
    this.content = new Uint8Array(room.contentBytes);
    this.timestamps = new Float64Array(room.rows);
    this.starts = new Uint32Array(room.rows);
    this.ends = new Uint32Array(room.rows);
    this.#rowsMax = room.rows;
    this.#wanted = section.join();
  }

  decode(first: number, end: number, rowsWanted: number): number {
    this.status = done;
    this.rowCount = 0;
    this.#contentEnd = 0;
    for (let space = first; space < end; space++) {
      const rows = this.rowCount;
      const content = this.#contentEnd;
      try {
        if (rows >= rowsWanted && space > first) throw new Stop(full);
        this.#decodeSpace(space);
        if (this.rowCount > rowsWanted && rows > 0) throw new Stop(full);
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
        this.status = error.status;
        this.rowCount = rows;
        this.#contentEnd = content;
        return space;
      }
      this.spaceRows[space] = this.rowCount;
    }
    return end;
  }

  #decodeSpace(space: number): void {
    const start = this.spaceStarts[space]!;
    const length = this.spaceLengths[space]!;
    if (start > this.stored.length || length > this.stored.length - start) {
      throw new RangeError("Cannot decode space: it leaves the stored bytes");
    }
    const bytes = this.stored.subarray(start, start + length);
    const sections = readSections(bytes);
    if (this.#wanted !== "") {
      this.#readIndexed(bytes, sections);
      return;
    }
    let count = 0;
    for (const section of sections) {
      if (section.name[0] !== NAME_EVENTS) continue;
      count++;
      this.#blockCount = 0;
      for (const row of this.#readEvents(bytes, section, this.rowCount).rows) {
        this.#push(row[1]);
      }
    }
    this.sectionCounts[space] = count;
  }

  #readIndexed(bytes: Uint8Array, sections: readonly Section[]): void {
    const wanted = sections.find(({ name }) => name.join() === this.#wanted);
    if (wanted === undefined || wanted.name[0] === undefined) return;
    if (wanted.name[0] !== NAME_POSTINGS) {
      if (wanted.name[0] === NAME_EVENTS) throw new Stop(unusual);
      return;
    }
    const from = this.#contentEnd;
    this.#blockCount = 0;
    this.#unpack(bytes, wanted);
    const postings = this.content.slice(from, this.#contentEnd);
    const count = (postings.length - 1) / POSTING_BYTES;
    if (!(Number.isInteger(count) && count >= 0) || postings.at(-1) !== 0) {
      throw new Stop(unusual);
    }
    if (count > this.#rowsMax - this.rowCount) throw new Stop(full);
    this.#blockCount = 0;
    this.#foundCount = 0;
    const read: ReadSection[] = [];
    const view = new DataView(postings.buffer);
    for (let i = 0; i < count; i++) {
      const block = view.getUint32(POSTING_BYTES * i, true);
      const high = view.getUint32(POSTING_BYTES * i + 4, true);
      const holds = (section: Section): boolean =>
        high === 0 && block >= section.offset &&
        block < section.offset + section.length;
      let place = read.find(({ section }) => holds(section));
      if (place === undefined) {
        const section = sections.find((section) =>
          section.name[0] === NAME_EVENTS && holds(section)
        );
        if (section === undefined) throw new Stop(unusual);
        place = this.#readEvents(bytes, section, this.#foundCount);
        this.#foundCount += place.rows.size;
        read.push(place);
      }
      const blockPlace = place.blocks.get(block);
      if (blockPlace === undefined) throw new Stop(unusual);
      const offset = view.getUint16(POSTING_BYTES * i + 8, true);
      const row = place.rows.get(blockPlace[0] + offset);
      if (blockPlace[0] + offset > blockPlace[1] || row === undefined) {
        throw new Stop(unusual);
      }
      this.#push(row);
    }
  }

  #push(row: Row): void {
    this.timestamps[this.rowCount] = row.timestamp;
    this.starts[this.rowCount] = row.start;
    this.ends[this.rowCount++] = row.end;
  }

  /** Unpacks a section; gives where the content of each block lies. */
  #unpack(
    bytes: Uint8Array,
    section: Section,
  ): Map<number, readonly [start: number, end: number]> {
    const blocks = new Map<number, readonly [number, number]>();
    const end = section.offset + section.length;
    for (let at = section.offset; at < end;) {
      if (end - at < 3 || this.#blockCount++ === ESDB_BLOCKS_MAX) {
        throw new Stop(unusual);
      }
      const from = at + 3;
      const to = from + (bytes[at]! | bytes[at + 1]! << 8);
      if (to > end) throw new Stop(unusual);
      const start = this.#contentEnd;
      const room = this.content.length - start;
      if (bytes[at + 2] === 0) {
        if (to - from > room) throw new Stop(full);
        this.content.set(bytes.subarray(from, to), start);
        this.#contentEnd += to - from;
      } else if (bytes[at + 2] === 1) {
        const packed = bytes.subarray(from, to);
        const unpacked = unpackSnappyReference(packed, room);
        if (typeof unpacked === "number") throw new Stop(unpacked);
        this.content.set(unpacked, start);
        this.#contentEnd += unpacked.length;
      } else throw new Stop(unusual);
      blocks.set(at, [start, this.#contentEnd]);
      at = to;
    }
    return blocks;
  }

  /** Reads an event section; `rowsBefore` others are held already. */
  #readEvents(
    bytes: Uint8Array,
    section: Section,
    rowsBefore: number,
  ): ReadSection {
    const from = this.#contentEnd;
    const blocks = this.#unpack(bytes, section);
    const last = this.#contentEnd - 1;
    const { content } = this;
    if (last < from || content[last] !== 0) throw new Stop(unusual);
    const rows = new Map<number, Row>();
    for (let begin = from; begin < last;) {
      const [length, at] = readUvarint(content, begin, last);
      const start = at + 4;
      if (length < 0 || length > last - start) throw new Stop(unusual);
      if (rowsBefore + rows.size === this.#rowsMax) throw new Stop(full);
      const timestamp = (content[at]! | content[at + 1]! << 8 |
        content[at + 2]! << 16 | content[at + 3]! << 24) >>> 0;
      rows.set(begin, { begin, timestamp, start, end: start + length });
      begin = start + length;
    }
    return { section, blocks, rows };
  }
}

/** Reads the section table at the end of a space. */
function readSections(space: Uint8Array): Section[] {
  const end = space.length - 8;
  if (end < FOOTER_BYTES + 1 || space[0] !== 0x2a) throw new Stop(unusual);
  const view = new DataView(space.buffer, space.byteOffset, space.length);
  const tableLength = Number(view.getBigUint64(end, true));
  if (tableLength < FOOTER_BYTES || tableLength > end - 1) {
    throw new Stop(unusual);
  }
  const table = end - tableLength;
  const footer = end - FOOTER_BYTES;
  if (view.getBigUint64(footer + 40, true) !== 0xdb47_7524_8b80_fb57n) {
    throw new Stop(unusual);
  }
  const handle = (at: number, limit: number): [number, number, number] => {
    const [offset, second] = readUvarint(space, at, limit);
    const [length, rest] = readUvarint(space, second, limit);
    if (offset < 0 || length < 0) throw new Stop(unusual);
    const start = table + offset;
    const type = start + length;
    if (
      type + TRAILER_BYTES > footer || space[type] !== 0 ||
      view.getUint32(type + 1, true) !==
        maskedSum(space.subarray(start, type + 1))
    ) throw new Stop(unusual);
    return [start, type, rest];
  };
  const [, , second] = handle(footer, footer + 40);
  const [index, indexBlockEnd] = handle(second, footer + 40);
  const indexEnd = indexBlockEnd - 8;
  if (
    indexEnd < index || view.getUint32(indexEnd, true) !== 0 ||
    view.getUint32(indexEnd + 4, true) !== 1
  ) throw new Stop(unusual);
  const separator = readEntry(space, index, indexEnd);
  if (separator.shared !== 0 || separator.end !== indexEnd) {
    throw new Stop(unusual);
  }
  const [block, blockEnd, rest] = handle(separator.keyEnd, indexEnd);
  if (rest !== indexEnd || blockEnd - block < 8) throw new Stop(unusual);
  const sections = readEntries(space, block, blockEnd, table);
  const last = sections[sections.length - 1]!.name;
  if (
    compare(last, [...space.subarray(separator.keyStart, separator.keyEnd)]) > 0
  ) throw new Stop(unusual);
  return sections;
}

function readEntries(
  space: Uint8Array,
  block: number,
  blockEnd: number,
  table: number,
): Section[] {
  const view = new DataView(space.buffer, space.byteOffset, space.length);
  const restartCount = view.getInt32(blockEnd - 4, true);
  const entriesEnd = blockEnd - 4 - 4 * restartCount;
  if (restartCount < 1 || entriesEnd <= block) throw new Stop(unusual);
  const sections: Section[] = [];
  let last: number[] = [];
  let restart = 0;
  let sectionEnd = 1;
  for (let at = block; at < entriesEnd;) {
    const isRestart = restart < restartCount &&
      view.getInt32(entriesEnd + 4 * restart, true) === at - block;
    if (isRestart) restart++;
    const entry = readEntry(space, at, entriesEnd);
    const { shared, keyStart, keyEnd, end } = entry;
    const rest = [...space.subarray(keyStart, keyEnd)];
    const name = [...last.slice(0, shared), ...rest];
    if (
      shared > last.length || name.length > ESDB_NAME_MAX ||
      sections.length === ESDB_SECTIONS_MAX ||
      (isRestart ? shared !== 0 : sections.length === 0) ||
      sections.length > 0 && compare(name, last) <= 0
    ) throw new Stop(unusual);
    let offset = 0;
    let length = 0;
    if (name[0] === NAME_EVENTS || name[0] === NAME_POSTINGS) {
      let second: number;
      [offset, second] = readUvarint(space, keyEnd, end);
      [length] = readUvarint(space, second, end);
      if (offset < sectionEnd || length < 0 || length > table - offset) {
        throw new Stop(unusual);
      }
      sectionEnd = offset + length;
    }
    sections.push({ name, offset, length });
    last = name;
    at = end;
  }
  if (restart !== restartCount) throw new Stop(unusual);
  return sections;
}

/** Reads the head of a table entry and where its key and value lie. */
function readEntry(
  bytes: Uint8Array,
  at: number,
  limit: number,
): { shared: number; keyStart: number; keyEnd: number; end: number } {
  const [shared, second] = readUvarint(bytes, at, limit);
  const [rest, third] = readUvarint(bytes, second, limit);
  const [valueLength, keyStart] = readUvarint(bytes, third, limit);
  const keyEnd = keyStart + rest;
  const end = keyEnd + valueLength;
  if (shared < 0 || rest < 0 || valueLength < 0 || end > limit) {
    throw new Stop(unusual);
  }
  return { shared, keyStart, keyEnd, end };
}

/** A uvarint below 2^28 and where it ends; -1 for any other. */
function readUvarint(
  bytes: Uint8Array,
  at: number,
  limit: number,
): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; shift < 28 && at < limit; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
  return [-1, at];
}

function maskedSum(bytes: Uint8Array): number {
  const crc = crc32cReference(bytes);
  return ((crc >>> 15 | crc << 17) + 0xa282_ead8) >>> 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
