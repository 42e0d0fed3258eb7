/**
 * What a row of output looks like, as data: literals, columns, escapes.
 *
 * @module
 */
import { encodeText, type Field } from "@cairn/core";
import {
  type Escape,
  escapeCsv,
  escapeJson,
  escapeJsonInteger,
  escapeNothing,
} from "./escape.ts";
import { OutputBuffer } from "./output_buffer.ts";

/** One column of output. */
export interface OutputColumn {
  /** What stands in it; a field by its position among those scanned. */
  readonly source: "trail" | "time" | number;
  /** What comes before each cell, such as a name. */
  readonly prefix: Uint8Array;
  /** How its values are written. */
  readonly escape: Escape;
  /** What stands for no value. */
  readonly empty: Uint8Array;
}

/** A format of rows. */
export interface RowFormat {
  /** What comes before the first row. */
  readonly header: Uint8Array;
  /** What begins a row. */
  readonly open: Uint8Array;
  /** What stands between cells. */
  readonly separator: Uint8Array;
  /** What ends a row. */
  readonly close: Uint8Array;
  /** The columns, in order. */
  readonly columns: readonly OutputColumn[];
  /** Whether cells of fields without value are left out, prefix and all. */
  readonly omitEmpty: boolean;
  /** Whether times are written in quotes. */
  readonly timeQuote: boolean;
}

/** A column asked for: its title and where it comes from. */
export interface ColumnSpec {
  /** Its title. */
  readonly title: string;
  /** What stands in it; a field by its position among those scanned. */
  readonly source: "trail" | "time" | number;
  /** The field's type; `bytes` if left out. */
  readonly type?: Field["type"];
}

const NOTHING = new Uint8Array(0);
const NEWLINE = encodeText("\n");
const EMPTY_STRING = encodeText('""');

/**
 * Makes CSV as RFC 4180 says, with a line feed at each end.
 *
 * @param columns The columns.
 * @param options The delimiter, a comma if left out, and whether a header is
 * wanted, which it is if left out.
 */
export function csvFormat(
  columns: readonly ColumnSpec[],
  options: { readonly delimiter?: string; readonly header?: boolean } = {},
): RowFormat {
  const delimiter = encodeText(options.delimiter ?? ",");
  const escape = escapeCsv(delimiter[0]!);
  // A lone empty cell would make an empty line, which readers pass over.
  const empty = columns.length === 1 ? EMPTY_STRING : NOTHING;
  return {
    header: options.header === false
      ? NOTHING
      : headerLine(columns, delimiter, escape),
    open: NOTHING,
    separator: delimiter,
    close: NEWLINE,
    columns: columns.map(({ source }) => ({
      source,
      prefix: NOTHING,
      escape,
      empty,
    })),
    omitEmpty: false,
    timeQuote: false,
  };
}

/**
 * Makes one JSON object a line: keys and values as strings, times as numbers,
 * integer fields as numbers, no value as `null`.
 *
 * @param columns The columns.
 * @param options Whether fields without value are left out; they are not if
 * left out.
 */
export function ndjsonFormat(
  columns: readonly ColumnSpec[],
  options: { readonly omitEmpty?: boolean } = {},
): RowFormat {
  return {
    header: NOTHING,
    open: encodeText("{"),
    separator: encodeText(","),
    close: encodeText("}\n"),
    columns: columns.map(({ source, title, type }) => ({
      source,
      prefix: encodeText(`${JSON.stringify(title)}:`),
      escape: type === "integer" ? escapeJsonInteger : escapeJson,
      empty: encodeText("null"),
    })),
    omitEmpty: options.omitEmpty ?? false,
    timeQuote: false,
  };
}

/**
 * Makes lines as `tdb dump` does: cells as they are between delimiters, no
 * quotes.
 *
 * @param columns The columns.
 * @param options The delimiter, a blank if left out, and whether a header is
 * wanted, which it is not if left out.
 */
export function tdbCsvFormat(
  columns: readonly ColumnSpec[],
  options: { readonly delimiter?: string; readonly header?: boolean } = {},
): RowFormat {
  const delimiter = encodeText(options.delimiter ?? " ");
  return {
    ...csvFormat(columns, options),
    header: options.header === true
      ? headerLine(columns, delimiter, escapeNothing)
      : NOTHING,
    separator: delimiter,
    columns: columns.map(({ source }) => ({
      source,
      prefix: NOTHING,
      escape: escapeNothing,
      empty: NOTHING,
    })),
  };
}

/**
 * Makes JSON lines as `tdb dump -j` does, but escaped: every value and the
 * time as strings, a blank behind `:` and `,`.
 *
 * @param columns The columns.
 * @param options Whether fields without value are left out; they are not if
 * left out.
 */
export function tdbJsonFormat(
  columns: readonly ColumnSpec[],
  options: { readonly omitEmpty?: boolean } = {},
): RowFormat {
  return {
    ...ndjsonFormat(columns, options),
    separator: encodeText(", "),
    columns: columns.map(({ source, title }) => ({
      source,
      prefix: encodeText(`${JSON.stringify(title)}: `),
      escape: escapeJson,
      empty: EMPTY_STRING,
    })),
    timeQuote: true,
  };
}

function headerLine(
  columns: readonly ColumnSpec[],
  delimiter: Uint8Array,
  escape: Escape,
): Uint8Array {
  const line = new OutputBuffer(256);
  columns.forEach(({ title }, i) => {
    if (i > 0) line.all(delimiter);
    const bytes = encodeText(title);
    escape(bytes, 0, bytes.length, line);
  });
  line.all(NEWLINE);
  return line.view();
}
