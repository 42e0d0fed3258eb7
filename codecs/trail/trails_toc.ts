/**
 * The members `trails.toc` and `trails.data`: where trails begin and end.
 *
 * @module
 */
import type { AbortOptions } from "@cairn/core";
import {
  TRAILS_DATA_PADDING_BYTES,
  WIDE_TOC_DATA_BYTES_MIN,
} from "./layout.ts";
import {
  corruptMember,
  type MemberWindow,
  readWindow,
} from "./trail_members.ts";

/** Offsets read at a time. */
const PIECE_OFFSETS = 16_384;
/** Pieces kept. */
const PIECES_MAX = 8;

/** The offsets of trails, read piece by piece and checked. */
export class TrailsToc {
  /** Number of trails; the member's size has been held against it. */
  readonly trails: number;
  readonly #toc: MemberWindow;
  readonly #data: MemberWindow;
  readonly #width: number;
  readonly #pieces: Map<number, Float64Array> = new Map();

  /**
   * Makes a table; reads nothing.
   *
   * @param toc The member `trails.toc`.
   * @param data The member `trails.data`.
   * @param trails Number of trails that `info` states.
   * @throws {CairnError} `corrupt` when the size is not that of so many trails.
   */
  constructor(toc: MemberWindow, data: MemberWindow, trails: number) {
    this.#toc = toc;
    this.#data = data;
    this.trails = trails;
    this.#width = data.byteLength < WIDE_TOC_DATA_BYTES_MIN ? 4 : 8;
    if (toc.byteLength !== (trails + 1) * this.#width) {
      throw corruptMember(
        toc,
        `Cannot read trail offsets: ${toc.byteLength} bytes for ${trails} trails, ${this.#width} wanted for each and the end`,
      );
    }
    if (data.byteLength < TRAILS_DATA_PADDING_BYTES) {
      throw corruptMember(
        data,
        `Cannot read trails: ${data.byteLength} bytes, ${TRAILS_DATA_PADDING_BYTES} of padding wanted`,
      );
    }
  }

  /**
   * Reads offsets in `trails.data`: those where trails `start` up to `end`
   * begin, and where the last ends.
   *
   * @returns `end - start + 1` offsets, strictly rising; a copy.
   * @throws {CairnError} `corrupt` when they do not rise or lead out.
   */
  async read(
    start: number,
    end: number,
    options: AbortOptions = {},
  ): Promise<Float64Array> {
    const offsets = new Float64Array(end - start + 1);
    let made = 0;
    while (made < offsets.length) {
      const index = start + made;
      const number = Math.floor(index / PIECE_OFFSETS);
      const piece = await this.#piece(number, options);
      const from = index - number * PIECE_OFFSETS;
      const part = piece.subarray(from, from + offsets.length - made);
      offsets.set(part, made);
      made += part.length;
    }
    // Within a piece it has been checked; between two it has not.
    for (let i = 1; i < offsets.length; i++) {
      if (offsets[i]! <= offsets[i - 1]!) throw this.#falls(start + i);
    }
    return offsets;
  }

  async #piece(number: number, options: AbortOptions): Promise<Float64Array> {
    const kept = this.#pieces.get(number);
    if (kept !== undefined) return kept;
    const first = number * PIECE_OFFSETS;
    const count = Math.min(PIECE_OFFSETS, this.trails + 1 - first);
    const bytes = await readWindow(
      this.#toc,
      first * this.#width,
      count * this.#width,
      options,
    );
    const piece = this.#decode(bytes, first, count);
    if (this.#pieces.size >= PIECES_MAX) {
      this.#pieces.delete(this.#pieces.keys().next().value!);
    }
    this.#pieces.set(number, piece);
    return piece;
  }

  #decode(bytes: Uint8Array, first: number, count: number): Float64Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const limit = this.#data.byteLength - TRAILS_DATA_PADDING_BYTES;
    const piece = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const offset = this.#width === 4
        ? view.getUint32(4 * i, true)
        : view.getUint32(8 * i, true) +
          view.getUint32(8 * i + 4, true) * 2 ** 32;
      if (offset > limit) {
        throw corruptMember(
          this.#toc,
          `Cannot read trail offsets: ${offset}, at most ${limit} wanted`,
          (first + i) * this.#width,
        );
      }
      if (i > 0 && offset <= piece[i - 1]!) throw this.#falls(first + i);
      piece[i] = offset;
    }
    return piece;
  }

  #falls(index: number): Error {
    return corruptMember(
      this.#toc,
      `Cannot read trail offsets: trail ${index - 1} has no byte`,
      index * this.#width,
    );
  }
}
