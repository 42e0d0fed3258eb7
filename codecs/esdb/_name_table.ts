/**
 * Numbering of the distinct names of one space.
 *
 * @module
 */

/** Up to so many names are sorted by insertion. */
const FEW_NAMES = 16;

/** Distinct byte strings, as spans of the bytes they came from. */
export class NameTable {
  /** Number of names. */
  count = 0;
  /** Where each name begins. */
  starts: Uint32Array = new Uint32Array(64);
  /** Where each name ends. */
  ends: Uint32Array = new Uint32Array(64);
  /** How often each was given. */
  uses: Uint32Array = new Uint32Array(64);
  #bytes: Uint8Array = new Uint8Array(0);
  #order: Uint32Array = new Uint32Array(64);
  #slotOf: Uint32Array = new Uint32Array(64);
  #slots: Int32Array = new Int32Array(128).fill(-1);

  /** Forgets all names. @param bytes What the next names are spans of. */
  clear(bytes: Uint8Array): void {
    for (let id = 0; id < this.count; id++) this.#slots[this.#slotOf[id]!] = -1;
    this.count = 0;
    this.#bytes = bytes;
  }

  /** Gives the number of a name. */
  add(start: number, end: number): number {
    const slot = this.#slot(start, end);
    let id = this.#slots[slot]!;
    if (id < 0) {
      id = this.count++;
      if (id === this.starts.length) this.#grow();
      this.starts[id] = start;
      this.ends[id] = end;
      this.uses[id] = 0;
      this.#slots[slot] = id;
      this.#slotOf[id] = slot;
      if (4 * this.count > this.#slots.length) this.#rehash();
    }
    this.uses[id]!++;
    return id;
  }

  /** Numbers of all names, in bytewise order; valid until the next call. */
  sorted(): Uint32Array {
    if (this.#order.length < this.count) {
      this.#order = new Uint32Array(2 * this.count);
    }
    const order = this.#order;
    for (let id = 0; id < this.count; id++) order[id] = id;
    if (this.count > FEW_NAMES) {
      order.subarray(0, this.count).sort((a, b) => this.#compare(a, b));
      return order;
    }
    for (let i = 1; i < this.count; i++) {
      const id = order[i]!;
      let at = i;
      while (at > 0 && this.#compare(order[at - 1]!, id) > 0) {
        order[at] = order[at - 1]!;
        at--;
      }
      order[at] = id;
    }
    return order;
  }

  #slot(start: number, end: number): number {
    const bytes = this.#bytes;
    let hash = 0x811c_9dc5;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ hash >>> 15) & mask;
    for (;;) {
      const id = this.#slots[slot]!;
      if (id < 0 || this.#equals(id, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(id: number, start: number, end: number): boolean {
    const from = this.starts[id]!;
    if (this.ends[id]! - from !== end - start) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < end - start; i++) {
      if (bytes[from + i] !== bytes[start + i]) return false;
    }
    return true;
  }

  #compare(a: number, b: number): number {
    const bytes = this.#bytes;
    const startA = this.starts[a]!;
    const startB = this.starts[b]!;
    const lengthA = this.ends[a]! - startA;
    const lengthB = this.ends[b]! - startB;
    const shorter = Math.min(lengthA, lengthB);
    for (let i = 0; i < shorter; i++) {
      const order = bytes[startA + i]! - bytes[startB + i]!;
      if (order !== 0) return order;
    }
    return lengthA - lengthB;
  }

  #rehash(): void {
    this.#slots = new Int32Array(4 * this.#slots.length).fill(-1);
    for (let id = 0; id < this.count; id++) {
      const slot = this.#slot(this.starts[id]!, this.ends[id]!);
      this.#slots[slot] = id;
      this.#slotOf[id] = slot;
    }
  }

  #grow(): void {
    this.starts = doubled(this.starts);
    this.ends = doubled(this.ends);
    this.uses = doubled(this.uses);
    this.#slotOf = doubled(this.#slotOf);
  }
}

function doubled(array: Uint32Array): Uint32Array {
  const grown = new Uint32Array(2 * array.length);
  grown.set(array);
  return grown;
}
