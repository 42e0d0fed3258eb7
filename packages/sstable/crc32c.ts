/**
 * CRC-32C (Castagnoli), plain and as tables store it.
 *
 * @module
 */

const POLYNOMIAL = 0x82f6_3b78; // reflected
const MASK_DELTA = 0xa282_ead8;

/** Eight tables of 256: table k advances a byte over k bytes behind it. */
const TABLES = makeTables();

/**
 * Computes the CRC-32C of bytes, or goes on with one.
 *
 * @example The check value of the algorithm
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "@cairn/sstable";
 *
 * assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 * @param bytes The bytes.
 * @param start First byte that counts; 0 if left out.
 * @param end First byte behind; the length if left out.
 * @param before CRC of what comes before these bytes; 0 if left out.
 * @returns 0 to 2^32 - 1.
 */
export function crc32c(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  before = 0,
): number {
  const tables = TABLES;
  let crc = ~before;
  let i = start;
  for (const stop = end - 7; i < stop; i += 8) {
    crc ^= bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
      bytes[i + 3]! << 24;
    crc = tables[1792 + (crc & 255)]! ^
      tables[1536 + (crc >>> 8 & 255)]! ^
      tables[1280 + (crc >>> 16 & 255)]! ^
      tables[1024 + (crc >>> 24)]! ^
      tables[768 + bytes[i + 4]!]! ^
      tables[512 + bytes[i + 5]!]! ^
      tables[256 + bytes[i + 6]!]! ^
      tables[bytes[i + 7]!]!;
  }
  for (; i < end; i++) {
    crc = tables[(crc ^ bytes[i]!) & 255]! ^ crc >>> 8;
  }
  return ~crc >>> 0;
}

/**
 * Masks a CRC as tables store it, so that a CRC over bytes that hold CRCs
 * stays useful.
 *
 * @param crc 0 to 2^32 - 1.
 * @returns 0 to 2^32 - 1.
 */
export function maskCrc(crc: number): number {
  return ((crc >>> 15 | crc << 17) + MASK_DELTA) >>> 0;
}

/**
 * Undoes `maskCrc`.
 *
 * @param masked 0 to 2^32 - 1.
 * @returns 0 to 2^32 - 1.
 */
export function unmaskCrc(masked: number): number {
  const rotated = (masked - MASK_DELTA) >>> 0;
  return (rotated >>> 17 | rotated << 15) >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc >>> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    }
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const crc = tables[i - 256]!;
    tables[i] = crc >>> 8 ^ tables[crc & 255]!;
  }
  return tables;
}
