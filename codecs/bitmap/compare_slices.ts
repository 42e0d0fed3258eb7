/**
 * Comparing the columns of a bit matrix with constants, a chunk at a time.
 *
 * @module
 */
import { Bitmap, CHUNK_WORDS } from "@cairn/core";

/**
 * Finds the members of one chunk whose totals lie between two bounds.
 *
 * @param chunk Words: 64 of the rows asked about, then 64 for each slice,
 * lowest first; the answer is written over the first 64.
 * @param low Digits of the lower bound, one a slice, lowest first.
 * @param high Digits of the upper bound.
 * @param count Number of slices.
 * @returns 0 when the answer is empty.
 */
function compareChunk(
  chunk: Uint32Array,
  low: Uint8Array,
  high: Uint8Array,
  count: number,
): number {
  let any = 0;
  for (let w = 0; w < CHUNK_WORDS; w++) {
    let equalLow = chunk[w]!;
    let equalHigh = equalLow;
    let above = 0; // more than the lower bound
    let below = 0; // less than the upper bound
    for (let i = count - 1; i >= 0; i--) {
      const digit = chunk[(i + 1) * CHUNK_WORDS + w]!;
      if (low[i] === 1) equalLow &= digit;
      else {
        above |= equalLow & digit;
        equalLow &= ~digit;
      }
      if (high[i] === 1) {
        below |= equalHigh & ~digit;
        equalHigh &= digit;
      } else equalHigh &= ~digit;
    }
    const found = (above | equalLow) & (below | equalHigh);
    chunk[w] = found;
    any |= found;
  }
  return any;
}

/** Bounds of a comparison; both inclusive. */
export interface Bounds {
  /** Least total. */
  readonly low: bigint;
  /** Greatest total. */
  readonly high: bigint;
}

/**
 * Finds the rows whose totals lie between two bounds, in one pass.
 *
 * @param rows The rows asked about, all of them present.
 * @param slices One bitmap a binary digit, lowest first.
 * @param bounds Both inclusive.
 */
export function compareSlices(
  rows: Bitmap,
  slices: readonly Bitmap[],
  bounds: Bounds,
): Bitmap {
  const count = slices.length;
  const most = (1n << BigInt(count)) - 1n;
  const high = bounds.high < most ? bounds.high : most;
  if (bounds.low > high) return Bitmap.empty;
  if (bounds.low <= 0n && high === most) return rows;
  const lowDigits = digits(bounds.low, count);
  const highDigits = digits(high, count);
  const chunk = new Uint32Array((count + 1) * CHUNK_WORDS);
  const chunks = new Uint32Array(rows.chunks.length);
  const found = new GrowingWords();
  let made = 0;
  const walker = new SliceWalker(slices);
  for (let c = 0; c < rows.chunks.length; c++) {
    const number = rows.chunks[c]!;
    rows.readChunk(c, chunk, 0);
    walker.read(number, chunk, CHUNK_WORDS);
    if (compareChunk(chunk, lowDigits, highDigits, count) === 0) continue;
    found.push(chunk);
    chunks[made++] = number;
  }
  return made === 0
    ? Bitmap.empty
    : new Bitmap(chunks.slice(0, made), found.finish()).compact();
}

/** Walks over slices by ascending chunk numbers. */
export class SliceWalker {
  readonly #slices: readonly Bitmap[];
  readonly #at: Uint32Array;

  /** Begins before the first chunk. @param slices The slices. */
  constructor(slices: readonly Bitmap[]) {
    this.#slices = slices;
    this.#at = new Uint32Array(slices.length);
  }

  /**
   * Writes a chunk of every slice, 64 words each; zeros where one lacks it.
   *
   * @param number Number of the chunk, not less than the one before.
   * @param out Where to.
   * @param start First word to write.
   */
  read(number: number, out: Uint32Array, start: number): void {
    for (let s = 0; s < this.#slices.length; s++) {
      const { chunks } = this.#slices[s]!;
      let at = this.#at[s]!;
      while (at < chunks.length && chunks[at]! < number) at++;
      this.#at[s] = at;
      const to = start + s * CHUNK_WORDS;
      if (chunks[at] === number) this.#slices[s]!.readChunk(at, out, to);
      else out.fill(0, to, to + CHUNK_WORDS);
    }
  }
}

/** Digits of a number, lowest first. */
function digits(value: bigint, count: number): Uint8Array {
  const result = new Uint8Array(count);
  let left = value < 0n ? 0n : value;
  for (let i = 0; i < count; i++) {
    result[i] = Number(left & 1n);
    left >>= 1n;
  }
  return result;
}

class GrowingWords {
  #words = new Uint32Array(8 * CHUNK_WORDS);
  #length = 0;

  push(chunk: Uint32Array): void {
    if (this.#length === this.#words.length) {
      const grown = new Uint32Array(2 * this.#length);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(chunk.subarray(0, CHUNK_WORDS), this.#length);
    this.#length += CHUNK_WORDS;
  }

  finish(): Uint32Array {
    return this.#words.slice(0, this.#length);
  }
}
