/**
 * Counting the rows of each value as chunks go by.
 *
 * @module
 */
import {
  type Bitmap,
  CairnError,
  CHUNK_BITS,
  CHUNK_BYTES,
  CHUNK_WORDS,
  popCount,
} from "@cairn/core";
import type { ChunkEntries } from "./chunk_store.ts";
import { SLOT_BYTES } from "./layout.ts";

/** A value and how many rows have it. */
export interface SlotCount {
  /** The value; a copy. */
  readonly slot: Uint8Array;
  /** How many rows. */
  readonly count: number;
}

/** Counts over chunk keys of one name, in order, of rows numbered from 0. */
export class SlotCounter {
  readonly #chunksMax: number;
  readonly #slotAt: number;
  readonly #trails: Bitmap | undefined;
  readonly #places = new Map<number, number>();
  readonly #words = new Uint32Array(CHUNK_WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #wanted = new Uint32Array(CHUNK_WORDS);
  #slot: Uint8Array | undefined;
  #count = 0;

  /**
   * Begins.
   *
   * @param rows How many rows there are.
   * @param slotAt Where the slot begins in keys.
   * @param trails Only these rows count; all if left out.
   */
  constructor(rows: number, slotAt: number, trails: Bitmap | undefined) {
    this.#chunksMax = Math.ceil(rows / CHUNK_BITS);
    this.#slotAt = slotAt;
    this.#trails = trails;
    trails?.chunks.forEach((chunk, i) => this.#places.set(chunk, i));
  }

  /** Takes entries; gives the values that are done. */
  take(entries: ChunkEntries): SlotCount[] {
    const done: SlotCount[] = [];
    const { keys } = entries;
    for (let row = 0; row < entries.count; row++) {
      const at = keys.starts[row]! + this.#slotAt;
      if (!this.#isSlot(keys.bytes, at)) {
        done.push(...this.finish());
        this.#slot = keys.bytes.slice(at, at + SLOT_BYTES);
      }
      this.#count += this.#countChunk(entries, row);
    }
    return done;
  }

  /** Gives the last value. */
  finish(): SlotCount[] {
    const slot = this.#slot;
    const count = this.#count;
    this.#slot = undefined;
    this.#count = 0;
    return slot === undefined ? [] : [{ slot, count }];
  }

  #countChunk({ keys, values }: ChunkEntries, row: number): number {
    let chunk = 0;
    for (let i = keys.ends[row]! - SLOT_BYTES; i < keys.ends[row]!; i++) {
      chunk = chunk * 256 + keys.bytes[i]!;
    }
    const start = values.starts[row]!;
    if (
      chunk >= this.#chunksMax || values.ends[row]! - start !== CHUNK_BYTES
    ) {
      throw new CairnError(
        "corrupt",
        "Cannot count rows: a chunk of no row, or not of 256 bytes",
        { where: { part: "chunks" } },
      );
    }
    this.#bytes.set(values.bytes.subarray(start, start + CHUNK_BYTES));
    const words = this.#words;
    let count = 0;
    if (this.#trails === undefined) {
      for (let w = 0; w < CHUNK_WORDS; w++) {
        if (words[w] !== 0) count += popCount(words[w]!);
      }
      return count;
    }
    const place = this.#places.get(chunk);
    if (place === undefined) return 0;
    this.#trails.readChunk(place, this.#wanted, 0);
    for (let w = 0; w < CHUNK_WORDS; w++) {
      const both = words[w]! & this.#wanted[w]!;
      if (both !== 0) count += popCount(both);
    }
    return count;
  }

  #isSlot(bytes: Uint8Array, at: number): boolean {
    const slot = this.#slot;
    if (slot === undefined) return false;
    for (let i = SLOT_BYTES - 1; i >= 0; i--) {
      if (slot[i] !== bytes[at + i]) return false;
    }
    return true;
  }
}
