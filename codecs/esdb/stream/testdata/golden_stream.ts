/** Golden streams: their bytes, what went in, and what must come out. */
import { encodeText } from "@cairn/core";

const FOLDER = new URL(
  "../../../../conformance/golden/esdb/",
  import.meta.url,
);

/** Names of the golden streams with an expected answer. */
export const GOLDEN_STREAMS = [
  "stream-open",
  "stream-open-empty",
  "stream-closed",
  "stream-closed-empty",
  "stream-large",
  "stream-merge",
  "stream-reopened",
  "stream-reopened-closed",
  "stream-many-keys",
  "stream-names",
  "stream-recovered",
  "stream-zeros",
  "stream-lookalike",
  "stream-closed-cut",
  "stream-merge4",
] as const;

/** An event as the golden files give it. */
export interface GoldenEvent {
  readonly data: Uint8Array;
  /** Index names and values. */
  readonly indexes: readonly (readonly [Uint8Array, Uint8Array])[];
}

/** The right answers. */
export interface GoldenAnswer {
  readonly closed: boolean;
  readonly events: readonly GoldenEvent[];
  /** Keys with the ordinals of their events, newest first. */
  readonly indexes: readonly (readonly [
    Uint8Array,
    Uint8Array,
    readonly number[],
  ])[];
  readonly offsets: readonly number[] | undefined;
  readonly end: number | undefined;
}

/** Reads a golden file, unpacked where it is packed. */
export async function goldenBytes(file: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(new URL(file, FOLDER));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const packed = await Deno.readFile(new URL(`${file}.gz`, FOLDER));
    const stream = new Blob([packed]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }
}

/** Reads a golden stream. */
export function goldenStream(name: string): Promise<Uint8Array> {
  return goldenBytes(`${name}.stream`);
}

/** Reads the events that were written, in order. */
export async function goldenInput(name: string): Promise<GoldenEvent[]> {
  const text = new TextDecoder().decode(
    await goldenBytes(`${name}.input.ndjson`),
  );
  return text.split("\n").filter((line) => line !== "")
    .map((line) => toEvent(JSON.parse(line)));
}

/** Reads a golden JSON file as it is. */
// deno-lint-ignore no-explicit-any -- each file has members of its own
export async function goldenJson(file: string): Promise<any> {
  return JSON.parse(new TextDecoder().decode(await goldenBytes(file)));
}

/** Reads the right answers. */
export async function goldenAnswer(name: string): Promise<GoldenAnswer> {
  const json = await goldenJson(`${name}.expected.json`);
  return {
    closed: json.closed,
    events: json.events.map(toEvent),
    indexes: (json.indexes ?? []).map((entry: IndexJson) => [
      bytesOf(entry.name, entry.name_b64),
      bytesOf(entry.value, entry.value_b64),
      entry.newest_first,
    ]),
    offsets: json.offsets,
    end: json.end,
  };
}

interface IndexJson {
  readonly name?: string;
  readonly name_b64?: string;
  readonly value?: string;
  readonly value_b64?: string;
  readonly newest_first: readonly number[];
}

interface EventJson {
  readonly data_b64: string;
  readonly indexes?: Record<string, string>;
  readonly indexes_b64?: readonly (readonly [string, string])[];
}

function toEvent(json: EventJson): GoldenEvent {
  const indexes = json.indexes_b64 === undefined
    ? Object.entries(json.indexes ?? {})
      .map(([name, value]) => [encodeText(name), encodeText(value)] as const)
    : json.indexes_b64.map(([name, value]) =>
      [Uint8Array.fromBase64(name), Uint8Array.fromBase64(value)] as const
    );
  return { data: Uint8Array.fromBase64(json.data_b64), indexes };
}

function bytesOf(
  text: string | undefined,
  base64: string | undefined,
): Uint8Array {
  return base64 === undefined
    ? encodeText(text!)
    : Uint8Array.fromBase64(base64);
}
