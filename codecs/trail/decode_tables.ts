/**
 * The tables of the kernel that decodes trails, made of a checked codebook.
 *
 * @module
 */
import {
  CODE_BITS_LIMIT,
  FILTER_SET_SHIFT,
  FILTER_VALUES_SHIFT,
  FIRST_BITS,
  RECORD,
  SLOT_MAX,
  type TrailDecodeKernel,
} from "@cairn/kernels";
import type { DecodeModel } from "./event_decoder.ts";
import type { FilterStates } from "./filter_states.ts";
import { CODE_BITS_MAX, CODEBOOK_ENTRIES } from "./layout.ts";

/** What rows look like, and what the kernel must be told. */
export interface RowLayout {
  /** Bytes of a row: the time, a slot for each column, up to a multiple of 16. */
  readonly rowBytes: number;
  /** How far times are shifted to the left. */
  readonly timeScale: number;
  /** How far ids are shifted to the left. */
  readonly idScale: number;
}

/** Bytes of the time in a row. */
const TIME_BYTES = 8;
/** Longest codeword that the first table takes alone; one bit is the flag. */
const SHORT_BITS = FIRST_BITS - 1;
// Of the upper word of an effect.
const SECOND_SLOT = 2 ** 14;
const BAD_FLAG = 2 ** 30;
const TIME_FLAG = 2 ** 31;

/**
 * Tells how rows of some columns are laid out, or that the kernel cannot
 * decode this file: literals that do not fit one load, or too many fields.
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
  const timeScale = 1 + model.fieldBits;
  const idScale = Math.max(0, timeScale - 3);
  let literalBits = 0;
  for (let field = 0; field <= model.fieldCount; field++) {
    literalBits = Math.max(literalBits, model.valueBits[field]!);
    if (field > 0 && model.valueBits[field]! + idScale > 32) return undefined;
  }
  const rowBytes = 16 * Math.ceil((TIME_BYTES + 4 * columnCount) / 16);
  const fits = timeScale <= FIRST_BITS &&
    timeScale + literalBits <= CODE_BITS_LIMIT &&
    rowBytes <= SLOT_MAX && timeSpan < 2 ** 52 &&
    model.minTime < 2n ** 52n;
  return fits ? { rowBytes, timeScale, idScale } : undefined;
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
  minEventBits = CODE_BITS_LIMIT;
  readonly #model: DecodeModel;
  readonly #layout: RowLayout;
  readonly #view: DataView;
  readonly #first: number;
  readonly #slots: Uint16Array;
  readonly #badRecord: number;
  readonly #states: FilterStates | undefined;
  readonly #valueFields: readonly number[];
  #secondAt: number;
  #recordAt: number;

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
    this.#view = new DataView(kernel.reserve(regions.heap));
    this.#first = regions.first;
    this.#secondAt = regions.second;
    this.#recordAt = regions.records;
    this.#slots = new Uint16Array(model.fieldCount + 1);
    fields.forEach((field, column) =>
      this.#slots[field] = TIME_BYTES + 4 * column
    );
    this.#badRecord = this.#record({ field: 0, value: 0, isTime: false });
    this.#view.setUint32(
      this.#badRecord + RECORD.effect + 4,
      BAD_FLAG,
      true,
    );
  }

  /** Codes that begin with 0: the table of 12 bits shows the field. */
  writeLiterals(): void {
    const { fieldBits, fieldCount, valueBits } = this.#model;
    for (let field = 0; field < 1 << fieldBits; field++) {
      let at: number;
      if (field > fieldCount) at = this.#second(this.#badRecord, 1);
      else {
        const bits = 1 + fieldBits + valueBits[field]!;
        const record = this.#record({ field, value: 0, isTime: field === 0 });
        const mask = (2n ** BigInt(valueBits[field]!) - 1n) <<
          BigInt(this.#layout.timeScale);
        this.#view.setBigUint64(record + RECORD.literal, mask, true);
        this.#setLiteralEffect(record, field);
        at = this.#second(record, bits);
        if (field === 0) this.minEventBits = Math.min(this.minEventBits, bits);
      }
      const step = 2 << fieldBits;
      for (let word = field << 1; word < 1 << FIRST_BITS; word += step) {
        this.#setFirst(word, at, 0);
      }
    }
  }

  /** Codes that begin with 1: a codeword follows. */
  writeCodes(): void {
    const { codebook } = this.#model;
    const records = new Uint32Array(codebook.codeBits.length);
    records[0] = this.#badRecord;
    for (let symbol = 1; symbol < records.length; symbol++) {
      const field = codebook.firstFields[symbol]!;
      records[symbol] = this.#record({
        field,
        value: codebook.firstValues[symbol]!,
        isTime: field === 0,
      });
      this.#setSecondItem(
        records[symbol]!,
        codebook.secondFields[symbol]!,
        codebook.secondValues[symbol]!,
      );
      this.#setEffect(records[symbol]!, symbol);
      if (field === 0) {
        this.minEventBits = Math.min(
          this.minEventBits,
          1 + codebook.codeBits[symbol]!,
        );
      }
    }
    for (let low = 0; low < 1 << SHORT_BITS; low++) {
      const extraBits = this.#extraBits(low);
      const at = this.#secondAt;
      for (let high = 0; high < 1 << extraBits; high++) {
        const symbol = codebook.symbols[low | high << SHORT_BITS]!;
        this.#second(records[symbol]!, 1 + codebook.codeBits[symbol]!);
      }
      this.#setFirst(1 | low << 1, at, ((1 << extraBits) - 1) << 2);
    }
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

  #record(
    item: { field: number; value: number; isTime: boolean },
  ): number {
    const at = this.#recordAt;
    this.#recordAt += RECORD.byteLength;
    const view = this.#view;
    const { timeScale } = this.#layout;
    const scaled = BigInt(item.value) << BigInt(timeScale);
    view.setBigUint64(at + RECORD.value, scaled, true);
    view.setBigUint64(at + RECORD.literal, 0n, true);
    view.setUint32(at + RECORD.effect, 0, true);
    view.setUint32(
      at + RECORD.effect + 4,
      this.#slots[item.field]! + (item.isTime ? TIME_FLAG : 0),
      true,
    );
    return at;
  }

  #setSecondItem(record: number, field: number, value: number): void {
    const slot = this.#slots[field]!;
    if (slot === 0) return;
    const scaled = value * 2 ** this.#layout.idScale;
    const at = record + RECORD.effect;
    this.#view.setUint32(at, scaled, true);
    const flags = this.#view.getUint32(at + 4, true);
    this.#view.setUint32(at + 4, flags + slot * SECOND_SLOT, true);
  }

  /** What a codeword does to the state of the event. */
  #setEffect(record: number, symbol: number): void {
    const states = this.#states;
    if (states === undefined) return;
    const { codebook } = this.#model;
    const firstField = codebook.firstFields[symbol]!;
    const secondField = codebook.secondFields[symbol]!;
    const bits = (states.bits.get(firstField) ?? 0) |
      (states.bits.get(secondField) ?? 0);
    const set =
      (states.values.get(firstField)?.[codebook.firstValues[symbol]!] ?? 0) |
      (states.values.get(secondField)?.[codebook.secondValues[symbol]!] ?? 0);
    this.#view.setUint32(
      record + RECORD.stateEffect,
      (0xff & ~bits) | set << FILTER_SET_SHIFT,
      true,
    );
  }

  /** A literal of a field of the filter is looked up when it is met. */
  #setLiteralEffect(record: number, field: number): void {
    const states = this.#states;
    if (states === undefined) return;
    const bits = states.bits.get(field) ?? 0;
    const number = this.#valueFields.indexOf(field) + 1;
    this.#view.setUint32(
      record + RECORD.stateEffect,
      (0xff & ~bits) | number << FILTER_VALUES_SHIFT,
      true,
    );
  }

  #second(record: number, bits: number): number {
    const at = this.#secondAt;
    this.#secondAt += 4;
    this.#view.setUint32(at, record * 256 + bits, true);
    return at;
  }

  #setFirst(word: number, address: number, mask: number): void {
    this.#view.setUint32(this.#first + 4 * word, address * 256 + mask, true);
  }
}
