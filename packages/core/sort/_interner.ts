/**
 * Distinct byte strings and their numbers.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import { CairnError } from "../errors.ts";
import {
  equalLong,
  findMedium,
  findShort,
  growLong,
  growMedium,
  growShort,
  hashLong,
  LONG_WORDS,
  MEDIUM_BYTES,
  MEDIUM_WORDS,
  SHORT_BYTES,
  SHORT_WORDS,
} from "./_string_tables.ts";
import type { PackedLexicon } from "./sorted_events.ts";

/** Slots of a new table; a power of two. */
const SLOTS_MIN = 64;
/** Offsets are 32 bits wide. */
const BYTES_MAX = 0xffff_ffff;

/** Masks of a string's first and second 4 bytes, by its length. */
const LOW_MASKS = Int32Array.of(0, 0xff, 0xffff, 0xff_ffff, -1, -1, -1, -1, -1);
const HIGH_MASKS = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xff_ffff, -1);

/**
 * Numbers distinct byte strings from 1 in order of first appearance; the empty
 * one is 0. The strings lie one behind the other, which is the lexicon.
 */
export class Interner {
  #short: Int32Array = new Int32Array(SHORT_WORDS * SLOTS_MIN);
  #shortCount = 0;
  #medium: Int32Array = new Int32Array(MEDIUM_WORDS * SLOTS_MIN);
  #mediumCount = 0;
  #long: Int32Array = new Int32Array(LONG_WORDS * SLOTS_MIN);
  #longCount = 0;
  #bytes: Uint8Array = new Uint8Array(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  #offsets: Uint32Array = new Uint32Array(SLOTS_MIN);
  #count = 0;
  // Drawn anew for each interner, so that nobody can prepare strings that
  // collide. Ids do not depend on it.
  readonly #seed: number = crypto.getRandomValues(new Int32Array(1))[0]!;

  /** Number of distinct values. */
  get count(): number {
    return this.#count;
  }

  /** Memory in use, in bytes. */
  get byteLength(): number {
    return this.#short.byteLength + this.#medium.byteLength +
      this.#long.byteLength + this.#bytes.byteLength +
      this.#offsets.byteLength;
  }

  /** The values, as views that are valid until the next call. */
  lexicon(): PackedLexicon {
    return {
      count: this.#count,
      bytes: this.#bytes.subarray(0, this.#offsets[this.#count]!),
      offsets: this.#offsets.subarray(0, this.#count + 1),
    };
  }

  /** Forgets all values and keeps the memory. */
  clear(): void {
    this.#short.fill(0);
    this.#medium.fill(0);
    this.#long.fill(0);
    this.#shortCount = 0;
    this.#mediumCount = 0;
    this.#longCount = 0;
    this.#count = 0;
  }

  /** Gives up the tables for finding values, keeping the values. */
  freeze(): void {
    this.#short = this.#medium = this.#long = new Int32Array(0);
  }

  /**
   * Finds a string without adding it.
   *
   * @param bytes The string.
   * @returns Its number; 0 when it is not there, or empty.
   */
  find(bytes: Uint8Array): number {
    const length = bytes.length;
    if (length <= SHORT_BYTES) {
      const low = readWord(bytes, 0, Math.min(length, 4));
      const high = readWord(bytes, 4, length - 4);
      const slot = findShort(this.#short, low, high, length, this.#seed);
      return this.#short[slot + 3]!;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    if (length <= MEDIUM_BYTES) {
      const slot = findMedium(this.#medium, view, 0, length, this.#seed);
      return this.#medium[slot + 5]!;
    }
    const hash = hashLong(view, 0, length, this.#seed);
    return this.#long[this.#slotOfLong(view, 0, length, hash) + 1]!;
  }

  /**
   * Numbers the spans of the rows `start` up to `end`.
   *
   * @param spans Their bytes.
   * @param start First row.
   * @param end First row behind.
   * @param out Takes the ids.
   * @param outStart Where the first id goes.
   */
  intern(
    spans: ByteSpans,
    start: number,
    end: number,
    out: Uint32Array,
    outStart: number,
  ): void {
    const { bytes, starts, ends } = spans;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Two words can be read up to here without passing the end.
    const readable = bytes.length - SHORT_BYTES;
    const seed = this.#seed;
    for (let row = start; row < end; row++) {
      const from = starts[row]!;
      const to = ends[row]!;
      const length = to - from;
      let id = 0;
      if (length > SHORT_BYTES) {
        if (length > MEDIUM_BYTES) id = this.#internLong(bytes, view, from, to);
        else {
          const slot = findMedium(this.#medium, view, from, to, seed);
          id = this.#medium[slot + 5]!;
          if (id === 0) id = this.#addMedium(slot, bytes, view, from, to);
        }
      } else if (length > 0) {
        let low: number;
        let high: number;
        if (from <= readable) {
          low = view.getInt32(from, true) & LOW_MASKS[length]!;
          high = view.getInt32(from + 4, true) & HIGH_MASKS[length]!;
        } else {
          low = readWord(bytes, from, Math.min(length, 4));
          high = readWord(bytes, from + 4, length - 4);
        }
        const slot = findShort(this.#short, low, high, length, seed);
        id = this.#short[slot + 3]!;
        if (id === 0) id = this.#addShort(slot, low, high, bytes, from, to);
      }
      out[outStart + row - start] = id;
    }
  }

  #addShort(
    slot: number,
    low: number,
    high: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): number {
    const id = this.#append(bytes, from, to);
    const slots = this.#short;
    slots[slot] = low;
    slots[slot + 1] = high;
    slots[slot + 2] = to - from;
    slots[slot + 3] = id;
    if (tooFull(++this.#shortCount, slots.length / SHORT_WORDS)) {
      this.#short = growShort(slots, this.#seed);
    }
    return id;
  }

  #addMedium(
    slot: number,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    to: number,
  ): number {
    const id = this.#append(bytes, from, to);
    const slots = this.#medium;
    slots[slot] = view.getInt32(from, true);
    slots[slot + 1] = view.getInt32(from + 4, true);
    slots[slot + 2] = view.getInt32(to - 8, true);
    slots[slot + 3] = view.getInt32(to - 4, true);
    slots[slot + 4] = to - from;
    slots[slot + 5] = id;
    if (tooFull(++this.#mediumCount, slots.length / MEDIUM_WORDS)) {
      this.#medium = growMedium(slots, this.#seed);
    }
    return id;
  }

  #internLong(
    bytes: Uint8Array,
    view: DataView,
    from: number,
    to: number,
  ): number {
    const slots = this.#long;
    const hash = hashLong(view, from, to, this.#seed);
    const slot = this.#slotOfLong(view, from, to, hash);
    const known = slots[slot + 1]!;
    if (known !== 0) return known;
    const id = this.#append(bytes, from, to);
    slots[slot] = hash;
    slots[slot + 1] = id;
    if (tooFull(++this.#longCount, slots.length / LONG_WORDS)) {
      this.#long = growLong(slots);
    }
    return id;
  }

  /** Finds the slot of a long string, or the free one where it belongs. */
  #slotOfLong(view: DataView, from: number, to: number, hash: number): number {
    const slots = this.#long;
    const offsets = this.#offsets;
    const mask = slots.length - 1;
    let slot = (LONG_WORDS * hash) & mask;
    for (let id; (id = slots[slot + 1]!) !== 0;) {
      if (slots[slot] === hash) {
        const known = offsets[id - 1]!;
        if (
          offsets[id]! - known === to - from &&
          equalLong(view, from, to, this.#view, known)
        ) return slot;
      }
      slot = (slot + LONG_WORDS) & mask;
    }
    return slot;
  }

  /** Puts a string behind all others. @returns Its id. */
  #append(bytes: Uint8Array, from: number, to: number): number {
    const begin = this.#count === 0 ? 0 : this.#offsets[this.#count]!;
    const end = begin + to - from;
    if (end > BYTES_MAX || this.#count === IDS_MAX) {
      throw new CairnError(
        "limit",
        "Cannot take value: the distinct values of its column pass 4 GiB",
      );
    }
    if (end > this.#bytes.length) this.#growBytes(begin, end);
    const known = this.#bytes;
    if (to - from < 64) {
      for (let at = from, i = begin; at < to; at++, i++) known[i] = bytes[at]!;
    } else known.set(bytes.subarray(from, to), begin);
    const id = ++this.#count;
    if (id >= this.#offsets.length) {
      const offsets = new Uint32Array(2 * this.#offsets.length);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
    }
    this.#offsets[0] = 0;
    this.#offsets[id] = end;
    return id;
  }

  #growBytes(used: number, wanted: number): void {
    const bytes = new Uint8Array(
      Math.min(BYTES_MAX, Math.max(wanted, 2 * this.#bytes.length)),
    );
    bytes.set(this.#bytes.subarray(0, used));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Ids are signed words in the tables. */
const IDS_MAX = 0x7fff_ffff;

/** Tells whether over three fifths of the slots are taken. */
function tooFull(count: number, slots: number): boolean {
  return 5 * count > 3 * slots;
}

/** Reads up to 4 bytes as a word; none when the count is below 1. */
function readWord(bytes: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i++) word |= bytes[from + i]! << (8 * i);
  return word;
}
