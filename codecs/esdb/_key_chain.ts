/**
 * The last event of each key, as a log is read or written.
 *
 * @module
 */

/**
 * Keys and where their last events begin. Keys are texts with a character for
 * each byte.
 */
export class KeyChain {
  readonly #tails: Map<string, number> = new Map();

  /** Number of keys. */
  get size(): number {
    return this.#tails.size;
  }

  /** Where the last event of a key begins; 0 when there is none. */
  last(key: string): number {
    return this.#tails.get(key) ?? 0;
  }

  /** Notes a key's new last event; 0 takes the key out. */
  set(key: string, offset: number): void {
    if (offset === 0) this.#tails.delete(key);
    else this.#tails.set(key, offset);
  }

  /** All keys in bytewise order. */
  sorted(): string[] {
    return [...this.#tails.keys()].sort();
  }
}
