/**
 * Records of NDJSON: an object a line.
 *
 * @module
 */
import { decodeText } from "@cairn/core";
import { decodeHexBytes, isHexBytes } from "./_hex_bytes.ts";
import {
  decodeString,
  JsonFault,
  skipBlanks,
  skipName,
  skipString,
  skipValue,
} from "./_json_text.ts";
import type { OnBadRecord, RecordParser } from "./_record_parser.ts";
import { KEY_SLOT, type RowBuffer, TIME_SLOT } from "./_row_buffer.ts";

const LF = 0x0a;
const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const COMMA = 0x2c;

/** A byte order mark within a line is a character like any other. */
const names = new TextDecoder("utf-8", { ignoreBOM: true });

/** How NDJSON is read. */
export interface JsonParserOptions {
  /** Slot of the row buffer for each name. */
  readonly slots: ReadonlyMap<string, number>;
  /** Number of slots. */
  readonly slotCount: number;
  /** What an object or array as value is. */
  readonly nested: "text" | "error";
  /** Whether escapes stay as they are. */
  readonly rawStrings: boolean;
  /** Whether a blank line is bad. */
  readonly blankIsBad: boolean;
  /** Told of a name without a slot, at least when it is first met. */
  readonly onUnknown?: ((name: string) => void) | undefined;
  /** Told of bad lines. */
  readonly onBad: OnBadRecord;
}

/** A name met before, as written between its quotes, and where its value goes. */
interface KnownName {
  readonly bytes: Uint8Array;
  readonly slot: number;
}

/** Parses NDJSON. */
export class JsonParser implements RecordParser {
  /** Line of the next record. */
  line = 1;
  readonly #rows: RowBuffer;
  readonly #options: JsonParserOptions;
  readonly #fault = new JsonFault();
  /** The names of the line before, in their order: usually those of the next. */
  readonly #names: KnownName[] = [];
  /** Slots of the line whose values have escapes. */
  readonly #escaped: number[] = [];
  /** Slots of the line whose values are bytes in hex. */
  readonly #hex: number[] = [];
  #hasKey = false;
  #hasTime = false;

  /** Makes a parser. @param rows Takes the rows. @param options How. */
  constructor(rows: RowBuffer, options: JsonParserOptions) {
    this.#rows = rows;
    this.#options = options;
  }

  /** Parses whole lines. See {@linkcode RecordParser.parse}. */
  parse(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const rows = this.#rows;
    bytes[end] = LF;
    while (start < end && rows.count < rows.rowsMax) {
      const lineEnd = bytes.indexOf(LF, start);
      if (lineEnd === end && !final) break;
      this.#parseLine(bytes, start, lineEnd);
      start = lineEnd + 1;
      this.line++;
    }
    return Math.min(start, end);
  }

  #parseLine(bytes: Uint8Array, start: number, end: number): void {
    const at = skipBlanks(bytes, start, end);
    if (at === end) {
      if (this.#options.blankIsBad) {
        this.#refuse(bytes, start, start, "blank line, a JSON object wanted");
      }
      return;
    }
    const fault = this.#fault;
    fault.high = 0;
    if (this.#escaped.length > 0) this.#escaped.length = 0;
    if (this.#hex.length > 0) this.#hex.length = 0;
    if (this.#parseObject(bytes, at, end) < 0) {
      this.#refuse(bytes, start, fault.at, fault.what);
      return;
    }
    const line = bytes.subarray(start, end);
    if (fault.high >= 0x80 && decodeText(line) === undefined) {
      this.#refuse(bytes, start, start, "line that is not UTF-8");
      return;
    }
    if (!this.#hasKey || !this.#hasTime) {
      const what = this.#hasKey ? "no time" : "no trail key";
      this.#refuse(bytes, start, start, what);
      return;
    }
    this.#finish(bytes, start, end);
  }

  /** Sets the spans of the line's row. @returns -1 for a fault. */
  #parseObject(bytes: Uint8Array, at: number, end: number): number {
    const fault = this.#fault;
    if (bytes[at] !== OPEN_OBJECT) return fault.set(at, "no JSON object");
    const { starts, ends, rowsMax, count: row } = this.#rows;
    for (let slot = 0; slot < this.#options.slotCount; slot++) {
      starts[slot * rowsMax + row] = end;
      ends[slot * rowsMax + row] = end;
    }
    this.#hasKey = false;
    this.#hasTime = false;
    at = skipBlanks(bytes, at + 1, end);
    if (at < end && bytes[at] === CLOSE_OBJECT) {
      return this.#expectEnd(bytes, at + 1, end);
    }
    for (let member = 0;; member++) {
      const name = at;
      at = skipName(bytes, at, end, fault);
      if (at < 0) return -1;
      const slot = this.#slot(bytes, name + 1, at, member);
      at = skipBlanks(bytes, at, end);
      at = slot < 0
        ? skipValue(bytes, at, end, fault)
        : this.#takeValue(bytes, at, end, slot);
      if (at < 0) return -1;
      at = skipBlanks(bytes, at, end);
      const byte = at < end ? bytes[at] : undefined;
      if (byte === CLOSE_OBJECT) return this.#expectEnd(bytes, at + 1, end);
      if (byte !== COMMA) {
        return fault.set(at, "no comma or closing brace behind a value");
      }
      at = skipBlanks(bytes, at + 1, end);
    }
  }

  #expectEnd(bytes: Uint8Array, at: number, end: number): number {
    at = skipBlanks(bytes, at, end);
    return at === end
      ? at
      : this.#fault.set(at, "more behind the object, line end wanted");
  }

  /** Finds where a member's value goes; -1 for nowhere. */
  #slot(
    bytes: Uint8Array,
    start: number,
    behindColon: number,
    member: number,
  ): number {
    const known = this.#names[member];
    if (known !== undefined) {
      const { length } = known.bytes;
      let i = 0;
      while (i < length && bytes[start + i] === known.bytes[i]) i++;
      if (i === length && bytes[start + i] === QUOTE) return known.slot;
    }
    // Blanks and the colon lie behind the name's closing quote.
    const end = bytes.lastIndexOf(QUOTE, behindColon - 1);
    const raw = bytes.slice(start, end);
    const text = names.decode(raw);
    const name = this.#options.rawStrings || !raw.includes(0x5c)
      ? text
      : JSON.parse(`"${text}"`) as string;
    const slot = this.#options.slots.get(name) ?? -1;
    if (slot < 0) this.#options.onUnknown?.(name);
    if (member < NAMES_MAX) this.#names[member] = { bytes: raw, slot };
    return slot;
  }

  /** Sets the span of a wanted value. @returns Behind it; -1 for a fault. */
  #takeValue(
    bytes: Uint8Array,
    at: number,
    end: number,
    slot: number,
  ): number {
    const { starts, ends, rowsMax, count: row } = this.#rows;
    const span = slot * rowsMax + row;
    const fault = this.#fault;
    const byte = at < end ? bytes[at]! : 0;
    let from = at;
    let to: number;
    // Of names that come twice the last one counts.
    remove(this.#escaped, slot);
    remove(this.#hex, slot);
    if (byte === QUOTE) {
      from = at + 1;
      to = skipString(bytes, at, end, fault);
      if (to < 0) return -1;
      if (fault.escaped && !this.#options.rawStrings) this.#escaped.push(slot);
      at = to + 1;
    } else {
      const nested = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
      if (nested && this.#options.nested === "error") {
        return fault.set(at, "object or array as a value");
      }
      to = at = skipValue(bytes, at, end, fault);
      if (to < 0) return -1;
      // Only null begins with n.
      if (byte === 0x6e) from = to;
      const isValue = slot !== KEY_SLOT && slot !== TIME_SLOT;
      if (nested && isValue && !this.#options.rawStrings) {
        if (isHexBytes(bytes, from, to)) this.#hex.push(slot);
      }
    }
    starts[span] = from;
    ends[span] = to;
    if (slot === KEY_SLOT) this.#hasKey = byte !== 0x6e;
    if (slot === TIME_SLOT) this.#hasTime = byte !== 0x6e;
    return at;
  }

  /** Decodes escapes and takes the row. */
  #finish(bytes: Uint8Array, start: number, end: number): void {
    const { starts, ends, rowsMax, count: row } = this.#rows;
    const escaped = this.#escaped;
    // Decoding moves bytes; a fault is told by where it was before.
    const moves = escaped.length > 0 || this.#hex.length > 0;
    const line = moves ? bytes.slice(start, end) : undefined;
    let fault:
      | { at: number; what: string; code?: "limit" | "invalid-input" }
      | undefined;
    for (const slot of escaped) {
      const span = slot * rowsMax + row;
      const to = decodeString(bytes, starts[span]!, ends[span]!, this.#fault);
      if (to < 0) {
        fault ??= { at: this.#fault.at, what: this.#fault.what };
        break;
      }
      ends[span] = to;
    }
    for (const slot of this.#hex) {
      const span = slot * rowsMax + row;
      ends[span] = decodeHexBytes(bytes, starts[span]!, ends[span]!);
    }
    fault ??= this.#rows.finishRow(bytes, end - start, this.line);
    if (fault === undefined) return;
    if (line !== undefined) bytes.set(line, start);
    this.#refuse(bytes, start, fault.at, fault.what, fault.code);
  }

  #refuse(
    bytes: Uint8Array,
    start: number,
    at: number,
    what: string,
    code: "limit" | "invalid-input" = "invalid-input",
  ): void {
    const fault = { at, what, code };
    this.#options.onBad(bytes, { start, line: this.line, fault });
  }
}

function remove(slots: number[], slot: number): void {
  const at = slots.indexOf(slot);
  if (at >= 0) slots.splice(at, 1);
}

/** Members of a line whose names are remembered. */
const NAMES_MAX = 1024;

/**
 * Lists the names of an object's members.
 *
 * @param bytes One line.
 * @param start Where it starts.
 * @param end Where it ends.
 * @returns Each name once, in order; `undefined` when it is not a JSON object.
 */
export function memberNames(
  bytes: Uint8Array,
  start: number,
  end: number,
): string[] | undefined {
  const fault = new JsonFault();
  const text = decodeText(bytes.subarray(start, end));
  let at = skipBlanks(bytes, start, end);
  if (text === undefined || at === end || bytes[at] !== OPEN_OBJECT) {
    return undefined;
  }
  if (skipBlanks(bytes, skipValue(bytes, at, end, fault), end) !== end) {
    return undefined;
  }
  const names = new Set<string>();
  at = skipBlanks(bytes, at + 1, end);
  while (bytes[at] !== CLOSE_OBJECT) {
    const close = skipString(bytes, at, end, fault);
    names.add(JSON.parse(decodeText(bytes.subarray(at, close + 1))!));
    at = skipName(bytes, at, end, fault);
    at = skipValue(bytes, skipBlanks(bytes, at, end), end, fault);
    at = skipBlanks(bytes, at, end);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1, end);
  }
  return [...names];
}
