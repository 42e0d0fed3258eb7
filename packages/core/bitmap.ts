/**
 * Sets of ordinals, in chunks of 2,048 bits.
 *
 * @module
 */
import { popCount, trailingZeros } from "./bits.ts";

/** Bits of a chunk. */
export const CHUNK_BITS = 2048;
/** 32-bit words of a chunk. */
export const CHUNK_WORDS = 64;
/** Bytes of a chunk. */
export const CHUNK_BYTES = 256;

/**
 * A set of ordinals: sorted chunk numbers, each with its 2,048 bits. Bit `i`
 * of word `w` of chunk `c` is ordinal `2048 c + 32 w + i`, which is how the
 * bitmap codec stores it. Empty chunks are not kept, so a set costs by its
 * chunks and never by the largest ordinal. Bitmaps do not change once made.
 *
 * @example Two sets
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Bitmap } from "@cairn/core";
 *
 * const clicked = Bitmap.from([1, 5, 70_000]);
 * const bought = Bitmap.from([5, 6]);
 * assertEquals([...clicked.and(bought)], [5]);
 * assertEquals(clicked.or(bought).count(), 4);
 * ```
 */
export class Bitmap {
  /** The set without members. */
  static readonly empty: Bitmap = new Bitmap(
    new Uint32Array(0),
    new Uint32Array(0),
  );

  /** Numbers of the chunks that have a bit, strictly ascending. */
  readonly chunks: Uint32Array;
  /** 64 words for each chunk, one after the other. */
  readonly words: Uint32Array;

  /**
   * Makes a bitmap over arrays that are right already: chunk numbers strictly
   * ascending, 64 words each, none of them all zero. Neither is copied.
   *
   * @param chunks Chunk numbers.
   * @param words Their words.
   */
  constructor(chunks: Uint32Array, words: Uint32Array) {
    if (words.length !== chunks.length * CHUNK_WORDS) {
      throw new RangeError(
        `Cannot make bitmap: ${words.length} words for ${chunks.length} chunks`,
      );
    }
    this.chunks = chunks;
    this.words = words;
  }

  /**
   * Makes a bitmap of ordinals.
   *
   * @param ordinals Non-negative integers below 2^43, in any order.
   */
  static from(ordinals: Iterable<number>): Bitmap {
    const builder = new BitmapBuilder();
    for (const ordinal of ordinals) builder.add(ordinal);
    return builder.finish();
  }

  /** Makes the bitmap of all ordinals from `start` up to `end`, exclusive. */
  static range(start: number, end: number): Bitmap {
    if (end <= start) return Bitmap.empty;
    const first = Math.floor(start / CHUNK_BITS);
    const last = Math.floor((end - 1) / CHUNK_BITS);
    const chunks = new Uint32Array(last - first + 1);
    const words = new Uint32Array(chunks.length * CHUNK_WORDS).fill(
      0xffff_ffff,
    );
    for (let i = 0; i < chunks.length; i++) chunks[i] = first + i;
    clearBelow(words, 0, start - first * CHUNK_BITS);
    clearFrom(
      words,
      (chunks.length - 1) * CHUNK_WORDS,
      end - last * CHUNK_BITS,
    );
    return new Bitmap(chunks, words);
  }

  /** Tells whether there are no members. */
  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Counts the members. */
  count(): number {
    let count = 0;
    for (let i = 0; i < this.words.length; i++) {
      count += popCount(this.words[i]!);
    }
    return count;
  }

  /** Tells whether an ordinal is a member. @param ordinal Which one. */
  has(ordinal: number): boolean {
    const at = findChunk(this.chunks, Math.floor(ordinal / CHUNK_BITS));
    if (at < 0) return false;
    const bit = ordinal % CHUNK_BITS;
    return (this.words[at * CHUNK_WORDS + (bit >>> 5)]! >>> (bit & 31) & 1) ===
      1;
  }

  /** Intersection. @param other The other set. */
  and(other: Bitmap): Bitmap {
    return combine(this, other, "and");
  }

  /** Union. @param other The other set. */
  or(other: Bitmap): Bitmap {
    return combine(this, other, "or");
  }

  /** Members of exactly one of the two. @param other The other set. */
  xor(other: Bitmap): Bitmap {
    return combine(this, other, "xor");
  }

  /** Members of this set and not of the other. @param other The other set. */
  andNot(other: Bitmap): Bitmap {
    return combine(this, other, "andNot");
  }

  /** Tells whether both sets have the same members. @param other The other set. */
  equals(other: Bitmap): boolean {
    return this.chunks.length === other.chunks.length &&
      this.chunks.every((chunk, i) => chunk === other.chunks[i]) &&
      this.words.every((word, i) => word === other.words[i]);
  }

  /** Walks over the members, ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (let c = 0; c < this.chunks.length; c++) {
      const base = this.chunks[c]! * CHUNK_BITS;
      for (let w = 0; w < CHUNK_WORDS; w++) {
        let word = this.words[c * CHUNK_WORDS + w]!;
        while (word !== 0) {
          yield base + 32 * w + trailingZeros(word);
          word &= word - 1;
        }
      }
    }
  }
}

/** Collects ordinals, in any order, into a bitmap. */
export class BitmapBuilder {
  readonly #chunks = new Map<number, Uint32Array>();
  #lastChunk = -1;
  #lastWords: Uint32Array | undefined;

  /** Adds an ordinal. @param ordinal 0 to 2^43 - 1. */
  add(ordinal: number): void {
    const chunk = Math.floor(ordinal / CHUNK_BITS);
    if (chunk !== this.#lastChunk || this.#lastWords === undefined) {
      if (!(chunk >= 0 && chunk <= 0xffff_ffff)) {
        throw new RangeError(
          `Cannot add ${ordinal} to a bitmap: below 2^43 wanted`,
        );
      }
      let words = this.#chunks.get(chunk);
      if (words === undefined) {
        words = new Uint32Array(CHUNK_WORDS);
        this.#chunks.set(chunk, words);
      }
      this.#lastChunk = chunk;
      this.#lastWords = words;
    }
    const bit = ordinal % CHUNK_BITS;
    this.#lastWords[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** Makes the bitmap. The builder may go on. */
  finish(): Bitmap {
    const chunks = Uint32Array.from(this.#chunks.keys()).sort();
    const words = new Uint32Array(chunks.length * CHUNK_WORDS);
    chunks.forEach((chunk, i) =>
      words.set(this.#chunks.get(chunk)!, i * CHUNK_WORDS)
    );
    return new Bitmap(chunks, words);
  }
}

type Operation = "and" | "or" | "xor" | "andNot";

function combine(a: Bitmap, b: Bitmap, operation: Operation): Bitmap {
  const keepA = operation !== "and";
  const keepB = operation === "or" || operation === "xor";
  const most = keepB
    ? a.chunks.length + b.chunks.length
    : keepA
    ? a.chunks.length
    : Math.min(a.chunks.length, b.chunks.length);
  const chunks = new Uint32Array(most);
  const words = new Uint32Array(most * CHUNK_WORDS);
  let made = 0;
  let i = 0;
  let j = 0;
  while (i < a.chunks.length || j < b.chunks.length) {
    const chunkA = i < a.chunks.length ? a.chunks[i]! : Infinity;
    const chunkB = j < b.chunks.length ? b.chunks[j]! : Infinity;
    const at = made * CHUNK_WORDS;
    if (chunkA < chunkB) {
      if (keepA) {
        words.set(a.words.subarray(i * CHUNK_WORDS, (i + 1) * CHUNK_WORDS), at);
        chunks[made++] = chunkA;
      }
      i++;
    } else if (chunkB < chunkA) {
      if (keepB) {
        words.set(b.words.subarray(j * CHUNK_WORDS, (j + 1) * CHUNK_WORDS), at);
        chunks[made++] = chunkB;
      }
      j++;
    } else {
      if (combineChunk(a.words, i, b.words, j, words, at, operation)) {
        chunks[made++] = chunkA;
      }
      i++;
      j++;
    }
  }
  return new Bitmap(chunks.slice(0, made), words.slice(0, made * CHUNK_WORDS));
}

/** Writes one chunk; tells whether it has a bit. */
function combineChunk(
  a: Uint32Array,
  i: number,
  b: Uint32Array,
  j: number,
  out: Uint32Array,
  at: number,
  operation: Operation,
): boolean {
  let any = 0;
  for (let w = 0; w < CHUNK_WORDS; w++) {
    const x = a[i * CHUNK_WORDS + w]!;
    const y = b[j * CHUNK_WORDS + w]!;
    const z = operation === "and"
      ? x & y
      : operation === "or"
      ? x | y
      : operation === "xor"
      ? x ^ y
      : x & ~y;
    out[at + w] = z;
    any |= z;
  }
  return any !== 0;
}

function findChunk(chunks: Uint32Array, chunk: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = chunks[middle]!;
    if (found === chunk) return middle;
    if (found < chunk) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function clearBelow(words: Uint32Array, at: number, bit: number): void {
  words.fill(0, at, at + (bit >>> 5));
  if ((bit & 31) !== 0) words[at + (bit >>> 5)]! &= -1 << (bit & 31);
}

function clearFrom(words: Uint32Array, at: number, bit: number): void {
  const word = bit >>> 5;
  if ((bit & 31) !== 0) words[at + word]! &= (1 << (bit & 31)) - 1;
  words.fill(0, at + word + ((bit & 31) === 0 ? 0 : 1), at + CHUNK_WORDS);
}
