/**
 * Numbers for distinct time differences.
 *
 * @module
 */

/** Differences below this are found in an array. */
const SMALL_END = 65_536;
/** Slots of a new table for the others. */
const SLOTS_MIN = 1024;

/** The number of a difference that has none. */
export const NO_DELTA = 0xffff_ffff;

/**
 * Numbers the distinct time differences from 0, in order of first appearance,
 * and counts them.
 */
export class DeltaNumbers {
  readonly #small: Uint32Array = new Uint32Array(SMALL_END);
  /** Number of the difference in a slot, plus one; 0 for an empty slot. */
  #slots: Uint32Array = new Uint32Array(SLOTS_MIN);
  #values: Float64Array = new Float64Array(SLOTS_MIN);
  #counts: Uint32Array = new Uint32Array(SLOTS_MIN);
  #size = 0;
  #large = 0;

  /** How many differences have a number. */
  get size(): number {
    return this.#size;
  }

  /** The difference that has a number. @param number Below `size`. */
  value(number: number): number {
    return this.#values[number]!;
  }

  /** The difference of each number; a view, valid until the next `add`. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#size);
  }

  /** How often each was added; a view, valid until the next `add`. */
  get counts(): Uint32Array {
    return this.#counts.subarray(0, this.#size);
  }

  /** Counts a difference. @param delta 0 to 2^47 - 2. @returns Its number. */
  add(delta: number): number {
    let number = this.find(delta);
    if (number === NO_DELTA) number = this.#insert(delta);
    this.#counts[number]!++;
    return number;
  }

  /** Finds the number of a difference. @param delta Any. @returns `NO_DELTA` if it has none. */
  find(delta: number): number {
    if (delta < SMALL_END) return (this.#small[delta]! - 1) >>> 0;
    const slots = this.#slots;
    let slot = firstSlot(delta) & (slots.length - 1);
    while (slots[slot] !== 0) {
      const number = slots[slot]! - 1;
      if (this.#values[number] === delta) return number;
      slot = (slot + 1) & (slots.length - 1);
    }
    return NO_DELTA;
  }

  #insert(delta: number): number {
    const number = this.#size++;
    if (number === this.#values.length) {
      const values = new Float64Array(2 * number);
      values.set(this.#values);
      this.#values = values;
      const counts = new Uint32Array(2 * number);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#values[number] = delta;
    if (delta < SMALL_END) {
      this.#small[delta] = number + 1;
    } else {
      if (++this.#large > this.#slots.length / 2) this.#grow();
      place(this.#slots, delta, number);
    }
    return number;
  }

  #grow(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    for (const entry of this.#slots) {
      if (entry !== 0) place(slots, this.#values[entry - 1]!, entry - 1);
    }
    this.#slots = slots;
  }
}

function place(slots: Uint32Array, delta: number, number: number): void {
  let slot = firstSlot(delta) & (slots.length - 1);
  while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
  slots[slot] = number + 1;
}

function firstSlot(delta: number): number {
  const high = Math.floor(delta / 0x1_0000_0000);
  const hash = Math.imul(delta ^ Math.imul(high, 0x85eb_ca77), 0x9e37_79b1);
  return (hash ^ (hash >>> 15)) >>> 0;
}
