/**
 * Bit matrices turned on their side: slices in, numbers out.
 *
 * @module
 */

/**
 * Reads numbers from their binary digits.
 *
 * Works through the ones of each slice, so that the high slices of small
 * numbers cost next to nothing.
 *
 * @param slices Words of each slice, lowest first, at most 32; all of one length.
 * @param out A number for each bit; must be zeros.
 */
export function turnSlices(
  slices: readonly Uint32Array[],
  out: Uint32Array,
): void {
  for (let s = 0; s < slices.length; s++) {
    const words = slices[s]!;
    const digit = 1 << s;
    for (let w = 0; w < words.length; w++) {
      let word = words[w]!;
      const base = 32 * w;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        out[base + bit]! |= digit;
        word &= word - 1;
      }
    }
  }
}
