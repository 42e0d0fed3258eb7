/**
 * Checked reading of little-endian numbers and byte strings from a file's bytes.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

/** Where the bytes of a reader come from, for messages. */
export interface ByteReaderPlace {
  /** Named region of the file. */
  readonly part: string;
  /** File offset of the first byte; 0 if left out. */
  readonly offset?: number;
  /** The file's name, where it is known. */
  readonly file?: string;
}

const SAFE_HIGH_WORD = 0x20_0000; // 2^53 = 2^21 high words

/**
 * Reads numbers and byte strings one after the other, and refuses whatever
 * would leave the bytes it was given.
 *
 * All parsing of file bytes goes through one of these. Methods move
 * `position` past what they read; they throw `corrupt` with part and offset.
 *
 * @example Read a length and that many bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteReader } from "@cairn/core";
 *
 * const reader = new ByteReader(Uint8Array.of(2, 104, 105), { part: "name" });
 * const text = reader.bytes(reader.uvarint("name length"), "name");
 * assertEquals(text, Uint8Array.of(104, 105));
 * reader.expectEnd();
 * ```
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #place: ByteReaderPlace;
  #position = 0;

  /**
   * Makes a reader at the first byte.
   *
   * @param bytes What to read; not copied, not written to.
   * @param place Part, file offset and file, for errors.
   */
  constructor(bytes: Uint8Array, place: ByteReaderPlace) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
  }

  /** Offset of the next byte from the first one given. */
  get position(): number {
    return this.#position;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /**
   * Makes the error for damage at the current position, or at another.
   *
   * @param detail What is wrong.
   * @param position Offset from the first byte; the current one if left out.
   * @returns A `corrupt` error, to be thrown.
   */
  corrupt(detail: string, position: number = this.#position): CairnError {
    const { part, offset = 0, file } = this.#place;
    return new CairnError("corrupt", detail, {
      where: {
        ...(file === undefined ? {} : { file }),
        part,
        offset: offset + position,
      },
    });
  }

  /** Reads one byte. @param what Its name, for errors. @returns 0 to 255. */
  u8(what: string): number {
    this.#need(1, what);
    return this.#bytes[this.#position++]!;
  }

  /** Reads a u16. @param what Its name, for errors. @returns 0 to 65,535. */
  u16(what: string): number {
    this.#need(2, what);
    const value = this.#view.getUint16(this.#position, true);
    this.#position += 2;
    return value;
  }

  /** Reads a u32. @param what Its name, for errors. @returns 0 to 2^32 - 1. */
  u32(what: string): number {
    this.#need(4, what);
    const value = this.#view.getUint32(this.#position, true);
    this.#position += 4;
    return value;
  }

  /**
   * Reads a u64 that must be within `max`.
   *
   * @param what Its name, for errors.
   * @param max Largest value allowed; 2^53 - 1 if left out.
   * @returns A safe integer.
   */
  u64(what: string, max: number = Number.MAX_SAFE_INTEGER): number {
    this.#need(8, what);
    const low = this.#view.getUint32(this.#position, true);
    const high = this.#view.getUint32(this.#position + 4, true);
    if (high >= SAFE_HIGH_WORD || high * 0x1_0000_0000 + low > max) {
      const value = this.#view.getBigUint64(this.#position, true);
      throw this.corrupt(
        `Cannot read ${what}: ${value}, at most ${max} wanted`,
      );
    }
    this.#position += 8;
    return high * 0x1_0000_0000 + low;
  }

  /** Reads a whole u64. @param what Its name, for errors. @returns 0 to 2^64 - 1. */
  bigU64(what: string): bigint {
    this.#need(8, what);
    const value = this.#view.getBigUint64(this.#position, true);
    this.#position += 8;
    return value;
  }

  /**
   * Reads a uvarint: base 128, low groups first, at most 10 bytes.
   *
   * @param what Its name, for errors.
   * @param max Largest value allowed; 2^53 - 1 if left out.
   * @returns A safe integer.
   */
  uvarint(what: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const start = this.#position;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (start + i >= this.#bytes.length) {
        throw this.corrupt(`Cannot read ${what}: the bytes end inside it`);
      }
      const byte = this.#bytes[start + i]!;
      // Bits above 2^53 must be 0; below that the sum is exact.
      if (scale <= Number.MAX_SAFE_INTEGER) value += (byte & 0x7f) * scale;
      else if ((byte & 0x7f) !== 0) value = Infinity;
      scale *= 128;
      if (byte < 0x80) {
        if (value > max) {
          throw this.corrupt(
            `Cannot read ${what}: too large, at most ${max} wanted`,
          );
        }
        this.#position = start + i + 1;
        return value;
      }
    }
    throw this.corrupt(`Cannot read ${what}: a varint of more than 10 bytes`);
  }

  /**
   * Reads a byte string.
   *
   * @param byteLength Its length in bytes.
   * @param what Its name, for errors.
   * @returns A view of the bytes given to the reader.
   */
  bytes(byteLength: number, what: string): Uint8Array {
    this.#need(byteLength, what);
    const start = this.#position;
    this.#position += byteLength;
    return this.#bytes.subarray(start, this.#position);
  }

  /** Passes over bytes. @param byteLength How many. @param what Their name. */
  skip(byteLength: number, what: string): void {
    this.#need(byteLength, what);
    this.#position += byteLength;
  }

  /**
   * Reads a u32 count of elements that must fit in the bytes left.
   *
   * @param what Its name, for errors.
   * @param elementBytes Least bytes that one element takes.
   * @returns The count; safe to allocate by.
   */
  count(what: string, elementBytes: number): number {
    const start = this.#position;
    const value = this.u32(what);
    if (value > Math.floor(this.remaining / elementBytes)) {
      throw this.corrupt(
        `Cannot read ${what}: ${value} elements do not fit in ${this.remaining} bytes`,
        start,
      );
    }
    return value;
  }

  /** Fails unless all bytes were read. @throws {CairnError} `corrupt`. */
  expectEnd(): void {
    if (this.remaining !== 0) {
      throw this.corrupt(
        `Cannot end here: ${this.remaining} bytes are left over`,
      );
    }
  }

  #need(byteLength: number, what: string): void {
    if (!(byteLength >= 0 && byteLength <= this.remaining)) {
      throw this.corrupt(
        `Cannot read ${what}: ${this.remaining} bytes left, ${byteLength} wanted`,
      );
    }
  }
}
