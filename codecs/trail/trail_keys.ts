/**
 * The members `uuids` and `cookies`: the keys of trails.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  equalBytes,
  UUID_BYTES,
} from "@cairn/core";
import {
  corruptMember,
  type MemberWindow,
  readWindow,
} from "./trail_members.ts";

/** Keys read at a time. */
const PIECE_KEYS = 4096;
/** Pieces kept. */
const PIECES_MAX = 16;

/** The keys of trails, read piece by piece. */
export class TrailKeys {
  readonly #window: MemberWindow;
  readonly #trails: number;
  readonly #sorted: boolean;
  readonly #pieces: Map<number, Uint8Array> = new Map();

  /**
   * Makes a table; reads nothing.
   *
   * @param window The member.
   * @param trails Number of trails that `info` states.
   * @param sorted Whether keys must rise: version 1.
   * @throws {CairnError} `corrupt` when the size is not that of so many keys.
   */
  constructor(window: MemberWindow, trails: number, sorted: boolean) {
    if (window.byteLength !== trails * UUID_BYTES) {
      throw corruptMember(
        window,
        `Cannot read trail keys: ${window.byteLength} bytes for ${trails} trails`,
      );
    }
    this.#window = window;
    this.#trails = trails;
    this.#sorted = sorted;
  }

  /**
   * Reads the keys of a run of trails inside the file.
   *
   * @throws {CairnError} `corrupt` when they do not rise.
   */
  async read(
    start: number,
    end: number,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    const count = end - start;
    const bytes = count === 0 ? new Uint8Array(0) : await readWindow(
      this.#window,
      start * UUID_BYTES,
      count * UUID_BYTES,
      options,
    );
    this.#assertRising(bytes, start);
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      starts[i] = i * UUID_BYTES;
      ends[i] = (i + 1) * UUID_BYTES;
    }
    return { bytes, starts, ends };
  }

  /**
   * Finds a trail by its key: by halving in version 1, else one by one.
   *
   * @param key 16 bytes; others are nobody's key.
   */
  async find(
    key: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    if (key.length !== UUID_BYTES || this.#trails === 0) return undefined;
    const pieces = Math.ceil(this.#trails / PIECE_KEYS);
    if (!this.#sorted) {
      for (let piece = 0; piece < pieces; piece++) {
        const found = findLinear(await this.#piece(piece, options), key);
        if (found >= 0) return piece * PIECE_KEYS + found;
      }
      return undefined;
    }
    let low = 0;
    let high = pieces - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const bytes = await this.#piece(middle, options);
      if (compareKeys(bytes, 0, key) <= 0) low = middle;
      else high = middle - 1;
    }
    const found = findSorted(await this.#piece(low, options), key);
    return found < 0 ? undefined : low * PIECE_KEYS + found;
  }

  async #piece(number: number, options: AbortOptions): Promise<Uint8Array> {
    const kept = this.#pieces.get(number);
    if (kept !== undefined) return kept;
    const first = number * PIECE_KEYS;
    const count = Math.min(PIECE_KEYS, this.#trails - first);
    const bytes = await readWindow(
      this.#window,
      first * UUID_BYTES,
      count * UUID_BYTES,
      options,
    );
    this.#assertRising(bytes, first);
    if (this.#pieces.size >= PIECES_MAX) {
      this.#pieces.delete(this.#pieces.keys().next().value!);
    }
    this.#pieces.set(number, bytes);
    return bytes;
  }

  #assertRising(bytes: Uint8Array, first: number): void {
    if (!this.#sorted) return;
    for (let at = UUID_BYTES; at < bytes.length; at += UUID_BYTES) {
      const key = bytes.subarray(at, at + UUID_BYTES);
      if (compareKeys(bytes, at - UUID_BYTES, key) >= 0) {
        throw corruptMember(
          this.#window,
          `Cannot read trail keys: that of trail ${
            first + at / UUID_BYTES
          } is not above the one before`,
          first * UUID_BYTES + at,
        );
      }
    }
  }
}

/** Orders keys as little-endian numbers: the last byte weighs most. */
export function compareKeys(
  bytes: Uint8Array,
  offset: number,
  key: Uint8Array,
): number {
  for (let i = UUID_BYTES - 1; i >= 0; i--) {
    const difference = bytes[offset + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function findSorted(bytes: Uint8Array, key: Uint8Array): number {
  let low = 0;
  let high = bytes.length / UUID_BYTES - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareKeys(bytes, middle * UUID_BYTES, key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function findLinear(bytes: Uint8Array, key: Uint8Array): number {
  for (let at = 0; at < bytes.length; at += UUID_BYTES) {
    if (equalBytes(bytes.subarray(at, at + UUID_BYTES), key)) {
      return at / UUID_BYTES;
    }
  }
  return -1;
}
