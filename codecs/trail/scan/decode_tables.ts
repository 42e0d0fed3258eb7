/**
 * The tables of the kernels that walk over trails, made of a checked codebook.
 *
 * @module
 */
import {
  ENTRY,
  FIRST_BITS,
  SLOT_MAX,
  SPARE_BITS,
  type TrailDecodeKernel,
  WORD_BITS,
} from "@cairn/kernels";
import type { DecodeModel } from "../event_decoder.ts";
import { CODE_BITS_MAX, CODEBOOK_ENTRIES } from "../layout.ts";

/** What rows look like, and what the kernel must be told. */
export interface RowLayout {
  /** Bytes of a row: the time, a slot for each column, up to a multiple of 16. */
  readonly rowBytes: number;
  /** How far values are shifted to the left. */
  readonly scale: number;
  /** Bits of an unscaled difference of times. */
  readonly timeBits: number;
  /** Slot of each field, by field id; the length of a row for what is dropped. */
  readonly slots: Uint16Array;
}

/** What an entry of the kernel's table says, as words. */
export interface EntryWords {
  /** Lower word of the value. */
  readonly low: number;
  /** Upper word of the value. */
  readonly high: number;
  /** Lower word of the effect, but the bits of the code. */
  readonly effectLow: number;
  /** Upper word of the effect. */
  readonly effectHigh: number;
}

/** Says what the entries of a kernel's table are. */
export interface EntrySource {
  /**
   * Gives the entry of a literal.
   *
   * @param field Its field id, at most that of the last field.
   * @param low Lower bits of its value.
   * @param lowBits How many of them are known.
   */
  literal(field: number, low: number, lowBits: number): EntryWords;
  /** Gives the entry of a symbol of the codebook, from 1. */
  codeword(symbol: number): EntryWords;
  /** What is written into the effect of an entry that must not occur. */
  readonly dropped: number;
}

/** Bytes of the time in a row. */
const TIME_BYTES = 8;
/** Longest codeword that the first table takes alone; one bit is the flag. */
const SHORT_BITS = FIRST_BITS - 1;
/** Where the mask ends in a word of the first table. */
const POINTER_SHIFT = 9;
const BAD_FLAG = 2 ** 30;

/**
 * Tells how rows of some columns are laid out, or that the kernels cannot
 * decode this file: values that do not fit a slot, or too many fields.
 *
 * @param model The file's.
 * @param fields Field id of each column; other fields are decoded and dropped.
 * @param timeSpan Largest time less smallest.
 */
export function planRows(
  model: DecodeModel,
  fields: readonly number[],
  timeSpan: number,
): RowLayout | undefined {
  const scale = SPARE_BITS + 1 + model.fieldBits;
  const timeBits = model.valueBits[0]!;
  const rowBytes = 16 * Math.ceil((TIME_BYTES + 4 * fields.length) / 16);
  const fits = scale - SPARE_BITS <= FIRST_BITS &&
    model.valueBits.every((bits, field) =>
      scale + bits <= (field === 0 ? WORD_BITS : 32)
    ) &&
    differencesFit(model) &&
    rowBytes <= SLOT_MAX && timeSpan < 2 ** 52 &&
    model.minTime < 2n ** 52n;
  if (!fits) return undefined;
  const slots = new Uint16Array(model.fieldCount + 1).fill(rowBytes);
  fields.forEach((field, column) => slots[field] = TIME_BYTES + 4 * column);
  slots[0] = 0;
  return { rowBytes, scale, timeBits, slots };
}

/** Tells whether codewords have no wider differences of times than literals. */
function differencesFit({ codebook, valueBits }: DecodeModel): boolean {
  const { firstFields, firstValues } = codebook;
  const most = 2 ** valueBits[0]!;
  for (let symbol = 1; symbol < firstFields.length; symbol++) {
    if (firstFields[symbol] === 0 && firstValues[symbol]! >= most) return false;
  }
  return true;
}

/**
 * Writes the tables into the kernel's memory.
 *
 * @param kernel Where to.
 * @param model The file's.
 * @param source What the kernel's entries are.
 * @param place Told where each entry of a codeword is, by its number.
 * @returns Fewest bits of an event.
 */
export function writeDecodeTables(
  kernel: TrailDecodeKernel,
  model: DecodeModel,
  source: EntrySource,
  place?: (entry: number, symbol: number) => void,
): number {
  const writer = new TableWriter(kernel, model, source, place);
  writer.writeLiterals();
  writer.writeCodes();
  return writer.minEventBits;
}

class TableWriter {
  minEventBits = WORD_BITS;
  readonly #model: DecodeModel;
  readonly #source: EntrySource;
  readonly #place: ((entry: number, symbol: number) => void) | undefined;
  readonly #words: Uint32Array;
  readonly #first: number;
  readonly #entries: number;
  readonly #entryBias: number;
  #count = 0;

  constructor(
    kernel: TrailDecodeKernel,
    model: DecodeModel,
    source: EntrySource,
    place: ((entry: number, symbol: number) => void) | undefined,
  ) {
    const { regions } = kernel;
    this.#model = model;
    this.#source = source;
    this.#place = place;
    this.#words = new Uint32Array(
      kernel.reserve(regions.heap),
      0,
      regions.heap >>> 2,
    );
    this.#first = regions.first >>> 2;
    this.#entries = regions.entries;
    this.#entryBias = regions.entryBias;
  }

  /** Codes that begin with 0: the table of 12 bits shows the field. */
  writeLiterals(): void {
    const { fieldBits, fieldCount, valueBits } = this.#model;
    const headBits = 1 + fieldBits;
    const bad = this.#bad();
    const known = new Map<EntryWords, number>();
    for (let field = 0; field < 1 << fieldBits; field++) {
      const bits = headBits + (valueBits[field] ?? 0);
      if (field === 0) this.minEventBits = Math.min(this.minEventBits, bits);
      // What follows the value is of the next code.
      const lowBits = Math.min(bits, FIRST_BITS) - headBits;
      for (let rest = 0; rest < 1 << (FIRST_BITS - headBits); rest++) {
        const low = rest & ((1 << lowBits) - 1);
        let entry = bad;
        if (field <= fieldCount) {
          const words = this.#source.literal(field, low, lowBits);
          entry = known.get(words) ?? this.#add(words, bits);
          known.set(words, entry);
        }
        this.#setFirst(field << 1 | rest << headBits, entry, 0);
      }
    }
  }

  /** Codes that begin with 1: a codeword follows. */
  writeCodes(): void {
    const { symbols, codeBits, firstFields } = this.#model.codebook;
    for (let symbol = 1; symbol < codeBits.length; symbol++) {
      if (firstFields[symbol] === 0) {
        this.minEventBits = Math.min(this.minEventBits, 1 + codeBits[symbol]!);
      }
    }
    // Entries of short codes come first and once, so that those which are
    // looked at most lie together.
    const entries = new Uint32Array(codeBits.length);
    for (let symbol = 0; symbol < codeBits.length; symbol++) {
      if (codeBits[symbol]! > SHORT_BITS) break;
      entries[symbol] = this.#codeword(symbol);
    }
    const prefixes = Array.from(
      { length: CODE_BITS_MAX - SHORT_BITS + 1 },
      (): number[] => [],
    );
    for (let low = 0; low < 1 << SHORT_BITS; low++) {
      prefixes[this.#extraBits(low)]!.push(low);
    }
    prefixes.forEach((lows, extraBits) => {
      for (const low of lows) {
        if (extraBits === 0) {
          this.#setFirst(1 | low << 1, entries[symbols[low]!]!, 0);
          continue;
        }
        const at = this.#count;
        for (let high = 0; high < 1 << extraBits; high++) {
          this.#codeword(symbols[low | high << SHORT_BITS]!);
        }
        this.#setFirst(1 | low << 1, at, ((1 << extraBits) - 1) << 4);
      }
    });
  }

  /** How many more bits decide which symbol it is that begins with these. */
  #extraBits(low: number): number {
    const { symbols, codeBits } = this.#model.codebook;
    let extraBits = 0;
    for (let k = low; k < CODEBOOK_ENTRIES; k += 1 << SHORT_BITS) {
      extraBits = Math.max(extraBits, codeBits[symbols[k]!]! - SHORT_BITS);
    }
    // A sound codebook repeats itself; one with gaps or odd entries may not.
    const step = 1 << (SHORT_BITS + extraBits);
    for (let k = low + step; k < CODEBOOK_ENTRIES; k += 1 << SHORT_BITS) {
      if (symbols[k] !== symbols[k - step]) return CODE_BITS_MAX - SHORT_BITS;
    }
    return extraBits;
  }

  #bad(): number {
    const effectLow = BAD_FLAG + this.#source.dropped;
    return this.#add({ low: 0, high: 0, effectLow, effectHigh: 0 }, 0);
  }

  /** What a codeword does; symbol 0 is damage. */
  #codeword(symbol: number): number {
    if (symbol === 0) return this.#bad();
    const bits = 1 + this.#model.codebook.codeBits[symbol]!;
    const entry = this.#add(this.#source.codeword(symbol), bits);
    this.#place?.(entry, symbol);
    return entry;
  }

  #add(entry: EntryWords, bits: number): number {
    const number = this.#count++;
    const at = (this.#entries + number * ENTRY.byteLength) >>> 2;
    const words = this.#words;
    words[at] = entry.low;
    words[at + 1] = entry.high;
    words[at + 2] = entry.effectLow + bits;
    words[at + 3] = entry.effectHigh;
    return number;
  }

  #setFirst(word: number, entry: number, mask: number): void {
    const address = this.#entries + entry * ENTRY.byteLength;
    const pointer = address - this.#entryBias;
    this.#words[this.#first + word] = pointer * 2 ** POINTER_SHIFT + mask;
  }
}
