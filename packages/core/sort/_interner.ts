/**
 * Distinct byte strings and their numbers.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import { CairnError } from "../errors.ts";
import type { PackedLexicon } from "./sorted_events.ts";

const CAPACITY_MIN = 256;
/** Offsets are 32 bits wide. */
const BYTES_MAX = 0xffff_ffff;

/**
 * Numbers distinct byte strings from 1 in order of first appearance; the empty
 * one is 0.
 *
 * An open-addressing table over typed arrays: slot `i` is the hash and the id
 * at `2 * i`, an id of 0 marks a free slot. The bytes lie one behind the
 * other, so that the table is the lexicon.
 */
export class Interner {
  #slots: Uint32Array = new Uint32Array(2 * CAPACITY_MIN);
  #bytes: Uint8Array = new Uint8Array(1024);
  #view: DataView = new DataView(this.#bytes.buffer);
  #offsets: Uint32Array = new Uint32Array(CAPACITY_MIN);
  #count = 0;
  // Drawn anew for each table, so that nobody can prepare colliding values.
  readonly #seed: number = crypto.getRandomValues(new Uint32Array(1))[0]! | 0;

  /** Number of distinct values. */
  get count(): number {
    return this.#count;
  }

  /** Memory in use, in bytes. */
  get byteLength(): number {
    return this.#slots.byteLength + this.#bytes.byteLength +
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
    this.#slots.fill(0);
    this.#count = 0;
  }

  /** Gives up the table for finding values, keeping the values. */
  freeze(): void {
    this.#slots = new Uint32Array(0);
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
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const seed = this.#seed;
    let slots = this.#slots;
    let mask = slots.length - 1;
    let offsets = this.#offsets;
    let known = this.#view;
    for (let row = start; row < end; row++) {
      const from = starts[row]!;
      const to = ends[row]!;
      const byteLength = to - from;
      if (byteLength === 0) {
        out[outStart + row - start] = 0;
        continue;
      }
      let hash = seed ^ byteLength;
      let at = from;
      for (; at + 4 <= to; at += 4) {
        hash = Math.imul(hash ^ view.getUint32(at, true), 0x9e37_79b1);
        hash ^= hash >>> 15;
      }
      for (; at < to; at++) {
        hash = Math.imul(hash ^ view.getUint8(at), 0x85eb_ca6b);
        hash ^= hash >>> 13;
      }
      hash = Math.imul(hash, 0xc2b2_ae35);
      hash = (hash ^ (hash >>> 16)) >>> 0;
      let slot = (2 * hash) & mask;
      let id = 0;
      while (true) {
        id = slots[slot + 1]!;
        if (id === 0) break;
        if (slots[slot] === hash) {
          let other = offsets[id - 1]!;
          if (offsets[id]! - other === byteLength) {
            at = from;
            while (
              at + 4 <= to &&
              view.getUint32(at, true) === known.getUint32(other, true)
            ) {
              at += 4;
              other += 4;
            }
            while (at < to && view.getUint8(at) === known.getUint8(other)) {
              at++;
              other++;
            }
            if (at === to) break;
          }
        }
        slot = (slot + 2) & mask;
      }
      if (id === 0) {
        id = this.#insert(bytes, from, to, slot, hash);
        slots = this.#slots;
        mask = slots.length - 1;
        offsets = this.#offsets;
        known = this.#view;
      }
      out[outStart + row - start] = id;
    }
  }

  #insert(
    bytes: Uint8Array,
    from: number,
    to: number,
    slot: number,
    hash: number,
  ): number {
    const begin = this.#count === 0 ? 0 : this.#offsets[this.#count]!;
    const end = begin + to - from;
    if (end > BYTES_MAX) {
      throw new CairnError(
        "limit",
        "Cannot take value: the distinct values of its column have over 4 GiB",
      );
    }
    if (end > this.#bytes.length) this.#growBytes(begin, end);
    const known = this.#bytes;
    if (to - from < 64) {
      for (let at = from, i = begin; at < to; at++, i++) known[i] = bytes[at]!;
    } else known.set(bytes.subarray(from, to), begin);
    const id = ++this.#count;
    if (id >= this.#offsets.length) {
      this.#offsets = grown(this.#offsets, 2 * this.#offsets.length);
    }
    this.#offsets[0] = 0;
    this.#offsets[id] = end;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = id;
    // At most half of the slots are taken: chains stay short.
    if (4 * id > this.#slots.length) this.#growSlots();
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

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Uint32Array(2 * old.length);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let slot = (2 * old[i]!) & mask;
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[i]!;
      slots[slot + 1] = old[i + 1]!;
    }
    this.#slots = slots;
  }
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
