/**
 * Bitmaps on their way into a table.
 *
 * @module
 */
import { type Bitmap, CHUNK_BITS, CHUNK_BYTES, CHUNK_WORDS } from "@cairn/core";
import type { TableWriter } from "@cairn/sstable";
import { slotPrefix } from "../key.ts";

/** Writes chunks under keys that end with their offset. */
export class BitmapOutput {
  readonly #writer: TableWriter;
  readonly #words = new Uint32Array(CHUNK_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  /** Begins. @param writer Where entries go, in order of keys. */
  constructor(writer: TableWriter) {
    this.#writer = writer;
  }

  /** Writes an entry. @param key Behind all keys before it. @param value Any bytes. */
  async entry(key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.#writer.add(key, value);
  }

  /** Writes a bitmap. @param prefix Up to the slot. @param bitmap Its chunks. */
  async bitmap(prefix: Uint8Array, bitmap: Bitmap): Promise<void> {
    const key = slotPrefix(prefix, 0);
    for (let c = 0; c < bitmap.chunks.length; c++) {
      bitmap.readChunk(c, this.#words, 0);
      await this.#chunk(key, bitmap.chunks[c]!, this.#bytes);
    }
  }

  /**
   * Writes a bitmap of neighbouring chunks, from chunk 0 on; those without a
   * bit are left out.
   */
  async words(prefix: Uint8Array, words: Uint32Array): Promise<void> {
    const key = slotPrefix(prefix, 0);
    const bytes = new Uint8Array(
      words.buffer,
      words.byteOffset,
      words.byteLength,
    );
    for (let chunk = 0; chunk * CHUNK_WORDS < words.length; chunk++) {
      let any = 0;
      const at = chunk * CHUNK_WORDS;
      for (let w = 0; w < CHUNK_WORDS; w++) any |= words[at + w]!;
      if (any === 0) continue;
      const from = chunk * CHUNK_BYTES;
      await this.#chunk(key, chunk, bytes.subarray(from, from + CHUNK_BYTES));
    }
  }

  /** Writes a bitmap of ordinals that come ascending. */
  async ordinals(
    prefix: Uint8Array,
    ordinals: Iterable<number>,
  ): Promise<void> {
    const key = slotPrefix(prefix, 0);
    let chunk = -1;
    for (const ordinal of ordinals) {
      const of = Math.floor(ordinal / CHUNK_BITS);
      if (of !== chunk) {
        if (chunk >= 0) await this.#chunk(key, chunk, this.#bytes);
        this.#words.fill(0);
        chunk = of;
      }
      const bit = ordinal % CHUNK_BITS;
      this.#words[bit >>> 5]! |= 1 << (bit & 31);
    }
    if (chunk >= 0) await this.#chunk(key, chunk, this.#bytes);
  }

  #chunk(
    key: Uint8Array,
    chunk: number,
    bytes: Uint8Array,
  ): Promise<void> | undefined {
    const at = key.length - 4;
    key[at] = chunk >>> 24;
    key[at + 1] = chunk >>> 16;
    key[at + 2] = chunk >>> 8;
    key[at + 3] = chunk;
    return this.#writer.add(key, bytes);
  }
}

/** Words for so many bits, whole chunks. @param bits How many. */
export function wordsFor(bits: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Math.ceil(bits / CHUNK_BITS) * CHUNK_WORDS);
}

/** Orders names as keys do: shorter first. @param a A name. @param b Another. */
export function compareNames(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}
