/**
 * The tables of the kernel that decodes trails, made of a checked codebook.
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
import type { DecodeModel } from "./event_decoder.ts";
import type { FilterStates } from "./filter_states.ts";
import { CODE_BITS_MAX, CODEBOOK_ENTRIES } from "./layout.ts";

/** What rows look like, and what the kernel must be told. */
export interface RowLayout {
  /** Bytes of a row: the time, a slot for each column, up to a multiple of 16. */
  readonly rowBytes: number;
  /** How far values are shifted to the left. */
  readonly scale: number;
  /** Which bits of an unscaled difference of times count. */
  readonly timeMask: bigint;
  /** Whether differences of times fit 32 bits when they are scaled. */
  readonly hasNarrowTimes: boolean;
}

/** Bytes of the time in a row. */
const TIME_BYTES = 8;
/** Longest codeword that the first table takes alone; one bit is the flag. */
const SHORT_BITS = FIRST_BITS - 1;
/** Where the mask ends in a word of the first table. */
const POINTER_SHIFT = 9;
// Of the words of an effect.
const LITERAL_FLAG = 2 ** 6;
const SECOND_SLOT = 2 ** 8;
const BAD_FLAG = 2 ** 30;
const FIRST_SLOT = 2 ** 18;
// Of those of the kernel that filters.
const NUMBER = 2 ** 22;
const TIME_FLAG = 2 ** 31;
const SET = 2 ** 8;

/**
 * Tells how rows of some columns are laid out, or that the kernel cannot
 * decode this file: values that do not fit a slot, or too many fields.
 *
 * @param model The file's.
 * @param columnCount How many columns.
 * @param timeSpan Largest time less smallest.
 */
export function planRows(
  model: DecodeModel,
  columnCount: number,
  timeSpan: number,
): RowLayout | undefined {
  const scale = SPARE_BITS + 1 + model.fieldBits;
  const timeBits = model.valueBits[0]!;
  const rowBytes = 16 * Math.ceil((TIME_BYTES + 4 * columnCount) / 16);
  const fits = scale - SPARE_BITS <= FIRST_BITS &&
    model.valueBits.every((bits, field) =>
      scale + bits <= (field === 0 ? WORD_BITS : 32)
    ) &&
    timesFit(model, 2 ** (32 - scale)) &&
    rowBytes <= SLOT_MAX && timeSpan < 2 ** 52 &&
    model.minTime < 2n ** 52n;
  if (!fits) return undefined;
  return {
    rowBytes,
    scale,
    timeMask: 2n ** BigInt(timeBits) - 1n,
    hasNarrowTimes: scale + timeBits <= 32,
  };
}

/**
 * Tells whether differences of times fit their slots: one that comes with a
 * second item has half of what the others have.
 */
function timesFit(model: DecodeModel, limit: number): boolean {
  const { firstFields, firstValues, secondFields } = model.codebook;
  const most = 2 ** model.valueBits[0]!;
  for (let symbol = 1; symbol < firstFields.length; symbol++) {
    if (firstFields[symbol] !== 0) continue;
    const value = firstValues[symbol]!;
    if (value >= most) return false;
    if (value >= limit && secondFields[symbol] !== 0) return false;
  }
  return true;
}

/**
 * Writes the tables into the kernel's memory.
 *
 * @param kernel Where to.
 * @param model The file's.
 * @param fields Field id of each column; other fields are decoded and dropped.
 * @param layout What `planRows` gave.
 * @param states The filter, for the kernel that filters.
 * @returns Fewest bits of an event.
 */
export function writeDecodeTables(
  kernel: TrailDecodeKernel,
  model: DecodeModel,
  fields: readonly number[],
  layout: RowLayout,
  states?: FilterStates,
): number {
  const writer = new TableWriter(kernel, model, { fields, layout, states });
  writer.writeLiterals();
  writer.writeCodes();
  return writer.minEventBits;
}

class TableWriter {
  minEventBits = WORD_BITS;
  readonly #model: DecodeModel;
  readonly #layout: RowLayout;
  readonly #words: Uint32Array;
  readonly #first: number;
  readonly #slots: Uint16Array;
  readonly #entryBias: number;
  readonly #states: FilterStates | undefined;
  readonly #valueFields: readonly number[];
  #entryAt: number;

  constructor(
    kernel: TrailDecodeKernel,
    model: DecodeModel,
    options: {
      readonly fields: readonly number[];
      readonly layout: RowLayout;
      readonly states: FilterStates | undefined;
    },
  ) {
    const { regions } = kernel;
    const { fields, layout, states } = options;
    this.#states = states;
    this.#valueFields = [...states?.values.keys() ?? []];
    this.#model = model;
    this.#layout = layout;
    this.#words = new Uint32Array(
      kernel.reserve(regions.heap),
      0,
      regions.heap >>> 2,
    );
    this.#first = regions.first >>> 2;
    this.#entryBias = regions.entryBias;
    this.#entryAt = regions.entries >>> 2;
    // What nobody wants goes to the time of the next row.
    this.#slots = new Uint16Array(model.fieldCount + 1).fill(layout.rowBytes);
    fields.forEach((field, column) =>
      this.#slots[field] = TIME_BYTES + 4 * column
    );
    this.#slots[0] = 0;
  }

  /** Codes that begin with 0: the table of 12 bits shows the field. */
  writeLiterals(): void {
    const { fieldBits, fieldCount, valueBits } = this.#model;
    const bad = this.#bad();
    for (let field = 0; field < 1 << fieldBits; field++) {
      let entry = bad;
      if (field <= fieldCount) {
        const bits = 1 + fieldBits + valueBits[field]!;
        entry = this.#literal(field, bits);
        if (field === 0) this.minEventBits = Math.min(this.minEventBits, bits);
      }
      const step = 2 << fieldBits;
      for (let word = field << 1; word < 1 << FIRST_BITS; word += step) {
        this.#setFirst(word, entry, 0);
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
        const at = this.#entryAt;
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
    const dropped = this.#layout.rowBytes;
    return this.#entry(
      { low: 0, high: 0, field: 0 },
      BAD_FLAG + dropped * SECOND_SLOT,
    );
  }

  /** A literal writes its bits: those of a time to both of its words. */
  #literal(field: number, bits: number): number {
    const slot = field === 0 ? 4 : this.#layout.rowBytes;
    const entry = this.#entry(
      { low: 0, high: 0, field },
      bits + LITERAL_FLAG + slot * SECOND_SLOT,
    );
    if (this.#states !== undefined) {
      // A literal of a field of the filter is looked up when it is met.
      const number = this.#valueFields.indexOf(field) + 1;
      this.#words[entry + 2]! += number * NUMBER;
      this.#words[entry + 3]! += this.#kept([field]);
    }
    return entry;
  }

  /** What a codeword does; symbol 0 is damage. */
  #codeword(symbol: number): number {
    if (symbol === 0) return this.#bad();
    const { codeBits, firstFields, firstValues, secondFields, secondValues } =
      this.#model.codebook;
    const unit = 2 ** this.#layout.scale;
    const field = firstFields[symbol]!;
    const secondField = secondFields[symbol]!;
    const scaled = firstValues[symbol]! * unit;
    const low = scaled % 2 ** 32;
    const [high, slot] = secondField !== 0
      ? [secondValues[symbol]! * unit, this.#slots[secondField]!]
      : [(scaled - low) / 2 ** 32, field === 0 ? 4 : this.#layout.rowBytes];
    const entry = this.#entry(
      { low, high, field },
      1 + codeBits[symbol]! + slot * SECOND_SLOT,
    );
    if (this.#states !== undefined) {
      const set = this.#bits(field, firstValues[symbol]!) |
        this.#bits(secondField, secondValues[symbol]!);
      this.#words[entry + 3]! += this.#kept([field, secondField]) + set * SET;
    }
    return entry;
  }

  /** Which bits of a state stay when fields change. */
  #kept(fields: readonly number[]): number {
    let bits = 0;
    for (const field of fields) bits |= this.#states!.bits.get(field) ?? 0;
    return 0xff & ~bits;
  }

  /** Which bits of a state a value sets. */
  #bits(field: number, value: number): number {
    return this.#states!.values.get(field)?.[value] ?? 0;
  }

  #entry(
    item: { low: number; high: number; field: number },
    effect: number,
  ): number {
    const at = this.#entryAt;
    const words = this.#words;
    const isTime = item.field === 0 && effect < BAD_FLAG;
    const filters = this.#states !== undefined;
    words[at] = item.low;
    words[at + 1] = item.high;
    words[at + 2] = effect + (isTime && filters ? TIME_FLAG : 0);
    words[at + 3] = this.#slots[item.field]! * FIRST_SLOT +
      (isTime && !filters ? this.#layout.rowBytes : 0);
    this.#entryAt += ENTRY.byteLength / 4;
    return at;
  }

  #setFirst(word: number, entry: number, mask: number): void {
    const pointer = 4 * entry - this.#entryBias;
    this.#words[this.#first + word] = pointer * 2 ** POINTER_SHIFT + mask;
  }
}
