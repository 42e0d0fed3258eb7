/**
 * A stream's events for the writer of any store.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  createSchema,
  decodeText,
  encodeText,
  type InputBatch,
  packSpans,
  parseInteger,
  type Schema,
} from "@cairn/core";
import { signalOf } from "./_event_reading.ts";
import type { EventStream } from "./event_stream.ts";
import type { StreamEvent } from "./stream_batch.ts";
import { KEY_COLON } from "./layout.ts";

/**
 * Where a value comes from: the index of that name, a member of the event's
 * data read as a JSON object, or a function of the event.
 */
export type StreamValue =
  | string
  | { readonly json: string }
  | ((event: StreamEvent) => Uint8Array | undefined);

/** Why an event has no place in a store. */
export type StreamSkipReason = "no-trail" | "no-time" | "bad-time";

/** How events become rows. */
export interface StreamEventsOptions extends AbortOptions {
  /** The trail key. */
  readonly trail: StreamValue;
  /** The time: decimal text or a JSON number, from 0 to 2^53 - 1. */
  readonly time: StreamValue;
  /** Fields of the rows: index names, or a name and where it comes from. None if left out. */
  readonly fields?: readonly (
    | string
    | { readonly name: string; readonly from: StreamValue }
  )[];
  /** Name of the field for the event's data; `data` if left out, `false` for none. */
  readonly data?: string | false;
  /**
   * Told of events without trail or time, which are then left out. If left
   * out, such an event is an `invalid-input` error.
   */
  readonly onSkip?: (event: StreamEvent, reason: StreamSkipReason) => void;
}

/**
 * Gives the schema of the rows that `streamEvents` makes.
 *
 * @param options The same as there.
 * @returns The fields in order, the data last.
 * @throws {CairnError} `invalid-input` for names that do not fit together.
 */
export function streamSchema(
  options: Pick<StreamEventsOptions, "fields" | "data">,
): Schema {
  const names = (options.fields ?? []).map((field) =>
    typeof field === "string" ? field : field.name
  );
  const data = options.data ?? "data";
  return createSchema(data === false ? names : [...names, data]);
}

/**
 * Reads a stream as batches for a `StoreWriter`, so that it can become a store
 * of any codec.
 *
 * @example A stream as a store's input
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import {
 *   createClosedStream,
 *   openStream,
 *   streamEvents,
 * } from "@cairn/esdb/stream";
 *
 * const sink = new MemorySink();
 * const writer = createClosedStream(sink);
 * await writer.append(encodeText(`{"at":17}`), { user: "ann" });
 * await writer.finish();
 *
 * await using stream = await openStream(new MemorySource(sink.bytes()));
 * const options = { trail: "user", time: { json: "at" }, fields: ["user"] };
 * for await (const batch of streamEvents(stream, options)) {
 *   assertEquals(batch.timestamps, Float64Array.of(17)); // writer.addBatch(batch)
 * }
 * ```
 * @param stream The stream; stays open.
 * @param options Which values are trail, time and fields.
 * @returns Batches whose columns fit `streamSchema(options)`.
 * @throws {CairnError} `invalid-input`, with the event's offset; what reading
 * throws.
 */
export async function* streamEvents(
  stream: EventStream,
  options: StreamEventsOptions,
): AsyncGenerator<InputBatch, void, undefined> {
  const picks = (options.fields ?? []).map((field) =>
    picker(typeof field === "string" ? field : field.from)
  );
  if (options.data !== false) picks.push((row) => row.event.data);
  const trail = picker(options.trail);
  const time = picker(options.time);
  for await (const batch of stream.scan(signalOf(options))) {
    const trailKeys: Uint8Array[] = [];
    const timestamps: number[] = [];
    const columns: (Uint8Array | null)[][] = picks.map(() => []);
    for (const event of batch.events()) {
      const row = new Row(event);
      const key = trail(row) ?? new Uint8Array(0);
      const timestamp = toTime(time(row));
      const reason = key.length === 0 ? "no-trail" : timestamp;
      if (typeof reason === "string") {
        if (options.onSkip === undefined) {
          throw skipError(stream, event, reason);
        }
        options.onSkip(event, reason);
        continue;
      }
      trailKeys.push(key);
      timestamps.push(reason);
      picks.forEach((pick, i) => columns[i]!.push(pick(row) ?? null));
    }
    if (trailKeys.length === 0) continue;
    yield {
      count: trailKeys.length,
      trailKeys: packSpans(trailKeys),
      timestamps: Float64Array.from(timestamps),
      columns: columns.map((values) => packSpans(values)),
    };
  }
}

type Picker = (row: Row) => Uint8Array | undefined;

function picker(value: StreamValue): Picker {
  if (typeof value === "function") return (row) => value(row.event);
  if (typeof value === "object") return (row) => row.member(value.json);
  const name = encodeText(value);
  return (row) => findIndexValue(row.event, name);
}

/** The value of the first key with an index name. */
function findIndexValue(
  event: StreamEvent,
  name: Uint8Array,
): Uint8Array | undefined {
  for (const { key } of event.keys) {
    if (key.indexOf(KEY_COLON) !== name.length) continue;
    if (name.every((byte, i) => byte === key[i])) {
      return key.subarray(name.length + 1);
    }
  }
  return undefined;
}

/** An event whose data is parsed once, and only if somebody asks. */
class Row {
  readonly event: StreamEvent;
  #members: Record<string, unknown> | undefined;

  constructor(event: StreamEvent) {
    this.event = event;
  }

  /** A member of the data: text and numbers as text, the rest as JSON. */
  member(name: string): Uint8Array | undefined {
    this.#members ??= parseObject(this.event.data);
    if (!Object.hasOwn(this.#members, name)) return undefined;
    const value = this.#members[name];
    if (value === null || value === undefined) return undefined;
    return encodeText(
      typeof value === "string" ? value : JSON.stringify(value),
    );
  }
}

function parseObject(data: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeText(data) ?? "");
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // Data that is no JSON object has no members.
  return {};
}

function toTime(value: Uint8Array | undefined): number | StreamSkipReason {
  if (value === undefined) return "no-time";
  const time = Number(parseInteger(value) ?? NaN);
  return Number.isSafeInteger(time) && time >= 0 ? time : "bad-time";
}

const SKIP_TEXTS: Readonly<Record<StreamSkipReason, string>> = {
  "no-trail": "it has no trail key",
  "no-time": "it has no time",
  "bad-time": "its time is no integer from 0 to 2^53 - 1",
};

function skipError(
  stream: EventStream,
  event: StreamEvent,
  reason: StreamSkipReason,
): CairnError {
  return new CairnError(
    "invalid-input",
    `Cannot take event: ${SKIP_TEXTS[reason]}`,
    {
      where: { file: stream.name, part: "events", offset: event.offset },
      reason,
    },
  );
}
