/**
 * Grams: single items, and pairs of items that are written by one code.
 *
 * Layout: docs/formats/traildb.md, part 10.5.
 *
 * @module
 */
import type { EdgeList } from "./trail_edges.ts";
import { NO_DELTA } from "./trail_deltas.ts";
import { PAIR_COUNT, type PairTable } from "./trail_pairs.ts";

/** Flag of an item: it can be the first of a pair. */
export const FIRST = 1;
/** Flag of an item: it can be the second of a pair. */
export const SECOND = 2;

/** Candidates up to this are looked through; more are sorted. */
const SCAN_MAX = 64;

/**
 * Counts the pairs of events whose items are both flagged.
 *
 * The pairs of an event are those of its time difference with each item, and
 * those of its items with each other but for the first one: a quirk of the C
 * program that its files depend on.
 *
 * @param edges The events.
 * @param flags By item number; `FIRST | SECOND` marks a candidate.
 * @param pairs Where to count.
 * @param pairsMax Stops when there are more distinct pairs than that.
 * @returns Whether all were counted.
 */
export function countPairs(
  edges: EdgeList,
  flags: Uint8Array,
  pairs: PairTable,
  pairsMax: number,
): boolean {
  const { deltas, starts, items } = edges;
  for (let event = 0; event < edges.count; event++) {
    const start = starts[event]!;
    const end = starts[event + 1]!;
    const delta = deltas[event]!;
    if (flags[delta] !== 0) {
      for (let j = start; j < end; j++) {
        if (flags[items[j]!] !== 0) pairs.add(delta, items[j]!);
      }
    }
    for (let i = start + 1; i < end; i++) {
      const first = items[i]!;
      if (flags[first] === 0) continue;
      for (let j = i + 1; j < end; j++) {
        if (flags[items[j]!] !== 0) pairs.add(first, items[j]!);
      }
      if (pairs.size > pairsMax) return false;
    }
    if (pairs.size > pairsMax) return false;
  }
  return true;
}

/**
 * Flags the items that occur in the pairs of a table.
 *
 * @param pairs The table.
 * @param flags By item number; written to, all of it.
 */
export function flagPartners(pairs: PairTable, flags: Uint8Array): void {
  flags.fill(0);
  const { words } = pairs;
  for (let at = 0; at < words.length; at += 4) {
    if (words[at + PAIR_COUNT] === 0) continue;
    flags[words[at]!]! |= FIRST;
    flags[words[at + 1]!]! |= SECOND;
  }
}

/**
 * Chooses the grams that stand for an event.
 *
 * After `cover`, gram `g` is the pair in slot `slots[g]` of the table, or,
 * where that is -1, the single item `items[g]`.
 */
export class Cover {
  /** Slot of each pair; -1 for a single item. */
  slots: Int32Array = new Int32Array(64);
  /** Item number of each single item. */
  items: Uint32Array = new Uint32Array(64);
  readonly #pairs: PairTable;
  readonly #flags: Uint8Array;
  #candidates: Candidates = new Candidates(64);
  #covered: Uint8Array = new Uint8Array(64);

  /**
   * Prepares to cover events.
   *
   * @param pairs The pairs to choose from, with their counts.
   * @param flags Of {@linkcode flagPartners} for that table.
   */
  constructor(pairs: PairTable, flags: Uint8Array) {
    this.#pairs = pairs;
    this.#flags = flags;
  }

  /**
   * Covers an event: its time first, then the pairs in order of choice, then
   * what is left in field order.
   *
   * @param edges The events.
   * @param event Which one.
   * @returns Number of grams.
   */
  cover(edges: EdgeList, event: number): number {
    const start = edges.starts[event]!;
    const length = edges.starts[event + 1]! - start;
    if (length >= this.slots.length) this.#grow(2 * length);
    const { slots, items } = this;
    const covered = this.#covered;
    const delta = edges.deltas[event]!;
    slots[0] = -1;
    items[0] = delta;
    let count = 1;
    const found = this.#findCandidates(edges, start, length, delta);
    if (found > 0) {
      covered.fill(0, 0, length + 1);
      const chosen = this.#candidates.choose(covered);
      for (let c = 0; c < chosen; c++) {
        const slot = this.#candidates.chosenSlots[c]!;
        if (this.#candidates.chosenFirsts[c] === 0) slots[0] = slot;
        else slots[count++] = slot;
      }
    }
    for (let position = 0; position < length; position++) {
      if (found > 0 && covered[position + 1] !== 0) continue;
      slots[count] = -1;
      items[count++] = edges.items[start + position]!;
    }
    return count;
  }

  /** Places are numbered as the time difference first, then the items. */
  #findCandidates(
    edges: EdgeList,
    start: number,
    length: number,
    delta: number,
  ): number {
    const flags = this.#flags;
    const pairs = this.#pairs;
    const candidates = this.#candidates;
    const { items } = edges;
    candidates.count = 0;
    if (delta !== NO_DELTA && (flags[delta]! & FIRST) !== 0) {
      for (let j = 0; j < length; j++) {
        const second = items[start + j]!;
        if ((flags[second]! & SECOND) === 0) continue;
        const slot = pairs.find(delta, second);
        if (slot >= 0) {
          candidates.add(slot, pairs.words[slot + PAIR_COUNT]!, 0, j + 1);
        }
      }
    }
    for (let i = 1; i < length; i++) {
      const first = items[start + i]!;
      if ((flags[first]! & FIRST) === 0) continue;
      for (let j = i + 1; j < length; j++) {
        const second = items[start + j]!;
        if ((flags[second]! & SECOND) === 0) continue;
        const slot = pairs.find(first, second);
        if (slot >= 0) {
          candidates.add(slot, pairs.words[slot + PAIR_COUNT]!, i + 1, j + 1);
        }
      }
    }
    return candidates.count;
  }

  #grow(length: number): void {
    this.slots = new Int32Array(length + 1);
    this.items = new Uint32Array(length + 1);
    this.#covered = new Uint8Array(length + 1);
  }
}

/** The pairs that an event could be written with. */
class Candidates {
  count = 0;
  chosenSlots: Int32Array;
  chosenFirsts: Int32Array;
  #slots: Int32Array;
  #counts: Uint32Array;
  #firsts: Int32Array;
  #seconds: Int32Array;

  constructor(capacity: number) {
    this.chosenSlots = new Int32Array(capacity);
    this.chosenFirsts = new Int32Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#counts = new Uint32Array(capacity);
    this.#firsts = new Int32Array(capacity);
    this.#seconds = new Int32Array(capacity);
  }

  add(slot: number, count: number, first: number, second: number): void {
    if (this.count === this.#slots.length) this.#grow();
    const at = this.count++;
    this.#slots[at] = slot;
    this.#counts[at] = count;
    this.#firsts[at] = first;
    this.#seconds[at] = second;
  }

  /** Takes the most frequent pair of what is not covered, again and again. */
  choose(covered: Uint8Array): number {
    return this.count > SCAN_MAX
      ? this.#chooseSorted(covered)
      : this.#chooseScanning(covered);
  }

  #chooseScanning(covered: Uint8Array): number {
    const counts = this.#counts;
    let chosen = 0;
    while (true) {
      let best = -1;
      let bestCount = 0;
      for (let c = 0; c < this.count; c++) {
        if (
          counts[c]! > bestCount && covered[this.#firsts[c]!] === 0 &&
          covered[this.#seconds[c]!] === 0
        ) {
          best = c;
          bestCount = counts[c]!;
        }
      }
      if (best < 0) return chosen;
      this.#take(best, chosen++, covered);
    }
  }

  /** The same choice: what is covered once stays so, so one walk will do. */
  #chooseSorted(covered: Uint8Array): number {
    const order = this.#byCount();
    let chosen = 0;
    for (const c of order) {
      if (
        covered[this.#firsts[c]!] === 0 && covered[this.#seconds[c]!] === 0
      ) this.#take(c, chosen++, covered);
    }
    return chosen;
  }

  /** Candidates, the largest count first; equal counts in their order. */
  #byCount(): ArrayLike<number> & Iterable<number> {
    const { count } = this;
    const counts = this.#counts;
    let most = 0;
    for (let c = 0; c < count; c++) if (counts[c]! > most) most = counts[c]!;
    if ((most + 1) * count > Number.MAX_SAFE_INTEGER) {
      return Uint32Array.from({ length: count }, (_, c) => c)
        .sort((a, b) => counts[b]! - counts[a]! || a - b);
    }
    // Plain numbers sort many times faster than by a comparison of ours.
    const keys = new Float64Array(count);
    for (let c = 0; c < count; c++) keys[c] = (most - counts[c]!) * count + c;
    keys.sort();
    for (let i = 0; i < count; i++) keys[i]! %= count;
    return keys;
  }

  #take(candidate: number, at: number, covered: Uint8Array): void {
    covered[this.#firsts[candidate]!] = 1;
    covered[this.#seconds[candidate]!] = 1;
    this.chosenSlots[at] = this.#slots[candidate]!;
    this.chosenFirsts[at] = this.#firsts[candidate]!;
  }

  #grow(): void {
    const grown = new Candidates(2 * this.#slots.length);
    grown.#slots.set(this.#slots);
    grown.#counts.set(this.#counts);
    grown.#firsts.set(this.#firsts);
    grown.#seconds.set(this.#seconds);
    this.#slots = grown.#slots;
    this.#counts = grown.#counts;
    this.#firsts = grown.#firsts;
    this.#seconds = grown.#seconds;
    this.chosenSlots = grown.chosenSlots;
    this.chosenFirsts = grown.chosenFirsts;
  }
}
