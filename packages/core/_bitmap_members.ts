/**
 * Sparse sets: members of each chunk as a list, not as words.
 *
 * @module
 */
import type { SetOperation, WordChunks } from "./_bitmap_words.ts";
import { trailingZeros } from "./bits.ts";

const WORDS = 64;

/** Chunks and their members. */
export interface MemberChunks {
  /** Numbers of the chunks, strictly ascending. */
  readonly chunks: Uint32Array;
  /** Where each chunk's members begin, and the end of the last. */
  readonly starts: Uint32Array;
  /** Members of each chunk as bits 0 to 2,047, ascending. */
  readonly bits: Uint16Array;
}

/** A member costs 2 bytes and a chunk 8 as a list; 260 as words. */
const SPARSE_MEMBERS = 16;

/** Tells whether a set is better kept as lists. */
export function isSparse(members: number, chunks: number): boolean {
  return members <= SPARSE_MEMBERS * chunks;
}

/** Combines sparse sets; chunks without a member are left out. */
export function combineMembers(
  a: MemberChunks,
  b: MemberChunks,
  operation: SetOperation,
): MemberChunks {
  const keepA = operation !== "and";
  const keepB = operation === "or" || operation === "xor";
  const out = new MemberWriter(
    keepB
      ? a.chunks.length + b.chunks.length
      : Math.min(a.chunks.length, keepA ? Infinity : b.chunks.length),
    keepB
      ? a.bits.length + b.bits.length
      : Math.min(a.bits.length, keepA ? Infinity : b.bits.length),
  );
  let i = 0;
  let j = 0;
  while (i < a.chunks.length || j < b.chunks.length) {
    const chunkA = i < a.chunks.length ? a.chunks[i]! : Infinity;
    const chunkB = j < b.chunks.length ? b.chunks[j]! : Infinity;
    if (chunkA < chunkB) {
      if (keepA) out.copy(a, i);
      else if (chunkB === Infinity) break;
      i++;
    } else if (chunkB < chunkA) {
      if (keepB) out.copy(b, j);
      else if (chunkA === Infinity) break;
      j++;
    } else {
      out.merge(a, i++, b, j++, operation);
    }
  }
  return out.finish();
}

/** Keeps the members of a sparse set that are in another set, or those that are not. */
export function filterMembers(
  members: MemberChunks,
  other: WordChunks,
  wanted: boolean,
): MemberChunks {
  const out = new MemberWriter(members.chunks.length, members.bits.length);
  let j = 0;
  for (let i = 0; i < members.chunks.length; i++) {
    const chunk = members.chunks[i]!;
    while (j < other.chunks.length && other.chunks[j]! < chunk) j++;
    if (other.chunks[j] === chunk) {
      out.filter(members, i, other.words, j * WORDS, wanted);
    } else if (!wanted) out.copy(members, i);
    else if (j === other.chunks.length) break;
  }
  return out.finish();
}

/** Tells whether all numbers of one ascending list are in another. */
export function isSubset(part: Uint32Array, whole: Uint32Array): boolean {
  let j = 0;
  for (let i = 0; i < part.length; i++) {
    while (j < whole.length && whole[j]! < part[i]!) j++;
    if (whole[j] !== part[i]) return false;
  }
  return true;
}

/**
 * Combines words with a sparse set whose chunks they all have: a copy of the
 * words in which only the members are changed.
 */
export function applyMembers(
  set: WordChunks,
  members: MemberChunks,
  operation: SetOperation,
): WordChunks {
  const words = set.words.slice();
  let emptied = 0;
  let at = 0;
  for (let i = 0; i < members.chunks.length; i++) {
    while (set.chunks[at]! < members.chunks[i]!) at++;
    const end = members.starts[i + 1]!;
    for (let m = members.starts[i]!; m < end; m++) {
      const bit = members.bits[m]!;
      const w = at * WORDS + (bit >>> 5);
      const mask = 1 << (bit & 31);
      if (operation === "or") words[w]! |= mask;
      else if (operation === "xor") words[w]! ^= mask;
      else words[w]! &= ~mask;
    }
    if (operation !== "or" && isEmptyChunk(words, at)) emptied++;
  }
  return emptied === 0
    ? { chunks: set.chunks, words }
    : withoutEmpty(set.chunks, words, emptied);
}

function isEmptyChunk(words: Uint32Array, at: number): boolean {
  for (let w = at * WORDS; w < (at + 1) * WORDS; w++) {
    if (words[w] !== 0) return false;
  }
  return true;
}

function withoutEmpty(
  chunks: Uint32Array,
  words: Uint32Array,
  emptied: number,
): WordChunks {
  const kept = new Uint32Array(chunks.length - emptied);
  const keptWords = new Uint32Array(kept.length * WORDS);
  let made = 0;
  for (let i = 0; i < chunks.length; i++) {
    if (isEmptyChunk(words, i)) continue;
    keptWords.set(words.subarray(i * WORDS, (i + 1) * WORDS), made * WORDS);
    kept[made++] = chunks[i]!;
  }
  return { chunks: kept, words: keptWords };
}

/** Turns words into lists. */
export function membersOf(set: WordChunks, count: number): MemberChunks {
  const starts = new Uint32Array(set.chunks.length + 1);
  const bits = new Uint16Array(count);
  let made = 0;
  for (let i = 0; i < set.chunks.length; i++) {
    for (let w = 0; w < WORDS; w++) {
      let word = set.words[i * WORDS + w]!;
      while (word !== 0) {
        bits[made++] = 32 * w + trailingZeros(word);
        word &= word - 1;
      }
    }
    starts[i + 1] = made;
  }
  return { chunks: set.chunks, starts, bits };
}

/** Turns lists into words. */
export function wordsOf(set: MemberChunks): Uint32Array {
  const words = new Uint32Array(set.chunks.length * WORDS);
  for (let i = 0; i < set.chunks.length; i++) {
    const end = set.starts[i + 1]!;
    for (let m = set.starts[i]!; m < end; m++) {
      const bit = set.bits[m]!;
      words[i * WORDS + (bit >>> 5)]! |= 1 << (bit & 31);
    }
  }
  return words;
}

/** Writes a sparse set chunk by chunk; room is known from the start. */
class MemberWriter {
  readonly #chunks: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #bits: Uint16Array;
  #chunkCount = 0;
  #bitCount = 0;

  constructor(chunksMax: number, bitsMax: number) {
    this.#chunks = new Uint32Array(chunksMax);
    this.#starts = new Uint32Array(chunksMax + 1);
    this.#bits = new Uint16Array(bitsMax);
  }

  copy(from: MemberChunks, i: number): void {
    const end = from.starts[i + 1]!;
    for (let m = from.starts[i]!; m < end; m++) {
      this.#bits[this.#bitCount++] = from.bits[m]!;
    }
    this.#end(from.chunks[i]!);
  }

  filter(
    from: MemberChunks,
    i: number,
    words: Uint32Array,
    at: number,
    wanted: boolean,
  ): void {
    const end = from.starts[i + 1]!;
    for (let m = from.starts[i]!; m < end; m++) {
      const bit = from.bits[m]!;
      if ((words[at + (bit >>> 5)]! >>> (bit & 31) & 1) === (wanted ? 1 : 0)) {
        this.#bits[this.#bitCount++] = bit;
      }
    }
    this.#end(from.chunks[i]!);
  }

  merge(
    a: MemberChunks,
    i: number,
    b: MemberChunks,
    j: number,
    operation: SetOperation,
  ): void {
    const onlyA = operation !== "and";
    const both = operation === "and" || operation === "or";
    const onlyB = operation === "or" || operation === "xor";
    let m = a.starts[i]!;
    let n = b.starts[j]!;
    const endA = a.starts[i + 1]!;
    const endB = b.starts[j + 1]!;
    while (m < endA || n < endB) {
      const bitA = m < endA ? a.bits[m]! : 0xffff;
      const bitB = n < endB ? b.bits[n]! : 0xffff;
      if (bitA < bitB) {
        if (onlyA) this.#bits[this.#bitCount++] = bitA;
        m++;
      } else if (bitB < bitA) {
        if (onlyB) this.#bits[this.#bitCount++] = bitB;
        n++;
      } else {
        if (both) this.#bits[this.#bitCount++] = bitA;
        m++;
        n++;
      }
    }
    this.#end(a.chunks[i]!);
  }

  finish(): MemberChunks {
    return {
      chunks: this.#chunks.slice(0, this.#chunkCount),
      starts: this.#starts.slice(0, this.#chunkCount + 1),
      bits: this.#bits.slice(0, this.#bitCount),
    };
  }

  #end(chunk: number): void {
    if (this.#bitCount === this.#starts[this.#chunkCount]) return;
    this.#chunks[this.#chunkCount++] = chunk;
    this.#starts[this.#chunkCount] = this.#bitCount;
  }
}
