/**
 * Loops over the words of chunks: where bitmaps spend their time.
 *
 * @module
 */
import { popCount } from "./bits.ts";

/** Words of a chunk; see `CHUNK_WORDS`. */
const WORDS = 64;

/** What to do with two sets. */
export type SetOperation = "and" | "or" | "xor" | "andNot";

/** Chunks and their words, 64 each. */
export interface WordChunks {
  /** Numbers of the chunks, strictly ascending. */
  readonly chunks: Uint32Array;
  /** Their words. */
  readonly words: Uint32Array;
}

/** Combines chunks; chunks without a bit are left out. */
export function combineWords(
  a: WordChunks,
  b: WordChunks,
  operation: SetOperation,
): WordChunks {
  const keepA = operation !== "and";
  const keepB = operation === "or" || operation === "xor";
  const lengthA = a.chunks.length;
  const lengthB = b.chunks.length;
  const most = keepB
    ? unionLength(a.chunks, b.chunks)
    : keepA
    ? lengthA
    : Math.min(lengthA, lengthB);
  const chunks = new Uint32Array(most);
  const words = new Uint32Array(most * WORDS);
  const merge = MERGES[operation];
  let made = 0;
  let i = 0;
  let j = 0;
  while (i < lengthA && j < lengthB) {
    const chunkA = a.chunks[i]!;
    const chunkB = b.chunks[j]!;
    const at = made * WORDS;
    if (chunkA < chunkB) {
      if (keepA) {
        copyChunk(a.words, i * WORDS, words, at);
        chunks[made++] = chunkA;
      }
      i++;
    } else if (chunkB < chunkA) {
      if (keepB) {
        copyChunk(b.words, j * WORDS, words, at);
        chunks[made++] = chunkB;
      }
      j++;
    } else {
      if (merge(a.words, i * WORDS, b.words, j * WORDS, words, at) !== 0) {
        chunks[made++] = chunkA;
      }
      i++;
      j++;
    }
  }
  if (keepA && i < lengthA) {
    words.set(a.words.subarray(i * WORDS), made * WORDS);
    chunks.set(a.chunks.subarray(i), made);
    made += lengthA - i;
  }
  if (keepB && j < lengthB) {
    words.set(b.words.subarray(j * WORDS), made * WORDS);
    chunks.set(b.chunks.subarray(j), made);
    made += lengthB - j;
  }
  return made === most ? { chunks, words } : {
    chunks: chunks.slice(0, made),
    // A result that uses most of its room keeps it: a copy would cost more.
    words: made * 4 >= most * 3
      ? words.subarray(0, made * WORDS)
      : words.slice(0, made * WORDS),
  };
}

/** Counts the members that two sets share, without making the set. */
export function countCommonWords(a: WordChunks, b: WordChunks): number {
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.chunks.length && j < b.chunks.length) {
    const chunkA = a.chunks[i]!;
    const chunkB = b.chunks[j]!;
    if (chunkA < chunkB) i++;
    else if (chunkB < chunkA) j++;
    else {
      count += countBoth(a.words, i * WORDS, b.words, j * WORDS);
      i++;
      j++;
    }
  }
  return count;
}

/**
 * Counts ones. Eight words at a time go through adders that keep sums of bits
 * in three words, so that bits are counted in one word of eight.
 */
export function countWords(words: Uint32Array, end: number): number {
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  let i = 0;
  for (; i + 8 <= end; i += 8) {
    let a = words[i]!;
    let b = words[i + 1]!;
    let partial = ones ^ a;
    const twosA = (ones & a) | (partial & b);
    ones = partial ^ b;
    a = words[i + 2]!;
    b = words[i + 3]!;
    partial = ones ^ a;
    const twosB = (ones & a) | (partial & b);
    ones = partial ^ b;
    partial = twos ^ twosA;
    const foursA = (twos & twosA) | (partial & twosB);
    twos = partial ^ twosB;
    a = words[i + 4]!;
    b = words[i + 5]!;
    partial = ones ^ a;
    const twosC = (ones & a) | (partial & b);
    ones = partial ^ b;
    a = words[i + 6]!;
    b = words[i + 7]!;
    partial = ones ^ a;
    const twosD = (ones & a) | (partial & b);
    ones = partial ^ b;
    partial = twos ^ twosC;
    const foursB = (twos & twosC) | (partial & twosD);
    twos = partial ^ twosD;
    partial = fours ^ foursA;
    eights += popCount((fours & foursA) | (partial & foursB));
    fours = partial ^ foursB;
  }
  let count = 8 * eights + 4 * popCount(fours) + 2 * popCount(twos) +
    popCount(ones);
  for (; i < end; i++) count += popCount(words[i]!);
  return count;
}

/** How many distinct numbers two ascending lists have. */
function unionLength(a: Uint32Array, b: Uint32Array): number {
  let i = 0;
  let j = 0;
  let length = a.length + b.length;
  // Sets over the same chunks are the common case; then this is one pass.
  while (i < a.length && j < b.length) {
    const difference = a[i]! - b[j]!;
    if (difference === 0) length--;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return length;
}

function copyChunk(
  from: Uint32Array,
  fromAt: number,
  to: Uint32Array,
  at: number,
): void {
  for (let w = 0; w < WORDS; w++) to[at + w] = from[fromAt + w]!;
}

/** Writes one chunk of a result; gives 0 when it has no bit. */
type Merge = (
  a: Uint32Array,
  i: number,
  b: Uint32Array,
  j: number,
  out: Uint32Array,
  at: number,
) => number;

// One function an operation: a shared one would choose again for each word.
const MERGES: Readonly<Record<SetOperation, Merge>> = {
  and(a, i, b, j, out, at) {
    let any = 0;
    for (let w = 0; w < WORDS; w += 4) {
      const p = a[i + w]! & b[j + w]!;
      const q = a[i + w + 1]! & b[j + w + 1]!;
      const r = a[i + w + 2]! & b[j + w + 2]!;
      const s = a[i + w + 3]! & b[j + w + 3]!;
      out[at + w] = p;
      out[at + w + 1] = q;
      out[at + w + 2] = r;
      out[at + w + 3] = s;
      any |= p | q | r | s;
    }
    return any;
  },
  or(a, i, b, j, out, at) {
    for (let w = 0; w < WORDS; w += 4) {
      out[at + w] = a[i + w]! | b[j + w]!;
      out[at + w + 1] = a[i + w + 1]! | b[j + w + 1]!;
      out[at + w + 2] = a[i + w + 2]! | b[j + w + 2]!;
      out[at + w + 3] = a[i + w + 3]! | b[j + w + 3]!;
    }
    return 1;
  },
  xor(a, i, b, j, out, at) {
    let any = 0;
    for (let w = 0; w < WORDS; w += 4) {
      const p = a[i + w]! ^ b[j + w]!;
      const q = a[i + w + 1]! ^ b[j + w + 1]!;
      const r = a[i + w + 2]! ^ b[j + w + 2]!;
      const s = a[i + w + 3]! ^ b[j + w + 3]!;
      out[at + w] = p;
      out[at + w + 1] = q;
      out[at + w + 2] = r;
      out[at + w + 3] = s;
      any |= p | q | r | s;
    }
    return any;
  },
  andNot(a, i, b, j, out, at) {
    let any = 0;
    for (let w = 0; w < WORDS; w += 4) {
      const p = a[i + w]! & ~b[j + w]!;
      const q = a[i + w + 1]! & ~b[j + w + 1]!;
      const r = a[i + w + 2]! & ~b[j + w + 2]!;
      const s = a[i + w + 3]! & ~b[j + w + 3]!;
      out[at + w] = p;
      out[at + w + 1] = q;
      out[at + w + 2] = r;
      out[at + w + 3] = s;
      any |= p | q | r | s;
    }
    return any;
  },
};

/** Counts the ones that two chunks share. */
function countBoth(
  a: Uint32Array,
  i: number,
  b: Uint32Array,
  j: number,
): number {
  let count = 0;
  for (let w = 0; w < WORDS; w += 4) {
    const p = a[i + w]! & b[j + w]!;
    const q = a[i + w + 1]! & b[j + w + 1]!;
    const r = a[i + w + 2]! & b[j + w + 2]!;
    const s = a[i + w + 3]! & b[j + w + 3]!;
    // Three words become two: their sum, and their carries.
    const partial = p ^ q;
    count += popCount(partial ^ r) + 2 * popCount((p & q) | (partial & r)) +
      popCount(s);
  }
  return count;
}
