/**
 * Which grams get a code: the most frequent ones.
 *
 * Layout: docs/formats/traildb.md, part 10.6.
 *
 * @module
 */
import { PAIR_COUNT, PAIR_WORDS, type PairTable } from "@cairn/kernels";
import type { ItemNumbers } from "./item_numbers.ts";
import { CODEBOOK_ENTRIES } from "../layout.ts";

/** Stands for the second item of a gram that has none. */
export const NO_ITEM = 0xffff_ffff;

/** Grams in the order in which codes are given. */
export interface RankedGrams {
  /** Item number of the first item. */
  readonly firsts: Uint32Array;
  /** Item number of the second item; `NO_ITEM` for a single item. */
  readonly seconds: Uint32Array;
  /** How often each occurs; never increasing. */
  readonly counts: Float64Array;
}

/**
 * Ranks grams by count, largest first; equal counts by the items' 128 bits, the
 * second item first.
 *
 * @param singles Counts by item number.
 * @param pairs Counts of pairs.
 * @param numbers What item numbers stand for.
 * @param countMax How many to keep.
 * @returns The first grams; copies.
 */
export function rankGrams(
  singles: Uint32Array,
  pairs: PairTable,
  numbers: ItemNumbers,
  countMax: number = CODEBOOK_ENTRIES,
): RankedGrams {
  const all = collect(singles, pairs, leastCount(singles, pairs, countMax));
  const { firsts, seconds, counts } = all;
  const ranks = rankItems(all, singles.length, numbers);
  const base = ranks.itemCount + 1;
  // Ranks of both items in one number; a single item has second rank 0.
  const keys = Float64Array.from(firsts, (first, g) => {
    const second = seconds[g]!;
    return (second === NO_ITEM ? 0 : ranks.ranks[second]!) * base +
      ranks.ranks[first]!;
  });
  const order = keepBest(counts, keys, countMax);
  order.sort((a, b) => counts[b]! - counts[a]! || keys[a]! - keys[b]!);
  return {
    firsts: Uint32Array.from(order, (g) => firsts[g]!),
    seconds: Uint32Array.from(order, (g) => seconds[g]!),
    counts: Float64Array.from(order, (g) => counts[g]!),
  };
}

/** The count that a gram needs to be among the first `countMax`. */
function leastCount(
  singles: Uint32Array,
  pairs: PairTable,
  countMax: number,
): number {
  let grams = pairs.size;
  for (const count of singles) if (count > 0) grams++;
  if (grams <= countMax) return 1;
  const counts = new Uint32Array(grams);
  let at = 0;
  for (const count of singles) if (count > 0) counts[at++] = count;
  const { words } = pairs;
  for (let slot = PAIR_COUNT; slot < words.length; slot += PAIR_WORDS) {
    if (words[slot] !== 0) counts[at++] = words[slot]!;
  }
  return counts.sort()[grams - countMax]!;
}

/** All grams that occur `least` times or more, in no order. */
function collect(
  singles: Uint32Array,
  pairs: PairTable,
  least: number,
): RankedGrams {
  const { words } = pairs;
  let grams = 0;
  for (const count of singles) if (count >= least) grams++;
  for (let slot = PAIR_COUNT; slot < words.length; slot += PAIR_WORDS) {
    if (words[slot]! >= least) grams++;
  }
  const firsts = new Uint32Array(grams);
  const seconds = new Uint32Array(grams);
  const counts = new Float64Array(grams);
  let at = 0;
  for (let item = 0; item < singles.length; item++) {
    if (singles[item]! < least) continue;
    firsts[at] = item;
    seconds[at] = NO_ITEM;
    counts[at++] = singles[item]!;
  }
  for (let slot = 0; slot < words.length; slot += PAIR_WORDS) {
    if (words[slot + PAIR_COUNT]! < least) continue;
    firsts[at] = words[slot]!;
    seconds[at] = words[slot + 1]!;
    counts[at++] = words[slot + PAIR_COUNT]!;
  }
  return { firsts, seconds, counts };
}

/** Ranks, from 1, the items that occur in grams; by item number. */
function rankItems(
  grams: RankedGrams,
  numberCount: number,
  numbers: ItemNumbers,
): { ranks: Uint32Array; itemCount: number } {
  const ranks = new Uint32Array(numberCount);
  for (const item of grams.firsts) ranks[item] = 1;
  for (const item of grams.seconds) if (item !== NO_ITEM) ranks[item] = 1;
  let itemCount = 0;
  for (const used of ranks) itemCount += used;
  const orders = new Float64Array(itemCount);
  let at = 0;
  for (let item = 0; item < ranks.length; item++) {
    if (ranks[item] !== 0) orders[at++] = numbers.order(item);
  }
  orders.sort();
  for (let item = 0; item < ranks.length; item++) {
    if (ranks[item] !== 0) {
      ranks[item] = 1 + lowerBound(orders, numbers.order(item));
    }
  }
  return { ranks, itemCount };
}

/** Positions of the `countMax` best grams, in no order. */
function keepBest(
  counts: Float64Array,
  keys: Float64Array,
  countMax: number,
): Uint32Array {
  const order = Uint32Array.from(counts, (_, g) => g);
  if (order.length <= countMax) return order;
  // All but those of the least count are kept for sure.
  let least = Infinity;
  for (const count of counts) if (count < least) least = count;
  const tied = keys.filter((_, g) => counts[g] === least).sort();
  const last = tied[tied.length - 1 - (order.length - countMax)]!;
  return order.filter((g) => counts[g]! > least || keys[g]! <= last);
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
