// Packing in Snappy's raw format, with the very bytes that Go's library gives.
// Up to 16 bytes more than needed are read and written; the host leaves that
// much room.

/** A pass never looks further back than this. */
const PASS_BYTES: i32 = 65536;
/** Content below this is one literal. */
const PACK_BYTES_MIN: i32 = 17;
const MARGIN_BYTES: i32 = 15;
const HASH_FACTOR: u32 = 0x1e35a7bd;
// 2^14 positions of two bytes.
const TABLE: i32 = <i32> memory.data(32768, 16);

/** Packs `start .. end` to `at`; gives where that ends. */
export function packSnappy(start: i32, end: i32, at: i32): i32 {
  at = writeUvarint(at, end - start);
  for (let from = start; from < end; from += PASS_BYTES) {
    const to = min(end, from + PASS_BYTES);
    at = to - from < PACK_BYTES_MIN
      ? writeLiteral(from, to, at)
      : packPass(from, to, at);
  }
  return at;
}

/** One pass: positions count from its start. */
function packPass(start: i32, end: i32, at: i32): i32 {
  const length = end - start;
  let bits = 8;
  while (bits < 14 && 1 << bits < length) bits++;
  const shift = 32 - bits;
  memory.fill(TABLE, 0, 2 << bits);
  const limit = end - MARGIN_BYTES;
  let emitted = start;
  let s = start + 1;
  let word = load<u32>(s);
  while (true) {
    let skip = 32;
    let next = s;
    let candidate = 0;
    while (true) {
      s = next;
      const step = skip >> 5;
      next = s + step;
      skip += step;
      if (next > limit) {
        return emitted < end ? writeLiteral(emitted, end, at) : at;
      }
      const slot = TABLE + <i32> (word * HASH_FACTOR >> shift << 1);
      candidate = start + <i32> load<u16>(slot);
      store<u16>(slot, s - start);
      if (word == load<u32>(candidate)) break;
      word = load<u32>(next);
    }
    at = writeLiteral(emitted, s, at);
    while (true) {
      const matched = s;
      const offset = s - candidate;
      s += 4;
      candidate += 4;
      while (s < end && load<u8>(candidate) == load<u8>(s)) {
        s++;
        candidate++;
      }
      at = writeCopy(offset, s - matched, at);
      emitted = s;
      if (s >= limit) {
        return emitted < end ? writeLiteral(emitted, end, at) : at;
      }
      const before = load<u32>(s - 1) * HASH_FACTOR >> shift;
      store<u16>(TABLE + <i32> (before << 1), s - 1 - start);
      word = load<u32>(s);
      const slot = TABLE + <i32> (word * HASH_FACTOR >> shift << 1);
      candidate = start + <i32> load<u16>(slot);
      store<u16>(slot, s - start);
      if (word != load<u32>(candidate)) {
        s++;
        word = load<u32>(s);
        break;
      }
    }
  }
}

/** Copies a few bytes, and up to 15 that do not count. */
// @ts-ignore: decorator
@inline
export function copyShort(to: i32, from: i32, length: i32): void {
  for (let done = 0; done < length; done += 16) {
    v128.store(to + done, v128.load(from + done));
  }
}

/** Writes a number below 2^28 as a uvarint; gives where that ends. */
// @ts-ignore: decorator
@inline
export function writeUvarint(at: i32, value: i32): i32 {
  while (value >= 0x80) {
    store<u8>(at++, value & 0x7f | 0x80);
    value >>= 7;
  }
  store<u8>(at, value);
  return at + 1;
}

function writeLiteral(start: i32, end: i32, at: i32): i32 {
  const count = end - start;
  if (count <= 60) {
    store<u8>(at++, count - 1 << 2);
  } else if (count <= 256) {
    store<u16>(at, 0xf0 | count - 1 << 8);
    at += 2;
  } else {
    store<u8>(at, 0xf4);
    store<u16>(at + 1, count - 1);
    at += 3;
  }
  copyShort(at, start, count);
  return at + count;
}

function writeCopy(offset: i32, length: i32, at: i32): i32 {
  while (length >= 68) {
    at = writeLongCopy(offset, 64, at);
    length -= 64;
  }
  if (length > 64) {
    at = writeLongCopy(offset, 60, at);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) return writeLongCopy(offset, length, at);
  store<u8>(at, offset >> 8 << 5 | length - 4 << 2 | 1);
  store<u8>(at + 1, offset);
  return at + 2;
}

// @ts-ignore: decorator
@inline
function writeLongCopy(offset: i32, length: i32, at: i32): i32 {
  store<u8>(at, length - 1 << 2 | 2);
  store<u16>(at + 1, offset);
  return at + 3;
}
