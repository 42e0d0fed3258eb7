// CRC-32C as LevelDB's tables store it, and plain.

import { update } from "./_crc32c_tables";

export { initialize } from "./_crc32c_tables";

/** The CRC of bytes `start` up to `end`, masked as tables store it. */
export function checksum(start: i32, end: i32): u32 {
  const sum = plainChecksum(start, end);
  return (sum >> 15 | sum << 17) + 0xa282ead8;
}

/** The CRC of bytes `start` up to `end`. */
export function plainChecksum(start: i32, end: i32): u32 {
  return update(0, <usize> start, <usize> end);
}
