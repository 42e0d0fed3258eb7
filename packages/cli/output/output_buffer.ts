/**
 * Bytes of output on their way out.
 *
 * @module
 */

/**
 * A growing run of bytes that writers fill in place, without an object for
 * each cell.
 */
export class OutputBuffer {
  /** The room; `reserve` may replace it, so take it again afterwards. */
  bytes: Uint8Array;
  /** How much of it is filled. */
  byteLength = 0;

  /** Makes an empty buffer. @param capacity Bytes to begin with. */
  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for so many more bytes. @param byteLength How many. */
  reserve(byteLength: number): void {
    const wanted = this.byteLength + byteLength;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = grown;
  }

  /** Appends one byte. @param byte 0 to 255. */
  byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.byteLength++] = byte;
  }

  /**
   * Appends part of another array.
   *
   * @param source Where from.
   * @param start First byte.
   * @param end First byte behind.
   */
  span(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start > 64) {
      this.bytes.set(source.subarray(start, end), this.byteLength);
      this.byteLength += end - start;
      return;
    }
    // A call costs more than so few bytes.
    const { bytes } = this;
    let at = this.byteLength;
    for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    this.byteLength = at;
  }

  /** Appends bytes. @param source All of it. */
  all(source: Uint8Array): void {
    this.span(source, 0, source.length);
  }

  /** Appends a number in decimal. @param value A safe integer, 0 or more. */
  decimal(value: number): void {
    this.reserve(16);
    // Above 2^31 division is done in halves, so that both stay fast.
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.#digits(high, 1);
      this.#digits(value - high * 1e9, 9);
    } else {
      this.#digits(value, 1);
    }
  }

  /** Shows what is there. @returns A view, valid until the next call. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.byteLength);
  }

  /** Forgets what is there. */
  clear(): void {
    this.byteLength = 0;
  }

  #digits(value: number, least: number): void {
    let count = least;
    for (let power = 10 ** least; power <= value; power *= 10) count++;
    const { bytes } = this;
    const start = this.byteLength;
    for (let at = start + count - 1; at >= start; at--) {
      const rest = Math.floor(value / 10);
      bytes[at] = 0x30 + value - rest * 10;
      value = rest;
    }
    this.byteLength = start + count;
  }
}
