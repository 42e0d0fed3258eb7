/**
 * Fields of events in their data: a CBOR array of byte strings.
 *
 * Values come in the order of the schema, without the field that is the
 * grouping; no value is null, and nulls at the end are left out. An element
 * more than there are fields is the event's rank among those of its space and
 * time, written where they are in several groupings.
 *
 * @module
 */
import { type ByteReaderPlace, type ByteSpans, CairnError } from "@cairn/core";
import { type Output, reserve } from "./_output.ts";

const MAJOR_BYTES = 0x40;
const MAJOR_ARRAY = 0x80;
const NULL = 0xf6;

/**
 * Writes the data of an event.
 *
 * @param out Where it goes.
 * @param columns A column for each field that lies in the data.
 * @param row Which event.
 */
export function encodeFields(
  out: Output,
  columns: readonly ByteSpans[],
  row: number,
): void {
  let count = columns.length;
  while (
    count > 0 &&
    columns[count - 1]!.starts[row] === columns[count - 1]!.ends[row]
  ) count--;
  writeHead(out, MAJOR_ARRAY, count);
  for (let field = 0; field < count; field++) {
    const { bytes, starts, ends } = columns[field]!;
    const start = starts[row]!;
    const length = ends[row]! - start;
    if (length === 0) {
      reserve(out, 1);
      out.bytes[out.byteLength++] = NULL;
      continue;
    }
    writeHead(out, MAJOR_BYTES, length);
    reserve(out, length);
    const target = out.bytes;
    let at = out.byteLength;
    if (length < 64) {
      for (let i = start; i < start + length;) target[at++] = bytes[i++]!;
    } else target.set(bytes.subarray(start, start + length), at);
    out.byteLength += length;
  }
}

/**
 * Writes the data of an event again, with its rank.
 *
 * @param out Where it goes.
 * @param data Holds what `encodeFields` wrote.
 * @param start Where that begins.
 * @param end Where it ends.
 * @param fieldCount Fields that lie in the data.
 * @param rank Its place among the events of its space and time.
 */
export function encodeRanked(
  out: Output,
  data: Uint8Array,
  start: number,
  end: number,
  fieldCount: number,
  rank: number,
): void {
  const [count, first] = readHead(data, start, end);
  writeHead(out, MAJOR_ARRAY, fieldCount + 1);
  reserve(out, end - first + fieldCount + 9);
  out.bytes.set(data.subarray(first, end), out.byteLength);
  out.byteLength += end - first;
  for (let field = count; field < fieldCount; field++) {
    out.bytes[out.byteLength++] = NULL;
  }
  writeHead(out, 0, rank);
}

/**
 * Reads the fields of a run of events, checked.
 *
 * @param data The data of each event.
 * @param count How many events.
 * @param fieldCount Fields that lie in the data.
 * @param columns By field: where to write starts and ends; `undefined` for
 * fields that are not wanted.
 * @param place For errors.
 * @throws {CairnError} `corrupt` when the data of an event is something else.
 */
export function decodeFields(
  data: ByteSpans,
  count: number,
  fieldCount: number,
  columns: readonly (ByteSpans | undefined)[],
  place: ByteReaderPlace,
): void {
  const { bytes } = data;
  for (let row = 0; row < count; row++) {
    const end = data.ends[row]!;
    let at = data.starts[row]!;
    let elements = at < end ? bytes[at++]! - MAJOR_ARRAY : -1;
    if (elements < 0 || elements > 23) {
      [elements, at] = readHead(bytes, data.starts[row]!, end);
    }
    if (elements < 0 || elements > fieldCount + 1) throw damaged(place);
    for (let field = 0; field < elements; field++) {
      if (at >= end) throw damaged(place);
      const head = bytes[at]!;
      if (field === fieldCount) {
        at = rankEnd(bytes, at, end);
        if (at < 0) throw damaged(place);
        break;
      }
      if (head === NULL) {
        at++;
        const column = columns[field];
        if (column !== undefined) column.starts[row] = column.ends[row] = 0;
        continue;
      }
      let length = head - MAJOR_BYTES;
      at++;
      if (length < 0 || length > 23) {
        [length, at] = readBytesHead(bytes, at - 1, end);
      }
      if (length < 0 || length > end - at) throw damaged(place);
      const column = columns[field];
      if (column !== undefined) {
        column.starts[row] = at;
        column.ends[row] = at + length;
      }
      at += length;
    }
    if (at !== end) throw damaged(place);
    for (let field = elements; field < fieldCount; field++) {
      const column = columns[field];
      if (column !== undefined) column.starts[row] = column.ends[row] = 0;
    }
  }
}

/** Reads the rank of an event. @returns 0 when it has none. */
export function readRank(
  bytes: Uint8Array,
  start: number,
  end: number,
  fieldCount: number,
): number {
  const [elements, first] = readHead(bytes, start, end);
  if (elements !== fieldCount + 1) return 0;
  let at = first;
  for (let field = 0; field < fieldCount; field++) {
    if (at < end && bytes[at] === NULL) {
      at++;
      continue;
    }
    const [length, from] = readBytesHead(bytes, at, end);
    if (length < 0 || length > end - from) return 0;
    at = from + length;
  }
  const [, value] = readNumber(bytes, at, end, 0);
  return value;
}

function writeHead(out: Output, major: number, value: number): void {
  reserve(out, 9);
  const { bytes } = out;
  let at = out.byteLength;
  if (value < 24) bytes[at++] = major | value;
  else if (value < 0x100) {
    bytes[at++] = major | 24;
    bytes[at++] = value;
  } else if (value < 0x1_0000) {
    bytes[at++] = major | 25;
    bytes[at++] = value >>> 8;
    bytes[at++] = value;
  } else {
    bytes[at++] = major | 26;
    bytes[at++] = value >>> 24;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 8;
    bytes[at++] = value;
  }
  out.byteLength = at;
}

/** Elements of the array that begins here, and where the first lies; -1. */
function readHead(
  bytes: Uint8Array,
  at: number,
  end: number,
): [count: number, at: number] {
  const [next, value] = readNumber(bytes, at, end, MAJOR_ARRAY);
  return [next < 0 ? -1 : value, next];
}

function readBytesHead(
  bytes: Uint8Array,
  at: number,
  end: number,
): [length: number, at: number] {
  const [next, value] = readNumber(bytes, at, end, MAJOR_BYTES);
  return [next < 0 ? -1 : value, next];
}

function rankEnd(bytes: Uint8Array, at: number, end: number): number {
  return readNumber(bytes, at, end, 0)[0];
}

/** A head of a major type, in its shortest form: where it ends, or -1; its value. */
function readNumber(
  bytes: Uint8Array,
  at: number,
  end: number,
  major: number,
): [end: number, value: number] {
  if (at >= end) return [-1, 0];
  const info = bytes[at]! - major;
  if (info < 0 || info > 26) return [-1, 0];
  if (info < 24) return [at + 1, info];
  const size = 1 << (info - 24);
  if (size > end - at - 1) return [-1, 0];
  let value = 0;
  for (let i = 1; i <= size; i++) value = value * 256 + bytes[at + i]!;
  const least = size === 1 ? 24 : size === 2 ? 0x100 : 0x1_0000;
  return value < least ? [-1, 0] : [at + 1 + size, value];
}

function damaged(place: ByteReaderPlace): CairnError {
  return new CairnError(
    "corrupt",
    "Cannot read fields: the data of an event is no CBOR array of them",
    { where: { ...place } },
  );
}
