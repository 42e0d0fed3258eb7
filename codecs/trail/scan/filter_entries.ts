/**
 * What symbols do to states and times: entries of the kernel that filters.
 *
 * @module
 */
import type { EntrySource, EntryWords, RowLayout } from "./decode_tables.ts";
import type { DecodeModel } from "../event_decoder.ts";
import type { FilterPlan } from "./filter_plan.ts";

// Of the lower word of an effect.
const LITERAL_TIME_FLAG = 2 ** 6;
const INPUT_FLAG = 2 ** 7;
const KIND = 2 ** 10;
const TIME_FLAG = 2 ** 31;

/** Entries that note where fields change, and lead from state to state. */
export class FilterEntries implements EntrySource {
  /** Of an entry that must not occur: nothing. */
  readonly dropped = 0;
  readonly #model: DecodeModel;
  readonly #layout: RowLayout;
  readonly #plan: FilterPlan;
  readonly #transitions: number;
  readonly #literals = new Map<number, EntryWords>();

  /**
   * Makes the entries of a file.
   *
   * @param transitions Pointer to the first class of transitions.
   */
  constructor(
    model: DecodeModel,
    layout: RowLayout,
    plan: FilterPlan,
    transitions: number,
  ) {
    this.#model = model;
    this.#layout = layout;
    this.#plan = plan;
    this.#transitions = transitions;
  }

  /**
   * A literal that the filter accepts, or not, whatever its upper bits are, needs
   * no looking up.
   */
  literal(
    field: number,
    low: number,
    lowBits: number,
  ): EntryWords {
    const bits = this.#commonBits(field, low, lowBits);
    const key = field * 2 ** 9 + (bits ?? 2 ** 8);
    const known = this.#literals.get(key);
    if (known !== undefined) return known;
    const flags = INPUT_FLAG +
      (field === 0 ? LITERAL_TIME_FLAG + TIME_FLAG : 0);
    const entry = {
      low: 0,
      high: 0,
      effectLow: flags + this.#plan.kindOf(field, 0) * KIND,
      effectHigh: this.#pointer(this.#plan.literalClass(field, bits)),
    };
    this.#literals.set(key, entry);
    return entry;
  }

  /** Gives the entry of a symbol. */
  codeword(symbol: number): EntryWords {
    const { firstFields, firstValues, secondFields, secondValues } =
      this.#model.codebook;
    const first = firstFields[symbol]!;
    const second = secondFields[symbol]!;
    const value = firstValues[symbol]!;
    const kind = this.#plan.kindOf(first, second);
    const scaled = first === 0 ? value * 2 ** this.#layout.scale : 0;
    const low = scaled % 2 ** 32;
    const secondValue = secondValues[symbol]!;
    return {
      low,
      high: (scaled - low) / 2 ** 32,
      effectLow: kind * KIND + (first === 0 ? TIME_FLAG : 0),
      effectHigh: this.#pointer(
        this.#plan.classOf(first, value, second, secondValue),
      ),
    };
  }

  /** What a symbol writes to the slots of its kind, scaled. */
  items(symbol: number): [low: number, high: number] {
    const { firstFields, firstValues, secondValues } = this.#model.codebook;
    const unit = 2 ** this.#layout.scale;
    // A time goes to no slot.
    const low = firstFields[symbol] === 0 ? 0 : firstValues[symbol]! * unit;
    return [low, secondValues[symbol]! * unit];
  }

  /**
   * Bits of the state that all values with these lower bits have; `undefined`
   * where they differ, or where there are none.
   */
  #commonBits(
    field: number,
    low: number,
    lowBits: number,
  ): number | undefined {
    const values = this.#plan.states.values.get(field);
    if (values === undefined) return 0;
    const bits = values[low];
    for (let id = low; id < values.length; id += 2 ** lowBits) {
      if (values[id] !== bits) return undefined;
    }
    return bits;
  }

  #pointer(number: number): number {
    return this.#transitions + number * this.#plan.classBytes;
  }
}
