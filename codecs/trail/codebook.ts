/**
 * The codewords of a TrailDB.
 *
 * @module
 */
import {
  CODE_BITS_MAX,
  CODEBOOK_ENTRIES,
  CODEBOOK_ENTRY_BYTES,
  CODEBOOK_ENTRY_BYTES_V0,
  TIME_DELTA_MAX,
  WIDE_FLAG,
} from "./layout.ts";
import { corruptMember, type MemberWindow } from "./trail_members.ts";

/**
 * What the 65,536 entries say, each symbol once. Symbol 0 is no symbol: what
 * leads to it is an unused or a damaged entry, and meeting it while decoding
 * is damage. Symbols come by length, so that frequent ones lie together.
 */
export interface Codebook {
  /** The symbol of each 16 bits. */
  readonly symbols: Uint32Array;
  /** Bits of each symbol's codeword, 1 to 16; 0 for symbol 0. */
  readonly codeBits: Uint8Array;
  /** Field of each symbol's first item; 0 is the time. */
  readonly firstFields: Uint16Array;
  /** Value of each symbol's first item. */
  readonly firstValues: Float64Array;
  /** Field of each symbol's second item; 0 is none. */
  readonly secondFields: Uint16Array;
  /** Value of each symbol's second item. */
  readonly secondValues: Float64Array;
}

/** One entry, as read. */
interface Entry {
  firstField: number;
  firstValue: number;
  secondField: number;
  secondValue: number;
  codeBits: number;
}

/**
 * Decodes a codebook. Entries that nobody can use soundly become symbol 0.
 *
 * @param bytes The member.
 * @param version Version of the format.
 * @param valueCounts Distinct values of each field, by field id; entry 0 is
 * not looked at.
 * @param window Where it is.
 * @throws {CairnError} `corrupt` unless the size is the one there is.
 */
export function decodeCodebook(
  bytes: Uint8Array,
  version: number,
  valueCounts: Float64Array,
  window: MemberWindow,
): Codebook {
  const entryBytes = version === 0
    ? CODEBOOK_ENTRY_BYTES_V0
    : CODEBOOK_ENTRY_BYTES;
  if (bytes.length !== CODEBOOK_ENTRIES * entryBytes) {
    throw corruptMember(
      window,
      `Cannot read codebook: ${bytes.length} bytes, ${
        CODEBOOK_ENTRIES * entryBytes
      } wanted`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bitsOf = new Uint8Array(CODEBOOK_ENTRIES);
  const countByBits = new Uint32Array(CODE_BITS_MAX + 2);
  const entry: Entry = {
    firstField: 0,
    firstValue: 0,
    secondField: 0,
    secondValue: 0,
    codeBits: 0,
  };
  for (let k = 0; k < CODEBOOK_ENTRIES; k++) {
    readEntry(view, k * entryBytes, version, entry);
    if (!isSound(entry, valueCounts)) continue;
    bitsOf[k] = entry.codeBits;
    if (isOwner(bytes, k, entry.codeBits, entryBytes)) {
      countByBits[entry.codeBits]!++;
    }
  }
  return collect(bytes, view, version, entryBytes, bitsOf, countByBits);
}

/** Numbers the symbols by length and fills the columns. */
function collect(
  bytes: Uint8Array,
  view: DataView,
  version: number,
  entryBytes: number,
  bitsOf: Uint8Array,
  countByBits: Uint32Array,
): Codebook {
  const next = new Uint32Array(CODE_BITS_MAX + 2).fill(1);
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++) {
    next[bits + 1] = next[bits]! + countByBits[bits]!;
  }
  const count = next[CODE_BITS_MAX + 1]!;
  const book = {
    symbols: new Uint32Array(CODEBOOK_ENTRIES),
    codeBits: new Uint8Array(count),
    firstFields: new Uint16Array(count),
    firstValues: new Float64Array(count),
    secondFields: new Uint16Array(count),
    secondValues: new Float64Array(count),
  };
  const entry = {
    firstField: 0,
    firstValue: 0,
    secondField: 0,
    secondValue: 0,
    codeBits: 0,
  };
  for (let k = 0; k < CODEBOOK_ENTRIES; k++) {
    const bits = bitsOf[k]!;
    if (bits === 0) continue;
    // The entry with only the bits of the code is below k, or k itself.
    if (!isOwner(bytes, k, bits, entryBytes)) {
      book.symbols[k] = book.symbols[k & ((1 << bits) - 1)]!;
      continue;
    }
    const symbol = next[bits]!++;
    readEntry(view, k * entryBytes, version, entry);
    book.symbols[k] = symbol;
    book.codeBits[symbol] = bits;
    book.firstFields[symbol] = entry.firstField;
    book.firstValues[symbol] = entry.firstValue;
    book.secondFields[symbol] = entry.secondField;
    book.secondValues[symbol] = entry.secondValue;
  }
  return book;
}

/** True unless the entry repeats that of its code's own bits. */
function isOwner(
  bytes: Uint8Array,
  k: number,
  bits: number,
  entryBytes: number,
): boolean {
  const owner = k & ((1 << bits) - 1);
  if (owner === k) return true;
  const a = k * entryBytes;
  const b = owner * entryBytes;
  for (let i = 0; i < entryBytes; i++) {
    if (bytes[a + i] !== bytes[b + i]) return true;
  }
  return false;
}

function readEntry(
  view: DataView,
  at: number,
  version: number,
  entry: Entry,
): void {
  if (version === 0) {
    const first = view.getUint32(at, true);
    const second = view.getUint32(at + 4, true);
    entry.firstField = first & 0xff;
    entry.firstValue = first >>> 8;
    entry.secondField = second & 0xff;
    entry.secondValue = second >>> 8;
    entry.codeBits = view.getUint32(at + 8, true);
    return;
  }
  entry.firstField = fieldAt(view, at);
  entry.firstValue = valueAt(view, at);
  entry.secondField = fieldAt(view, at + 8);
  entry.secondValue = valueAt(view, at + 8);
  entry.codeBits = view.getUint32(at + 16, true);
}

/** A wide item whose bit 15 is set gets a field that no schema has. */
function fieldAt(view: DataView, at: number): number {
  const low = view.getUint16(at, true);
  return (low & WIDE_FLAG) === 0 ? low & 0x7f : (low & 0x7f) | (low >>> 8) << 7;
}

function valueAt(view: DataView, at: number): number {
  const low = view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  return (low & WIDE_FLAG) === 0
    ? (low >>> 8) + (high & 0xff) * 2 ** 24
    : (low >>> 16) + high * 2 ** 16;
}

/** A second item of field 0 can only be the one that stands for none. */
function isSound(entry: Entry, valueCounts: Float64Array): boolean {
  const { firstField, firstValue, secondField, secondValue, codeBits } = entry;
  return codeBits >= 1 && codeBits <= CODE_BITS_MAX &&
    firstField < valueCounts.length && secondField < valueCounts.length &&
    firstValue <=
      (firstField === 0 ? TIME_DELTA_MAX : valueCounts[firstField]!) &&
    secondValue <= (secondField === 0 ? 0 : valueCounts[secondField]!);
}
