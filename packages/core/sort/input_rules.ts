/**
 * What every writer asks of its input.
 *
 * @module
 */
import type { Capabilities } from "../codec.ts";
import { CairnError } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import type { Schema } from "../schema.ts";

/** The rules that a writer checks before it takes anything. */
export interface InputRules {
  /** Number of values of an event. */
  readonly fieldCount: number;
  /** Length of a trail key in bytes; both inclusive, at least 1. */
  readonly trailKeyBytes: { readonly min: number; readonly max: number };
  /** Times; both inclusive. */
  readonly timestamps: { readonly min: number; readonly max: number };
  /** Whether an event may have no value in any field. */
  readonly emptyEvents: boolean;
}

/**
 * Makes the rules of a codec for one store.
 *
 * @param capabilities What the codec can do.
 * @param schema The store's fields.
 * @returns The rules.
 */
export function inputRules(
  capabilities: Capabilities,
  schema: Schema,
): InputRules {
  const { trailKeyBytes, timestamps, emptyEvents } = capabilities;
  return {
    fieldCount: schema.fields.length,
    trailKeyBytes: {
      min: Math.max(1, trailKeyBytes.min),
      max: trailKeyBytes.max,
    },
    timestamps: {
      min: Math.max(0, timestamps.min),
      max: Math.min(Number.MAX_SAFE_INTEGER, timestamps.max),
    },
    emptyEvents,
  };
}

/**
 * Checks one event.
 *
 * @param rules What to hold it against.
 * @param trailKey The trail's key.
 * @param timestamp Its time.
 * @param values Its values.
 * @throws {CairnError} `invalid-input` for an empty key, a time that is not an
 * integer from 0 to 2^53 - 1, a wrong number of values, or an event without a
 * value where the codec needs one; `limit` for a key length or time that is
 * outside what the codec holds.
 */
export function assertRow(
  rules: InputRules,
  trailKey: Uint8Array,
  timestamp: number,
  values: readonly (Uint8Array | null)[],
): void {
  checkKeyLength(rules, trailKey.length, undefined);
  checkTimestamp(rules, timestamp, undefined);
  if (values.length !== rules.fieldCount) {
    throw refuse(
      "invalid-input",
      `${values.length} values, ${rules.fieldCount} wanted`,
      undefined,
    );
  }
  if (!rules.emptyEvents && values.every((value) => !value?.length)) {
    throw refuse(
      "invalid-input",
      "no value in any field, one wanted",
      undefined,
    );
  }
}

/**
 * Checks a run of events.
 *
 * @param rules What to hold it against.
 * @param batch The events.
 * @throws {CairnError} As `assertRow`, with the first bad row, from 0, as
 * `where.line`.
 * @throws {RangeError} When an array is shorter than `count`, or a span lies
 * outside its bytes: a mistake of the program, not of its input.
 */
export function assertBatch(rules: InputRules, batch: InputBatch): void {
  const { count, trailKeys, timestamps, columns } = batch;
  if (!Number.isSafeInteger(count) || count < 0 || timestamps.length < count) {
    throw new RangeError(
      `Cannot add batch: ${timestamps.length} timestamps, ${count} wanted`,
    );
  }
  if (columns.length !== rules.fieldCount) {
    throw refuse(
      "invalid-input",
      `${columns.length} columns, ${rules.fieldCount} wanted`,
      undefined,
    );
  }
  for (const spans of [trailKeys, ...columns]) assertSpans(spans, count);
  const { starts, ends } = trailKeys;
  const { min: keyMin, max: keyMax } = rules.trailKeyBytes;
  const { min: timeMin, max: timeMax } = rules.timestamps;
  for (let row = 0; row < count; row++) {
    const keyBytes = ends[row]! - starts[row]!;
    const time = timestamps[row]!;
    if (keyBytes < keyMin || keyBytes > keyMax) {
      checkKeyLength(rules, keyBytes, row);
    }
    // NaN fails every comparison, so this asks for what must hold.
    if (!(time >= timeMin && time <= timeMax && Math.floor(time) === time)) {
      checkTimestamp(rules, time, row);
    }
  }
  if (!rules.emptyEvents) checkNotEmpty(batch);
}

function assertSpans(
  spans: { bytes: Uint8Array; starts: Uint32Array; ends: Uint32Array },
  count: number,
): void {
  const { bytes, starts, ends } = spans;
  let sound = starts.length >= count && ends.length >= count;
  for (let row = 0; sound && row < count; row++) {
    const end = ends[row]!;
    sound = starts[row]! <= end && end <= bytes.length;
  }
  if (!sound) {
    throw new RangeError(
      `Cannot add batch: spans outside their ${bytes.length} bytes, or fewer than ${count}`,
    );
  }
}

function checkNotEmpty(batch: InputBatch): void {
  for (let row = 0; row < batch.count; row++) {
    let empty = true;
    for (const { starts, ends } of batch.columns) {
      if (starts[row] !== ends[row]) empty = false;
    }
    if (empty) {
      throw refuse("invalid-input", "no value in any field, one wanted", row);
    }
  }
}

function checkKeyLength(
  rules: InputRules,
  keyBytes: number,
  row: number | undefined,
): void {
  const { min, max } = rules.trailKeyBytes;
  if (keyBytes >= min && keyBytes <= max) return;
  const wanted = min === max
    ? `exactly ${min} wanted`
    : max === Infinity
    ? `at least ${min} wanted`
    : `${min} to ${max} wanted`;
  throw refuse(
    keyBytes === 0 ? "invalid-input" : "limit",
    keyBytes === 0
      ? `empty trail key, ${wanted.replace(/ wanted$/, "")} bytes wanted`
      : `trail key of ${keyBytes} bytes, ${wanted}; a hash of the key would fit, if that is what you want`,
    row,
    "trail-key",
  );
}

function checkTimestamp(
  rules: InputRules,
  timestamp: number,
  row: number | undefined,
): void {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw refuse(
      "invalid-input",
      `timestamp ${timestamp}, an integer from 0 to 2^53 - 1 wanted`,
      row,
      "timestamp",
    );
  }
  const { min, max } = rules.timestamps;
  if (timestamp < min || timestamp > max) {
    throw refuse(
      "limit",
      `timestamp ${timestamp}, ${min} to ${max} wanted`,
      row,
      "timestamp",
    );
  }
}

function refuse(
  code: "invalid-input" | "limit",
  what: string,
  row: number | undefined,
  reason?: string,
): CairnError {
  return new CairnError(code, `Cannot add event: ${what}`, {
    ...(row === undefined ? {} : { where: { line: row } }),
    ...(reason === undefined ? {} : { reason }),
  });
}
