// Spaces of ESDB from sorted records: events, blocks, postings, section table.
// Reference: codecs/esdb/space_encoder.ts, which does what is refused here.
//
// Positions are i32: memory is far below 2^31.

import { initialize as makeTables, plainChecksum } from "./_esdb_checksum";
import {
  addName,
  addSection,
  clearNames,
  clearSections,
  nameCount,
  ORDER,
  sortNames,
  USES,
  writeTable,
} from "./_esdb_names";
import { copyShort, packSnappy, writeUvarint } from "./_esdb_pack";

const DONE: i32 = 0;
const FULL: i32 = 1;
const UNUSUAL: i32 = 2;

const BLOCK_BYTES: i32 = 4096;
const PACK_BYTES_MIN: i32 = 17;
const STORED_MAX: i32 = 65535;
const POSTING_BYTES: i32 = 10;
/** Events of a space at most, and postings. */
const ROWS_MAX: i32 = 16384;
const POSTINGS_MAX: i32 = 65536;
/** Content of a space at most. */
const CONTENT_MAX: i32 = 2097152;

// Per event, newest first: row, grouping, data, place.
const ROWS: i32 = <i32> memory.data(65536, 16);
const GROUP_OF: i32 = <i32> memory.data(65536, 16);
const DATA: i32 = <i32> memory.data(65536, 16);
const BLOCKS: i32 = <i32> memory.data(65536, 16);
const PLACES: i32 = <i32> memory.data(65536, 16);
// Per posting: event and key; then events by key.
const POSTING_EVENTS: i32 = <i32> memory.data(262144, 16);
const POSTING_KEYS: i32 = <i32> memory.data(262144, 16);
const BY_KEY: i32 = <i32> memory.data(262144, 16);
const NEXT: i32 = <i32> memory.data(256, 16);
const BLOCK_OFFSETS: i32 = <i32> memory.data(4096, 16);

let records: i32 = 0;
let starts: i32 = 0;
let ends: i32 = 0;
let times: i32 = 0;
let spaceRows: i32 = 0;
let content: i32 = 0;
let out: i32 = 0;
let outMax: i32 = 0;
let lengths: i32 = 0;
let checksums: i32 = 0;
let avoidFaults: bool = false;

let at: i32 = 0;
let status: i32 = DONE;
let postingCount: i32 = 0;

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Says where rows are and what goes where. */
export function setRegions(
  newRecords: i32,
  newStarts: i32,
  newEnds: i32,
  newTimes: i32,
  newSpaceRows: i32,
  newContent: i32,
  newOut: i32,
  newOutMax: i32,
  newLengths: i32,
  newChecksums: i32,
  newAvoidFaults: i32,
): void {
  makeTables();
  records = newRecords;
  starts = newStarts;
  ends = newEnds;
  times = newTimes;
  spaceRows = newSpaceRows;
  content = newContent;
  out = newOut;
  outMax = newOutMax;
  lengths = newLengths;
  checksums = newChecksums;
  avoidFaults = newAvoidFaults != 0;
}

export function getStatus(): i32 {
  return status;
}

export function getOutLength(): i32 {
  return at - out;
}

/** Encodes spaces; gives the first that was not. */
export function encode(first: i32, end: i32): i32 {
  status = DONE;
  at = out;
  for (let space = first; space < end; space++) {
    const start = at;
    const from = load<i32>(spaceRows + (space << 2));
    const result = encodeSpace(from, load<i32>(spaceRows + (space << 2) + 4));
    if (result < 0) {
      status = -result;
      at = start;
      return space;
    }
    store<u32>(checksums + (space << 2), plainChecksum(start, result));
    store<i32>(lengths + (space << 2), at - start);
  }
  return end;
}

/** Encodes one space; gives where its section table begins, or less than 0. */
function encodeSpace(from: i32, to: i32): i32 {
  const count = to - from;
  const start = at;
  if (count > ROWS_MAX) return -UNUSUAL;
  let bytes = 0;
  for (let row = from << 2; row < to << 2; row += 4) {
    bytes += load<i32>(ends + row) - load<i32>(starts + row);
    if (bytes > CONTENT_MAX - 16 * ROWS_MAX) return -UNUSUAL;
  }
  clearSections();
  clearNames();
  // Keys first: whether there are postings changes how events are laid out.
  order(from, to);
  if (!readGroups(count)) return -UNUSUAL;
  // Content packs to 7/6 at most, and blocks have heads.
  const most = bytes + 16 * count + POSTING_BYTES * postingCount;
  if (2 * most + 48 * (most / BLOCK_BYTES) + 32768 > outMax - (at - out)) {
    return -FULL;
  }
  const hasPostings = postingCount > 0;
  store<u8>(at++, 0x2a);
  sortNames();
  const avoidBlind = avoidFaults && hasPostings;
  for (let g = 0; g < nameCount; g++) {
    const group = load<i32>(ORDER + (g << 2));
    if (avoidBlind && (at - start & 255) == 0) store<u8>(at++, 0);
    const section = at;
    packEvents(fillEvents(group, count), start, avoidBlind);
    if (!addSection(0x67, group, section - start, at - section)) {
      return -UNUSUAL;
    }
    placeEvents(group, count);
  }
  if (hasPostings) {
    clearNames();
    if (!readKeys()) return -UNUSUAL;
    if (!writePostings(start)) return -UNUSUAL;
  }
  const table = at;
  const tableEnd = writeTable(table);
  store<u64>(tableEnd, tableEnd - table);
  at = tableEnd + 8;
  return table;
}

/** Newest first, equal times as added. */
function order(from: i32, to: i32): void {
  let made = ROWS;
  for (let end = to; end > from;) {
    let first = end - 1;
    const time = load<u32>(times + (first << 2));
    while (first > from && load<u32>(times + (first << 2) - 4) == time) first--;
    for (let row = first; row < end; row++) {
      store<i32>(made, row);
      made += 4;
    }
    end = first;
  }
}

/** Takes the records apart; false where there are too many names or postings. */
function readGroups(count: i32): bool {
  postingCount = 0;
  for (let event = 0; event < count; event++) {
    const row = load<i32>(ROWS + (event << 2));
    let i = records + load<i32>(starts + (row << 2));
    let length = readUvarint(i);
    i = uvarintEnd(i);
    const group = addName(i, i + length);
    if (group < 0) return false;
    store<i32>(GROUP_OF + (event << 2), group);
    i += length;
    const keys = readUvarint(i);
    i = uvarintEnd(i);
    if (keys > POSTINGS_MAX - postingCount) return false;
    for (let k = 0; k < keys; k++) {
      // Where its key lies; its number comes later.
      store<i32>(POSTING_EVENTS + (postingCount << 2), event);
      store<i32>(POSTING_KEYS + (postingCount++ << 2), i);
      length = readUvarint(i);
      i = uvarintEnd(i) + length;
    }
    store<i32>(DATA + (event << 2), i);
  }
  return true;
}

/** Numbers the keys of postings. */
function readKeys(): bool {
  for (let i = 0; i < postingCount << 2; i += 4) {
    const key = load<i32>(POSTING_KEYS + i);
    const from = uvarintEnd(key);
    const number = addName(from, from + readUvarint(key));
    if (number < 0) return false;
    store<i32>(POSTING_KEYS + i, number);
  }
  return true;
}

/** Writes the content of an event section; gives where it ends. */
function fillEvents(group: i32, count: i32): i32 {
  let to = content;
  for (let event = 0; event < count; event++) {
    if (load<i32>(GROUP_OF + (event << 2)) != group) continue;
    const row = load<i32>(ROWS + (event << 2)) << 2;
    const data = load<i32>(DATA + (event << 2));
    const length = records + load<i32>(ends + row) - data;
    store<i32>(PLACES + (event << 2), to - content);
    to = writeUvarint(to, length);
    store<u32>(to, load<u32>(times + row));
    copyShort(to + 4, data, length);
    to += 4 + length;
  }
  store<u8>(to, 0);
  return to + 1;
}

function packEvents(end: i32, start: i32, avoidBlind: bool): void {
  let block = 0;
  for (let from = content; from < end; from += BLOCK_BYTES) {
    if (avoidBlind && block > 0 && (at - start & 255) == 0) {
      // A block without content, which readers pass over.
      store<u32>(at, 0);
      at += 3;
    }
    store<i32>(BLOCK_OFFSETS + (block++ << 2), at - start);
    packBlock(from, min(end, from + BLOCK_BYTES));
  }
}

/** Turns positions in the content into blocks and offsets in them. */
function placeEvents(group: i32, count: i32): void {
  for (let event = 0; event < count << 2; event += 4) {
    if (load<i32>(GROUP_OF + event) != group) continue;
    const position = load<i32>(PLACES + event);
    // A full block is cut only when more comes, so an event may begin at its
    // very end.
    const block = position == 0 ? 0 : (position - 1) / BLOCK_BYTES;
    store<i32>(BLOCKS + event, load<i32>(BLOCK_OFFSETS + (block << 2)));
    store<i32>(PLACES + event, position - block * BLOCK_BYTES);
  }
}

function writePostings(start: i32): bool {
  let next = 0;
  for (let key = 0; key < nameCount << 2; key += 4) {
    store<i32>(NEXT + key, next);
    next += load<i32>(USES + key);
  }
  for (let i = 0; i < postingCount << 2; i += 4) {
    const key = load<i32>(POSTING_KEYS + i) << 2;
    const place = load<i32>(NEXT + key);
    store<i32>(NEXT + key, place + 1);
    store<i32>(BY_KEY + (place << 2), load<i32>(POSTING_EVENTS + i));
  }
  sortNames();
  for (let k = 0; k < nameCount; k++) {
    const key = load<i32>(ORDER + (k << 2));
    const last = load<i32>(NEXT + (key << 2));
    let to = content;
    for (
      let i = last - load<i32>(USES + (key << 2)); i < last; i++
    ) {
      const event = load<i32>(BY_KEY + (i << 2)) << 2;
      store<u64>(to, load<u32>(BLOCKS + event));
      store<u16>(to + 8, load<u32>(PLACES + event));
      to += POSTING_BYTES;
    }
    store<u8>(to++, 0);
    const section = at;
    packPostings(to);
    if (!addSection(0x69, key, section - start, at - section)) return false;
  }
  return true;
}

/** As one block where Go's reader needs it and the stored form is short enough. */
function packPostings(end: i32): void {
  if (avoidFaults && end - content > BLOCK_BYTES) {
    const stop = packSnappy(content, end, at + 3);
    if (stop - at - 3 <= STORED_MAX) {
      writeHead(stop - at - 3, 1);
      at = stop;
      return;
    }
  }
  for (let from = content; from < end; from += BLOCK_BYTES) {
    packBlock(from, min(end, from + BLOCK_BYTES));
  }
}

/** Packed where that is not longer, else as it is. */
function packBlock(from: i32, to: i32): void {
  const length = to - from;
  if (length >= PACK_BYTES_MIN) {
    const end = packSnappy(from, to, at + 3);
    if (end - at - 3 <= length) {
      writeHead(end - at - 3, 1);
      at = end;
      return;
    }
  }
  writeHead(length, 0);
  copyShort(at + 3, from, length);
  at += 3 + length;
}

// @ts-ignore: decorator
@inline
function writeHead(length: i32, encoding: u8): void {
  store<u16>(at, length);
  store<u8>(at + 2, encoding);
}

function readUvarint(i: i32): i32 {
  let value = <i32> load<u8>(i++);
  if (value < 0x80) return value;
  value &= 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    const byte = <i32> load<u8>(i++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

// @ts-ignore: decorator
@inline
function uvarintEnd(i: i32): i32 {
  while (load<u8>(i) >= 0x80) i++;
  return i + 1;
}
