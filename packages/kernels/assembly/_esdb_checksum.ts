// CRC-32C as LevelDB's tables store it, eight bytes a step.

const POLYNOMIAL: u32 = 0x82f63b78;
// 8 tables of 1,024 bytes.
const TABLES: i32 = <i32> memory.data(8192, 16);

export function initialize(): void {
  for (let i = 0; i < 256; i++) {
    let word: u32 = i;
    for (let bit = 0; bit < 8; bit++) {
      word = word >> 1 ^ (word & 1 ? POLYNOMIAL : 0);
    }
    store<u32>(TABLES + (i << 2), word);
  }
  for (let i = 0; i < 256; i++) {
    let word = load<u32>(TABLES + (i << 2));
    for (let table = 1; table < 8; table++) {
      word = load<u32>(TABLES + <i32> ((word & 0xff) << 2)) ^ word >> 8;
      store<u32>(TABLES + (table << 10) + (i << 2), word);
    }
  }
}

// @ts-ignore: decorator
@inline
function entry(table: i32, byte: u32): u32 {
  return load<u32>(TABLES + (table << 10) + <i32> ((byte & 0xff) << 2));
}

/** The CRC of bytes `start` up to `end`, masked as tables store it. */
export function checksum(start: i32, end: i32): u32 {
  const sum = plainChecksum(start, end);
  return (sum >> 15 | sum << 17) + 0xa282ead8;
}

/** The CRC of bytes `start` up to `end`. */
export function plainChecksum(start: i32, end: i32): u32 {
  let state: u32 = 0xffffffff;
  let at = start;
  while (end - at >= 8) {
    const low = load<u32>(at) ^ state;
    const high = load<u32>(at + 4);
    state = entry(7, low) ^ entry(6, low >> 8) ^ entry(5, low >> 16) ^
      entry(4, low >> 24) ^ entry(3, high) ^ entry(2, high >> 8) ^
      entry(1, high >> 16) ^ entry(0, high >> 24);
    at += 8;
  }
  while (at < end) {
    state = entry(0, state ^ load<u8>(at)) ^ state >> 8;
    at++;
  }
  return ~state;
}
