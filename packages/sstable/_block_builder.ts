/**
 * Building one block: entries with shared prefixes, then the restarts.
 *
 * @module
 */

/** Collects the entries of a block. Used again for block after block. */
export class BlockBuilder {
  /** Bytes of the block so far; only the first `byteLength` count. */
  bytes: Uint8Array = new Uint8Array(512);
  /** How many bytes there are. */
  byteLength = 0;
  /** Entries so far. */
  count = 0;
  readonly #interval: number;
  #restarts: Uint32Array = new Uint32Array(16);
  #restartCount = 1;
  #sinceRestart = 0;
  #lastKey: Uint8Array = new Uint8Array(64);
  #lastKeyLength = 0;

  /** Makes an empty block. @param restartInterval Entries to a restart. */
  constructor(restartInterval: number) {
    this.#interval = restartInterval;
  }

  /** Bytes that the block will have. */
  get finishedLength(): number {
    return this.byteLength + 4 * (this.#restartCount + 1);
  }

  /** A copy of the last key. */
  lastKey(): Uint8Array {
    return this.#lastKey.slice(0, this.#lastKeyLength);
  }

  /** How many bytes a key has in common with the last key, from its first on. */
  sharedWith(key: Uint8Array): number {
    const last = this.#lastKey;
    const most = Math.min(this.#lastKeyLength, key.length);
    let shared = 0;
    while (shared < most && last[shared] === key[shared]) shared++;
    return shared;
  }

  /** Tells whether a key comes behind the last. @param shared What they share. */
  isBehindLast(key: Uint8Array, shared: number): boolean {
    return shared < key.length &&
      (shared === this.#lastKeyLength || key[shared]! > this.#lastKey[shared]!);
  }

  /**
   * Adds an entry.
   *
   * @param key Behind the last key, which the caller has checked.
   * @param value Any bytes.
   * @param common What the key shares with the last.
   */
  add(key: Uint8Array, value: Uint8Array, common: number): void {
    let shared = common;
    if (this.#sinceRestart === this.#interval) {
      this.#pushRestart();
      shared = 0;
    }
    const rest = key.length - shared;
    this.#reserve(15 + rest + value.length);
    this.#uvarint(shared);
    this.#uvarint(rest);
    this.#uvarint(value.length);
    this.#copy(key, shared);
    this.#copy(value, 0);
    this.#keepKey(key, common);
    this.count++;
    this.#sinceRestart++;
  }

  /** Adds the restarts; `bytes` up to `byteLength` is then the block. */
  finish(): void {
    this.#reserve(4 * (this.#restartCount + 1));
    for (let i = 0; i < this.#restartCount; i++) this.#u32(this.#restarts[i]!);
    this.#u32(this.#restartCount);
  }

  /** Begins the next block. */
  reset(): void {
    this.byteLength = 0;
    this.count = 0;
    this.#restartCount = 1;
    this.#sinceRestart = 0;
    this.#lastKeyLength = 0;
  }

  #pushRestart(): void {
    if (this.#restartCount === this.#restarts.length) {
      const grown = new Uint32Array(2 * this.#restarts.length);
      grown.set(this.#restarts);
      this.#restarts = grown;
    }
    this.#restarts[this.#restartCount++] = this.byteLength;
    this.#sinceRestart = 0;
  }

  #keepKey(key: Uint8Array, from: number): void {
    if (key.length > this.#lastKey.length) {
      const grown = new Uint8Array(2 * key.length);
      grown.set(this.#lastKey);
      this.#lastKey = grown;
    }
    for (let i = from; i < key.length; i++) this.#lastKey[i] = key[i]!;
    this.#lastKeyLength = key.length;
  }

  #copy(from: Uint8Array, start: number): void {
    const { length } = from;
    if (length - start > 64) {
      this.bytes.set(from.subarray(start), this.byteLength);
      this.byteLength += length - start;
      return;
    }
    const { bytes } = this;
    let at = this.byteLength;
    for (let i = start; i < length;) bytes[at++] = from[i++]!;
    this.byteLength = at;
  }

  #uvarint(value: number): void {
    while (value >= 0x80) {
      this.bytes[this.byteLength++] = value % 0x80 | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.byteLength++] = value;
  }

  #u32(value: number): void {
    this.bytes[this.byteLength++] = value;
    this.bytes[this.byteLength++] = value >>> 8;
    this.bytes[this.byteLength++] = value >>> 16;
    this.bytes[this.byteLength++] = value >>> 24;
  }

  #reserve(byteLength: number): void {
    const wanted = this.byteLength + byteLength;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
  }
}
