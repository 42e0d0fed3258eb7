// The section table of an ESDB space: kinds, offsets and lengths of sections.

import { checksum } from "./_esdb_checksum";

/** Sections of a space, bytes of a name. */
const SECTIONS_MAX: i32 = 1024;
const NAME_MAX: i32 = 4096;

const DONE: i32 = 0;
const UNUSUAL: i32 = 2;

const FOOTER_BYTES: i32 = 48;
const TRAILER_BYTES: i32 = 5;
export const KIND_OTHER: u8 = 0;
export const KIND_EVENTS: u8 = 1;
export const KIND_POSTINGS: u8 = 2;

// The last name, and of each section: kind, offset, length.
const NAME: i32 = <i32> memory.data(4096, 16);
export const KINDS: i32 = <i32> memory.data(1024, 16);
export const OFFSETS: i32 = <i32> memory.data(4096, 16);
export const LENGTHS: i32 = <i32> memory.data(4096, 16);

let wanted: i32 = 0;
let wantedLength: i32 = 0;
let at: i32 = 0;
/** Sections of the last space. */
export let sectionCount: i32 = 0;
/** The one that is wanted; -1 where it has none. */
export let wantedSection: i32 = -1;

/** Sets the name of the section that is wanted. */
export function setWanted(name: i32, length: i32): void {
  wanted = name;
  wantedLength = length;
}

/** Reads the section table at the end of a space. */
export function readTable(start: i32, length: i32): i32 {
  sectionCount = 0;
  wantedSection = -1;
  if (length < 8 + FOOTER_BYTES + 1 || load<u8>(start) != 0x2a) return UNUSUAL;
  const end = start + length - 8;
  const tableLength = load<i32>(end);
  if (
    load<i32>(end + 4) != 0 || tableLength < FOOTER_BYTES ||
    tableLength > length - 9
  ) return UNUSUAL;
  const table = end - tableLength;
  const footer = end - FOOTER_BYTES;
  const magic = footer + 40;
  if (load<u64>(magic) != 0xdb4775248b80fb57) return UNUSUAL;
  at = footer;
  const metaOffset = varint(magic);
  const metaLength = varint(magic);
  const indexOffset = varint(magic);
  const indexLength = varint(magic);
  if (
    metaOffset < 0 || metaLength < 0 || indexLength < 8 || indexOffset < 0 ||
    !isSound(table + metaOffset, metaLength, footer) ||
    !isSound(table + indexOffset, indexLength, footer)
  ) return UNUSUAL;
  // One index entry: a key at or behind the last, and where the entries are.
  const index = table + indexOffset;
  const indexEnd = index + indexLength - 8;
  if (load<u64>(indexEnd) != 0x0000000100000000) return UNUSUAL;
  at = index;
  const shared = varint(indexEnd);
  const separatorLength = varint(indexEnd);
  const valueLength = varint(indexEnd);
  if (
    shared != 0 || separatorLength < 0 || valueLength < 0 ||
    separatorLength + valueLength != indexEnd - at
  ) return UNUSUAL;
  const separator = at;
  at += separatorLength;
  const dataOffset = varint(indexEnd);
  const dataLength = varint(indexEnd);
  if (
    at != indexEnd || dataOffset < 0 || dataLength < 8 ||
    !isSound(table + dataOffset, dataLength, footer)
  ) return UNUSUAL;
  const nameLength = readEntries(table + dataOffset, dataLength, table - start);
  if (nameLength < 0) return UNUSUAL;
  return isBehind(NAME, nameLength, separator, separatorLength)
    ? UNUSUAL
    : DONE;
}

/** Reads the sections; gives the length of the last name, or -1. */
function readEntries(block: i32, length: i32, tableOffset: i32): i32 {
  const restartCount = load<i32>(block + length - 4);
  if (restartCount < 1 || restartCount > length >>> 2) return -1;
  const entriesEnd = block + length - 4 - (restartCount << 2);
  if (entriesEnd <= block) return -1;
  let restart = 0;
  let nameLength = 0;
  let sectionEnd = 1;
  at = block;
  while (at < entriesEnd) {
    const isRestart = restart < restartCount &&
      load<i32>(entriesEnd + (restart << 2)) == at - block;
    const shared = varint(entriesEnd);
    const rest = varint(entriesEnd);
    const valueLength = varint(entriesEnd);
    if (
      shared < 0 || rest < 0 || valueLength < 0 || shared > nameLength ||
      rest > entriesEnd - at || valueLength > entriesEnd - at - rest ||
      rest > NAME_MAX - shared || sectionCount == SECTIONS_MAX
    ) return -1;
    if (isRestart) {
      restart++;
      if (
        shared != 0 ||
        sectionCount > 0 && !isBehind(at, rest, NAME, nameLength)
      ) return -1;
    } else if (
      sectionCount == 0 || rest == 0 ||
      shared < nameLength && load<u8>(at) <= load<u8>(NAME + shared)
    ) return -1;
    memory.copy(NAME + shared, at, rest);
    nameLength = shared + rest;
    at += rest;
    const valueEnd = at + valueLength;
    const letter = nameLength == 0 ? 0 : load<u8>(NAME);
    const kind = letter == 0x67
      ? KIND_EVENTS
      : letter == 0x69
      ? KIND_POSTINGS
      : KIND_OTHER;
    store<u8>(KINDS + sectionCount, kind);
    if (kind != KIND_OTHER) {
      const offset = varint(valueEnd);
      const bytes = varint(valueEnd);
      // Sections in another order are looked at closer.
      if (offset < sectionEnd || bytes < 0 || bytes > tableOffset - offset) {
        return -1;
      }
      sectionEnd = offset + bytes;
      store<i32>(OFFSETS + (sectionCount << 2), offset);
      store<i32>(LENGTHS + (sectionCount << 2), bytes);
      if (
        wantedLength == nameLength &&
        memory.compare(NAME, wanted, nameLength) == 0
      ) wantedSection = sectionCount;
    }
    at = valueEnd;
    sectionCount++;
  }
  return restart == restartCount ? nameLength : -1;
}

/** Whether a block lies before `end` and its checksum and type 0 are right. */
function isSound(start: i32, length: i32, end: i32): bool {
  if (length > end - start - TRAILER_BYTES) return false;
  const type = start + length;
  return load<u8>(type) == 0 && load<u32>(type + 1) == checksum(start, type + 1);
}

/** Whether one name comes behind another. */
function isBehind(a: i32, aLength: i32, b: i32, bLength: i32): bool {
  const shorter = min(aLength, bLength);
  for (let i = 0; i < shorter; i++) {
    const order = <i32> load<u8>(a + i) - <i32> load<u8>(b + i);
    if (order != 0) return order > 0;
  }
  return aLength > bLength;
}

/** A uvarint below 2^28 at `at`; -1 for any other, or past `end`. */
// @ts-ignore: decorator
@inline
function varint(end: i32): i32 {
  if (at < end && load<u8>(at) < 0x80) return <i32> load<u8>(at++);
  return longVarint(end);
}

function longVarint(end: i32): i32 {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) return -1;
    const byte = <i32> load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return -1;
}
