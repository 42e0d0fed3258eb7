/**
 * Events of rows: what a live index takes.
 *
 * @module
 */
import {
  CairnError,
  encodeKeyParts,
  encodeText,
  parseHex,
  parseInteger,
} from "@cairn/core";
import { type Day, dayOf, parseDay } from "./calendar.ts";
import {
  fieldNameProblem,
  findKeyspaceField,
  type KeyspaceField,
  type KeyspaceSchema,
} from "./keyspace_schema.ts";
import { COUNTER_MAX, KEY_BYTES_MAX } from "./layout.ts";

/** Bytes that are not text, as JSON can say them. */
export interface HexBytes {
  /** Pairs of hexadecimal digits. */
  readonly hex: string;
}

/** A part of a row id, or a value of a set of strings. */
export type RowText = string | Uint8Array | HexBytes;

/** A number: a safe integer, a bigint, or decimal text for what JSON cannot hold. */
export type RowNumber = number | bigint | string;

/** One event: what it adds to counters, puts into sets, and marks. */
export interface RowEvent {
  /** The keyspace it goes into; may be left out where there is one. */
  readonly keyspace?: string;
  /** The row: parts of its id, or its number in a keyspace of numbered rows. */
  readonly row: readonly RowText[] | RowText | RowNumber;
  /** When: RFC 3339, or a number in the keyspace's unit. Only fields with views need it. */
  readonly ts?: string | number;
  /** Amounts to add to counters, by field. */
  readonly add?: Readonly<Record<string, RowNumber>>;
  /** Values to put into sets, by field. */
  readonly put?: Readonly<Record<string, readonly (RowText | RowNumber)[]>>;
  /** Flags to set. */
  readonly mark?: readonly string[];
}

/** An event that fits a schema. */
export interface BoundRowEvent {
  /** The encoded row id, or the row's number. */
  readonly row: Uint8Array | bigint;
  /** The day, for views; absent where no field with views is touched. */
  readonly day: Day | undefined;
  /** Amounts, by field. */
  readonly add: readonly (readonly [KeyspaceField, bigint])[];
  /** Values, by field. */
  readonly put: readonly (readonly [
    KeyspaceField,
    readonly (Uint8Array | bigint)[],
  ])[];
  /** Flags. */
  readonly mark: readonly KeyspaceField[];
}

const MEMBERS = ["keyspace", "row", "ts", "add", "put", "mark"];

/**
 * Parses one line of events as NDJSON. Numbers must be integers that JSON
 * holds exactly, or decimal text.
 *
 * @example One line
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseRowEvent } from "@cairn/bitmap";
 *
 * const event = parseRowEvent('{"row":["u1"],"add":{"visit":2}}');
 * assertEquals(event.add, { visit: 2 });
 * ```
 * @param line JSON text.
 * @returns The event, of which only the outer form is checked.
 * @throws {CairnError} `invalid-input`.
 */
export function parseRowEvent(line: string): RowEvent {
  let value: unknown;
  try {
    // A fraction or exponent may round to an integer: look at its digits.
    value = /\d[.eE]/.test(line)
      ? JSON.parse(line, exactNumber)
      : JSON.parse(line);
  } catch (cause) {
    if (cause instanceof CairnError) throw cause;
    throw invalid(`the line is not JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("the line is not a JSON object");
  }
  const members = Object.keys(value);
  const unknown = members.find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw invalid(`member "${unknown}" is unknown`);
  if (!members.includes("row")) throw invalid(`member "row" is missing`);
  return value as RowEvent;
}

/**
 * Binds an event to a schema and checks all of it.
 *
 * @param event The event.
 * @param schema The keyspace's schema.
 * @param opened Called for a field that the schema has not and `open` allows.
 * @returns The event with fields and exact numbers.
 * @throws {CairnError} `invalid-input`, `limit`.
 */
export function bindRowEvent(
  event: RowEvent,
  schema: KeyspaceSchema,
  opened: (name: string) => KeyspaceField,
): BoundRowEvent {
  let needsDay = false;
  const field = (name: string, type: KeyspaceField["type"]): KeyspaceField => {
    let found = findKeyspaceField(schema, name);
    if (found === undefined && schema.open?.type === type) {
      const problem = fieldNameProblem(name);
      if (problem !== undefined) throw invalid(problem);
      found = opened(name);
    }
    if (found === undefined) throw invalid(`no field "${name}"`);
    if (found.type !== type) {
      throw invalid(`field "${name}" is a ${found.type}, not a ${type}`);
    }
    needsDay ||= found.quantum !== "";
    return found;
  };
  const add = members(event.add, "add").map(([name, amount]) =>
    [field(name, "counter"), exact(amount, `amount of "${name}"`)] as const
  );
  const put = members(event.put, "put").map(([name, values]) => {
    const set = field(name, "set");
    if (!Array.isArray(values)) throw invalid(`"${name}" is not an array`);
    return [
      set,
      values.map((value) =>
        set.type === "set" && set.of === "uint"
          ? exact(value, `value of "${name}"`)
          : bytesOf(value, `value of "${name}"`)
      ),
    ] as const;
  });
  if (event.mark !== undefined && !Array.isArray(event.mark)) {
    throw invalid(`"mark" is not an array`);
  }
  const mark = (event.mark ?? []).map((name) => field(String(name), "flag"));
  const row = bindRow(event.row, schema);
  return {
    row,
    day: needsDay ? bindDay(event.ts, schema) : undefined,
    add,
    put,
    mark,
  };
}

/**
 * Encodes a row id, or reads a row's number.
 *
 * @param row As an event names it.
 * @param schema The keyspace's schema.
 * @throws {CairnError} `invalid-input`, `limit`.
 */
function bindRow(
  row: RowEvent["row"],
  schema: KeyspaceSchema,
): Uint8Array | bigint {
  const parts = Array.isArray(row) ? row : [row];
  if (parts.length !== schema.rowId.length) {
    throw invalid(
      `the row has ${parts.length} parts, ${schema.rowId.length} wanted`,
    );
  }
  if (schema.rows === "uint") return exact(parts[0], "number of the row");
  const bytes = parts.map((part) => bytesOf(part, "part of the row id"));
  return encodeRowId(encodeKeyParts(bytes), schema);
}

/**
 * Makes the encoded row id, as keys hold it, of a trail key: the bare part of
 * an id of one part gets its length, and is otherwise the same.
 *
 * @param trailKey The key.
 * @param schema The keyspace's schema.
 * @throws {CairnError} `limit` when it is longer than 65,535 bytes.
 */
export function encodeRowId(
  trailKey: Uint8Array,
  schema: KeyspaceSchema,
): Uint8Array {
  const bare = schema.rowId.length === 1;
  const byteLength = trailKey.length + (bare ? 2 : 0);
  if (byteLength > KEY_BYTES_MAX) {
    throw new CairnError(
      "limit",
      `Cannot take event: a row id of ${byteLength} bytes, at most ${KEY_BYTES_MAX} wanted`,
    );
  }
  if (!bare) return trailKey;
  const encoded = new Uint8Array(byteLength);
  encoded[0] = trailKey.length >>> 8;
  encoded[1] = trailKey.length & 0xff;
  encoded.set(trailKey, 2);
  return encoded;
}

function bindDay(ts: RowEvent["ts"], schema: KeyspaceSchema): Day {
  if (ts === undefined) throw invalid(`member "ts" is missing`);
  const day = typeof ts === "string"
    ? parseDay(ts)
    : Number.isSafeInteger(ts)
    ? dayOf(ts, schema.time)
    : undefined;
  if (day === undefined) throw invalid(`time ${JSON.stringify(ts)} is none`);
  if (day.year < 1 || day.year > 9999) {
    throw invalid(`year ${day.year} of the time, 1 to 9999 wanted`);
  }
  return day;
}

function members<T>(
  value: Readonly<Record<string, T>> | undefined,
  name: string,
): [string, T][] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`"${name}" is not an object`);
  }
  return Object.entries(value);
}

function exact(value: unknown, what: string): bigint {
  let number: bigint | undefined;
  if (typeof value === "bigint") number = value;
  else if (typeof value === "number" && Number.isSafeInteger(value)) {
    number = BigInt(value);
  } else if (typeof value === "string") {
    number = parseInteger(encodeText(value));
  }
  if (number === undefined) {
    throw invalid(
      `${what} is ${
        JSON.stringify(value)
      }, a safe integer or decimal text wanted`,
    );
  }
  if (number < 0n || number > COUNTER_MAX) {
    throw invalid(`${what} is ${number}, 0 to 2^128 - 1 wanted`);
  }
  return number;
}

function bytesOf(value: unknown, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw invalid(`${what} is not Unicode text`);
    return encodeText(value);
  }
  if (typeof value === "object" && value !== null && "hex" in value) {
    return parseHex(String(value.hex));
  }
  throw invalid(`${what} is ${JSON.stringify(value)}, text wanted`);
}

function exactNumber(
  this: unknown,
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (
    typeof value === "number" && context?.source !== undefined &&
    !/^-?\d+$/.test(context.source)
  ) throw invalid(`number ${context.source}, digits alone wanted`);
  return value;
}

function invalid(what: string, cause?: unknown): CairnError {
  return new CairnError("invalid-input", `Cannot take event: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
