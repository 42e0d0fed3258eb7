/**
 * The last event of each key, as a log is read or written.
 *
 * @module
 */

/** What encoding an event needs to know, and changes. */
export interface KeyTails {
  /** Where the last event of a key begins; 0 when there is none. */
  last(key: string): number;
  /** Notes a key's new last event. */
  set(key: string, offset: number): void;
}

/**
 * Keys and where their last events begin. Keys are texts with a character for
 * each byte.
 */
export class KeyChain implements KeyTails {
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

/** Changes of a chain that are not confirmed yet. */
export class PendingTails implements KeyTails {
  readonly #chain: KeyChain;
  readonly #tails: Map<string, number> = new Map();

  /** Begins without changes. @param chain What is confirmed; not changed. */
  constructor(chain: KeyChain) {
    this.#chain = chain;
  }

  /** Where the last event of a key begins, or will begin; 0 for none. */
  last(key: string): number {
    return this.#tails.get(key) ?? this.#chain.last(key);
  }

  /** Notes a key's new last event. */
  set(key: string, offset: number): void {
    this.#tails.set(key, offset);
  }
}
