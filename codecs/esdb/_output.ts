/**
 * Bytes on their way out: a buffer that grows, and what is added to it.
 *
 * Millions of short names, records and tables go through here, so that these
 * are functions over plain members.
 *
 * @module
 */

/** A buffer that grows; bytes behind `byteLength` are room. */
export interface Output {
  /** The bytes. */
  bytes: Uint8Array;
  /** How many count. */
  byteLength: number;
}

/** Runs below this are copied one by one, which takes less than a call. */
const COPIED_BYTES_END = 64;

/** Makes room for more bytes. @param output Grown in place. @param byteLength How many. */
export function reserve(output: Output, byteLength: number): void {
  const wanted = output.byteLength + byteLength;
  if (wanted <= output.bytes.length) return;
  const grown = new Uint8Array(Math.max(wanted, 2 * output.bytes.length));
  grown.set(output.bytes.subarray(0, output.byteLength));
  output.bytes = grown;
}

/** Adds bytes. @param start The first of them. @param end Behind the last. */
export function appendBytes(
  out: Output,
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): void {
  const length = end - start;
  // A number before or behind them is then seldom in want of room.
  reserve(out, length + 8);
  if (length < COPIED_BYTES_END) {
    const target = out.bytes;
    let at = out.byteLength;
    for (let i = start; i < end;) target[at++] = bytes[i++]!;
  } else {
    const whole = length === bytes.length;
    out.bytes.set(whole ? bytes : bytes.subarray(start, end), out.byteLength);
  }
  out.byteLength += length;
}

/** Adds a uvarint. */
export function appendUvarint(out: Output, value: number): void {
  reserve(out, 8);
  while (value >= 0x80) {
    out.bytes[out.byteLength++] = value % 0x80 | 0x80;
    value = Math.floor(value / 0x80);
  }
  out.bytes[out.byteLength++] = value;
}
