/**
 * The logical datasets that every codec is given, each with the reason why.
 *
 * @module
 */
import {
  type Capabilities,
  createSchema,
  encodeText,
  formatHex,
  type Schema,
} from "@cairn/core";

/** One event as a dataset states it. */
export interface DatasetEvent {
  /** The trail's key. */
  readonly key: Uint8Array;
  /** Its time. */
  readonly timestamp: number;
  /** A value for each field; `null` for none. */
  readonly values: readonly (Uint8Array | null)[];
}

/** Events in input order, and why they are asked. */
export interface Dataset {
  /** One or two words. */
  readonly name: string;
  /** What it finds that the others do not. */
  readonly reason: string;
  /** The fields. */
  readonly schema: Schema;
  /** The events, in the order in which they are added. */
  readonly events: readonly DatasetEvent[];
}

/** A trail as plain text, for comparing: the key and its events, in hex. */
export interface PlainTrail {
  /** The key in hex. */
  readonly key: string;
  /** Events by time, then input order. */
  readonly events: readonly PlainEvent[];
}

/** An event as plain text, for comparing. */
export interface PlainEvent {
  /** Its time. */
  readonly timestamp: number;
  /** Values in hex; `null` for none. */
  readonly values: readonly (string | null)[];
}

/**
 * Says what a store of a dataset must hold, by sorting and nothing else.
 *
 * @param events In input order.
 * @returns Trails by key in hex.
 */
export function plainTrails(
  events: readonly DatasetEvent[],
): Map<string, PlainTrail> {
  const trails = new Map<string, PlainEvent[]>();
  for (const event of events) {
    const key = formatHex(event.key);
    const trail = trails.get(key) ?? [];
    trails.set(key, trail);
    trail.push({
      timestamp: event.timestamp,
      values: event.values.map(plainValue),
    });
  }
  return new Map(
    [...trails].map(([key, events]) => [key, {
      key,
      events: events.toSorted((a, b) => a.timestamp - b.timestamp),
    }]),
  );
}

/** Writes a value in hex; empty is no value. @param value Any. */
export function plainValue(value: Uint8Array | null): string | null {
  return value === null || value.length === 0 ? null : formatHex(value);
}

/**
 * Makes a key that a codec can store out of a number: distinct for distinct
 * numbers below 2^32, and not in the order of the numbers.
 *
 * @param capabilities The codec's.
 * @param number 0 to 2^32 - 1.
 * @returns A key of an allowed length.
 */
export function makeKey(
  capabilities: Capabilities,
  number: number,
): Uint8Array {
  const { min, max } = capabilities.trailKeyBytes;
  const mixed = Math.imul(number + 1, 0x9e37_79b1) >>> 0;
  const text = encodeText(`${mixed.toString(16)}-${number}`);
  if (text.length <= max) {
    const key = new Uint8Array(Math.max(min, text.length));
    key.set(text);
    return key;
  }
  const key = new Uint8Array(max);
  for (let i = 0, rest = number; i < max && rest > 0; i++) {
    key[i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
  return key;
}

/** Small numbers that look random; the same each time. @param seed Any. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return Math.floor(state / 0x1_0000_0000 * below);
  };
}

/**
 * Makes the datasets that fit a codec. What it cannot store by its
 * capabilities is left out here and asked for, as a refusal, elsewhere.
 *
 * @param capabilities The codec's.
 * @param size `small` for every run; `full` adds the large ones.
 * @returns The datasets.
 */
export function makeDatasets(
  capabilities: Capabilities,
  size: "small" | "full" = "small",
): Dataset[] {
  const makings: Makings = {
    capabilities,
    key: (number) => makeKey(capabilities, number),
    min: capabilities.timestamps.min,
    schema: createSchema(fieldNames(capabilities).slice(0, 3)),
  };
  return [
    ...historyDatasets(makings),
    ...valueDatasets(makings),
    ...(capabilities.emptyEvents ? emptyDatasets(makings) : []),
    ...(size === "full" ? largeDatasets(makings) : []),
  ];
}

/** What datasets for one codec are made with. */
interface Makings {
  readonly capabilities: Capabilities;
  /** Makes a trail key of the codec's length. */
  readonly key: (number: number) => Uint8Array;
  /** The first time that the codec can store. */
  readonly min: number;
  /** Three fields. */
  readonly schema: Schema;
}

/** Ordinary trails and times. */
function historyDatasets({ key, min, schema }: Makings): Dataset[] {
  const random = randomNumbers(7);
  const word = () => text(["a", "b", "Äpfel", "", null, "zz"][random(6)]!);
  return [{
    name: "no-events",
    reason: "tables without entries, and no smallest time",
    schema,
    events: [],
  }, {
    name: "one-event",
    reason: "everything is first and last at once",
    schema,
    events: [{
      key: key(1),
      timestamp: min + 5,
      values: [text("a"), null, text("b")],
    }],
  }, {
    name: "mixed",
    reason: "an ordinary history: some trails, repeats, gaps, empty values",
    schema,
    events: Array.from({ length: 700 }, () => ({
      key: key(random(40)),
      timestamp: min + random(1000),
      values: [word(), text(`v${random(30)}`), word()],
    })),
  }, {
    name: "equal-times",
    reason: "only input order tells events of one time apart",
    schema,
    events: Array.from({ length: 120 }, (_, i) => ({
      key: key(i % 3),
      timestamp: min + (i % 7 === 0 ? 2 : 1),
      values: [text(`n${i}`), null, null],
    })),
  }];
}

/** Times, values, fields and input as large, as many and as odd as can be. */
function valueDatasets(
  { capabilities, key, min, schema }: Makings,
): Dataset[] {
  const { max } = capabilities.timestamps;
  const names = fieldNames(capabilities);
  const filler = capabilities.emptyEvents ? null : text("x");
  return [{
    name: "extreme-times",
    reason: "the first and the last time that the codec can store",
    schema,
    events: [max, min, min + 1, max - 1].map((timestamp, i) => ({
      key: key(i + 10),
      timestamp,
      values: [text("t"), text(String(i)), null],
    })),
  }, {
    name: "binary",
    reason: "every byte, zeros and invalid UTF-8 in values",
    schema,
    events: Array.from({ length: 256 }, (_, byte) => ({
      key: key(byte % 5),
      timestamp: min + byte,
      values: [
        Uint8Array.of(byte),
        Uint8Array.of(0, byte, 0),
        Uint8Array.of(0xff, byte),
      ],
    })),
  }, {
    name: "large-values",
    reason:
      "values beyond any block or buffer: 1 MB, and sizes around powers of two",
    schema,
    events: [1, 4095, 4096, 4097, 65_535, 65_536, 1_000_000].map((
      length,
      i,
    ) => ({
      key: key(i % 2),
      timestamp: min + i,
      values: [new Uint8Array(length).fill(i + 1), null, text("end")],
    })),
  }, {
    name: "many-fields",
    reason: "more fields than a byte can count",
    schema: createSchema(names),
    events: Array.from({ length: 20 }, (_, i) => ({
      key: key(i % 4),
      timestamp: min + i,
      values: names.map((_, f) =>
        (f + i) % 3 === 0 ? text(`f${f}e${i % 5}`) : filler
      ),
    })),
  }, {
    name: "unsorted",
    reason: "input in falling order of time, trails interleaved",
    schema,
    events: Array.from({ length: 300 }, (_, i) => ({
      key: key(i % 17),
      timestamp: min + 300 - i,
      values: [text(`p${i % 11}`), text("same"), null],
    })),
  }];
}

/** Events without any value. */
function emptyDatasets({ key, min, schema }: Makings): Dataset[] {
  return [{
    name: "empty-values",
    reason: "events that have nothing but a time",
    schema,
    events: Array.from({ length: 50 }, (_, i) => ({
      key: key(i % 6),
      timestamp: min + (i % 9),
      values: i % 3 === 0 ? [null, text("x"), null] : [null, null, null],
    })),
  }, {
    name: "no-fields",
    reason: "a schema without fields: trails of times",
    schema: createSchema([]),
    events: Array.from({ length: 30 }, (_, i) => ({
      key: key(i % 4),
      timestamp: min + i * i,
      values: [],
    })),
  }];
}

/** What takes too long for every run. */
function largeDatasets({ key, min, schema }: Makings): Dataset[] {
  return [{
    name: "many-trails",
    reason: "100,000 trails of one event each",
    schema,
    events: Array.from({ length: 100_000 }, (_, i) => ({
      key: key(i),
      timestamp: min + i % 1000,
      values: [text(`v${i % 100}`), null, null],
    })),
  }, {
    name: "long-trail",
    reason: "one trail of 1,000,000 events, longer than any batch",
    schema,
    events: Array.from({ length: 1_000_000 }, (_, i) => ({
      key: key(1),
      timestamp: min + Math.floor(i / 3),
      values: [text(`v${i % 1000}`), i % 10 === 0 ? text("ten") : null, null],
    })),
  }];
}

function text(value: string | null): Uint8Array | null {
  return value === null ? null : encodeText(value);
}

/** Up to 300 names that the codec allows; at least three. */
function fieldNames(capabilities: Capabilities): string[] {
  return ["action", "page", "where"].concat(
    Array.from({ length: 297 }, (_, i) => `field${i}`),
  ).filter(capabilities.fieldNames.allows).slice(0, capabilities.fieldsMax);
}
