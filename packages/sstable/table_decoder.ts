/**
 * Decoding of many small tables, one after the other, without an object each.
 *
 * @module
 */
import type { ByteReaderPlace, ByteSpans } from "@cairn/core";
import { crc32c, maskCrc } from "./crc32c.ts";
import { decodeTable } from "./decode_table.ts";
import { FOOTER_BYTES, FOOTER_MAGIC_OFFSET, TRAILER_BYTES } from "./layout.ts";
import type { TableEntries } from "./table_entries.ts";

const MAGIC_LOW = 0x8b80_fb57 | 0; // as little-endian words
const MAGIC_HIGH = 0xdb47_7524 | 0;
/** Larger tables go the ordinary way. */
const SMALL_BYTES_MAX = 65_536;
/** Room for the keys of a table at first. */
const KEY_BYTES = 1024;
/** Tables whose keys unpack to more go the ordinary way. */
const KEY_BYTES_MAX = 1_048_576;

/**
 * Decodes small tables of one block each into arrays that are used again;
 * everything else goes through {@linkcode decodeTable} and comes out the same.
 *
 * The columns are valid until the next call, and longer than `count`.
 */
export class TableDecoder implements TableEntries {
  /** Number of entries of the last table. */
  count = 0;
  /** Its keys. */
  keys: ByteSpans;
  /** Its values. */
  values: ByteSpans;
  #keyBytes: Uint8Array;
  #keyStarts: Uint32Array = new Uint32Array(64);
  #keyEnds: Uint32Array = new Uint32Array(64);
  #valueStarts: Uint32Array = new Uint32Array(64);
  #valueEnds: Uint32Array = new Uint32Array(64);
  /** Reader state of the fast way. */
  #at = 0;

  /** Makes a decoder. */
  constructor() {
    this.#keyBytes = new Uint8Array(KEY_BYTES);
    this.keys = {
      bytes: this.#keyBytes,
      starts: this.#keyStarts,
      ends: this.#keyEnds,
    };
    this.values = this.keys;
  }

  /**
   * Decodes a table; the columns then hold its entries.
   *
   * @param bytes Holds the table.
   * @param start Where it begins.
   * @param end Where it ends, exclusive.
   * @param place Where `bytes` lies, for errors.
   * @throws {CairnError} `corrupt`
   */
  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    place: ByteReaderPlace,
  ): void {
    if (
      end - start <= SMALL_BYTES_MAX && this.#decodeSmall(bytes, start, end)
    ) {
      return;
    }
    const entries = decodeTable(bytes.subarray(start, end), {
      ...place,
      offset: (place.offset ?? 0) + start,
    }, { packed: false });
    this.count = entries.count;
    this.keys = entries.keys;
    this.values = entries.values;
  }

  /** Gives false when anything is unusual; the ordinary way then says what. */
  #decodeSmall(bytes: Uint8Array, start: number, end: number): boolean {
    const footer = end - FOOTER_BYTES;
    if (footer < start) return false;
    const magic = footer + FOOTER_MAGIC_OFFSET;
    if (
      i32At(bytes, magic) !== MAGIC_LOW ||
      i32At(bytes, magic + 4) !== MAGIC_HIGH
    ) return false;
    this.#at = footer;
    const metaOffset = this.#varint(bytes, magic);
    const metaLength = this.#varint(bytes, magic);
    const indexOffset = this.#varint(bytes, magic);
    const indexLength = this.#varint(bytes, magic);
    if (
      metaOffset < 0 || metaLength < 0 || indexLength < 8 || indexOffset < 0 ||
      !blockIsSound(bytes, start + metaOffset, metaLength, footer) ||
      !blockIsSound(bytes, start + indexOffset, indexLength, footer)
    ) return false;
    return this.#decodeIndexed(
      bytes,
      start,
      start + indexOffset,
      indexLength,
      footer,
    );
  }

  /** One index entry, one data block; the keys of the two must agree. */
  #decodeIndexed(
    bytes: Uint8Array,
    start: number,
    index: number,
    indexLength: number,
    footer: number,
  ): boolean {
    const entriesEnd = index + indexLength - 8;
    if (
      i32At(bytes, entriesEnd) !== 0 || i32At(bytes, entriesEnd + 4) !== 1
    ) return false;
    this.#at = index;
    const shared = this.#varint(bytes, entriesEnd);
    const separatorLength = this.#varint(bytes, entriesEnd);
    const valueLength = this.#varint(bytes, entriesEnd);
    if (
      shared !== 0 || separatorLength < 0 || valueLength < 0 ||
      separatorLength + valueLength !== entriesEnd - this.#at
    ) return false;
    const separator = this.#at;
    this.#at += separatorLength;
    const dataOffset = this.#varint(bytes, entriesEnd);
    const dataLength = this.#varint(bytes, entriesEnd);
    if (
      this.#at !== entriesEnd || dataOffset < 0 || dataLength < 8 ||
      !blockIsSound(bytes, start + dataOffset, dataLength, footer) ||
      !this.#decodeEntries(bytes, start + dataOffset, dataLength)
    ) return false;
    // The last key must not be behind the separator.
    const row = this.count - 1;
    const from = this.#keyStarts[row]!;
    const length = this.#keyEnds[row]! - from;
    const shorter = Math.min(length, separatorLength);
    for (let i = 0; i < shorter; i++) {
      const order = this.#keyBytes[from + i]! - bytes[separator + i]!;
      if (order !== 0) return order < 0;
    }
    return length <= separatorLength;
  }

  /** Entries of a data block; false also when there are none. */
  #decodeEntries(bytes: Uint8Array, block: number, length: number): boolean {
    const restartCount = i32At(bytes, block + length - 4);
    const entriesEnd = block + length - 4 - 4 * restartCount;
    if (
      restartCount < 1 || restartCount > length >>> 2 || entriesEnd <= block
    ) {
      return false;
    }
    let keys = this.#keyBytes;
    let row = 0;
    let k = 0;
    let last = 0;
    let lastLength = 0;
    let restart = 0;
    this.#at = block;
    while (this.#at < entriesEnd) {
      const isRestart = restart < restartCount &&
        i32At(bytes, entriesEnd + 4 * restart) === this.#at - block;
      const shared = this.#varint(bytes, entriesEnd);
      const rest = this.#varint(bytes, entriesEnd);
      const valueLength = this.#varint(bytes, entriesEnd);
      let i = this.#at;
      if (
        shared < 0 || rest < 0 || valueLength < 0 || shared > lastLength ||
        rest > entriesEnd - i || valueLength > entriesEnd - i - rest ||
        k + shared + rest > KEY_BYTES_MAX
      ) return false;
      if (k + shared + rest > keys.length) {
        keys = this.#growKeys(k, k + shared + rest);
      }
      if (isRestart) {
        restart++;
        if (shared !== 0) return false;
      } else if (row === 0) return false;
      if (row === this.#keyStarts.length) this.#grow();
      // Ascending: the first byte that is not shared is greater, or is added.
      if (!isRestart) {
        if (
          rest === 0 ||
          shared < lastLength && bytes[i]! <= keys[last + shared]!
        ) return false;
      } else if (
        row > 0 && !isAfter(keys, last, lastLength, bytes, i, rest)
      ) return false;
      const from = k;
      for (const stop = k + shared; k < stop;) keys[k++] = keys[last++]!;
      for (const stop = i + rest; i < stop;) keys[k++] = bytes[i++]!;
      this.#keyStarts[row] = from;
      this.#keyEnds[row] = k;
      this.#valueStarts[row] = i;
      this.#valueEnds[row] = i + valueLength;
      this.#at = i + valueLength;
      last = from;
      lastLength = k - from;
      row++;
    }
    if (restart !== restartCount) return false;
    this.count = row;
    this.keys = { bytes: keys, starts: this.#keyStarts, ends: this.#keyEnds };
    this.values = { bytes, starts: this.#valueStarts, ends: this.#valueEnds };
    return true;
  }

  #growKeys(used: number, wanted: number): Uint8Array {
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#keyBytes.length));
    grown.set(this.#keyBytes.subarray(0, used));
    this.#keyBytes = grown;
    return grown;
  }

  #grow(): void {
    this.#keyStarts = doubled(this.#keyStarts);
    this.#keyEnds = doubled(this.#keyEnds);
    this.#valueStarts = doubled(this.#valueStarts);
    this.#valueEnds = doubled(this.#valueEnds);
  }

  /** A uvarint below 2^28 at `#at`; -1 for any other, or past `end`. */
  #varint(bytes: Uint8Array, end: number): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.#at >= end) return -1;
      const byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }
}

/** Whether a block lies before `end` and its checksum and type 0 are right. */
function blockIsSound(
  bytes: Uint8Array,
  start: number,
  length: number,
  end: number,
): boolean {
  if (length + TRAILER_BYTES > end - start) return false;
  const type = start + length;
  return bytes[type] === 0 &&
    i32At(bytes, type + 1) === (maskCrc(crc32c(bytes, start, type + 1)) | 0);
}

/** Whether bytes `at .. at + length` of `bytes` come after a key. */
function isAfter(
  keys: Uint8Array,
  key: number,
  keyLength: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): boolean {
  const shorter = Math.min(keyLength, length);
  for (let i = 0; i < shorter; i++) {
    const order = bytes[at + i]! - keys[key + i]!;
    if (order !== 0) return order > 0;
  }
  return length > keyLength;
}

function doubled(array: Uint32Array): Uint32Array {
  const grown = new Uint32Array(2 * array.length);
  grown.set(array);
  return grown;
}

function i32At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}
