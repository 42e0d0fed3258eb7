/**
 * Collecting ordinals as lists of members.
 *
 * @module
 */
import {
  combineMembers,
  type MemberChunks,
  membersOf,
} from "./_bitmap_members.ts";
import { countWords } from "./_bitmap_words.ts";

const BITS = 2048;
const WORDS = 64;

/** Collects ordinals in any order; ascending order costs least. */
export class MemberCollector {
  #chunks = new Uint32Array(16);
  #starts = new Uint32Array(17);
  #bits = new Uint16Array(64);
  #chunkCount = 0;
  #bitCount = 0;
  #last = -1;
  /** Words of what came out of order, by chunk. */
  readonly #late = new Map<number, Uint32Array>();

  /** Adds an ordinal. @param ordinal 0 to 2^43 - 1. */
  add(ordinal: number): void {
    const chunk = Math.floor(ordinal / BITS);
    if (!(chunk >= 0 && chunk <= 0xffff_ffff)) {
      throw new RangeError(
        `Cannot add ${ordinal} to a bitmap: below 2^43 wanted`,
      );
    }
    const bit = ordinal % BITS;
    if (ordinal <= this.#last) return this.#addLate(chunk, bit);
    this.#last = ordinal;
    if (
      this.#chunkCount === 0 || this.#chunks[this.#chunkCount - 1] !== chunk
    ) {
      if (this.#chunkCount === this.#chunks.length) this.#growChunks();
      this.#chunks[this.#chunkCount++] = chunk;
    }
    if (this.#bitCount === this.#bits.length) {
      const bits = new Uint16Array(2 * this.#bitCount);
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[this.#bitCount++] = bit;
    this.#starts[this.#chunkCount] = this.#bitCount;
  }

  /** Gives what was collected; the collector may go on. */
  finish(): MemberChunks {
    const inOrder: MemberChunks = {
      chunks: this.#chunks.slice(0, this.#chunkCount),
      starts: this.#starts.slice(0, this.#chunkCount + 1),
      bits: this.#bits.slice(0, this.#bitCount),
    };
    if (this.#late.size === 0) return inOrder;
    const chunks = Uint32Array.from(this.#late.keys()).sort();
    const words = new Uint32Array(chunks.length * WORDS);
    chunks.forEach((chunk, i) => words.set(this.#late.get(chunk)!, i * WORDS));
    const late = membersOf({ chunks, words }, countWords(words, words.length));
    return combineMembers(inOrder, late, "or");
  }

  #addLate(chunk: number, bit: number): void {
    let words = this.#late.get(chunk);
    if (words === undefined) {
      words = new Uint32Array(WORDS);
      this.#late.set(chunk, words);
    }
    words[bit >>> 5]! |= 1 << (bit & 31);
  }

  #growChunks(): void {
    const chunks = new Uint32Array(2 * this.#chunkCount);
    const starts = new Uint32Array(2 * this.#chunkCount + 1);
    chunks.set(this.#chunks);
    starts.set(this.#starts);
    this.#chunks = chunks;
    this.#starts = starts;
  }
}
