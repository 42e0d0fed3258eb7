// The distinct groupings and index keys of one space, and its section table.

import { checksum } from "./_esdb_checksum";
import { copyShort, writeUvarint } from "./_esdb_pack";

/** Names of a space: more are for the host. */
const NAMES_MAX: i32 = 64;
/** Tables that may take more bytes have several blocks. */
const TABLE_BYTES: i32 = 4096;
const RESTART_INTERVAL: i32 = 16;

// Names of one kind: where they begin and end, how often each was given.
const STARTS: i32 = <i32> memory.data(256, 16);
const ENDS: i32 = <i32> memory.data(256, 16);
/** How often each name was given. */
export const USES: i32 = <i32> memory.data(256, 16);
/** Numbers of the names, in bytewise order. */
export const ORDER: i32 = <i32> memory.data(256, 16);
/** How many there are. */
export let nameCount: i32 = 0;

// Sections: names with their letters one behind the other, offset, length.
const NAMES: i32 = <i32> memory.data(4352, 16);
const NAME_ENDS: i32 = <i32> memory.data(1024, 16);
const OFFSETS: i32 = <i32> memory.data(1024, 16);
const LENGTHS: i32 = <i32> memory.data(1024, 16);
const RESTARTS: i32 = <i32> memory.data(64, 16);
let namesEnd: i32 = 0;
let sectionCount: i32 = 0;

/** Forgets all names. */
export function clearNames(): void {
  nameCount = 0;
}

/** Gives the number of a name; -1 when there are too many. */
export function addName(start: i32, end: i32): i32 {
  const length = end - start;
  for (let i = 0; i < nameCount << 2; i += 4) {
    const other = load<i32>(STARTS + i);
    if (
      load<i32>(ENDS + i) - other == length &&
      memory.compare(other, start, length) == 0
    ) {
      store<i32>(USES + i, load<i32>(USES + i) + 1);
      return i >> 2;
    }
  }
  if (nameCount == NAMES_MAX) return -1;
  const at = nameCount << 2;
  store<i32>(STARTS + at, start);
  store<i32>(ENDS + at, end);
  store<i32>(USES + at, 1);
  return nameCount++;
}

/** Sorts the names into `ORDER`. */
export function sortNames(): void {
  for (let i = 0; i < nameCount; i++) {
    let at = ORDER + (i << 2);
    while (at > ORDER && isBefore(i, load<i32>(at - 4))) {
      store<i32>(at, load<i32>(at - 4));
      at -= 4;
    }
    store<i32>(at, i);
  }
}

function isBefore(a: i32, b: i32): bool {
  const aStart = load<i32>(STARTS + (a << 2));
  const bStart = load<i32>(STARTS + (b << 2));
  const aLength = load<i32>(ENDS + (a << 2)) - aStart;
  const bLength = load<i32>(ENDS + (b << 2)) - bStart;
  const order = memory.compare(aStart, bStart, min(aLength, bLength));
  return order != 0 ? order < 0 : aLength < bLength;
}

/** Forgets all sections. */
export function clearSections(): void {
  sectionCount = 0;
  namesEnd = NAMES;
}

/** Adds a section by the number of its name; false when there is no room. */
export function addSection(
  letter: u8,
  name: i32,
  offset: i32,
  byteLength: i32,
): bool {
  const start = load<i32>(STARTS + (name << 2));
  const length = load<i32>(ENDS + (name << 2)) - start;
  const most = namesEnd - NAMES + length + 1 + 26 * (sectionCount + 1) + 8;
  if (most >= TABLE_BYTES) return false;
  store<u8>(namesEnd, letter);
  copyShort(namesEnd + 1, start, length);
  namesEnd += 1 + length;
  const at = sectionCount++ << 2;
  store<i32>(NAME_ENDS + at, namesEnd);
  store<i32>(OFFSETS + at, offset);
  store<i32>(LENGTHS + at, byteLength);
  return true;
}

/** Writes the section table; gives where it ends. */
export function writeTable(base: i32): i32 {
  let at = writeEntries(base);
  const dataLength = at - base;
  at = writeTrailer(base, at);
  const meta = at - base;
  // The empty meta-index block with its trailer.
  store<u64>(at, 0x0000000100000000);
  store<u32>(at + 8, 0xa1f2c000);
  store<u8>(at + 12, 0xb0);
  const index = at + 13;
  at = writeIndex(index, dataLength);
  const indexLength = at - index;
  const footer = writeTrailer(index, at);
  memory.fill(footer, 0, 40);
  at = writeUvarint(footer, meta);
  at = writeUvarint(at, 8);
  at = writeUvarint(at, index - base);
  writeUvarint(at, indexLength);
  store<u64>(footer + 40, 0xdb4775248b80fb57);
  return footer + 48;
}

function writeEntries(base: i32): i32 {
  let at = base;
  let last = NAMES;
  let start = NAMES;
  let restarts = 0;
  for (let i = 0; i < sectionCount; i++) {
    const end = load<i32>(NAME_ENDS + (i << 2));
    let shared = 0;
    if (i % RESTART_INTERVAL != 0) {
      const most = min(start - last, end - start);
      while (
        shared < most && load<u8>(last + shared) == load<u8>(start + shared)
      ) shared++;
    } else store<i32>(RESTARTS + (restarts++ << 2), at - base);
    at = writeUvarint(at, shared);
    at = writeUvarint(at, end - start - shared);
    const valueLength = at++;
    copyShort(at, start + shared, end - start - shared);
    at += end - start - shared;
    const value = at;
    at = writeUvarint(at, load<i32>(OFFSETS + (i << 2)));
    at = writeUvarint(at, load<i32>(LENGTHS + (i << 2)));
    store<u8>(valueLength, at - value);
    last = start;
    start = end;
  }
  for (let i = 0; i < restarts; i++) {
    store<i32>(at, load<i32>(RESTARTS + (i << 2)));
    at += 4;
  }
  store<i32>(at, restarts);
  return at + 4;
}

/** One entry: the shortest key behind the last name. */
function writeIndex(at: i32, dataLength: i32): i32 {
  const start = sectionCount > 1
    ? load<i32>(NAME_ENDS + (sectionCount << 2) - 8)
    : NAMES;
  let i = start;
  while (i < namesEnd && load<u8>(i) == 0xff) i++;
  const length = (i == namesEnd ? i : i + 1) - start;
  store<u8>(at++, 0);
  at = writeUvarint(at, length);
  store<u8>(at++, dataLength < 0x80 ? 2 : 3);
  copyShort(at, start, length);
  at += length;
  if (i < namesEnd) store<u8>(at - 1, load<u8>(at - 1) + 1);
  store<u8>(at++, 0);
  at = writeUvarint(at, dataLength);
  store<u64>(at, 0x0000000100000000);
  return at + 8;
}

function writeTrailer(start: i32, end: i32): i32 {
  store<u8>(end, 0);
  store<u32>(end + 1, checksum(start, end + 1));
  return end + 5;
}
