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
  const words = wordsOf(bytes);
  const entryWords = entryBytes / 4;
  const symbols = new Uint32Array(CODEBOOK_ENTRIES);
  const entries = collectSymbols(words, entryWords, valueCounts, symbols);
  return sortSymbols(entries, symbols);
}

/**
 * Finds the symbols, in the order of the codewords, and writes to `symbols`
 * which one each 16 bits begin with.
 *
 * Nearly all entries repeat the one of their code's own bits, and a symbol has
 * up to 32,768 of them: what an entry says is only looked at once.
 */
function collectSymbols(
  words: Uint32Array,
  entryWords: number,
  valueCounts: Float64Array,
  symbols: Uint32Array,
): Entry[] {
  const entries: Entry[] = [];
  for (let k = 0; k < CODEBOOK_ENTRIES; k++) {
    const at = k * entryWords;
    const codeBits = words[at + entryWords - 1]!;
    if (codeBits < 1 || codeBits > CODE_BITS_MAX) continue;
    // The entry with only the bits of the code is below k, or k itself.
    const owner = k & ((1 << codeBits) - 1);
    if (owner !== k && isSame(words, at, owner * entryWords, entryWords)) {
      symbols[k] = symbols[owner]!;
      continue;
    }
    const entry = entryWords === 3
      ? readEntryV0(words, at)
      : readEntry(words, at);
    if (isSound(entry, valueCounts)) symbols[k] = entries.push(entry);
  }
  return entries;
}

/** Numbers the symbols anew, short codes first, and fills the columns. */
function sortSymbols(
  entries: readonly Entry[],
  symbols: Uint32Array,
): Codebook {
  const count = entries.length + 1;
  const book = {
    symbols,
    codeBits: new Uint8Array(count),
    firstFields: new Uint16Array(count),
    firstValues: new Float64Array(count),
    secondFields: new Uint16Array(count),
    secondValues: new Float64Array(count),
  };
  const next = new Uint32Array(CODE_BITS_MAX + 2);
  for (const { codeBits } of entries) next[codeBits + 1]!++;
  next[1] = 1;
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++) {
    next[bits + 1]! += next[bits]!;
  }
  const numbers = new Uint32Array(count);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const symbol = next[entry.codeBits]!++;
    numbers[i + 1] = symbol;
    book.codeBits[symbol] = entry.codeBits;
    book.firstFields[symbol] = entry.firstField;
    book.firstValues[symbol] = entry.firstValue;
    book.secondFields[symbol] = entry.secondField;
    book.secondValues[symbol] = entry.secondValue;
  }
  for (let k = 0; k < CODEBOOK_ENTRIES; k++) symbols[k] = numbers[symbols[k]!]!;
  return book;
}

/** A view where the bytes lie well; little-endian, as all machines of today. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.length / 4,
  );
}

/** Compares two entries of 3 or 5 words. */
function isSame(
  words: Uint32Array,
  a: number,
  b: number,
  count: number,
): boolean {
  return words[a] === words[b] && words[a + 1] === words[b + 1] &&
    words[a + 2] === words[b + 2] &&
    (count === 3 ||
      (words[a + 3] === words[b + 3] && words[a + 4] === words[b + 4]));
}

function readEntryV0(words: Uint32Array, at: number): Entry {
  const first = words[at]!;
  const second = words[at + 1]!;
  return {
    firstField: first & 0xff,
    firstValue: first >>> 8,
    secondField: second & 0xff,
    secondValue: second >>> 8,
    codeBits: words[at + 2]!,
  };
}

function readEntry(words: Uint32Array, at: number): Entry {
  return {
    firstField: fieldOf(words[at]!),
    firstValue: valueOf(words[at]!, words[at + 1]!),
    secondField: fieldOf(words[at + 2]!),
    secondValue: valueOf(words[at + 2]!, words[at + 3]!),
    codeBits: words[at + 4]!,
  };
}

/** A wide item whose bit 15 is set gets a field that no schema has. */
function fieldOf(low: number): number {
  return (low & WIDE_FLAG) === 0
    ? low & 0x7f
    : (low & 0x7f) | (low >>> 8 & 0xff) << 7;
}

function valueOf(low: number, high: number): number {
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
