// CRC-32C (Castagnoli), eight bytes a step by eight tables of 256 words.
// Reference: ../crc32c.ts

const POLYNOMIAL: u32 = 0x82f63b78;
// 8 tables of 1,024 bytes.
const TABLES: usize = memory.data(8192, 16);

/** Fills the tables; the host calls it once. */
export function initialize(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let word = i;
    for (let bit = 0; bit < 8; bit++) {
      word = word >> 1 ^ (word & 1 ? POLYNOMIAL : 0);
    }
    store<u32>(TABLES + (i << 2), word);
  }
  for (let i: u32 = 0; i < 256; i++) {
    let word = load<u32>(TABLES + (i << 2));
    for (let table: usize = 1; table < 8; table++) {
      word = load<u32>(TABLES + ((word & 0xff) << 2)) ^ word >> 8;
      store<u32>(TABLES + (table << 10) + (i << 2), word);
    }
  }
}

// @ts-ignore: decorator
@inline
function entry(table: usize, byte: u32): u32 {
  return load<u32>(TABLES + (table << 10) + ((byte & 0xff) << 2));
}

/** Goes on from `crc` over bytes at `start` up to `end`; none where `end` lies before. */
export function update(crc: u32, start: usize, end: usize): u32 {
  let state = ~crc;
  let at = start;
  while (<isize> (end - at) >= 8) {
    const low = load<u32>(at) ^ state;
    const high = load<u32>(at + 4);
    state = entry(7, low) ^ entry(6, low >> 8) ^ entry(5, low >> 16) ^
      entry(4, low >> 24) ^ entry(3, high) ^ entry(2, high >> 8) ^
      entry(1, high >> 16) ^ entry(0, high >> 24);
    at += 8;
  }
  while (<isize> (end - at) > 0) {
    state = entry(0, state ^ load<u8>(at)) ^ state >> 8;
    at++;
  }
  return ~state;
}
