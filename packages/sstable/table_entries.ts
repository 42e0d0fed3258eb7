/**
 * Entries of a table, as columns.
 *
 * @module
 */
import { type ByteReaderPlace, type ByteSpans, CairnError } from "@cairn/core";
import { KEY_BYTES_MAX, KEY_EXPANSION_MAX } from "./layout.ts";

/** A run of entries in key order: row `i` is one key and its value. */
export interface TableEntries {
  /** Number of entries. */
  readonly count: number;
  /** The keys; copies. An empty span is an empty key. */
  readonly keys: ByteSpans;
  /** The values; views of the block. An empty span is an empty value. */
  readonly values: ByteSpans;
}

/** Orders two keys: less than 0, 0, or more than 0. */
export type CompareKeys = (a: Uint8Array, b: Uint8Array) => number;

/**
 * Decodes a block, unpacked and without its trailer.
 *
 * Every length and restart is checked before it is used; keys must ascend.
 *
 * @param block The block.
 * @param place Where it lies, for errors.
 * @param compare Order of keys; that of unsigned bytes if left out.
 * @returns Columns; keys are copies, values views of `block`.
 * @throws {CairnError} `corrupt`; `limit` when keys unpack to far more bytes
 * than the block has.
 */
export function decodeBlock(
  block: Uint8Array,
  place: ByteReaderPlace,
  compare?: CompareKeys,
): TableEntries {
  const { count, keyBytes, entriesEnd } = measureBlock(block, place);
  const keyStarts = new Uint32Array(count);
  const keyEnds = new Uint32Array(count);
  const valueStarts = new Uint32Array(count);
  const valueEnds = new Uint32Array(count);
  const keys = new Uint8Array(keyBytes);
  let i = 0;
  let k = 0;
  let lastStart = 0;
  // Lengths were checked above: nothing here leaves the block.
  for (let row = 0; i < entriesEnd; row++) {
    let shared = block[i++]!;
    if (shared >= 0x80) {
      shared = uvarintAt(block, i - 1);
      i = varintEnd(block, i);
    }
    let rest = block[i++]!;
    if (rest >= 0x80) {
      rest = uvarintAt(block, i - 1);
      i = varintEnd(block, i);
    }
    let valueLength = block[i++]!;
    if (valueLength >= 0x80) {
      valueLength = uvarintAt(block, i - 1);
      i = varintEnd(block, i);
    }
    const start = k;
    keyStarts[row] = start;
    // Where the first byte that is not shared is greater, or added to the key
    // before, the order is right; else the two keys are compared.
    const isOrdered = row === 0 || rest > 0 &&
        (shared === start - lastStart || block[i]! > keys[lastStart + shared]!);
    if (shared < 32) {
      for (let from = lastStart; k < start + shared;) keys[k++] = keys[from++]!;
    } else {
      keys.copyWithin(k, lastStart, lastStart + shared);
      k += shared;
    }
    if (rest < 32) {
      for (const end = i + rest; i < end;) keys[k++] = block[i++]!;
    } else {
      keys.set(block.subarray(i, i + rest), k);
      k += rest;
      i += rest;
    }
    keyEnds[row] = k;
    if (
      !isOrdered && compare === undefined &&
      compareRanges(keys, lastStart, start, k) >= 0
    ) throw disordered(place, i);
    valueStarts[row] = i;
    i += valueLength;
    valueEnds[row] = i;
    lastStart = start;
  }
  const entries: TableEntries = {
    count,
    keys: { bytes: keys, starts: keyStarts, ends: keyEnds },
    values: { bytes: block, starts: valueStarts, ends: valueEnds },
  };
  if (compare !== undefined) assertAscending(entries, place, compare);
  return entries;
}

/**
 * Gets one key. @param entries Of which. @param row Which one.
 * @returns A view; empty for an empty key.
 */
export function entryKey(entries: TableEntries, row: number): Uint8Array {
  const { bytes, starts, ends } = entries.keys;
  return bytes.subarray(starts[row]!, ends[row]!);
}

/**
 * Gets one value. @param entries Of which. @param row Which one.
 * @returns A view; empty for an empty value.
 */
export function entryValue(entries: TableEntries, row: number): Uint8Array {
  const { bytes, starts, ends } = entries.values;
  return bytes.subarray(starts[row]!, ends[row]!);
}

/**
 * Finds the first entry at or after a key.
 *
 * @param entries In key order.
 * @param key What to look for.
 * @param compare Order of keys; that of unsigned bytes if left out.
 * @returns A row; `entries.count` when all keys are before.
 */
export function lowerBound(
  entries: TableEntries,
  key: Uint8Array,
  compare?: CompareKeys,
): number {
  let low = 0;
  let high = entries.count;
  if (compare !== undefined) {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(entryKey(entries, middle), key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  if (high === 0) return 0;
  // What the first and the last key begin with, all between begin with too.
  const { bytes, starts, ends } = entries.keys;
  const first = starts[0]!;
  const last = starts[high - 1]!;
  const most = Math.min(ends[0]! - first, ends[high - 1]! - last, key.length);
  let same = 0;
  while (same < most && bytes[first + same] === bytes[last + same]) {
    const order = key[same]! - bytes[first + same]!;
    if (order !== 0) return order < 0 ? 0 : high;
    same++;
  }
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareSpan(entries.keys, middle, key, same) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Walks over all entries once and checks lengths and restarts. */
function measureBlock(
  block: Uint8Array,
  place: ByteReaderPlace,
): { count: number; keyBytes: number; entriesEnd: number } {
  const entriesEnd = restartsStart(block, place);
  const restartCount = (block.length - 4 - entriesEnd) / 4;
  let restart = 0;
  let nextRestart = restartCount > 0 ? u32At(block, entriesEnd) : -1;
  let count = 0;
  let keyBytes = 0;
  let lastKeyLength = 0;
  let i = 0;
  while (i < entriesEnd) {
    const start = i;
    const shared = uvarintWithin(block, i, entriesEnd);
    i = varintEnd(block, i);
    const rest = uvarintWithin(block, i, entriesEnd);
    i = varintEnd(block, i);
    const valueLength = uvarintWithin(block, i, entriesEnd);
    i = varintEnd(block, i);
    if (
      shared < 0 || rest < 0 || valueLength < 0 || shared > lastKeyLength ||
      rest > entriesEnd - i || valueLength > entriesEnd - i - rest
    ) {
      throw damage(place, start, "an entry leaves the block");
    }
    if (start === nextRestart || count === 0) {
      if (shared !== 0 || start !== nextRestart) {
        throw damage(place, start, "an entry is no restart, but must be");
      }
      restart++;
      nextRestart = restart < restartCount
        ? u32At(block, entriesEnd + 4 * restart)
        : -1;
    }
    lastKeyLength = shared + rest;
    keyBytes += lastKeyLength;
    i += rest + valueLength;
    count++;
  }
  const emptyRestart = count === 0 && restartCount === 1 && nextRestart === 0;
  if (restart !== restartCount && !emptyRestart) {
    throw damage(
      place,
      entriesEnd + 4 * restart,
      "a restart is not at an entry",
    );
  }
  const most = Math.max(KEY_BYTES_MAX, KEY_EXPANSION_MAX * block.length);
  if (keyBytes > most) {
    throw new CairnError(
      "limit",
      `Cannot decode table block: its keys unpack to ${keyBytes} bytes, at most ${most} wanted`,
      { where: { ...place } },
    );
  }
  return { count, keyBytes, entriesEnd };
}

/** Where the entries of a block end and its restarts begin, checked. */
export function restartsStart(
  block: Uint8Array,
  place: ByteReaderPlace,
): number {
  if (block.length >= 4) {
    const restartCount = u32At(block, block.length - 4);
    if (restartCount <= (block.length - 4) / 4) {
      return block.length - 4 - 4 * restartCount;
    }
  }
  throw damage(place, Math.max(0, block.length - 4), "its restarts do not fit");
}

function assertAscending(
  entries: TableEntries,
  place: ByteReaderPlace,
  compare: CompareKeys,
): void {
  for (let row = 1; row < entries.count; row++) {
    if (compare(entryKey(entries, row - 1), entryKey(entries, row)) >= 0) {
      throw disordered(place, entries.values.starts[row]!);
    }
  }
}

/** Orders bytes `start .. middle` against bytes `middle .. end`. */
function compareRanges(
  bytes: Uint8Array,
  start: number,
  middle: number,
  end: number,
): number {
  const shorter = Math.min(middle - start, end - middle);
  for (let i = 0; i < shorter; i++) {
    const order = bytes[start + i]! - bytes[middle + i]!;
    if (order !== 0) return order;
  }
  return middle - start - (end - middle);
}

function disordered(
  place: ByteReaderPlace,
  position: number,
): CairnError {
  return damage(place, position, "a key is not after the key before it");
}

/** Orders row `row` against `key`; both begin with the same `same` bytes. */
function compareSpan(
  spans: ByteSpans,
  row: number,
  key: Uint8Array,
  same: number,
): number {
  const { bytes } = spans;
  const from = spans.starts[row]!;
  const length = spans.ends[row]! - from;
  const shorter = Math.min(length, key.length);
  for (let i = same; i < shorter; i++) {
    const difference = bytes[from + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  return length - key.length;
}

/** Makes the error for a block that cannot be decoded. */
export function damage(
  place: ByteReaderPlace,
  position: number,
  what: string,
): CairnError {
  return new CairnError("corrupt", `Cannot decode table block: ${what}`, {
    where: { ...place, offset: (place.offset ?? 0) + position },
  });
}

/** A u32, little-endian. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
}

/** A uvarint of at most 5 bytes before `end`; -1 when there is none. */
export function uvarintWithin(
  bytes: Uint8Array,
  at: number,
  end: number,
): number {
  if (at < end && bytes[at]! < 0x80) return bytes[at]!;
  let value = 0;
  for (let i = 0, scale = 1; i < 5 && at + i < end; i++, scale *= 128) {
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  return -1;
}

/** A uvarint that was checked before. */
function uvarintAt(bytes: Uint8Array, at: number): number {
  return uvarintWithin(bytes, at, bytes.length);
}

/** The position behind the varint byte at `at`, or behind the rest of its varint. */
export function varintEnd(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at]! >= 0x80) at++;
  return at + 1;
}
