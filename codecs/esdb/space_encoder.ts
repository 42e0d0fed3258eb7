/**
 * Encoding of one space from its events.
 *
 * @module
 */
import { crc32c } from "@cairn/sstable";
import { NameTable } from "./_name_table.ts";
import {
  BLOCK_CONTENT_BYTES,
  GO_BLIND_OFFSET,
  NAME_EVENTS,
  NAME_POSTINGS,
  POSTING_BYTES,
  SPACE_MAGIC,
  TABLE_LENGTH_BYTES,
  TIMESTAMP_BYTES,
} from "./layout.ts";
import { type Output, reserve } from "./_output.ts";
import { SectionPacker } from "./section_packer.ts";
import { SectionTableEncoder } from "./section_table_encoder.ts";

/** Events of one space: by time, oldest first, equal times as added. */
export interface SpaceEvents {
  /** Number of events, at least 1. */
  readonly count: number;
  /** Time of each, from `first` on. */
  readonly timestamps: Float64Array;
  /** Holds the records. */
  readonly bytes: Uint8Array;
  /** Where the record of each event begins, from `first` on. */
  readonly starts: Uint32Array;
  /** Where it ends. */
  readonly ends: Uint32Array;
  /** Row of the first event in the arrays. */
  readonly first: number;
}

/** What was written of a space. */
export interface SpaceSummary {
  /** Number of events. */
  readonly count: number;
  /** Smallest time. */
  readonly oldest: number;
  /** Largest time. */
  readonly newest: number;
  /** CRC-32C of the bytes before the section table. */
  readonly checksum: number;
}

/** Encodes space after space with arrays that are used again. */
export class SpaceEncoder {
  readonly #avoidGoFaults: boolean;
  readonly #packer = new SectionPacker();
  readonly #table = new SectionTableEncoder();
  readonly #groups = new NameTable();
  readonly #keys = new NameTable();
  readonly #groupBuckets = new Buckets();
  readonly #keyBuckets = new Buckets();
  #content: Uint8Array = new Uint8Array(16_384);
  /** Per event, newest first: its row, grouping, data and place. */
  #rows: Uint32Array = new Uint32Array(0);
  #groupOf: Uint32Array = new Uint32Array(0);
  #dataStarts: Uint32Array = new Uint32Array(0);
  #positions: Float64Array = new Float64Array(0);
  #offsets: Uint16Array = new Uint16Array(0);
  /** Per posting: its event and key. */
  #postingEvents: Uint32Array = new Uint32Array(64);
  #postingKeys: Uint32Array = new Uint32Array(64);
  #postingCount = 0;

  /** Makes an encoder. @param avoidGoFaults The layout that Go reads right. */
  constructor(avoidGoFaults: boolean) {
    this.#avoidGoFaults = avoidGoFaults;
  }

  /**
   * Writes a space behind what `out` holds.
   *
   * @param events Its events.
   * @param out Where it goes.
   */
  encode(events: SpaceEvents, out: Output): SpaceSummary {
    const start = out.byteLength;
    reserve(out, 1);
    out.bytes[out.byteLength++] = SPACE_MAGIC;
    this.#table.clear();
    this.#order(events);
    this.#parse(events);
    this.#writeEvents(events, out, start);
    this.#writePostings(events, out, start);
    const tableStart = out.byteLength;
    this.#table.finish(out);
    const tableLength = out.byteLength - tableStart;
    reserve(out, TABLE_LENGTH_BYTES);
    writeU64(out.bytes, out.byteLength, tableLength);
    out.byteLength += TABLE_LENGTH_BYTES;
    return {
      count: events.count,
      oldest: events.timestamps[events.first]!,
      newest: events.timestamps[events.first + events.count - 1]!,
      checksum: crc32c(out.bytes, start, tableStart),
    };
  }

  /** Newest first, equal times as added. */
  #order(events: SpaceEvents): void {
    const { count, timestamps, first } = events;
    if (count > this.#rows.length) {
      this.#rows = new Uint32Array(2 * count);
      this.#groupOf = new Uint32Array(2 * count);
      this.#dataStarts = new Uint32Array(2 * count);
      this.#positions = new Float64Array(2 * count);
      this.#offsets = new Uint16Array(2 * count);
    }
    let made = 0;
    for (let end = count; end > 0;) {
      let start = end - 1;
      const time = timestamps[first + start]!;
      while (start > 0 && timestamps[first + start - 1] === time) start--;
      for (let i = start; i < end; i++) this.#rows[made++] = first + i;
      end = start;
    }
  }

  /** Takes the records apart. */
  #parse(events: SpaceEvents): void {
    const { bytes, starts, count } = events;
    this.#groups.clear(bytes);
    this.#keys.clear(bytes);
    this.#postingCount = 0;
    for (let event = 0; event < count; event++) {
      let at = starts[this.#rows[event]!]!;
      let length = readUvarint(bytes, at);
      at = uvarintEnd(bytes, at);
      this.#groupOf[event] = this.#groups.add(at, at + length);
      at += length;
      const keyCount = readUvarint(bytes, at);
      at = uvarintEnd(bytes, at);
      for (let k = 0; k < keyCount; k++) {
        length = readUvarint(bytes, at);
        at = uvarintEnd(bytes, at);
        this.#addPosting(event, this.#keys.add(at, at + length));
        at += length;
      }
      this.#dataStarts[event] = at;
    }
  }

  #addPosting(event: number, key: number): void {
    const i = this.#postingCount++;
    if (i === this.#postingKeys.length) {
      const events = new Uint32Array(2 * i);
      events.set(this.#postingEvents);
      this.#postingEvents = events;
      const keys = new Uint32Array(2 * i);
      keys.set(this.#postingKeys);
      this.#postingKeys = keys;
    }
    this.#postingEvents[i] = event;
    this.#postingKeys[i] = key;
  }

  #writeEvents(events: SpaceEvents, out: Output, start: number): void {
    const avoidBlind = this.#avoidGoFaults && this.#postingCount > 0;
    const groups = this.#groups;
    const order = groups.sorted();
    const buckets = groups.count === 1 ? undefined : this.#groupBuckets;
    buckets?.fill(groups, this.#groupOf, undefined, events.count);
    for (let g = 0; g < groups.count; g++) {
      const group = order[g]!;
      const from = buckets?.starts[group] ?? 0;
      const to = from + groups.uses[group]!;
      const length = this.#fillEvents(events, buckets?.items, from, to);
      if (avoidBlind) skipBlindOffset(out, start);
      const offset = out.byteLength - start;
      this.#packer.packEvents(this.#content, length, out, start, avoidBlind);
      this.#table.add(
        NAME_EVENTS,
        events.bytes,
        groups.starts[group]!,
        groups.ends[group]!,
        offset,
        out.byteLength - start - offset,
      );
      this.#placeEvents(buckets?.items, from, to);
    }
  }

  /** Writes the content of an event section; keeps where each event begins. */
  #fillEvents(
    events: SpaceEvents,
    items: Uint32Array | undefined,
    from: number,
    to: number,
  ): number {
    const { bytes, ends, timestamps } = events;
    let content = this.#content;
    let at = 0;
    for (let i = from; i < to; i++) {
      const event = items === undefined ? i : items[i]!;
      const row = this.#rows[event]!;
      const start = this.#dataStarts[event]!;
      const length = ends[row]! - start;
      if (at + length + 16 > content.length) {
        content = this.#growContent(at, at + length + 16);
      }
      this.#positions[event] = at;
      let rest = length;
      while (rest >= 0x80) {
        content[at++] = rest & 0x7f | 0x80;
        rest >>>= 7;
      }
      content[at++] = rest;
      const time = timestamps[row]!;
      content[at] = time;
      content[at + 1] = time >>> 8;
      content[at + 2] = time >>> 16;
      content[at + 3] = time >>> 24;
      at += TIMESTAMP_BYTES;
      if (length < 96) {
        for (let k = start; k < start + length; k++) content[at++] = bytes[k]!;
      } else {
        content.set(bytes.subarray(start, start + length), at);
        at += length;
      }
    }
    content[at++] = 0;
    return at;
  }

  /** Turns positions in the content into blocks and offsets in them. */
  #placeEvents(
    items: Uint32Array | undefined,
    from: number,
    to: number,
  ): void {
    const { blockOffsets } = this.#packer;
    for (let i = from; i < to; i++) {
      const event = items === undefined ? i : items[i]!;
      const position = this.#positions[event]!;
      // A full block is cut only when more comes, so an event may begin at
      // its very end.
      const block = position === 0
        ? 0
        : Math.ceil(position / BLOCK_CONTENT_BYTES) - 1;
      this.#positions[event] = blockOffsets[block]!;
      this.#offsets[event] = position - block * BLOCK_CONTENT_BYTES;
    }
  }

  #writePostings(events: SpaceEvents, out: Output, start: number): void {
    if (this.#postingCount === 0) return;
    const keys = this.#keys;
    const order = keys.sorted();
    const buckets = this.#keyBuckets;
    buckets.fill(
      keys,
      this.#postingKeys,
      this.#postingEvents,
      this.#postingCount,
    );
    const { starts, items } = buckets;
    for (let k = 0; k < keys.count; k++) {
      const key = order[k]!;
      const count = keys.uses[key]!;
      const needed = count * POSTING_BYTES + 1;
      if (needed > this.#content.length) this.#growContent(0, needed);
      const content = this.#content;
      let at = 0;
      for (let i = starts[key]!; i < starts[key]! + count; i++) {
        const event = items[i]!;
        writeU64(content, at, this.#positions[event]!);
        const offset = this.#offsets[event]!;
        content[at + 8] = offset;
        content[at + 9] = offset >>> 8;
        at += POSTING_BYTES;
      }
      content[at++] = 0;
      const offset = out.byteLength - start;
      this.#packer.packPostings(content, at, out, this.#avoidGoFaults);
      this.#table.add(
        NAME_POSTINGS,
        events.bytes,
        keys.starts[key]!,
        keys.ends[key]!,
        offset,
        out.byteLength - start - offset,
      );
    }
  }

  #growContent(used: number, wanted: number): Uint8Array {
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#content.length));
    grown.set(this.#content.subarray(0, used));
    this.#content = grown;
    return grown;
  }
}

/** Items by name number, in their order. Used again for space after space. */
class Buckets {
  /** Where the items of each name begin. */
  starts: Uint32Array = new Uint32Array(64);
  /** The items. */
  items: Uint32Array = new Uint32Array(64);
  #next: Uint32Array = new Uint32Array(64);

  fill(
    names: NameTable,
    numbers: Uint32Array,
    values: Uint32Array | undefined,
    count: number,
  ): void {
    if (names.count > this.starts.length) {
      this.starts = new Uint32Array(2 * names.count);
      this.#next = new Uint32Array(2 * names.count);
    }
    if (count > this.items.length) this.items = new Uint32Array(2 * count);
    let start = 0;
    for (let id = 0; id < names.count; id++) {
      this.starts[id] = start;
      this.#next[id] = start;
      start += names.uses[id]!;
    }
    for (let i = 0; i < count; i++) {
      this.items[this.#next[numbers[i]!]!++] = values === undefined
        ? i
        : values[i]!;
    }
  }
}

/** Puts a byte between sections where a block would begin at a multiple of 256. */
function skipBlindOffset(out: Output, start: number): void {
  if ((out.byteLength - start) % GO_BLIND_OFFSET !== 0) return;
  reserve(out, 1);
  out.bytes[out.byteLength++] = 0;
}

/** Writes a number as u64. */
export function writeU64(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  bytes[at + 4] = high;
  bytes[at + 5] = high >>> 8;
  bytes[at + 6] = high >>> 16;
  bytes[at + 7] = high >>> 24;
}

function readUvarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let scale = 1;; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

function uvarintEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}
