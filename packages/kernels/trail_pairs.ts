/**
 * Counts of pairs of items.
 *
 * @module
 */

/** Words of a slot: first item, second item, count, and room for a code. */
export const PAIR_WORDS = 4;
/** Word of a slot that holds the count. */
export const PAIR_COUNT = 2;
/** Word of a slot that holds the code, once there is one; see `TrailEncodeTables`. */
export const PAIR_CODE = 3;

/** Slots of a new table. */
const SLOTS_MIN = 1024;

/**
 * A hash map from two item numbers to a count, in one typed array. A count of
 * zero marks an empty slot.
 */
export class PairTable {
  #words: Uint32Array = new Uint32Array(SLOTS_MIN * PAIR_WORDS);
  #mask = SLOTS_MIN - 1;
  #size = 0;

  /** Number of distinct pairs. */
  get size(): number {
    return this.#size;
  }

  /** The slots, four words each; another array after a pair was added. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Counts a pair once. @param first Its first item. @param second Its second. */
  add(first: number, second: number): void {
    const words = this.#words;
    let at = firstSlot(first, second, this.#mask) * PAIR_WORDS;
    while (words[at + PAIR_COUNT] !== 0) {
      if (words[at] === first && words[at + 1] === second) {
        words[at + PAIR_COUNT]!++;
        return;
      }
      at = (at + PAIR_WORDS) & (words.length - 1);
    }
    words[at] = first;
    words[at + 1] = second;
    words[at + PAIR_COUNT] = 1;
    this.#size++;
    if (this.#size > 0.7 * this.#mask) this.#grow();
  }

  /**
   * Finds a pair.
   *
   * @param first Its first item.
   * @param second Its second item.
   * @returns Where its slot begins in `words`, or -1.
   */
  find(first: number, second: number): number {
    const words = this.#words;
    let at = firstSlot(first, second, this.#mask) * PAIR_WORDS;
    while (words[at + PAIR_COUNT] !== 0) {
      if (words[at] === first && words[at + 1] === second) return at;
      at = (at + PAIR_WORDS) & (words.length - 1);
    }
    return -1;
  }

  /**
   * Gives a table of the same pairs with other counts.
   *
   * @param counts A count for each slot; pairs of count 0 are left out.
   */
  recount(counts: Uint32Array): PairTable {
    const table = new PairTable();
    for (let slot = 0; slot < counts.length; slot++) {
      if (counts[slot] === 0) continue;
      const at = slot * PAIR_WORDS;
      const [first, second] = [this.#words[at]!, this.#words[at + 1]!];
      table.add(first, second);
      table.#words[table.find(first, second) + PAIR_COUNT] = counts[slot]!;
    }
    return table;
  }

  #grow(): void {
    const old = this.#words;
    const words = new Uint32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    for (let from = 0; from < old.length; from += PAIR_WORDS) {
      if (old[from + PAIR_COUNT] === 0) continue;
      let at = firstSlot(old[from]!, old[from + 1]!, this.#mask) * PAIR_WORDS;
      while (words[at + PAIR_COUNT] !== 0) {
        at = (at + PAIR_WORDS) & (words.length - 1);
      }
      for (let i = 0; i < PAIR_WORDS; i++) words[at + i] = old[from + i]!;
    }
    this.#words = words;
  }
}

function firstSlot(first: number, second: number, mask: number): number {
  let hash = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca77);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) & mask;
}
