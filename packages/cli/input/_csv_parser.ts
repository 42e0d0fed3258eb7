/**
 * Records of CSV.
 *
 * @module
 */
import type { OnBadRecord, RecordParser } from "./_record_parser.ts";
import { KEY_SLOT, type RowBuffer, TIME_SLOT } from "./_row_buffer.ts";

/** How CSV is written. */
export interface CsvDialect {
  /** Byte between columns. */
  readonly delimiter: number;
  /** Whether quotes mean anything, and CRLF ends a record. */
  readonly quotes: boolean;
  /** Whether records may have too few or too many columns. */
  readonly ragged: boolean;
  /** Whether a blank line is bad. */
  readonly blankIsBad: boolean;
}

/** Which column goes where. */
export interface CsvColumns {
  /** For each column the slot of the row buffer it goes to, or -1; up to the last one wanted. */
  readonly slots: Int32Array;
  /** Columns of a record; 0 takes it from the first record. */
  readonly count: number;
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** No byte has this value. */
const NO_BYTE = 256;

/** Parses CSV; see {@linkcode CsvDialect}. */
export class CsvParser implements RecordParser {
  /** Line of the next record. */
  line: number;
  readonly #rows: RowBuffer;
  readonly #onBad: OnBadRecord;
  readonly #dialect: CsvDialect;
  readonly #slots: Int32Array;
  /** 1 for bytes that end an unquoted value. */
  readonly #ends: Uint8Array = new Uint8Array(256);
  /** The largest such byte. */
  readonly #endMax: number;
  #columnCount: number;
  /** Slots of the record whose values have doubled quotes. */
  readonly #doubled: number[] = [];
  /** Whether the last quoted value has doubled quotes. */
  #sawDoubled = false;
  /** Newlines within quotes of the record. */
  #inner = 0;

  /**
   * Makes a parser.
   *
   * @param rows Takes the rows.
   * @param columns Which column goes where.
   * @param options Dialect, first line, and who is told of bad records.
   */
  constructor(
    rows: RowBuffer,
    columns: CsvColumns,
    options: {
      readonly dialect: CsvDialect;
      readonly line: number;
      readonly onBad: OnBadRecord;
    },
  ) {
    this.line = options.line;
    this.#rows = rows;
    this.#onBad = options.onBad;
    this.#dialect = options.dialect;
    this.#slots = columns.slots;
    this.#columnCount = columns.count;
    this.#ends[LF] = 1;
    this.#ends[options.dialect.delimiter] = 1;
    if (options.dialect.quotes) this.#ends[QUOTE] = 1;
    this.#endMax = this.#ends.lastIndexOf(1);
  }

  /** Parses whole records. See {@linkcode RecordParser.parse}. */
  parse(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const rows = this.#rows;
    // Ends the last record, and every loop over bytes.
    bytes[end] = LF;
    while (start < end && rows.count < rows.rowsMax) {
      this.#inner = 0;
      if (this.#doubled.length > 0) this.#doubled.length = 0;
      const next = this.#record(bytes, start, end, final);
      if (next < 0) break;
      start = next;
      this.line += 1 + this.#inner;
    }
    // The byte behind the end ends the last record, but is not there.
    return Math.min(start, end);
  }

  /** Parses a record. @returns Where the next starts; -1 when this one is not whole. */
  #record(
    bytes: Uint8Array,
    start: number,
    end: number,
    final: boolean,
  ): number {
    const rows = this.#rows;
    const { starts, ends, rowsMax } = rows;
    const row = rows.count;
    const slots = this.#slots;
    const endsValue = this.#ends;
    const endMax = this.#endMax;
    const { delimiter, quotes } = this.#dialect;
    const quote = quotes ? QUOTE : NO_BYTE;
    let at = start;
    let column = 0;
    let byte = 0;
    while (true) {
      let from = at;
      let to = 0;
      byte = bytes[at]!;
      if (byte === quote) {
        from = at + 1;
        to = this.#closingQuote(bytes, from, end);
        at = to + 1;
        // What follows the quote may be another one.
        if (at >= end && !final) return -1;
        if (to === end) {
          const what = "quote that is never closed";
          return this.#refuse(bytes, start, { at: from - 1, what }, end);
        }
        if (this.#sawDoubled && column < slots.length) {
          this.#doubled.push(slots[column]!);
        }
        byte = bytes[at]!;
        if (byte === CR && bytes[at + 1] === LF) byte = bytes[++at]!;
        if (at >= end && !final) return -1;
        if (byte !== delimiter && byte !== LF) {
          const what =
            "more behind a closing quote, delimiter or line end wanted";
          return this.#skipLine(bytes, start, { at, what }, end, final);
        }
      } else {
        while (byte > endMax || endsValue[byte] === 0) byte = bytes[++at]!;
        to = at;
        if (byte === quote) {
          const what = "quote within a value that does not begin with one";
          return this.#skipLine(bytes, start, { at, what }, end, final);
        }
        if (byte === LF) {
          if (at === end && !final) return -1;
          if (quotes && to > from && bytes[to - 1] === CR) to--;
        }
      }
      if (column < slots.length) {
        const slot = slots[column]!;
        if (slot >= 0) {
          starts[slot * rowsMax + row] = from;
          ends[slot * rowsMax + row] = to;
        }
      }
      column++;
      if (byte === LF) break;
      at++;
    }
    return this.#finish(bytes, start, at, column);
  }

  /** Finds the quote that closes a value; `end` when there is none. */
  #closingQuote(bytes: Uint8Array, at: number, end: number): number {
    this.#sawDoubled = false;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        if (bytes[at + 1] !== QUOTE || at + 1 === end) return at;
        this.#sawDoubled = true;
        at++;
      } else if (byte === LF) this.#inner++;
      at++;
    }
    return end;
  }

  /** Takes the record whose spans are set. @returns Where the next starts. */
  #finish(
    bytes: Uint8Array,
    start: number,
    lineEnd: number,
    columnCount: number,
  ): number {
    const what = columnCount === this.#columnCount
      ? undefined
      : this.#checkColumns(bytes, start, lineEnd, columnCount);
    if (what === BLANK) return lineEnd + 1;
    if (what !== undefined) {
      return this.#refuse(bytes, start, { at: start, what }, lineEnd + 1);
    }
    const rows = this.#rows;
    const row = rows.count;
    // Key and time are read at once. The place of a fault counts the record as
    // it was written, so the rest stays so until the row is taken.
    let written: Uint8Array | undefined;
    for (const slot of this.#doubled) {
      if (slot === KEY_SLOT || slot === TIME_SLOT) {
        written ??= bytes.slice(start, lineEnd);
        this.#unescape(bytes, slot * rows.rowsMax + row);
      }
    }
    const fault = rows.finishRow(bytes, lineEnd - start, this.line);
    if (fault !== undefined) {
      if (written !== undefined) bytes.set(written, start);
      this.#onBad(bytes, { start, line: this.line, fault });
      return lineEnd + 1;
    }
    for (const slot of this.#doubled) {
      if (slot > TIME_SLOT) this.#unescape(bytes, slot * rows.rowsMax + row);
    }
    return lineEnd + 1;
  }

  /** Gives what is wrong with the number of columns, or `BLANK`. */
  #checkColumns(
    bytes: Uint8Array,
    start: number,
    lineEnd: number,
    columnCount: number,
  ): string | undefined {
    const { quotes, ragged, blankIsBad } = this.#dialect;
    const blank = lineEnd === start ||
      (quotes && lineEnd === start + 1 && bytes[start] === CR);
    if (blank) return blankIsBad ? "blank line, a record wanted" : BLANK;
    const wanted = this.#slots.length;
    if (!ragged) {
      if (this.#columnCount > 0) {
        return `${columnCount} columns, ${this.#columnCount} wanted`;
      }
      if (columnCount < wanted) {
        return `${columnCount} columns, ${wanted} or more wanted`;
      }
      this.#columnCount = columnCount;
      return undefined;
    }
    const { starts, ends, rowsMax, count: row } = this.#rows;
    for (let column = columnCount; column < wanted; column++) {
      const slot = this.#slots[column]!;
      if (slot === KEY_SLOT) return "no trail key";
      if (slot === TIME_SLOT) return "no time";
      if (slot < 0) continue;
      starts[slot * rowsMax + row] = lineEnd;
      ends[slot * rowsMax + row] = lineEnd;
    }
    return undefined;
  }

  /** Drops one of each pair of quotes within a span. */
  #unescape(bytes: Uint8Array, span: number): void {
    const { starts, ends } = this.#rows;
    let to = starts[span]!;
    for (let at = to; at < ends[span]!; at++) {
      if (bytes[at] === QUOTE) at++;
      bytes[to++] = bytes[at]!;
    }
    ends[span] = to;
  }

  /** Reports a record that is broken within a line, and goes on with the next line. */
  #skipLine(
    bytes: Uint8Array,
    start: number,
    fault: { at: number; what: string },
    end: number,
    final: boolean,
  ): number {
    const lineEnd = bytes.indexOf(LF, fault.at);
    if (lineEnd === end && !final) return -1;
    return this.#refuse(bytes, start, fault, lineEnd + 1);
  }

  #refuse(
    bytes: Uint8Array,
    start: number,
    { at, what }: { at: number; what: string },
    next: number,
  ): number {
    const fault = { at, what, code: "invalid-input" } as const;
    this.#onBad(bytes, { start, line: this.line, fault });
    return next;
  }
}

/**
 * Splits the first record of CSV.
 *
 * @param text The whole record, without its line end.
 * @param dialect How it is written.
 * @returns The names of the columns; `undefined` when quotes are wrong.
 */
export function splitHeader(
  text: string,
  dialect: CsvDialect,
): string[] | undefined {
  const delimiter = String.fromCharCode(dialect.delimiter);
  if (!dialect.quotes) return text.split(delimiter);
  const names: string[] = [];
  let at = 0;
  while (true) {
    let name: string;
    if (text[at] === '"') {
      let end = at + 1;
      while (
        end < text.length && (text[end] !== '"' || text[end + 1] === '"')
      ) {
        end += text[end] === '"' ? 2 : 1;
      }
      if (end >= text.length) return undefined;
      name = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    } else {
      const end = text.indexOf(delimiter, at);
      name = text.slice(at, end < 0 ? text.length : end);
      if (name.includes('"')) return undefined;
      at += name.length;
    }
    names.push(name);
    if (at === text.length) return names;
    if (text[at] !== delimiter) return undefined;
    at++;
  }
}

/**
 * Finds where the first record of CSV ends.
 *
 * @param bytes Text.
 * @param start Where it starts.
 * @param end Behind the bytes.
 * @param dialect How it is written.
 * @returns Where its LF is; -1 when it is not there.
 */
export function headerEnd(
  bytes: Uint8Array,
  start: number,
  end: number,
  dialect: CsvDialect,
): number {
  let within = false;
  for (let at = start; at < end; at++) {
    // Doubled quotes leave and enter again, which changes nothing.
    if (bytes[at] === QUOTE && dialect.quotes) within = !within;
    else if (bytes[at] === LF && !within) return at;
  }
  return -1;
}

/** Stands for a blank line that is passed over. */
const BLANK = "";
