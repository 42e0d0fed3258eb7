/**
 * Packing in Snappy's raw format, with the very bytes that Go's library gives.
 *
 * @module
 */

/** Content below this is one literal. */
const PACK_BYTES_MIN = 17;
/** A pass never looks further back than this. */
const PASS_BYTES = 65_536;
/** Matches are not looked for in the last so many bytes of a pass. */
const MARGIN_BYTES = 15;
const TABLE_BITS_MIN = 8;
const TABLE_BITS_MAX = 14;
const HASH_FACTOR = 0x1e35_a7bd;

/** Most bytes that content of a length can pack to. @param length Of the content. */
export function snappyPackedMax(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/** Makes the working table that `packSnappyInto` wants. */
export function createSnappyTable(): Uint16Array {
  return new Uint16Array(1 << TABLE_BITS_MAX);
}

/**
 * Packs content into given room; the plain loop.
 *
 * @param content Holds what to pack.
 * @param start Where it begins.
 * @param end Where it ends, exclusive.
 * @param out Has `snappyPackedMax` bytes of room from `at` on.
 * @param at Where to write.
 * @param table From `createSnappyTable`; may be used again.
 * @returns Where the packed bytes end in `out`.
 */
export function packSnappyInto(
  content: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  table: Uint16Array,
): number {
  let length = end - start;
  while (length >= 0x80) {
    out[at++] = length % 0x80 | 0x80;
    length = Math.floor(length / 0x80);
  }
  out[at++] = length;
  for (let from = start; from < end; from += PASS_BYTES) {
    const to = Math.min(end, from + PASS_BYTES);
    at = to - from < PACK_BYTES_MIN
      ? writeLiteral(content, from, to, out, at)
      : packPass(content, from, to, out, at, table);
  }
  return at;
}

/**
 * Packs content.
 *
 * @param content What to pack.
 * @returns A copy, in Snappy's raw format.
 */
export function packSnappy(content: Uint8Array): Uint8Array {
  const out = new Uint8Array(snappyPackedMax(content.length));
  const table = createSnappyTable();
  return out.slice(
    0,
    packSnappyInto(content, 0, content.length, out, 0, table),
  );
}

/** One pass: up to 65,536 bytes, positions counted from its start. */
function packPass(
  content: Uint8Array,
  base: number,
  end: number,
  out: Uint8Array,
  at: number,
  table: Uint16Array,
): number {
  const length = end - base;
  let bits = TABLE_BITS_MIN;
  while (bits < TABLE_BITS_MAX && 1 << bits < length) bits++;
  const shift = 32 - bits;
  table.fill(0, 0, 1 << bits);
  const limit = end - MARGIN_BYTES;
  let emitted = base;
  let s = base + 1;
  let word = load32(content, s);
  for (;;) {
    let skip = 32;
    let next = s;
    let candidate = 0;
    for (;;) {
      s = next;
      const step = skip >>> 5;
      next = s + step;
      skip += step;
      if (next > limit) {
        return emitted < end
          ? writeLiteral(content, emitted, end, out, at)
          : at;
      }
      const hash = Math.imul(word, HASH_FACTOR) >>> shift;
      candidate = base + table[hash]!;
      table[hash] = s - base;
      if (word === load32(content, candidate)) break;
      word = load32(content, next);
    }
    at = writeLiteral(content, emitted, s, out, at);
    for (;;) {
      const matched = s;
      const offset = s - candidate;
      s += 4;
      candidate += 4;
      while (s < end && content[candidate] === content[s]) {
        s++;
        candidate++;
      }
      at = writeCopy(offset, s - matched, out, at);
      emitted = s;
      if (s >= limit) {
        return emitted < end
          ? writeLiteral(content, emitted, end, out, at)
          : at;
      }
      const before = Math.imul(load32(content, s - 1), HASH_FACTOR) >>> shift;
      table[before] = s - 1 - base;
      word = load32(content, s);
      const hash = Math.imul(word, HASH_FACTOR) >>> shift;
      candidate = base + table[hash]!;
      table[hash] = s - base;
      if (word !== load32(content, candidate)) {
        s++;
        word = load32(content, s);
        break;
      }
    }
  }
}

function load32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}

function writeLiteral(
  content: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  const count = end - start;
  if (count <= 60) {
    out[at++] = (count - 1) << 2;
  } else if (count <= 256) {
    out[at++] = 0xf0;
    out[at++] = count - 1;
  } else {
    out[at++] = 0xf4;
    out[at++] = (count - 1) & 255;
    out[at++] = (count - 1) >>> 8;
  }
  if (count < 48) {
    for (let i = start; i < end; i++) out[at++] = content[i]!;
    return at;
  }
  out.set(content.subarray(start, end), at);
  return at + count;
}

function writeCopy(
  offset: number,
  length: number,
  out: Uint8Array,
  at: number,
): number {
  while (length >= 68) {
    at = writeCopy3(offset, 64, out, at);
    length -= 64;
  }
  if (length > 64) {
    at = writeCopy3(offset, 60, out, at);
    length -= 60;
  }
  if (length >= 12 || offset >= 2048) {
    return writeCopy3(offset, length, out, at);
  }
  out[at++] = (offset >>> 8) << 5 | (length - 4) << 2 | 1;
  out[at++] = offset & 255;
  return at;
}

function writeCopy3(
  offset: number,
  length: number,
  out: Uint8Array,
  at: number,
): number {
  out[at++] = (length - 1) << 2 | 2;
  out[at++] = offset & 255;
  out[at++] = offset >>> 8;
  return at;
}
