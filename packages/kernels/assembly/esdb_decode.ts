// Events of ESDB spaces: section table, blocks, events, space after space.
// Reference: ../esdb_decode_reference.ts
//
// Positions are i32: memory is far below 2^31, and so are the sums that are
// compared. Whatever is not as usual ends the run; the host then looks closer.

import { initialize as makeTables } from "./_esdb_checksum";
import {
  KIND_EVENTS,
  KIND_POSTINGS,
  KINDS,
  LENGTHS,
  OFFSETS,
  readTable,
  sectionCount,
  setWanted,
  wantedSection,
} from "./_esdb_sections";
import { unpackSnappy } from "./_esdb_snappy";

/** Blocks of what is read of a space. */
const BLOCKS_MAX: i32 = 4096;

const DONE: i32 = 0;
const FULL: i32 = 1;
const UNUSUAL: i32 = 2;

const POSTING_BYTES: i32 = 10;

// Blocks: offset in the space, where their content begins.
const BLOCK_OFFSETS: i32 = <i32> memory.data(16384, 16);
const BLOCK_STARTS: i32 = <i32> memory.data(16384, 16);
// Event sections that postings led to: section, events, blocks, content end.
const READ_BYTES: i32 = 24;
const READ: i32 = <i32> memory.data(24576, 16);

let spaceStarts: i32 = 0;
let spaceLengths: i32 = 0;
let spaceRows: i32 = 0;
let sectionCounts: i32 = 0;
let content: i32 = 0;
let contentMax: i32 = 0;
let timestamps: i32 = 0;
let starts: i32 = 0;
let ends: i32 = 0;
let rowsMax: i32 = 0;
let foundTimestamps: i32 = 0;
let foundStarts: i32 = 0;
let foundEnds: i32 = 0;
let begins: i32 = 0;
let isIndexed: bool = false;

let status: i32 = DONE;
let contentEnd: i32 = 0;
let rowCount: i32 = 0;
let foundCount: i32 = 0;
let blockCount: i32 = 0;

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

/** Fills tables; the host calls it once. */
export function initialize(): void {
  makeTables();
}

/** Says where spaces are and what goes where; `wantedLength` 0 for all events. */
export function setRegions(
  newSpaceStarts: i32,
  newSpaceLengths: i32,
  newSpaceRows: i32,
  newSectionCounts: i32,
  newContent: i32,
  newContentMax: i32,
  newTimestamps: i32,
  newStarts: i32,
  newEnds: i32,
  newRowsMax: i32,
  newFoundTimestamps: i32,
  newFoundStarts: i32,
  newFoundEnds: i32,
  newBegins: i32,
  wanted: i32,
  wantedLength: i32,
): void {
  spaceStarts = newSpaceStarts;
  spaceLengths = newSpaceLengths;
  spaceRows = newSpaceRows;
  sectionCounts = newSectionCounts;
  content = newContent;
  contentMax = newContentMax;
  timestamps = newTimestamps;
  starts = newStarts;
  ends = newEnds;
  rowsMax = newRowsMax;
  foundTimestamps = newFoundTimestamps;
  foundStarts = newFoundStarts;
  foundEnds = newFoundEnds;
  begins = newBegins;
  isIndexed = wantedLength > 0;
  setWanted(wanted, wantedLength);
}

export function getStatus(): i32 {
  return status;
}

export function getRowCount(): i32 {
  return rowCount;
}

/** Decodes spaces; gives the first that was not. */
export function decode(first: i32, end: i32, rowsWanted: i32): i32 {
  status = DONE;
  rowCount = 0;
  contentEnd = content;
  for (let space = first; space < end; space++) {
    if (rowCount >= rowsWanted && space > first) {
      status = FULL;
      return space;
    }
    const rowsBefore = rowCount;
    const contentBefore = contentEnd;
    const start = load<i32>(spaceStarts + (space << 2));
    const length = load<i32>(spaceLengths + (space << 2));
    let result = readTable(start, length);
    if (result == DONE) {
      result = isIndexed ? readIndexed(start) : readAll(start, space);
    }
    if (result == DONE && rowCount > rowsWanted && rowsBefore > 0) {
      result = FULL;
    }
    if (result != DONE) {
      status = result;
      rowCount = rowsBefore;
      contentEnd = contentBefore;
      return space;
    }
    store<i32>(spaceRows + (space << 2), rowCount);
  }
  return end;
}

/** All events, section after section. */
function readAll(start: i32, space: i32): i32 {
  let count = 0;
  for (let section = 0; section < sectionCount; section++) {
    if (load<u8>(KINDS + section) != KIND_EVENTS) continue;
    count++;
    blockCount = 0;
    const from = contentEnd;
    let result = unpack(start, section);
    if (result != DONE) return result;
    const row = split(from, rowCount, timestamps, starts, ends);
    if (row < 0) return -row;
    rowCount = row;
  }
  store<i32>(sectionCounts + (space << 2), count);
  return DONE;
}

/** The events of the posting section that is wanted. */
function readIndexed(start: i32): i32 {
  if (wantedSection < 0) return DONE;
  if (load<u8>(KINDS + wantedSection) != KIND_POSTINGS) return UNUSUAL;
  const postings = contentEnd;
  blockCount = 0;
  const result = unpack(start, wantedSection);
  if (result != DONE) return result;
  const bytes = contentEnd - postings - 1;
  if (bytes < 0 || load<u8>(contentEnd - 1) != 0) return UNUSUAL;
  const count = bytes / POSTING_BYTES;
  if (count * POSTING_BYTES != bytes) return UNUSUAL;
  if (count > rowsMax - rowCount) return FULL;
  blockCount = 0;
  foundCount = 0;
  let readCount = 0;
  let read = READ;
  for (let i = 0; i < count; i++) {
    const posting = postings + i * POSTING_BYTES;
    const block = load<i32>(posting);
    if (load<u32>(posting + 4) != 0 || block < 0) return UNUSUAL;
    if (readCount == 0 || !holds(load<i32>(read), block)) {
      let k = 0;
      while (
        k < readCount && !holds(load<i32>(READ + k * READ_BYTES), block)
      ) k++;
      read = READ + k * READ_BYTES;
      if (k == readCount) {
        const loaded = readSection(start, block, read);
        if (loaded != DONE) return loaded;
        readCount++;
      }
    }
    const row = eventAt(read, block, <i32> load<u16>(posting + 8));
    if (row < 0) return UNUSUAL;
    const from = row << 2;
    const to = rowCount << 2;
    store<f64>(
      timestamps + (to << 1),
      load<f64>(foundTimestamps + (from << 1)),
    );
    store<i32>(starts + to, load<i32>(foundStarts + from));
    store<i32>(ends + to, load<i32>(foundEnds + from));
    rowCount++;
  }
  return DONE;
}

// @ts-ignore: decorator
@inline
function holds(section: i32, offset: i32): bool {
  const start = load<i32>(OFFSETS + (section << 2));
  return offset >= start &&
    offset < start + load<i32>(LENGTHS + (section << 2));
}

/** Reads the event section that holds a block. */
function readSection(start: i32, block: i32, read: i32): i32 {
  let section = 0;
  while (
    section < sectionCount &&
    (load<u8>(KINDS + section) != KIND_EVENTS || !holds(section, block))
  ) section++;
  if (section == sectionCount) return UNUSUAL;
  const from = contentEnd;
  const firstBlock = blockCount;
  const firstEvent = foundCount;
  const result = unpack(start, section);
  if (result != DONE) return result;
  const row = split(
    from,
    foundCount,
    foundTimestamps,
    foundStarts,
    foundEnds,
  );
  if (row < 0) return -row;
  foundCount = row;
  store<i32>(read, section);
  store<i32>(read + 4, firstEvent);
  store<i32>(read + 8, foundCount);
  store<i32>(read + 12, firstBlock);
  store<i32>(read + 16, blockCount);
  store<i32>(read + 20, contentEnd);
  return DONE;
}

/** The row of the event that begins at a place; -1. */
function eventAt(read: i32, block: i32, offset: i32): i32 {
  const blockEnd = load<i32>(read + 16);
  const found = search(BLOCK_OFFSETS, load<i32>(read + 12), blockEnd, block);
  if (found < 0) return -1;
  const begin = load<i32>(BLOCK_STARTS + (found << 2)) + offset;
  const stop = found + 1 < blockEnd
    ? load<i32>(BLOCK_STARTS + (found << 2) + 4)
    : load<i32>(read + 20);
  if (begin > stop) return -1;
  return search(begins, load<i32>(read + 4), load<i32>(read + 8), begin);
}

/** Finds a number in a run that ascends; -1 when it is not there. */
function search(numbers: i32, start: i32, end: i32, sought: i32): i32 {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<i32>(numbers + (middle << 2)) < sought) low = middle + 1;
    else high = middle;
  }
  return low < end && load<i32>(numbers + (low << 2)) == sought ? low : -1;
}

/** Unpacks the blocks of a section behind the content. */
function unpack(start: i32, section: i32): i32 {
  const offset = load<i32>(OFFSETS + (section << 2));
  let block = start + offset;
  const end = block + load<i32>(LENGTHS + (section << 2));
  while (block < end) {
    if (end - block < 3 || blockCount == BLOCKS_MAX) return UNUSUAL;
    const length = <i32> load<u16>(block);
    const encoding = load<u8>(block + 2);
    const from = block + 3;
    if (length > end - from) return UNUSUAL;
    store<i32>(BLOCK_OFFSETS + (blockCount << 2), block - start);
    store<i32>(BLOCK_STARTS + (blockCount << 2), contentEnd);
    blockCount++;
    const room = content + contentMax - contentEnd;
    if (encoding == 0) {
      if (length > room) return FULL;
      memory.copy(contentEnd, from, length);
      contentEnd += length;
    } else if (encoding == 1) {
      const stop = unpackSnappy(from, from + length, contentEnd, room);
      if (stop < 0) return -stop;
      contentEnd = stop;
    } else return UNUSUAL;
    block = from + length;
  }
  return DONE;
}

/** Splits content into events; gives the row behind the last, or less than 0. */
function split(
  from: i32,
  firstRow: i32,
  timestamps: i32,
  starts: i32,
  ends: i32,
): i32 {
  const last = contentEnd - 1;
  if (last < from || load<u8>(last) != 0) return -UNUSUAL;
  let row = firstRow;
  let event = from;
  while (event < last) {
    let i = event;
    let length = <i32> load<u8>(i++);
    if (length >= 0x80) {
      length &= 0x7f;
      for (let shift = 7;; shift += 7) {
        if (i >= last || shift > 21) return -UNUSUAL;
        const byte = <i32> load<u8>(i++);
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
    }
    const data = i + 4;
    if (length > last - data) return -UNUSUAL;
    if (row == rowsMax) return -FULL;
    const place = row << 2;
    store<f64>(timestamps + (place << 1), <f64> load<u32>(i));
    store<i32>(begins + place, event);
    store<i32>(starts + place, data - content);
    store<i32>(ends + place, data + length - content);
    row++;
    event = data + length;
  }
  return event == last ? row : -UNUSUAL;
}
