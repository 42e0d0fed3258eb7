/**
 * The golden files of the original program, as events.
 *
 * @module
 */
import { gunzipSync } from "node:zlib";

/** One event of an input. */
export interface InputEvent {
  /** The trail key. */
  readonly uuid: Uint8Array;
  /** The time; it may be above 2^53. */
  readonly time: bigint;
  /** A value for each field. */
  readonly values: readonly (Uint8Array | null)[];
}

/** An entry of the manifest, as far as it is needed here. */
export interface GoldenEntry {
  readonly name: string;
  readonly fields: readonly string[];
  readonly made: {
    readonly with: string;
    readonly args?: readonly string[];
  };
  readonly files: readonly { readonly path: string }[];
}

const folder = new URL(
  "../../../conformance/golden/traildb/",
  import.meta.url,
);
const encoder = new TextEncoder();

/** All entries. */
export const goldenEntries: readonly GoldenEntry[] = JSON.parse(
  Deno.readTextFileSync(new URL("manifest.json", folder)),
).entries;

/** Gets an entry by name. */
export function goldenEntry(name: string): GoldenEntry {
  return goldenEntries.find((entry) => entry.name === name)!;
}

/** Reads a golden file; `.gz` is added and undone where the plain one is absent. */
export function readGolden(path: string): Uint8Array {
  try {
    return Deno.readFileSync(new URL(path, folder));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return new Uint8Array(
      gunzipSync(Deno.readFileSync(new URL(`${path}.gz`, folder))),
    );
  }
}

/** Reads the events that an entry was made from, in input order. */
export function goldenEvents(entry: GoldenEntry): Generator<InputEvent> {
  const { name, fields, made } = entry;
  // The parser of the original takes this one for something that is not JSON.
  if (name === "cli-json-raw") {
    return dumpEvents(`${name}.expected.ndjson`, fields);
  }
  if (made.with !== "tdb make") {
    return dumpEvents(`${name}.input.ndjson`, fields);
  }
  const args = made.args!;
  if (args.includes("-j")) return jsonEvents(`${name}.input.ndjson`, fields);
  const delimiter = args.includes("-d") ? args[args.indexOf("-d") + 1]! : " ";
  return csvEvents(`${name}.input.csv`, fields, delimiter);
}

/** Reads a CSV input of `tdb make`: no quotes, short keys filled with zeros. */
export function* csvEvents(
  path: string,
  fields: readonly string[],
  delimiter: string,
): Generator<InputEvent> {
  for (const line of lines(path)) {
    const cells = line.split(delimiter);
    yield {
      uuid: uuidOf(cells[0]!),
      time: BigInt(cells[1]!),
      values: fields.map((_, i) => encoder.encode(cells[i + 2] ?? "")),
    };
  }
}

function* jsonEvents(
  path: string,
  fields: readonly string[],
): Generator<InputEvent> {
  for (const line of lines(path)) {
    const row = JSON.parse(line) as Record<string, string | null>;
    yield {
      uuid: uuidOf(row.uuid!),
      time: BigInt(row.time!),
      values: fields.map((field) =>
        Object.hasOwn(row, field) ? encoder.encode(row[field] ?? "") : null
      ),
    };
  }
}

/** Reads lines of the form of a normalised dump. */
export function* dumpEvents(
  path: string,
  fields: readonly string[],
): Generator<InputEvent> {
  for (const line of lines(path)) {
    const row = JSON.parse(line) as {
      uuid: string;
      fields: Record<string, string>;
      fields_b64?: Record<string, string>;
    };
    yield {
      uuid: uuidOf(row.uuid),
      // The number may be too large for `JSON.parse`.
      time: BigInt(/"time":(\d+)/.exec(line)![1]!),
      values: fields.map((field) => {
        const base64 = row.fields_b64;
        if (base64 !== undefined && Object.hasOwn(base64, field)) {
          return Uint8Array.from(
            atob(base64[field]!),
            (char) => char.charCodeAt(0),
          );
        }
        return Object.hasOwn(row.fields, field)
          ? encoder.encode(row.fields[field])
          : null;
      }),
    };
  }
}

function* lines(path: string): Generator<string> {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(
    readGolden(path),
  );
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 1;
  }
}

function uuidOf(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits.padEnd(32, "0"));
}
