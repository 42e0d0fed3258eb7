/**
 * How values are written in each text format.
 *
 * @module
 */
import { decodeText } from "@cairn/core";
import type { OutputBuffer } from "./output_buffer.ts";

/** Writes `source[start .. end]` as a cell. */
export type Escape = (
  source: Uint8Array,
  start: number,
  end: number,
  out: OutputBuffer,
) => void;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = new TextEncoder().encode("0123456789abcdef");
/** The letters behind a backslash in JSON, by control character. */
const SHORT: Readonly<Record<number, number>> = {
  0x08: 0x62,
  0x09: 0x74,
  0x0a: 0x6e,
  0x0c: 0x66,
  0x0d: 0x72,
};

/** Writes a value as it is. */
export const escapeNothing: Escape = (source, start, end, out) => {
  out.span(source, start, end);
};

/**
 * Gives the escape of CSV (RFC 4180): quotes around what holds a quote, the
 * delimiter or a line end; quotes inside doubled.
 *
 * @param delimiter The byte between cells.
 */
export function escapeCsv(delimiter: number): Escape {
  const special = new Uint8Array(256);
  for (const byte of [QUOTE, delimiter, 0x0a, 0x0d]) special[byte] = 1;
  return (source, start, end, out) => {
    for (let i = start; i < end; i++) {
      if (special[source[i]!] === 1) return quote(source, start, end, out);
    }
    out.span(source, start, end);
  };
}

function quote(
  source: Uint8Array,
  start: number,
  end: number,
  out: OutputBuffer,
): void {
  out.reserve(2 * (end - start) + 2);
  const { bytes } = out;
  let at = out.byteLength;
  bytes[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte === QUOTE) bytes[at++] = QUOTE;
    bytes[at++] = byte;
  }
  bytes[at++] = QUOTE;
  out.byteLength = at;
}

/**
 * Writes a value as a JSON string, or as `{"hex":"..."}` when it is not UTF-8.
 */
export const escapeJson: Escape = (source, start, end, out) => {
  for (let i = start; i < end; i++) {
    if (source[i]! >= 0x80) {
      const text = decodeText(source.subarray(start, end));
      if (text === undefined) return writeHex(source, start, end, out);
      break;
    }
  }
  out.reserve(6 * (end - start) + 2);
  const { bytes } = out;
  let at = out.byteLength;
  bytes[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte === QUOTE || byte === BACKSLASH) {
      bytes[at++] = BACKSLASH;
      bytes[at++] = byte;
    } else if (byte >= 0x20) {
      bytes[at++] = byte;
    } else {
      bytes[at++] = BACKSLASH;
      const short = SHORT[byte];
      if (short !== undefined) {
        bytes[at++] = short;
        continue;
      }
      bytes[at++] = 0x75;
      bytes[at++] = 0x30;
      bytes[at++] = 0x30;
      bytes[at++] = HEX[byte >>> 4]!;
      bytes[at++] = HEX[byte & 15]!;
    }
  }
  bytes[at++] = QUOTE;
  out.byteLength = at;
};

/**
 * Writes a value of an integer field: as a JSON number when it is the decimal
 * text of one, else as {@linkcode escapeJson} does.
 */
export const escapeJsonInteger: Escape = (source, start, end, out) => {
  const first = source[start] === 0x2d ? start + 1 : start;
  let integer = first < end && !(source[first] === 0x30 && end - first > 1) &&
    !(first > start && source[first] === 0x30);
  for (let i = first; i < end && integer; i++) {
    integer = source[i]! >= 0x30 && source[i]! <= 0x39;
  }
  if (integer) out.span(source, start, end);
  else escapeJson(source, start, end, out);
};

const HEX_OPEN = new TextEncoder().encode('{"hex":"');
const HEX_CLOSE = new TextEncoder().encode('"}');

function writeHex(
  source: Uint8Array,
  start: number,
  end: number,
  out: OutputBuffer,
): void {
  out.all(HEX_OPEN);
  out.reserve(2 * (end - start));
  const { bytes } = out;
  let at = out.byteLength;
  for (let i = start; i < end; i++) {
    bytes[at++] = HEX[source[i]! >>> 4]!;
    bytes[at++] = HEX[source[i]! & 15]!;
  }
  out.byteLength = at;
  out.all(HEX_CLOSE);
}
