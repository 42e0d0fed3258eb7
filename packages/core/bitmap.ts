/**
 * Sets of ordinals, in chunks of 2,048 bits.
 *
 * @module
 */
import {
  applyMembers,
  combineMembers,
  filterMembers,
  isSparse,
  isSubset,
  type MemberChunks,
  membersOf,
  wordsOf,
} from "./_bitmap_members.ts";
import { MemberCollector } from "./_member_collector.ts";
import {
  combineWords,
  countCommonWords,
  countWords,
  type SetOperation,
  type WordChunks,
} from "./_bitmap_words.ts";
import { trailingZeros } from "./bits.ts";

/** Bits of a chunk. */
export const CHUNK_BITS = 2048;
/** 32-bit words of a chunk. */
export const CHUNK_WORDS = 64;
/** Bytes of a chunk. */
export const CHUNK_BYTES = 256;

const NOTHING = new Uint32Array(0);

/**
 * A set of ordinals: sorted chunk numbers, each with its 2,048 bits. Bit `i`
 * of word `w` of chunk `c` is ordinal `2048 c + 32 w + i`, which is how the
 * bitmap codec stores it. Empty chunks are not kept, so a set costs by its
 * chunks and never by the largest ordinal. Bitmaps do not change once made.
 *
 * A set with few members a chunk is kept as lists of members instead of words:
 * 2 bytes a member and 8 a chunk, not 260 a chunk. That is not seen outside,
 * but for `words`, which makes the words at its first use.
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
  static readonly empty: Bitmap = new Bitmap(NOTHING, NOTHING);

  #chunks: Uint32Array;
  #words: Uint32Array | undefined;
  #members: MemberChunks | undefined;
  #count: number | undefined;

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
    this.#chunks = chunks;
    this.#words = words;
  }

  /**
   * Makes a bitmap of ordinals.
   *
   * @param ordinals Non-negative integers below 2^43, in any order.
   */
  static from(ordinals: Iterable<number>): Bitmap {
    const collector = new MemberCollector();
    for (const ordinal of ordinals) collector.add(ordinal);
    return Bitmap.#ofMembers(collector.finish());
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

  /**
   * Makes a bitmap over lists that are right already: the members of chunk `i`
   * are bits `bits[starts[i]] .. bits[starts[i + 1]]`, ascending, at least one.
   * None is copied.
   *
   * @param chunks Chunk numbers, strictly ascending.
   * @param starts Where members begin, one more than chunks.
   * @param bits Members, 0 to 2,047.
   */
  static fromMembers(
    chunks: Uint32Array,
    starts: Uint32Array,
    bits: Uint16Array,
  ): Bitmap {
    if (
      starts.length !== chunks.length + 1 ||
      starts[chunks.length] !== bits.length
    ) {
      throw new RangeError(
        `Cannot make bitmap: ${starts.length} starts for ${chunks.length} chunks`,
      );
    }
    return Bitmap.#ofMembers({ chunks, starts, bits });
  }

  /** Makes the union of any number of sets. @param sets The sets. */
  static union(sets: readonly Bitmap[]): Bitmap {
    // Pairs of neighbours first: no set is copied more than log2 times.
    let left = sets;
    while (left.length > 1) {
      const joined: Bitmap[] = [];
      for (let i = 0; i < left.length; i += 2) {
        const other = left[i + 1];
        joined.push(other === undefined ? left[i]! : left[i]!.or(other));
      }
      left = joined;
    }
    return left[0] ?? Bitmap.empty;
  }

  /** Numbers of the chunks that have a bit, strictly ascending; not to be changed. */
  get chunks(): Uint32Array {
    return this.#chunks;
  }

  /** 64 words for each chunk, one after the other; not to be changed. */
  get words(): Uint32Array {
    this.#words ??= wordsOf(this.#members!);
    return this.#words;
  }

  /** Tells whether there are no members. */
  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Bytes of memory that the set takes, the words if they were made included. */
  get byteLength(): number {
    return this.chunks.byteLength + (this.#words?.byteLength ?? 0) +
      (this.#members === undefined
        ? 0
        : this.#members.starts.byteLength + this.#members.bits.byteLength);
  }

  /** Counts the members; free after the first time. */
  count(): number {
    this.#count ??= this.#members?.bits.length ??
      countWords(this.#words!, this.#words!.length);
    return this.#count;
  }

  /** Counts the members of both sets, without making the set. @param other The other set. */
  countAnd(other: Bitmap): number {
    return this.#members === undefined && other.#members === undefined
      ? countCommonWords(this.#dense(), other.#dense())
      : this.and(other).count();
  }

  /** Tells whether an ordinal is a member. @param ordinal Which one. */
  has(ordinal: number): boolean {
    const at = findChunk(this.chunks, Math.floor(ordinal / CHUNK_BITS));
    if (at < 0) return false;
    const bit = ordinal % CHUNK_BITS;
    if (this.#words === undefined) {
      const { starts, bits } = this.#members!;
      return bits.subarray(starts[at], starts[at + 1]).includes(bit);
    }
    return (this.#words[at * CHUNK_WORDS + (bit >>> 5)]! >>> (bit & 31) & 1) ===
      1;
  }

  /** Intersection. @param other The other set. */
  and(other: Bitmap): Bitmap {
    return this.#combine(other, "and");
  }

  /** Union. @param other The other set. */
  or(other: Bitmap): Bitmap {
    return this.#combine(other, "or");
  }

  /** Members of exactly one of the two. @param other The other set. */
  xor(other: Bitmap): Bitmap {
    return this.#combine(other, "xor");
  }

  /** Members of this set and not of the other. @param other The other set. */
  andNot(other: Bitmap): Bitmap {
    return this.#combine(other, "andNot");
  }

  /** Tells whether both sets have the same members. @param other The other set. */
  equals(other: Bitmap): boolean {
    if (this.chunks.length !== other.chunks.length) return false;
    if (this.count() !== other.count()) return false;
    return this.countAnd(other) === this.count();
  }

  /** Gives the same set in the form that takes less memory. */
  compact(): Bitmap {
    if (this.#members !== undefined || this.isEmpty) return this;
    return isSparse(this.count(), this.chunks.length)
      ? Bitmap.#ofMembers(membersOf(this.#dense(), this.count()))
      : this;
  }

  /**
   * Writes the 64 words of one chunk.
   *
   * @param index Place of the chunk in `chunks`.
   * @param out Where to.
   * @param at First word to write.
   */
  readChunk(index: number, out: Uint32Array, at: number): void {
    if (this.#members === undefined) {
      const from = index * CHUNK_WORDS;
      for (let w = 0; w < CHUNK_WORDS; w++) {
        out[at + w] = this.#words![from + w]!;
      }
      return;
    }
    const { starts, bits } = this.#members;
    out.fill(0, at, at + CHUNK_WORDS);
    for (let m = starts[index]!; m < starts[index + 1]!; m++) {
      out[at + (bits[m]! >>> 5)]! |= 1 << (bits[m]! & 31);
    }
  }

  /** Lists the members, ascending: a copy, faster than walking. */
  toArray(): Float64Array {
    const ordinals = new Float64Array(this.count());
    const members = this.#members;
    let made = 0;
    for (let c = 0; c < this.#chunks.length; c++) {
      const base = this.#chunks[c]! * CHUNK_BITS;
      if (members !== undefined) {
        const end = members.starts[c + 1]!;
        while (made < end) ordinals[made] = base + members.bits[made++]!;
        continue;
      }
      for (let w = 0; w < CHUNK_WORDS; w++) {
        let word = this.#words![c * CHUNK_WORDS + w]!;
        while (word !== 0) {
          ordinals[made++] = base + 32 * w + trailingZeros(word);
          word &= word - 1;
        }
      }
    }
    return ordinals;
  }

  /** Walks over the members, ascending. */
  *[Symbol.iterator](): Generator<number> {
    for (let c = 0; c < this.#chunks.length; c++) {
      const base = this.#chunks[c]! * CHUNK_BITS;
      if (this.#members !== undefined) {
        const { starts, bits } = this.#members;
        for (let m = starts[c]!; m < starts[c + 1]!; m++) yield base + bits[m]!;
        continue;
      }
      for (let w = 0; w < CHUNK_WORDS; w++) {
        let word = this.#words![c * CHUNK_WORDS + w]!;
        while (word !== 0) {
          yield base + 32 * w + trailingZeros(word);
          word &= word - 1;
        }
      }
    }
  }

  #combine(other: Bitmap, operation: SetOperation): Bitmap {
    const mine = this.#members;
    const others = other.#members;
    if (mine === undefined && others === undefined) {
      return Bitmap.#ofWords(
        combineWords(this.#dense(), other.#dense(), operation),
      );
    }
    if (mine !== undefined && others !== undefined) {
      return Bitmap.#ofMembers(combineMembers(mine, others, operation));
    }
    if (operation === "and") {
      const lists = mine ?? others!;
      const dense = mine === undefined ? this.#dense() : other.#dense();
      return Bitmap.#ofMembers(filterMembers(lists, dense, true));
    }
    if (operation === "andNot" && mine !== undefined) {
      return Bitmap.#ofMembers(filterMembers(mine, other.#dense(), false));
    }
    if (mine === undefined && isSubset(others!.chunks, this.#chunks)) {
      return Bitmap.#ofWords(
        applyMembers(this.#dense(), others!, operation),
      );
    }
    // The rest may be far larger than either form of one operand lets expect.
    const chunks = Math.max(this.#chunks.length, other.#chunks.length);
    return isSparse(this.count() + other.count(), chunks)
      ? Bitmap.#ofMembers(
        combineMembers(this.#lists(), other.#lists(), operation),
      )
      : Bitmap.#ofWords(
        combineWords(this.#dense(), other.#dense(), operation),
      );
  }

  #dense(): WordChunks {
    // Words made for one operation are not kept: they would stay as long as the set.
    return {
      chunks: this.#chunks,
      words: this.#words ?? wordsOf(this.#members!),
    };
  }

  #lists(): MemberChunks {
    return this.#members ?? membersOf(this.#dense(), this.count());
  }

  static #ofWords(set: WordChunks): Bitmap {
    return set.chunks.length === 0
      ? Bitmap.empty
      : new Bitmap(set.chunks, set.words);
  }

  static #ofMembers(members: MemberChunks): Bitmap {
    const { chunks, bits } = members;
    if (chunks.length === 0) return Bitmap.empty;
    if (!isSparse(bits.length, chunks.length)) {
      return new Bitmap(chunks, wordsOf(members));
    }
    const made = new Bitmap(NOTHING, NOTHING);
    made.#chunks = chunks;
    made.#words = undefined;
    made.#members = members;
    return made;
  }
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
