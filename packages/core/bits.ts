/**
 * Counting and finding bits in 32-bit words.
 *
 * @module
 */

/** Counts the ones of a word. @param word 32 bits. @returns 0 to 32. */
export function popCount(word: number): number {
  word -= (word >>> 1) & 0x5555_5555;
  word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Counts the zeros below the lowest one. @param word Not 0. @returns 0 to 31. */
export function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/**
 * Counts the binary digits of a number; 0 has one.
 *
 * @param value 0 to 2^53 - 1.
 * @returns 1 to 53.
 */
export function bitLength(value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  if (high > 0) return 64 - Math.clz32(high);
  return Math.max(1, 32 - Math.clz32(value));
}
