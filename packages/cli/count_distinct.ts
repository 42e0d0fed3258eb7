/**
 * How many different values each field of a store has.
 *
 * @module
 */
import { equalBytes, type Store } from "@cairn/core";

/** Bytes of different values kept for one field before counting is given up. */
const ARENA_BYTES_MAX = 256 << 20;

/**
 * Counts the different values of each field, not counting none.
 *
 * Free where fields have lexicons; elsewhere one pass over the events, which
 * keeps every different value in memory.
 *
 * @param store The store.
 * @param signal Stops the pass.
 * @returns A count for each field; `null` for one whose values take too much
 * memory to tell apart.
 */
export async function countDistinct(
  store: Store,
  signal: AbortSignal,
): Promise<(number | null)[]> {
  const counts: (number | null)[] = [];
  const sets: (ValueSet | undefined)[] = [];
  const scanned: string[] = [];
  for (const { name } of store.schema.fields) {
    const lexicon = await store.lexicon(name, { signal });
    counts.push(lexicon === undefined ? null : lexicon.size - 1);
    if (lexicon === undefined) scanned.push(name);
    sets.push(lexicon === undefined ? new ValueSet() : undefined);
  }
  if (scanned.length === 0) return counts;
  const open = sets.filter((set) => set !== undefined);
  for await (const batch of store.scan({ fields: scanned, signal })) {
    batch.columns.forEach((column, i) => {
      if (column.kind === "ids") return;
      const set = open[i]!;
      for (let row = 0; row < batch.count; row++) {
        set.add(column.bytes, column.starts[row]!, column.ends[row]!);
      }
    });
  }
  return counts.map((count, i) => sets[i]?.count ?? count);
}

/** A set of byte strings: a hash table over one arena. */
class ValueSet {
  #arena = new Uint8Array(1 << 12);
  #used = 0;
  /** Ends in the arena, by value. */
  #ends = new Float64Array(1 << 8);
  #hashes = new Uint32Array(1 << 8);
  #size = 0;
  /** Value numbers, one up; 0 is free. */
  #slots = new Uint32Array(1 << 10);

  /** How many there are; `null` when there were too many. */
  get count(): number | null {
    return this.#used > ARENA_BYTES_MAX ? null : this.#size;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (start === end || this.#used > ARENA_BYTES_MAX) return;
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
    }
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const value = this.#slots[slot]! - 1;
      if (
        this.#hashes[value] === hash &&
        this.#isAt(value, bytes.subarray(start, end))
      ) return;
    }
    this.#slots[slot] = this.#append(bytes, start, end, hash);
    if (this.#size * 2 > this.#slots.length) this.#rehash();
  }

  #isAt(value: number, bytes: Uint8Array): boolean {
    const start = value === 0 ? 0 : this.#ends[value - 1]!;
    return equalBytes(this.#arena.subarray(start, this.#ends[value]!), bytes);
  }

  #append(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const wanted = this.#used + end - start;
    if (wanted > this.#arena.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.#arena.length));
      grown.set(this.#arena.subarray(0, this.#used));
      this.#arena = grown;
    }
    if (this.#size === this.#ends.length) {
      const ends = new Float64Array(2 * this.#size);
      ends.set(this.#ends);
      this.#ends = ends;
      const hashes = new Uint32Array(2 * this.#size);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#arena.set(bytes.subarray(start, end), this.#used);
    this.#used = wanted;
    this.#ends[this.#size] = wanted;
    this.#hashes[this.#size] = hash;
    return ++this.#size;
  }

  #rehash(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let value = 0; value < this.#size; value++) {
      let slot = this.#hashes[value]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = value + 1;
    }
    this.#slots = slots;
  }
}
