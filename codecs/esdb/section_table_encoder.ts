/**
 * Encoding of section tables: thousands of small ones.
 *
 * @module
 */
import { crc32c, maskCrc, TABLE_MAGIC, TableEncoder } from "@cairn/sstable";
import { type Output, reserve } from "./_output.ts";

/** A table of more bytes than this has several blocks, and is made otherwise. */
const BLOCK_BYTES = 4096;
const RESTART_INTERVAL = 16;
const FOOTER_BYTES = 48;
/** The empty meta-index block with its trailer. */
const META_INDEX = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 0, 0, 0],
  ...[0, 0xc0, 0xf2, 0xa1, 0xb0],
);

/**
 * Encodes section tables, one after the other: `add` in order of names, then
 * `finish`. The same bytes as `TableEncoder`, which does the larger ones.
 */
export class SectionTableEncoder {
  readonly #encoder = new TableEncoder();
  #names: Uint8Array = new Uint8Array(4096);
  #namesLength = 0;
  #count = 0;
  #nameEnds: Uint32Array = new Uint32Array(64);
  #offsets: Float64Array = new Float64Array(64);
  #lengths: Float64Array = new Float64Array(64);

  /** Forgets all entries. */
  clear(): void {
    this.#namesLength = 0;
    this.#count = 0;
  }

  /**
   * Adds a section.
   *
   * @param letter First byte of its name.
   * @param bytes Holds the rest of its name.
   * @param start Where that begins.
   * @param end Where it ends.
   * @param offset Offset of the section from the start of the space.
   * @param length Its stored bytes.
   */
  add(
    letter: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    offset: number,
    length: number,
  ): void {
    const wanted = this.#namesLength + 1 + end - start;
    if (wanted > this.#names.length) {
      const names = new Uint8Array(Math.max(wanted, 2 * this.#names.length));
      names.set(this.#names.subarray(0, this.#namesLength));
      this.#names = names;
    }
    if (this.#count === this.#nameEnds.length) this.#grow();
    this.#names[this.#namesLength] = letter;
    for (let i = start, at = this.#namesLength + 1; i < end;) {
      this.#names[at++] = bytes[i++]!;
    }
    this.#namesLength = wanted;
    this.#nameEnds[this.#count] = wanted;
    this.#offsets[this.#count] = offset;
    this.#lengths[this.#count++] = length;
  }

  /** Writes the table. @param out Where it goes. */
  finish(out: Output): void {
    // Entries take at most this; a block is finished from 4,096 bytes on.
    const most = this.#namesLength + 26 * this.#count + 8;
    if (most < BLOCK_BYTES) this.#writeSmall(out, most);
    else this.#writeLarge(out);
  }

  #writeLarge(out: Output): void {
    const value = { bytes: new Uint8Array(32), byteLength: 0 };
    for (let i = 0, start = 0; i < this.#count; i++) {
      const end = this.#nameEnds[i]!;
      value.byteLength = 0;
      value.byteLength = writeUvarint(value.bytes, 0, this.#offsets[i]!);
      value.byteLength = writeUvarint(
        value.bytes,
        value.byteLength,
        this.#lengths[i]!,
      );
      this.#encoder.add(
        this.#names.subarray(start, end),
        value.bytes.subarray(0, value.byteLength),
      );
      start = end;
    }
    this.#encoder.finish();
    const table = this.#encoder.take();
    reserve(out, table.length);
    out.bytes.set(table, out.byteLength);
    out.byteLength += table.length;
  }

  #writeSmall(out: Output, most: number): void {
    reserve(out, most + this.#namesLength + 160);
    const { bytes } = out;
    const base = out.byteLength;
    let at = this.#writeEntries(bytes, base);
    const dataLength = at - base;
    at = writeTrailer(bytes, base, at);
    const metaOffset = at - base;
    bytes.set(META_INDEX, at);
    at += META_INDEX.length;
    const indexStart = at;
    at = this.#writeIndex(bytes, at, dataLength);
    const indexLength = at - indexStart;
    at = writeTrailer(bytes, indexStart, at);
    const footer = at;
    at = writeUvarint(bytes, at, metaOffset);
    at = writeUvarint(bytes, at, 8);
    at = writeUvarint(bytes, at, indexStart - base);
    at = writeUvarint(bytes, at, indexLength);
    bytes.fill(0, at, footer + FOOTER_BYTES - 8);
    bytes.set(TABLE_MAGIC, footer + FOOTER_BYTES - 8);
    out.byteLength = footer + FOOTER_BYTES;
  }

  /** The data block: entries with shared prefixes, restarts. */
  #writeEntries(bytes: Uint8Array, base: number): number {
    const names = this.#names;
    let at = base;
    let last = 0;
    let lastEnd = 0;
    for (let i = 0; i < this.#count; i++) {
      const start = lastEnd;
      const end = this.#nameEnds[i]!;
      let shared = 0;
      if (i % RESTART_INTERVAL !== 0) {
        const most = Math.min(start - last, end - start);
        while (
          shared < most && names[last + shared] === names[start + shared]
        ) shared++;
      } else this.#restarts[i / RESTART_INTERVAL] = at - base;
      at = writeUvarint(bytes, at, shared);
      at = writeUvarint(bytes, at, end - start - shared);
      const valueAt = at++;
      for (let k = start + shared; k < end;) bytes[at++] = names[k++]!;
      const valueStart = at;
      at = writeUvarint(bytes, at, this.#offsets[i]!);
      at = writeUvarint(bytes, at, this.#lengths[i]!);
      bytes[valueAt] = at - valueStart;
      last = start;
      lastEnd = end;
    }
    const restarts = Math.max(1, Math.ceil(this.#count / RESTART_INTERVAL));
    for (let i = 0; i < restarts; i++) {
      at = writeU32(bytes, at, this.#restarts[i]!);
    }
    return writeU32(bytes, at, restarts);
  }

  /** The index block: one entry, the shortest key behind the last name. */
  #writeIndex(bytes: Uint8Array, at: number, dataLength: number): number {
    const names = this.#names;
    const start = this.#count > 1 ? this.#nameEnds[this.#count - 2]! : 0;
    const end = this.#namesLength;
    let i = start;
    while (i < end && names[i] === 0xff) i++;
    const keyEnd = i === end ? end : i + 1;
    bytes[at++] = 0;
    at = writeUvarint(bytes, at, keyEnd - start);
    bytes[at++] = dataLength < 0x80 ? 2 : 3;
    for (let k = start; k < keyEnd;) bytes[at++] = names[k++]!;
    if (i < end) bytes[at - 1]!++;
    bytes[at++] = 0;
    at = writeUvarint(bytes, at, dataLength);
    at = writeU32(bytes, at, 0);
    return writeU32(bytes, at, 1);
  }

  readonly #restarts = new Uint32Array(BLOCK_BYTES / RESTART_INTERVAL);

  #grow(): void {
    const size = 2 * this.#count;
    const nameEnds = new Uint32Array(size);
    nameEnds.set(this.#nameEnds);
    this.#nameEnds = nameEnds;
    const offsets = new Float64Array(size);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const lengths = new Float64Array(size);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
  }
}

function writeTrailer(bytes: Uint8Array, start: number, at: number): number {
  bytes[at++] = 0;
  return writeU32(bytes, at, maskCrc(crc32c(bytes, start, at)));
}

function writeU32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  return at + 4;
}

function writeUvarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = value % 0x80 | 0x80;
    value = Math.floor(value / 0x80);
  }
  bytes[at++] = value;
  return at;
}
