/**
 * The distinct values of one field of a store being written.
 *
 * @module
 */
import type { PackedLexicon } from "@cairn/core/sort";
import { standIn } from "../long_values.ts";
import { homeSlot } from "../dictionary.ts";
import { KEY_BYTES_MAX, SLOT_BITS } from "../layout.ts";
import { nextSlot, slotText } from "../slot.ts";

/**
 * Values numbered by falling number of events: the high slices of the ids are
 * then nearly empty, which makes them small.
 */
export class ValueIds {
  /** How many values there are; ids are 1 to `count`. */
  readonly count: number;
  /** Id of each value by its number in the sorter; 0 stays 0. */
  readonly ids: Uint32Array;
  readonly #lexicon: PackedLexicon;
  readonly #order: Uint32Array;
  #slots: Uint8Array[] | undefined;

  /**
   * Numbers the values.
   *
   * @param lexicon The sorter's values.
   * @param events Events of each, by the sorter's number.
   */
  constructor(lexicon: PackedLexicon, events: Float64Array) {
    this.#lexicon = lexicon;
    // Values that no event has, as a foreign store may bring, come last.
    this.#order = Uint32Array.from({ length: lexicon.count }, (_, i) => i + 1);
    this.#order.sort((a, b) => events[b]! - events[a]! || a - b);
    this.count = lexicon.count;
    this.ids = new Uint32Array(lexicon.count + 1);
    this.#order.forEach((number, i) => this.ids[number] = i + 1);
  }

  /** Gets a value; a view. @param id 1 to `count`. */
  value(id: number): Uint8Array {
    const number = this.#order[id - 1]!;
    const { bytes, offsets } = this.#lexicon;
    return bytes.subarray(offsets[number - 1]!, offsets[number]!);
  }

  /** Gets what the dictionary holds for a value. @param id 1 to `count`. */
  key(id: number): Uint8Array {
    return standIn(this.value(id));
  }

  /** Gets the values that do not fit a key, by ordinal. */
  long(): Map<number, Uint8Array> {
    const long = new Map<number, Uint8Array>();
    for (let id = 1; id <= this.count; id++) {
      const value = this.value(id);
      if (value.length > KEY_BYTES_MAX) long.set(id - 1, value);
    }
    return long;
  }

  /** Gets the slot of a value, settled by probing in order of ids. @param id 1 to `count`. */
  slot(id: number): Uint8Array {
    this.#slots ??= this.#makeSlots();
    return this.#slots[id - 1]!;
  }

  /** Gives the ids in the order of their slots. */
  bySlot(): Uint32Array {
    const ids = Uint32Array.from({ length: this.count }, (_, i) => i + 1);
    return ids.sort((a, b) => compareSlots(this.slot(a), this.slot(b)));
  }

  #makeSlots(): Uint8Array[] {
    const taken = new Set<string>();
    const slots: Uint8Array[] = [];
    for (let id = 1; id <= this.count; id++) {
      let slot = homeSlot(this.key(id), SLOT_BITS);
      while (taken.has(slotText(slot))) slot = nextSlot(slot, SLOT_BITS);
      taken.add(slotText(slot));
      slots.push(slot);
    }
    return slots;
  }
}

/** Orders slots by number. @param a A slot. @param b Another. */
export function compareSlots(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}
