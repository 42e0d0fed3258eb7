/**
 * The checksum of gzip.
 *
 * @module
 */

/** Reversed polynomial of CRC-32 (ISO 3309). */
const POLYNOMIAL = 0xedb8_8320;
/** Bytes taken at a time. */
const SLICES = 8;

/** Entry `256 * s + b`: the remainder of byte `b` with `s` zero bytes behind it. */
const TABLE: Uint32Array = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    }
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 0xff]!;
  }
  return table;
}

/**
 * Goes on with a CRC-32.
 *
 * @param crc Of the bytes before; 0 at the start.
 * @param bytes The bytes to add.
 * @returns The checksum of all, as an unsigned number.
 */
export function updateCrc32(crc: number, bytes: Uint8Array): number {
  let rest = ~crc;
  let at = 0;
  const stop = bytes.length - (bytes.length % SLICES);
  for (; at < stop; at += SLICES) {
    const low = rest ^
      (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) |
        (bytes[at + 3]! << 24));
    rest = TABLE[0x700 + (low & 0xff)]! ^
      TABLE[0x600 + ((low >>> 8) & 0xff)]! ^
      TABLE[0x500 + ((low >>> 16) & 0xff)]! ^
      TABLE[0x400 + (low >>> 24)]! ^
      TABLE[0x300 + bytes[at + 4]!]! ^
      TABLE[0x200 + bytes[at + 5]!]! ^
      TABLE[0x100 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) {
    rest = (rest >>> 8) ^ TABLE[(rest ^ bytes[at]!) & 0xff]!;
  }
  return ~rest >>> 0;
}
