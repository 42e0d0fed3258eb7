/**
 * Numbers for byte strings, as they are met.
 *
 * @module
 */
import { type BytesColumn, EMPTY_BYTES, type Lexicon } from "@cairn/core";

/** Slots of the table at first; a power of two. */
const SLOTS_MIN = 1024;
/** Bytes of a slab that values are copied into. */
const SLAB_BYTES = 1 << 16;

/**
 * A lexicon that grows: for codecs whose columns are bytes. Values are copied.
 * Memory grows with the distinct values met.
 */
export class Interner implements Lexicon {
  #values: Uint8Array[] = [EMPTY_BYTES];
  #hashes = new Int32Array(SLOTS_MIN);
  #slots = new Uint32Array(SLOTS_MIN);
  #slab = new Uint8Array(0);
  #slabUsed = 0;

  /** How many ids there are by now. */
  get size(): number {
    return this.#values.length;
  }

  /** Gets the bytes of an id. @param id Below `size`. */
  value(id: number): Uint8Array {
    const value = this.#values[id];
    if (value === undefined) {
      throw new RangeError(`Cannot get value ${id}: ${this.size} ids`);
    }
    return value;
  }

  /** Finds the id of a value that was met. @param value The value. */
  find(value: Uint8Array): number | undefined {
    if (value.length === 0) return 0;
    const hash = hashBytes(value, 0, value.length);
    const slot = this.#findSlot(value, 0, value.length, hash);
    return this.#slots[slot]! === 0 ? undefined : this.#slots[slot]!;
  }

  /**
   * Gives each row of a column its id.
   *
   * @param column The column.
   * @param count How many rows.
   * @param ids Where the ids go.
   */
  intern(column: BytesColumn, count: number, ids: Uint32Array): void {
    const { bytes, starts, ends } = column;
    for (let row = 0; row < count; row++) {
      const start = starts[row]!;
      const end = ends[row]!;
      ids[row] = start === end ? 0 : this.#idOf(bytes, start, end);
    }
  }

  #idOf(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const slot = this.#findSlot(bytes, start, end, hash);
    const known = this.#slots[slot]!;
    if (known !== 0) return known;
    const id = this.#values.length;
    this.#values.push(this.#keep(bytes, start, end));
    this.#slots[slot] = id;
    this.#hashes[slot] = hash;
    if (id * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #findSlot(
    bytes: Uint8Array,
    start: number,
    end: number,
    hash: number,
  ): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (id === 0) return slot;
      if (this.#hashes[slot] !== hash) continue;
      if (isSame(this.#values[id]!, bytes, start, end)) return slot;
    }
  }

  #keep(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const byteLength = end - start;
    if (byteLength > SLAB_BYTES / 4) return bytes.slice(start, end);
    if (this.#slab.length - this.#slabUsed < byteLength) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const offset = this.#slabUsed;
    for (let i = 0; i < byteLength; i++) {
      this.#slab[offset + i] = bytes[start + i]!;
    }
    this.#slabUsed += byteLength;
    return this.#slab.subarray(offset, offset + byteLength);
  }

  #grow(): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    this.#slots = new Uint32Array(2 * slots.length);
    this.#hashes = new Int32Array(2 * slots.length);
    const mask = this.#slots.length - 1;
    for (let old = 0; old < slots.length; old++) {
      const id = slots[old]!;
      if (id === 0) continue;
      const hash = hashes[old]!;
      let slot = hash & mask;
      while (this.#slots[slot]! !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
      this.#hashes[slot] = hash;
    }
  }
}

/** FNV-1a, stirred so that low bits depend on all. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  }
  hash = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  return hash ^ hash >>> 13;
}

function isSame(
  value: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (value.length !== end - start) return false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] !== bytes[start + i]) return false;
  }
  return true;
}
