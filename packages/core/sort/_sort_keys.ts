/**
 * The order of trail keys.
 *
 * @module
 */
import type { KeyOrder } from "./event_sorter_options.ts";
import type { PackedLexicon } from "./sorted_events.ts";

/** Groups up to this size are sorted by comparing. */
const SMALL = 24;

/** Byte strings to be compared: key `i`, from 0, is `bytes[offsets[i]] .. bytes[offsets[i + 1]]`. */
type Keys = Pick<PackedLexicon, "bytes" | "offsets">;

/**
 * Orders two byte strings within larger ones.
 *
 * @returns Less than 0, 0, or more than 0.
 */
export function compareKeys(
  order: KeyOrder,
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shorter = Math.min(aEnd - aStart, bEnd - bStart);
  if (order === "bytes") {
    for (let i = 0; i < shorter; i++) {
      const difference = a[aStart + i]! - b[bStart + i]!;
      if (difference !== 0) return difference;
    }
  } else {
    for (let i = 1; i <= shorter; i++) {
      const difference = a[aEnd - i]! - b[bEnd - i]!;
      if (difference !== 0) return difference;
    }
  }
  return (aEnd - aStart) - (bEnd - bStart);
}

/**
 * Sorts distinct keys.
 *
 * Radix sort by 4 bytes at a time, the most significant first, so that the
 * work is linear in the bytes that tell keys apart; groups wait on a list
 * instead of the call stack, whatever the keys share.
 *
 * @param keys The keys; none is there twice.
 * @param count How many.
 * @param order By which bytes.
 * @returns Their numbers, from 0, in order.
 */
export function sortKeys(
  keys: Keys,
  count: number,
  order: KeyOrder,
): Uint32Array {
  const sorted = new Uint32Array(count);
  for (let i = 0; i < count; i++) sorted[i] = i;
  const sorter = new KeySorter(keys, order, sorted);
  // Groups still to be sorted: start, end, bytes known to be equal.
  const waiting = [0, count, 0];
  while (waiting.length > 0) {
    const depth = waiting.pop()!;
    const end = waiting.pop()!;
    const start = waiting.pop()!;
    if (end - start <= SMALL) sorter.sortSmall(start, end);
    else sorter.split(start, end, depth, waiting);
  }
  return sorted;
}

class KeySorter {
  readonly #keys: Keys;
  readonly #order: KeyOrder;
  readonly #sorted: Uint32Array;
  readonly #spare: Uint32Array;
  readonly #words: Uint32Array;
  readonly #spareWords: Uint32Array;
  readonly #counts: Uint32Array = new Uint32Array(2049);

  constructor(keys: Keys, order: KeyOrder, sorted: Uint32Array) {
    this.#keys = keys;
    this.#order = order;
    this.#sorted = sorted;
    this.#spare = new Uint32Array(sorted.length);
    this.#words = new Uint32Array(sorted.length);
    this.#spareWords = new Uint32Array(sorted.length);
  }

  /** Sorts a few keys by insertion. */
  sortSmall(start: number, end: number): void {
    const sorted = this.#sorted;
    for (let i = start + 1; i < end; i++) {
      const key = sorted[i]!;
      let to = i;
      while (to > start && this.#compare(sorted[to - 1]!, key) > 0) {
        sorted[to] = sorted[to - 1]!;
        to--;
      }
      sorted[to] = key;
    }
  }

  /** Sorts by the 4 bytes behind `depth` and lists the groups that share them. */
  split(start: number, end: number, depth: number, waiting: number[]): void {
    depth = this.#sharedDepth(start, end, depth);
    this.#readWords(start, end, depth);
    for (const shift of [0, 11, 22]) this.#pass(start, end, shift);
    const words = this.#words;
    let groupStart = start;
    for (let i = start + 1; i <= end; i++) {
      if (i < end && words[i] === words[groupStart]) continue;
      if (i - groupStart > 1) this.#list(groupStart, i, depth + 4, waiting);
      groupStart = i;
    }
  }

  /** Lists a group of equal words: keys that end within it come first. */
  #list(start: number, end: number, depth: number, waiting: number[]): void {
    const { offsets } = this.#keys;
    const sorted = this.#sorted;
    let ended = start;
    for (let i = start; i < end; i++) {
      const key = sorted[i]!;
      if (offsets[key + 1]! - offsets[key]! > depth) continue;
      sorted[i] = sorted[ended]!;
      sorted[ended++] = key;
    }
    // Distinct keys with the same padded word differ in length: 5 at most.
    this.sortSmall(start, ended);
    if (end - ended > 1) waiting.push(ended, end, depth);
  }

  /** Gives how many bytes all keys of a group share, at least `depth`. */
  #sharedDepth(start: number, end: number, depth: number): number {
    const { bytes, offsets } = this.#keys;
    const sorted = this.#sorted;
    const reversed = this.#order === "reversed";
    const first = sorted[start]!;
    const firstStart = offsets[first]!;
    const firstEnd = offsets[first + 1]!;
    let shared = firstEnd - firstStart;
    for (let i = start + 1; i < end && shared > depth; i++) {
      const keyStart = offsets[sorted[i]!]!;
      const keyEnd = offsets[sorted[i]! + 1]!;
      shared = Math.min(shared, keyEnd - keyStart);
      let same = depth;
      if (reversed) {
        while (
          same < shared &&
          bytes[firstEnd - 1 - same] === bytes[keyEnd - 1 - same]
        ) same++;
      } else {
        while (
          same < shared && bytes[firstStart + same] === bytes[keyStart + same]
        ) same++;
      }
      shared = same;
    }
    return shared;
  }

  /** Reads 4 bytes of each key as a number, most significant first; zeros behind the end. */
  #readWords(start: number, end: number, depth: number): void {
    const { bytes, offsets } = this.#keys;
    const step = this.#order === "reversed" ? -1 : 1;
    for (let i = start; i < end; i++) {
      const key = this.#sorted[i]!;
      const keyStart = offsets[key]!;
      const keyEnd = offsets[key + 1]!;
      const left = keyEnd - keyStart - depth;
      let at = step === 1 ? keyStart + depth : keyEnd - 1 - depth;
      let word = 0;
      for (let n = 0; n < 4; n++, at += step) {
        word = (word << 8) | (n < left ? bytes[at]! : 0);
      }
      this.#words[i] = word;
    }
  }

  /** One stable counting sort by 11 bits of the words. */
  #pass(start: number, end: number, shift: number): void {
    const counts = this.#counts.fill(0);
    const words = this.#words;
    for (let i = start; i < end; i++) {
      counts[((words[i]! >>> shift) & 2047) + 1]!++;
    }
    if (counts[((words[start]! >>> shift) & 2047) + 1] === end - start) return;
    for (let digit = 1; digit < 2048; digit++) {
      counts[digit]! += counts[digit - 1]!;
    }
    const sorted = this.#sorted;
    for (let i = start; i < end; i++) {
      const to = start + counts[(words[i]! >>> shift) & 2047]!++;
      this.#spare[to] = sorted[i]!;
      this.#spareWords[to] = words[i]!;
    }
    sorted.set(this.#spare.subarray(start, end), start);
    words.set(this.#spareWords.subarray(start, end), start);
  }

  #compare(a: number, b: number): number {
    const { bytes, offsets } = this.#keys;
    return compareKeys(
      this.#order,
      bytes,
      offsets[a]!,
      offsets[a + 1]!,
      bytes,
      offsets[b]!,
      offsets[b + 1]!,
    );
  }
}
