/**
 * Parsed rows on their way into a batch.
 *
 * @module
 */
import type { ByteSpans, InputBatch } from "@cairn/core";
import { changeUnit, parseIsoTime, UNITS_PER_SECOND } from "./_time_text.ts";
import type { KeyFormat, TimeUnit } from "./read_options.ts";

/** Slot of the trail key among the spans of a row. */
export const KEY_SLOT = 0;
/** Slot of the time. */
export const TIME_SLOT = 1;
/** Slot of the first field. */
export const FIELD_SLOT = 2;

/** What a row buffer is told. */
export interface RowBufferOptions {
  /** Fields of an event. */
  readonly fieldCount: number;
  /** How keys are written. */
  readonly keys: KeyFormat;
  /** Lengths of keys in bytes. */
  readonly keyBytes: { readonly min: number; readonly max: number };
  /** Unit of the timestamps handed out. */
  readonly timeUnit: TimeUnit;
  /** Unit of integers. */
  readonly integerUnit: TimeUnit;
  /** Whether an empty time is 0. */
  readonly emptyTimeIsZero: boolean;
  /** Most bytes of a value. */
  readonly valueBytesMax: number;
  /** Most bytes of a record. */
  readonly recordBytesMax: number;
}

/** What is wrong with a row. */
export interface RowFault {
  /** Where, in the bytes parsed. */
  readonly at: number;
  /** What was found and wanted. */
  readonly what: string;
  /** `limit` for what is too long, else the input is wrong. */
  readonly code: "invalid-input" | "limit";
}

/** Most rows of a batch. */
const ROWS_MAX = 1 << 14;
const KEY_BYTES_MIN = 1 << 16;
/** Value of each hex digit; 255 for other bytes. */
const NIBBLES: Uint8Array = makeNibbles();

function makeNibbles(): Uint8Array {
  const nibbles = new Uint8Array(256).fill(255);
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    nibbles[digit.charCodeAt(0)] = value;
    nibbles[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return nibbles;
}

/**
 * Spans of rows, a block of `rowsMax` for each slot: the span of slot `s` in
 * row `r` is at `s * rowsMax + r`. A parser fills the spans of row `count` and
 * then calls `finishRow`.
 */
export class RowBuffer {
  /** Rows that fit. */
  readonly rowsMax: number;
  /** Starts of all spans. */
  readonly starts: Uint32Array;
  /** Ends of all spans. */
  readonly ends: Uint32Array;
  /** Line of the input where each row begins, from 1. */
  readonly lines: Uint32Array;
  /** Rows finished. */
  count = 0;
  readonly #options: RowBufferOptions;
  readonly #timestamps: Float64Array;
  readonly #isoUnits: number;
  readonly #integerUnits: number;
  #keyBytes = new Uint8Array(KEY_BYTES_MIN);
  #keyLength = 0;

  /** Makes an empty buffer. @param options Shape and rules. */
  constructor(options: RowBufferOptions) {
    this.#options = options;
    const slots = FIELD_SLOT + options.fieldCount;
    this.rowsMax = Math.max(
      1,
      Math.min(ROWS_MAX, Math.floor((1 << 22) / slots)),
    );
    this.starts = new Uint32Array(slots * this.rowsMax);
    this.ends = new Uint32Array(slots * this.rowsMax);
    this.lines = new Uint32Array(this.rowsMax);
    this.#timestamps = new Float64Array(this.rowsMax);
    this.#isoUnits = UNITS_PER_SECOND[options.timeUnit];
    this.#integerUnits = UNITS_PER_SECOND[options.integerUnit];
  }

  /**
   * Checks key, time and lengths of the row whose spans are set, and takes it.
   *
   * @param bytes What the spans point into.
   * @param recordBytes Length of the record, which no value passes.
   * @param line Line where it begins.
   * @returns What is wrong; the row is then not taken.
   */
  finishRow(
    bytes: Uint8Array,
    recordBytes: number,
    line: number,
  ): RowFault | undefined {
    const row = this.count;
    if (
      recordBytes > this.#options.valueBytesMax ||
      recordBytes > this.#options.recordBytesMax
    ) {
      const fault = this.#checkLengths(recordBytes);
      if (fault !== undefined) return fault;
    }
    const timeAt = TIME_SLOT * this.rowsMax + row;
    const time = this.#readTime(
      bytes,
      this.starts[timeAt]!,
      this.ends[timeAt]!,
    );
    if (!(time >= 0 && time <= Number.MAX_SAFE_INTEGER)) {
      return this.#timeFault(bytes, this.starts[timeAt]!, this.ends[timeAt]!);
    }
    this.#timestamps[row] = time;
    this.lines[row] = line;
    const what = this.#takeKey(bytes);
    if (what !== undefined) {
      return { at: this.starts[row]!, what, code: "invalid-input" };
    }
    this.count = row + 1;
    return undefined;
  }

  /** Hands out the rows, and starts anew. Valid until rows are added. */
  take(bytes: Uint8Array): InputBatch {
    const count = this.count;
    const columns: ByteSpans[] = [];
    for (let f = 0; f < this.#options.fieldCount; f++) {
      columns.push(this.#spans(bytes, FIELD_SLOT + f, count));
    }
    const text = this.#options.keys === "text";
    const trailKeys = this.#spans(
      text ? bytes : this.#keyBytes,
      KEY_SLOT,
      count,
    );
    this.count = 0;
    this.#keyLength = 0;
    return { count, trailKeys, timestamps: this.#timestamps, columns };
  }

  #spans(bytes: Uint8Array, slot: number, count: number): ByteSpans {
    const at = slot * this.rowsMax;
    return {
      bytes,
      starts: this.starts.subarray(at, at + count),
      ends: this.ends.subarray(at, at + count),
    };
  }

  #checkLengths(recordBytes: number): RowFault | undefined {
    const { valueBytesMax, recordBytesMax } = this.#options;
    if (recordBytes > recordBytesMax) {
      return {
        at: this.starts[KEY_SLOT + this.count]!,
        what:
          `record of ${recordBytes} bytes, at most ${recordBytesMax} wanted`,
        code: "limit",
      };
    }
    for (let at = this.count; at < this.starts.length; at += this.rowsMax) {
      const byteLength = this.ends[at]! - this.starts[at]!;
      if (byteLength > valueBytesMax) {
        return {
          at: this.starts[at]!,
          what: `value of ${byteLength} bytes, at most ${valueBytesMax} wanted`,
          code: "limit",
        };
      }
    }
    return undefined;
  }

  #readTime(bytes: Uint8Array, start: number, end: number): number {
    let time = 0;
    let at = start;
    // 15 digits are below 2^53.
    if (end - start <= 15) {
      for (; at < end; at++) {
        const digit = bytes[at]! - 0x30;
        if (digit < 0 || digit > 9) break;
        time = 10 * time + digit;
      }
    }
    if (at === end) {
      if (start === end) return this.#options.emptyTimeIsZero ? 0 : NaN;
      return this.#integerUnits === this.#isoUnits
        ? time
        : changeUnit(time, this.#integerUnits, this.#isoUnits);
    }
    return this.#readOtherTime(bytes, start, end);
  }

  /** Long integers, with blanks or a sign in front, and ISO 8601. */
  #readOtherTime(bytes: Uint8Array, start: number, end: number): number {
    while (start < end && isBlank(bytes[start]!)) start++;
    const iso = parseIsoTime(bytes, start, end, this.#isoUnits);
    if (!Number.isNaN(iso)) return iso;
    if (start < end && bytes[start] === 0x2b) start++;
    if (start === end) return NaN;
    let time = 0;
    for (let at = start; at < end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) return NaN;
      time = 10 * time + digit;
    }
    return time > Number.MAX_SAFE_INTEGER
      ? NaN
      : changeUnit(time, this.#integerUnits, this.#isoUnits);
  }

  #timeFault(bytes: Uint8Array, start: number, end: number): RowFault {
    return {
      at: start,
      what: start === end
        ? "no time"
        : `time ${
          quoted(bytes, start, end)
        }, an integer from 0 to 2^53 - 1 or ISO 8601 wanted`,
      code: "invalid-input",
    };
  }

  /** Reads the key and moves its span; gives what is wrong with it. */
  #takeKey(bytes: Uint8Array): string | undefined {
    const row = this.count;
    const start = this.starts[row]!;
    const end = this.ends[row]!;
    const { keys, keyBytes } = this.#options;
    if (keys !== "text") {
      const what = keys === "uuid"
        ? this.#takeUuid(bytes, start, end)
        : this.#takeHex(bytes, start, end, keys === "padded-hex");
      if (what !== undefined) return what;
    }
    const byteLength = this.ends[row]! - this.starts[row]!;
    if (byteLength >= keyBytes.min && byteLength <= keyBytes.max) {
      return undefined;
    }
    this.starts[row] = start;
    this.ends[row] = end;
    if (byteLength === 0) return "no trail key";
    const wanted = keyBytes.min === keyBytes.max
      ? `exactly ${keyBytes.min}`
      : `${keyBytes.min} to ${keyBytes.max}`;
    return `trail key of ${byteLength} bytes, ${wanted} wanted`;
  }

  #takeUuid(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): string | undefined {
    const to = this.#keyRoom(16);
    const keys = this.#keyBytes;
    let wrong = 0;
    if (end - start === 32) {
      for (let i = 0, at = start; i < 16; i++, at += 2) {
        const high = NIBBLES[bytes[at]!]!;
        const low = NIBBLES[bytes[at + 1]!]!;
        wrong |= high | low;
        keys[to + i] = (high << 4) | low;
      }
    } else if (end - start === 36) {
      let at = start;
      for (let i = 0; i < 16; i++, at += 2) {
        if (i === 4 || i === 6 || i === 8 || i === 10) {
          if (bytes[at++] !== 0x2d) wrong = 255;
        }
        const high = NIBBLES[bytes[at]!]!;
        const low = NIBBLES[bytes[at + 1]!]!;
        wrong |= high | low;
        keys[to + i] = (high << 4) | low;
      }
    } else wrong = 255;
    if (wrong > 15) {
      return start === end
        ? "no trail key"
        : `trail key ${quoted(bytes, start, end)}, a UUID wanted`;
    }
    this.#setKey(to, to + 16);
    return undefined;
  }

  #takeHex(
    bytes: Uint8Array,
    start: number,
    end: number,
    padded: boolean,
  ): string | undefined {
    const digits = end - start;
    let wrong = padded ? digits > 32 : digits % 2 !== 0;
    const byteLength = padded ? 16 : Math.floor(digits / 2);
    const to = wrong ? 0 : this.#keyRoom(byteLength);
    const keys = this.#keyBytes;
    for (let i = 0; !wrong && i < byteLength; i++) {
      const at = start + 2 * i;
      const high = at < end ? NIBBLES[bytes[at]!]! : 0;
      const low = at + 1 < end ? NIBBLES[bytes[at + 1]!]! : 0;
      wrong = (high | low) > 15;
      keys[to + i] = (high << 4) | low;
    }
    if (wrong) {
      return `trail key ${quoted(bytes, start, end)}, ${
        padded ? "0 to 32" : "pairs of"
      } hex digits wanted`;
    }
    this.#setKey(to, to + byteLength);
    return undefined;
  }

  /** Makes room for a key and gives where it goes. */
  #keyRoom(byteLength: number): number {
    const wanted = this.#keyLength + byteLength;
    if (wanted > this.#keyBytes.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.#keyBytes.length));
      grown.set(this.#keyBytes.subarray(0, this.#keyLength));
      this.#keyBytes = grown;
    }
    return this.#keyLength;
  }

  #setKey(start: number, end: number): void {
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.#keyLength = end;
  }
}

/** Shows bytes as text between quotes, cut where they are long. */
export function quoted(bytes: Uint8Array, start: number, end: number): string {
  const text = new TextDecoder().decode(
    bytes.subarray(start, Math.min(end, start + 60)),
  );
  return JSON.stringify(end - start > 60 ? `${text}...` : text);
}

/** Tells what C passes over in front of a number. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
