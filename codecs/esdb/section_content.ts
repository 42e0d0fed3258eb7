/**
 * Sections as byte streams: unpacking of their blocks.
 *
 * @module
 */
import { type ByteReaderPlace, CairnError } from "@cairn/core";
import { snappyLength, unpackSnappyInto } from "@cairn/sstable";
import { corruptAt } from "./_corrupt.ts";
import {
  BLOCK_CONTENT_BYTES,
  BLOCK_HEAD_BYTES,
  ENCODING_NONE,
  ENCODING_SNAPPY,
} from "./layout.ts";

/** Most content that is held at a time. */
const CONTENT_BYTES_MAX = 0x7fff_ffff;

/**
 * The content of sections, one behind the other, and where their blocks were.
 * Used again for section after section; grows and never shrinks.
 */
export class SectionContent {
  /** The content; only the first `byteLength` bytes count. */
  bytes: Uint8Array = new Uint8Array(65_536);
  /** Bytes of content so far. */
  byteLength = 0;
  /** Number of blocks. */
  blockCount = 0;
  /** Where the content of each block begins in `bytes`. */
  blockStarts: Uint32Array = new Uint32Array(64);
  /** Offset of the head of each block, from the start of the space. */
  blockOffsets: Float64Array = new Float64Array(64);

  /** Forgets everything but the room. */
  clear(): void {
    this.byteLength = 0;
    this.blockCount = 0;
  }

  /** Adds bytes that no block holds. @returns Where they begin. */
  append(bytes: Uint8Array, start: number, end: number): number {
    const at = this.byteLength;
    this.#reserve(end - start);
    this.bytes.set(bytes.subarray(start, end), at);
    this.byteLength += end - start;
    return at;
  }

  /** Puts bytes in front; only where there is nothing yet. */
  prepend(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, 0);
    this.byteLength = bytes.length;
  }

  /**
   * Unpacks the blocks of a section, or of a run of whole blocks.
   *
   * @param stored Holds the blocks.
   * @param start Where they begin.
   * @param end Where they end, exclusive.
   * @param offset Offset of the first block from the start of the space.
   * @param place Where `stored` lies, for errors.
   * @throws {CairnError} `corrupt` when a block leaves the section, has another
   * encoding, or cannot be unpacked.
   */
  unpack(
    stored: Uint8Array,
    start: number,
    end: number,
    offset: number,
    place: ByteReaderPlace,
  ): void {
    const shift = offset - start;
    let at = start;
    while (at < end) {
      if (end - at < BLOCK_HEAD_BYTES) {
        throw corruptAt(place, at, "Cannot read block: its head is cut off");
      }
      const length = stored[at]! | stored[at + 1]! << 8;
      const encoding = stored[at + 2]!;
      const from = at + BLOCK_HEAD_BYTES;
      if (length > end - from) {
        throw corruptAt(
          place,
          at,
          `Cannot read block: ${length} bytes, but its section has ${
            end - from
          } left`,
        );
      }
      this.#addBlock(at + shift);
      if (encoding === ENCODING_SNAPPY) {
        this.#unpackBlock(stored, from, from + length, place);
      } else if (encoding === ENCODING_NONE) {
        this.#reserve(length);
        if (length < 64) {
          for (let i = from; i < from + length; i++) {
            this.bytes[this.byteLength++] = stored[i]!;
          }
        } else {
          this.bytes.set(stored.subarray(from, from + length), this.byteLength);
          this.byteLength += length;
        }
      } else {
        throw corruptAt(
          place,
          at + 2,
          `Cannot read block: encoding ${encoding}, 0 or 1 wanted`,
        );
      }
      at = from + length;
    }
  }

  #unpackBlock(
    stored: Uint8Array,
    start: number,
    end: number,
    place: ByteReaderPlace,
  ): void {
    const length = snappyLength(stored, start, end);
    let damage = start;
    if (length >= 0) {
      this.#reserve(length);
      damage = unpackSnappyInto(
        stored,
        start,
        end,
        this.bytes,
        this.byteLength,
        length,
      );
    }
    if (damage >= 0) {
      // Go of July 2014 marked such blocks as packed although they were not.
      const reason = end - start === BLOCK_CONTENT_BYTES
        ? "falsely-packed"
        : undefined;
      throw corruptAt(
        place,
        damage,
        "Cannot unpack block: not a valid Snappy stream",
        reason,
      );
    }
    this.byteLength += length;
  }

  #addBlock(offset: number): void {
    if (this.blockCount === this.blockStarts.length) {
      const starts = new Uint32Array(2 * this.blockCount);
      starts.set(this.blockStarts);
      this.blockStarts = starts;
      const offsets = new Float64Array(2 * this.blockCount);
      offsets.set(this.blockOffsets);
      this.blockOffsets = offsets;
    }
    this.blockStarts[this.blockCount] = this.byteLength;
    this.blockOffsets[this.blockCount++] = offset;
  }

  #reserve(byteLength: number): void {
    const wanted = this.byteLength + byteLength;
    if (wanted <= this.bytes.length) return;
    if (wanted > CONTENT_BYTES_MAX) {
      throw new CairnError(
        "limit",
        `Cannot unpack sections: more than ${CONTENT_BYTES_MAX} bytes at a time`,
      );
    }
    const grown = new Uint8Array(
      Math.min(CONTENT_BYTES_MAX, Math.max(wanted, 2 * this.bytes.length)),
    );
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
  }
}
