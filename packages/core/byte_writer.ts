/**
 * A growing buffer of little-endian numbers and byte strings.
 *
 * @module
 */

/**
 * Collects bytes; the counterpart of `ByteReader`.
 *
 * @example Write a length and bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteWriter } from "@cairn/core";
 *
 * const writer = new ByteWriter();
 * writer.uvarint(300);
 * writer.bytes(Uint8Array.of(7));
 * assertEquals(writer.take(), Uint8Array.of(0xac, 0x02, 7));
 * ```
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #byteLength = 0;

  /** Makes an empty writer. @param capacity Bytes to make room for at first. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(Math.max(16, capacity));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written and not taken yet. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Writes one byte. @param value 0 to 255. */
  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#byteLength++] = value;
  }

  /** Writes a u16. @param value 0 to 65,535. */
  u16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#byteLength, value, true);
    this.#byteLength += 2;
  }

  /** Writes a u32. @param value 0 to 2^32 - 1. */
  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#byteLength, value, true);
    this.#byteLength += 4;
  }

  /** Writes a u64. @param value 0 to 2^53 - 1. */
  u64(value: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#byteLength, value % 0x1_0000_0000, true);
    this.#view.setUint32(
      this.#byteLength + 4,
      Math.floor(value / 0x1_0000_0000),
      true,
    );
    this.#byteLength += 8;
  }

  /** Writes a uvarint in its shortest form. @param value 0 to 2^53 - 1. */
  uvarint(value: number): void {
    this.#reserve(8);
    while (value >= 0x80) {
      this.#bytes[this.#byteLength++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.#byteLength++] = value;
  }

  /** Writes a byte string. @param bytes Copied. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#byteLength);
    this.#byteLength += bytes.length;
  }

  /** Shows what was written. @returns A view, valid until the next call. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#byteLength);
  }

  /** Hands out what was written and starts anew. @returns A copy. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#byteLength);
    this.#byteLength = 0;
    return taken;
  }

  /** Forgets what was written; the room stays. */
  clear(): void {
    this.#byteLength = 0;
  }

  #reserve(byteLength: number): void {
    const wanted = this.#byteLength + byteLength;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#byteLength));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
