/**
 * Open-addressing tables of byte strings, in three sizes. Slots are words in
 * one typed array; the last word of a slot is an id, and 0 marks a free slot.
 *
 * Strings of up to 16 bytes lie in their slot as words, so that one look at
 * memory finds and compares them: waiting for memory is most of the time.
 *
 * @module
 */

/** Bytes of the longest string that a short slot holds. */
export const SHORT_BYTES = 8;
/** Words of a short slot: low, high, length, id. */
export const SHORT_WORDS = 4;
/** Bytes of the longest string that a medium slot holds. */
export const MEDIUM_BYTES = 16;
/** Words of a medium slot: the first 8 bytes, the last 8 bytes, length, id. */
export const MEDIUM_WORDS = 6;
/** Words of a long slot: hash, id. */
export const LONG_WORDS = 2;

/** Hashes a string of up to 8 bytes, given as two words. */
export function hashShort(low: number, high: number, seed: number): number {
  let hash = Math.imul(low ^ seed, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ high, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** Finds the slot of a short string, or the free one where it belongs. */
export function findShort(
  slots: Int32Array,
  low: number,
  high: number,
  length: number,
  seed: number,
): number {
  const mask = slots.length - 1;
  let slot = (SHORT_WORDS * hashShort(low, high, seed)) & mask;
  while (
    slots[slot + 3] !== 0 &&
    (slots[slot] !== low || slots[slot + 1] !== high ||
      slots[slot + 2] !== length)
  ) slot = (slot + SHORT_WORDS) & mask;
  return slot;
}

/** Hashes a string of 9 to 16 bytes, given as its first and last two words. */
function hashMedium(
  first: number,
  second: number,
  third: number,
  fourth: number,
  seed: number,
): number {
  let hash = Math.imul(first ^ seed, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ third, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 14) ^ fourth, 0x27d4_eb2f);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  return hash ^ (hash >>> 16);
}

/** Finds the slot of a medium string, or the free one where it belongs. */
export function findMedium(
  slots: Int32Array,
  view: DataView,
  from: number,
  to: number,
  seed: number,
): number {
  const first = view.getInt32(from, true);
  const second = view.getInt32(from + 4, true);
  const third = view.getInt32(to - 8, true);
  const fourth = view.getInt32(to - 4, true);
  const length = to - from;
  const mask = slots.length / MEDIUM_WORDS - 1;
  const hash = hashMedium(first, second, third, fourth, seed);
  let slot = (hash & mask) * MEDIUM_WORDS;
  while (
    slots[slot + 5] !== 0 &&
    (slots[slot] !== first || slots[slot + 1] !== second ||
      slots[slot + 2] !== third || slots[slot + 3] !== fourth ||
      slots[slot + 4] !== length)
  ) {
    slot += MEDIUM_WORDS;
    if (slot === slots.length) slot = 0;
  }
  return slot;
}

/** Hashes a string of over 4 bytes; the bytes of its last word may count twice. */
export function hashLong(
  view: DataView,
  from: number,
  to: number,
  seed: number,
): number {
  let hash = seed ^ (to - from);
  for (let at = from; at < to - 4; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ view.getInt32(to - 4, true), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** Compares two strings of over 4 bytes and the same length. */
export function equalLong(
  view: DataView,
  from: number,
  to: number,
  known: DataView,
  knownFrom: number,
): boolean {
  const shift = knownFrom - from;
  for (let at = from; at < to - 4; at += 4) {
    if (view.getInt32(at, true) !== known.getInt32(at + shift, true)) {
      return false;
    }
  }
  return view.getInt32(to - 4, true) === known.getInt32(to - 4 + shift, true);
}

/** Puts the slots of a short table into one of twice the size. */
export function growShort(old: Int32Array, seed: number): Int32Array {
  const slots = new Int32Array(2 * old.length);
  for (let i = 0; i < old.length; i += SHORT_WORDS) {
    if (old[i + 3] === 0) continue;
    const to = findShort(slots, old[i]!, old[i + 1]!, old[i + 2]!, seed);
    for (let w = 0; w < SHORT_WORDS; w++) slots[to + w] = old[i + w]!;
  }
  return slots;
}

/** Puts the slots of a medium table into one of twice the size. */
export function growMedium(old: Int32Array, seed: number): Int32Array {
  const slots = new Int32Array(2 * old.length);
  const mask = slots.length / MEDIUM_WORDS - 1;
  for (let i = 0; i < old.length; i += MEDIUM_WORDS) {
    if (old[i + 5] === 0) continue;
    const hash = hashMedium(
      old[i]!,
      old[i + 1]!,
      old[i + 2]!,
      old[i + 3]!,
      seed,
    );
    let to = (hash & mask) * MEDIUM_WORDS;
    while (slots[to + 5] !== 0) {
      to += MEDIUM_WORDS;
      if (to === slots.length) to = 0;
    }
    for (let w = 0; w < MEDIUM_WORDS; w++) slots[to + w] = old[i + w]!;
  }
  return slots;
}

/** Puts the slots of a long table into one of twice the size. */
export function growLong(old: Int32Array): Int32Array {
  const slots = new Int32Array(2 * old.length);
  const mask = slots.length - 1;
  for (let i = 0; i < old.length; i += LONG_WORDS) {
    if (old[i + 1] === 0) continue;
    let to = (LONG_WORDS * old[i]!) & mask;
    while (slots[to + 1] !== 0) to = (to + LONG_WORDS) & mask;
    slots[to] = old[i]!;
    slots[to + 1] = old[i + 1]!;
  }
  return slots;
}
