/**
 * What symbols do to rows: entries of the kernel that decodes.
 *
 * @module
 */
import type { EntrySource, EntryWords, RowLayout } from "./decode_tables.ts";
import type { DecodeModel } from "../event_decoder.ts";

// Of the words of an effect.
const LITERAL_FLAG = 2 ** 6;
const SECOND_SLOT = 2 ** 8;
const FIRST_SLOT = 2 ** 18;
/** In the time of a row: an index stands there. A literal has 0 there. */
const WIDE_FLAG = 2 ** 3;
const BEGINS_FLAG = 2 ** 2;

/** Entries that write both items of a symbol to their slots. */
export class DecodeEntries implements EntrySource {
  /** Of an entry that must not occur. */
  readonly dropped: number;
  readonly #model: DecodeModel;
  readonly #layout: RowLayout;
  readonly #literals: EntryWords[];
  /** Scaled differences that leave no room for a second item, as word pairs. */
  readonly #wide: number[] = [];

  /** Makes the entries of a file. */
  constructor(model: DecodeModel, layout: RowLayout) {
    this.#model = model;
    this.#layout = layout;
    this.dropped = layout.rowBytes * SECOND_SLOT;
    this.#literals = Array.from(
      layout.slots,
      (slot, field) => ({
        low: 0,
        high: 0,
        effectLow: LITERAL_FLAG + this.#upperSlot(field) * SECOND_SLOT,
        effectHigh: slot * FIRST_SLOT + (field === 0 ? layout.rowBytes : 0),
      }),
    );
  }

  /** A literal writes its bits: those of a time to both of its words. */
  literal(field: number): EntryWords {
    return this.#literals[field]!;
  }

  /** Gives the entry of a symbol. */
  codeword(symbol: number): EntryWords {
    const { firstFields, firstValues, secondFields, secondValues } =
      this.#model.codebook;
    const { slots, scale, rowBytes } = this.#layout;
    const unit = 2 ** scale;
    const field = firstFields[symbol]!;
    const second = secondFields[symbol]!;
    const scaled = firstValues[symbol]! * unit;
    let low = scaled % 2 ** 32;
    let high = (scaled - low) / 2 ** 32;
    let slot = this.#upperSlot(field);
    if (second !== 0) {
      if (field === 0 && high !== 0) low = this.#noteWide(low, high);
      high = secondValues[symbol]! * unit;
      slot = slots[second]!;
    }
    return {
      low,
      high,
      effectLow: slot * SECOND_SLOT,
      effectHigh: slots[field]! * FIRST_SLOT + (field === 0 ? rowBytes : 0),
    };
  }

  /** Puts differences of times into rows where an index stands for them. */
  resolveWide(words: Uint32Array, rows: number, count: number): void {
    const wide = this.#wide;
    if (wide.length === 0) return;
    const { rowBytes, scale } = this.#layout;
    const step = rowBytes >>> 2;
    let at = rows >>> 2;
    for (let i = 0; i < count; i++, at += step) {
      const low = words[at]!;
      if ((low & WIDE_FLAG) === 0) continue;
      const index = low >>> scale;
      words[at] = wide[2 * index]! + (low & BEGINS_FLAG);
      words[at + 1] = wide[2 * index + 1]!;
    }
  }

  #noteWide(low: number, high: number): number {
    this.#wide.push(low, high);
    const index = this.#wide.length / 2 - 1;
    return index * 2 ** this.#layout.scale + WIDE_FLAG;
  }

  /** Where the upper word goes that is no item. */
  #upperSlot(field: number): number {
    return field === 0 ? 4 : this.#layout.rowBytes;
  }
}
