/**
 * What item numbers stand for.
 *
 * @module
 */
import { bitLength } from "@cairn/core";
import type { DeltaNumbers } from "@cairn/kernels";
import { itemOrder, writeItem } from "./item_words.ts";
import { fieldIdBits } from "../layout.ts";

/** Resolves item numbers to field and value, and knows what literals take. */
export class ItemNumbers {
  /** First item number of each field, and of time differences last. */
  readonly bases: Uint32Array;
  /** Bits of a field id in a literal. */
  readonly fieldBits: number;
  /** Bits of a value id in a literal, by field id: time is 0. */
  readonly valueBits: Uint8Array;
  readonly #deltas: DeltaNumbers;

  /**
   * Prepares to resolve.
   *
   * @param bases Of `itemBases`.
   * @param deltas Numbers of time differences.
   * @param maxDelta Largest time difference of the file.
   */
  constructor(bases: Uint32Array, deltas: DeltaNumbers, maxDelta: number) {
    this.bases = bases;
    this.#deltas = deltas;
    this.fieldBits = fieldIdBits(bases.length - 1);
    this.valueBits = new Uint8Array(bases.length);
    this.valueBits[0] = bitLength(maxDelta);
    for (let field = 1; field < bases.length; field++) {
      const values = bases[field]! - bases[field - 1]! - 1;
      this.valueBits[field] = bitLength(values);
    }
  }

  /** How many item numbers there are. */
  get count(): number {
    return this.bases[this.bases.length - 1]! + this.#deltas.size;
  }

  /** The field id of an item; 0 for a time difference. @param item Its number. */
  field(item: number): number {
    const { bases } = this;
    if (item >= bases[bases.length - 1]!) return 0;
    let low = 0;
    let high = bases.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (bases[middle]! <= item) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** The value id, or time difference. @param item Its number. @param field Its field id. */
  value(item: number, field: number): number {
    return field === 0
      ? this.#deltas.value(item - this.bases[this.bases.length - 1]!)
      : item - this.bases[field - 1]!;
  }

  /** A number by which items sort as their 64 bits do. @param item Its number. */
  order(item: number): number {
    const field = this.field(item);
    return itemOrder(field, this.value(item, field));
  }

  /** Writes an item's 64 bits as two words. @param item Its number. @param words Where. @param at Index of the low word. */
  write(item: number, words: Uint32Array, at: number): void {
    const field = this.field(item);
    writeItem(field, this.value(item, field), words, at);
  }
}
