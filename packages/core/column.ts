/**
 * The values of one field over the events of a batch.
 *
 * @module
 */
import { compareBytes } from "./bytes.ts";
import type { Lexicon } from "./lexicon.ts";

/**
 * Byte strings without an object each: row `i` is
 * `bytes[starts[i]] .. bytes[ends[i]]`. An empty span is no value. Spans may
 * overlap and lie in any order, so a column can point into a parsed input.
 */
export interface ByteSpans {
  /** The bytes that all spans point into. */
  readonly bytes: Uint8Array;
  /** Start of each span. */
  readonly starts: Uint32Array;
  /** End of each span, exclusive. */
  readonly ends: Uint32Array;
}

/** A column of value ids. Id 0 is no value. */
export interface IdColumn {
  /** Tells the two kinds apart. */
  readonly kind: "ids";
  /** A value id for each row. */
  readonly ids: Uint32Array;
  /** What the ids stand for. */
  readonly lexicon: Lexicon;
}

/** A column of bytes, for codecs without a lexicon. */
export interface BytesColumn extends ByteSpans {
  /** Tells the two kinds apart. */
  readonly kind: "bytes";
}

/** The values of one field, a row an event. */
export type Column = IdColumn | BytesColumn;

/**
 * Gets one value of a column.
 *
 * @param column Of either kind.
 * @param row Which row; must be inside the batch.
 * @returns A view, valid as long as the batch; `null` for no value.
 */
export function columnValue(column: Column, row: number): Uint8Array | null {
  if (column.kind === "ids") {
    const id = column.ids[row]!;
    return id === 0 ? null : column.lexicon.value(id);
  }
  return spanValue(column, row);
}

/**
 * Gets one byte string of spans.
 *
 * @param spans The byte strings.
 * @param row Which one.
 * @returns A view; `null` when the span is empty.
 */
export function spanValue(spans: ByteSpans, row: number): Uint8Array | null {
  const start = spans.starts[row]!;
  const end = spans.ends[row]!;
  return start === end ? null : spans.bytes.subarray(start, end);
}

/**
 * Packs byte strings as spans, one behind the other.
 *
 * @param values The byte strings; `null` and empty are the same.
 * @returns Spans over a copy.
 */
export function packSpans(values: readonly (Uint8Array | null)[]): ByteSpans {
  const starts = new Uint32Array(values.length);
  const ends = new Uint32Array(values.length);
  let byteLength = 0;
  for (let row = 0; row < values.length; row++) {
    starts[row] = byteLength;
    byteLength += values[row]?.length ?? 0;
    ends[row] = byteLength;
  }
  const bytes = new Uint8Array(byteLength);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value) bytes.set(value, starts[row]!);
  }
  return { bytes, starts, ends };
}

/**
 * Orders two values; no value comes first.
 *
 * @param a A value or `null`.
 * @param b Another.
 * @returns Less than 0, 0, or more than 0.
 */
export function compareValues(
  a: Uint8Array | null,
  b: Uint8Array | null,
): number {
  if (a === null || b === null) {
    return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  }
  return compareBytes(a, b);
}
