/**
 * What symbols do to the states of a filter, and to which slots they write.
 *
 * @module
 */
import {
  FILTER_KINDS,
  FILTER_STATE,
  FILTER_TIME_BITS,
  FILTER_TRANSITIONS_BYTES,
} from "@cairn/kernels";
import type { RowLayout } from "./decode_tables.ts";
import type { DecodeModel } from "../event_decoder.ts";
import type { FilterStates } from "./filter_states.ts";

/** Numbers what the kernel that filters has a limited number of. */
export class FilterPlan {
  /** Both slots of each kind of codes, in one word. */
  readonly kinds: number[] = [];
  /** The successor of each state, by class. */
  readonly classes: Uint32Array[] = [];
  /** The filter. */
  readonly states: FilterStates;
  readonly #layout: RowLayout;
  readonly #kindNumbers = new Map<number, number>();
  readonly #classNumbers = new Map<number, number>();

  private constructor(layout: RowLayout, states: FilterStates) {
    this.states = states;
    this.#layout = layout;
    this.kindOf(0, 0);
    this.#addClass((state) => this.#reach(state));
    this.#classNumbers.set(this.#allBits, 0);
  }

  /**
   * Plans a filter; `undefined` where the kernel cannot do it: too many kinds of
   * codes, or differences of times that are too wide.
   */
  static create(
    model: DecodeModel,
    layout: RowLayout,
    states: FilterStates,
  ): FilterPlan | undefined {
    if (layout.scale + layout.timeBits > FILTER_TIME_BITS) return undefined;
    const plan = new FilterPlan(layout, states);
    const { firstFields, firstValues, secondFields, secondValues } =
      model.codebook;
    for (let field = 1; field <= model.fieldCount; field++) {
      plan.kindOf(field, 0);
      plan.literalClass(field, undefined);
      for (const bits of new Set(states.values.get(field))) {
        plan.literalClass(field, bits);
      }
    }
    for (let symbol = 1; symbol < firstFields.length; symbol++) {
      const first = firstFields[symbol]!;
      const second = secondFields[symbol]!;
      plan.kindOf(first, second);
      plan.classOf(first, firstValues[symbol]!, second, secondValues[symbol]!);
      if (plan.#isTooLarge) return undefined;
    }
    return plan.#isTooLarge ? undefined : plan;
  }

  /** Kind of the codes of two fields; 0 where there is no second item. */
  kindOf(first: number, second: number): number {
    const { slots, rowBytes } = this.#layout;
    const slotOf = (field: number): number =>
      field === 0 ? rowBytes : slots[field]!;
    const pair = slotOf(first) + slotOf(second) * 2 ** 16;
    return numberOf(this.#kindNumbers, pair, () => this.kinds.push(pair));
  }

  /** Class of the codes that set two fields to values. */
  classOf(
    first: number,
    firstValue: number,
    second: number,
    secondValue: number,
  ): number {
    const kept = this.#kept(first) & this.#kept(second);
    const set = this.#bitsOf(first, firstValue) |
      this.#bitsOf(second, secondValue);
    return this.#change(kept, set);
  }

  /**
   * Class of the literals of a field.
   *
   * @param bits Of the state; `undefined` where the value must be looked up.
   */
  literalClass(field: number, bits: number | undefined): number {
    const kept = this.#kept(field);
    const number = this.fields.indexOf(field) + 1;
    if (bits !== undefined || number === 0) {
      return this.#change(kept, bits ?? 0);
    }
    const flags = FILTER_STATE.passes + FILTER_STATE.pending +
      number * 2 ** FILTER_STATE.number;
    return numberOf(
      this.#classNumbers,
      -number,
      () => this.#addClass((state) => 4 * (state & kept) + flags),
    );
  }

  /** The fields of the filter, by field id. */
  get fields(): number[] {
    return [...this.states.values.keys()];
  }

  /** Bytes of a class. */
  get classBytes(): number {
    return 4 * this.states.accept.length;
  }

  get #isTooLarge(): boolean {
    return this.kinds.length > FILTER_KINDS ||
      this.classes.length * this.classBytes > FILTER_TRANSITIONS_BYTES;
  }

  get #allBits(): number {
    return this.states.accept.length - 1;
  }

  #change(kept: number, set: number): number {
    return numberOf(
      this.#classNumbers,
      kept + set * 2 ** 8,
      () => this.#addClass((state) => this.#reach((state & kept) | set)),
    );
  }

  #addClass(successor: (state: number) => number): void {
    const states = this.states.accept.length;
    this.classes.push(
      Uint32Array.from({ length: states }, (_, state) => successor(state)),
    );
  }

  /** A state as it stands in a class, with its flag. */
  #reach(state: number): number {
    const passes = this.states.accept[state] === 1;
    return 4 * state + (passes ? FILTER_STATE.passes : 0);
  }

  #kept(field: number): number {
    return this.#allBits & ~(this.states.bits.get(field) ?? 0);
  }

  #bitsOf(field: number, value: number): number {
    return this.states.values.get(field)?.[value] ?? 0;
  }
}

/** Gives the number of a key; numbers it first if it is new. */
function numberOf(
  numbers: Map<number, number>,
  key: number,
  add: () => void,
): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
    add();
  }
  return number;
}
