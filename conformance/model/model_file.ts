/**
 * What a file of the model holds, and its text.
 *
 * @module
 */
import {
  CairnError,
  compareBytes,
  createSchema,
  type FieldType,
  formatHex,
  parseHex,
  type Schema,
  type StoreStats,
} from "@cairn/core";

/** One event as the model keeps it. */
export interface ModelEvent {
  /** Its time. */
  readonly timestamp: number;
  /** A value for each field. */
  readonly values: readonly (Uint8Array | null)[];
}

/** One trail as the model keeps it, events by time. */
export interface ModelTrail {
  /** Its key. */
  readonly key: Uint8Array;
  /** Its events. */
  readonly events: readonly ModelEvent[];
}

/** How every file of the model begins. */
export const MAGIC = '{"model":1,';

/** A whole file. */
export interface ModelFile {
  /** The fields. */
  readonly schema: Schema;
  /** The trails, by key. */
  readonly trails: readonly ModelTrail[];
}

/** Parses and checks a file; anything odd is damage. */
export function parseModel(bytes: Uint8Array, file: string): ModelFile {
  const bad = (detail: string, cause?: unknown) =>
    new CairnError("corrupt", `Cannot open model: ${detail}`, {
      where: { file, part: "text", offset: 0 },
      cause,
    });
  try {
    const json = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
    const schema = createSchema(
      json.fields.map(([name, type]: [string, FieldType]) => {
        if (
          typeof name !== "string" ||
          !["bytes", "text", "integer"].includes(type)
        ) {
          throw bad("a field is not a name and a type");
        }
        return { name, type };
      }),
    );
    let before: Uint8Array | undefined;
    const trails = json.trails.map(
      ([hex, events]: [string, unknown[]]): ModelTrail => {
        const key = parseHex(hex);
        if (key.length === 0 || (before && compareBytes(before, key) >= 0)) {
          throw bad("keys are not ascending");
        }
        before = key;
        if (events.length === 0) throw bad("a trail has no events");
        return { key, events: parseEvents(events, schema.fields.length, bad) };
      },
    );
    return { schema, trails };
  } catch (error) {
    throw error instanceof CairnError && error.code === "corrupt"
      ? error
      : bad("the text does not have the model's form", error);
  }
}

function parseEvents(
  events: readonly unknown[],
  fieldCount: number,
  bad: (detail: string) => CairnError,
): ModelEvent[] {
  let before = 0;
  return events.map((event) => {
    const [timestamp, values] = event as [number, (string | null)[]];
    if (!Number.isSafeInteger(timestamp) || timestamp < before) {
      throw bad("times are not ascending");
    }
    before = timestamp;
    if (values.length !== fieldCount) {
      throw bad("an event has a wrong number of values");
    }
    return {
      timestamp,
      values: values.map((hex) => {
        if (hex === "") throw bad("a value is empty");
        return hex === null ? null : parseHex(hex);
      }),
    };
  });
}

/** Writes a file's text. */
export function formatModel({ schema, trails }: ModelFile): Uint8Array {
  const text = JSON.stringify({
    model: 1,
    fields: schema.fields.map((field) => [field.name, field.type]),
    trails: trails.map((trail) => [
      formatHex(trail.key),
      trail.events.map((event) => [
        event.timestamp,
        event.values.map((value) => value === null ? null : formatHex(value)),
      ]),
    ]),
  });
  return new TextEncoder().encode(text);
}

/** Counts, the plain way. */
export function statsOf(trails: readonly ModelTrail[]): StoreStats {
  let events = 0;
  let min: number | undefined;
  let max: number | undefined;
  for (const trail of trails) {
    events += trail.events.length;
    for (const { timestamp } of trail.events) {
      if (min === undefined || timestamp < min) min = timestamp;
      if (max === undefined || timestamp > max) max = timestamp;
    }
  }
  return {
    trails: trails.length,
    events,
    minTimestamp: min,
    maxTimestamp: max,
  };
}
