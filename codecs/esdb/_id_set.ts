/**
 * A set of byte strings.
 *
 * @module
 */

/** Remembers ids; made for millions of short ones. */
export class IdSet {
  #bytes: Uint8Array = new Uint8Array(4096);
  #byteLength = 0;
  #ends: Uint32Array = new Uint32Array(256);
  #count = 0;
  #slots: Int32Array = new Int32Array(512).fill(-1);

  /** Adds an id. @param id Copied. */
  add(id: Uint8Array): void {
    const slot = this.#slot(id, 0, id.length);
    if (this.#slots[slot]! >= 0) return;
    const wanted = this.#byteLength + id.length;
    if (wanted > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
      bytes.set(this.#bytes.subarray(0, this.#byteLength));
      this.#bytes = bytes;
    }
    if (this.#count === this.#ends.length) {
      const ends = new Uint32Array(2 * this.#count);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#bytes.set(id, this.#byteLength);
    this.#byteLength = wanted;
    this.#ends[this.#count] = wanted;
    this.#slots[slot] = this.#count++;
    if (2 * this.#count > this.#slots.length) this.#rehash();
  }

  /** Tells whether an id was added. @param id Any bytes. */
  has(id: Uint8Array): boolean {
    return this.#slots[this.#slot(id, 0, id.length)]! >= 0;
  }

  #slot(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c_9dc5;
    let i = start;
    for (; i + 3 < end; i += 4) {
      const word = bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
        bytes[i + 3]! << 24;
      // As in MurmurHash3: ids often differ in their last bytes only.
      const mixed = Math.imul(word, 0xcc9e_2d51);
      hash ^= Math.imul(mixed << 15 | mixed >>> 17, 0x1b87_3593);
      hash = Math.imul(hash << 13 | hash >>> 19, 5) + 0xe654_6b64 | 0;
    }
    for (; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
    hash = Math.imul(hash ^ hash >>> 16, 0x85eb_ca6b);
    hash = Math.imul(hash ^ hash >>> 13, 0xc2b2_ae35);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ hash >>> 15) & mask;
    for (;;) {
      const id = this.#slots[slot]!;
      if (id < 0 || this.#equals(id, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(
    id: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const from = id === 0 ? 0 : this.#ends[id - 1]!;
    if (this.#ends[id]! - from !== end - start) return false;
    for (let i = start, at = from; i < end; i++, at++) {
      if (this.#bytes[at] !== bytes[i]) return false;
    }
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(4 * this.#slots.length).fill(-1);
    for (let id = 0, start = 0; id < this.#count; id++) {
      const end = this.#ends[id]!;
      this.#slots[this.#slot(this.#bytes, start, end)] = id;
      start = end;
    }
  }
}
