/**
 * What we add to a store, in blocks of the space table that Go never sees.
 *
 * `cairn.manifest` is a small CBOR map: version, fields, counts of the whole
 * store. `cairn.spaces` has the columns with an entry for each space, and is
 * read only by what needs them.
 *
 * @module
 */
import {
  type AbortOptions,
  ByteReader,
  ByteWriter,
  CairnError,
  type Field,
  type FieldType,
  type StoreStats,
} from "@cairn/core";
import type { Table } from "@cairn/sstable";
import { decode, encode } from "cborg";
import { SPACE_TABLE_PART } from "./space_directory.ts";

/** Name of the block with the facts about the whole store. */
export const MANIFEST_NAME = "cairn.manifest";
/** Name of the block with the facts about each space. */
export const SPACES_NAME = "cairn.spaces";
/** Name of the block with the number of spaces in each block of the table. */
export const BLOCKS_NAME = "cairn.blocks";
/** What the manifest calls itself. */
const FORMAT = "cairn-esdb";
const VERSION = 1;

/** How fields lie in the data of an event. */
export interface ManifestSchema {
  /** The fields, in order. */
  readonly fields: readonly Field[];
  /** `fields`: a CBOR array of values; `opaque`: the bytes of the one field. */
  readonly payload: "fields" | "opaque";
  /** Name of the field that is the grouping, if there is one. */
  readonly grouping: string | undefined;
  /** Names of the fields that are indexed; absent where no index was asked for. */
  readonly indexed: readonly string[] | undefined;
}

/** Facts about a store that our writer kept. */
export interface Manifest {
  /** Counts and range of times. */
  readonly stats: StoreStats;
  /** The fields; absent where the native API wrote opaque data. */
  readonly schema: ManifestSchema | undefined;
}

/** Facts about each space, in the order of ids. */
export interface SpaceFacts {
  /** Number of events. */
  readonly counts: Float64Array;
  /** Largest time. */
  readonly newest: Float64Array;
  /** Smallest time. */
  readonly oldest: Float64Array;
  /** CRC-32C of the bytes before the section table. */
  readonly checksums: Uint32Array;
}

/** Collects the facts about spaces while they are written. */
export class SpaceFactsWriter {
  readonly #counts = new ByteWriter(1024);
  readonly #newest = new ByteWriter(1024);
  readonly #spans = new ByteWriter(1024);
  readonly #checksums = new ByteWriter(1024);

  /** Adds a space; in the order of ids. */
  add(
    space: {
      readonly count: number;
      readonly oldest: number;
      readonly newest: number;
      readonly checksum: number;
    },
  ): void {
    this.#counts.uvarint(space.count);
    this.#newest.u32(space.newest);
    this.#spans.uvarint(space.newest - space.oldest);
    this.#checksums.u32(space.checksum);
  }

  /** Encodes the block. */
  finish(): Uint8Array {
    return encode(
      new Map<string, Uint8Array>([
        ["counts", this.#counts.take()],
        ["newest", this.#newest.take()],
        ["spans", this.#spans.take()],
        ["checksums", this.#checksums.take()],
      ]),
    );
  }
}

/** Encodes the block of block counts. @param counts Spaces of each block. */
export function encodeBlockCounts(counts: readonly number[]): Uint8Array {
  const blocks = new ByteWriter(1024);
  for (const count of counts) blocks.uvarint(count);
  return encode(blocks.take());
}

/**
 * Reads how many spaces each block of the space table has.
 *
 * @param table The space table of a store with a manifest.
 * @param spaces Number of spaces that the manifest states.
 * @throws {CairnError} `corrupt` when they do not fit.
 */
export async function readBlockCounts(
  table: Table,
  spaces: number,
  options: AbortOptions = {},
): Promise<Float64Array> {
  const bytes = await table.metaBlock(BLOCKS_NAME, options);
  const value = bytes === undefined ? undefined : decodeCbor(bytes);
  if (!(value instanceof Uint8Array)) {
    throw broken(BLOCKS_NAME, "it is missing");
  }
  const counts = uvarints(value, BLOCKS_NAME);
  let total = 0;
  for (const count of counts) total += count;
  const { count } = await table.index(options);
  if (total !== spaces || counts.length !== count) {
    throw broken(BLOCKS_NAME, `its counts are not those of ${spaces} spaces`);
  }
  return counts;
}

/** Encodes the manifest. @param manifest What it says. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { stats, schema } = manifest;
  const map = new Map<string, unknown>([
    ["format", FORMAT],
    ["version", VERSION],
    ["spaces", stats.trails],
    ["events", stats.events],
    ["oldest", stats.minTimestamp ?? null],
    ["newest", stats.maxTimestamp ?? null],
  ]);
  if (schema !== undefined) {
    map.set("fields", schema.fields.map(({ name, type }) => [name, type]));
    map.set("payload", schema.payload);
    map.set("grouping", schema.grouping ?? null);
    map.set("indexed", schema.indexed ?? null);
  }
  return encode(map);
}

/**
 * Reads the manifest of a store.
 *
 * @returns `undefined` when there is none of ours.
 * @throws {CairnError} `corrupt`; `unsupported` for a later version.
 */
export async function readManifest(
  table: Table,
  options: AbortOptions = {},
): Promise<Manifest | undefined> {
  const bytes = await table.metaBlock(MANIFEST_NAME, options);
  if (bytes === undefined) return undefined;
  const map = decodeMap(bytes);
  // Someone else's block of the same name is not looked at.
  if (map === undefined || map.get("format") !== FORMAT) return undefined;
  if (map.get("version") !== VERSION) {
    throw new CairnError(
      "unsupported",
      `Cannot read manifest: version ${
        String(map.get("version"))
      }, ${VERSION} wanted`,
      { where: { part: MANIFEST_NAME } },
    );
  }
  return {
    stats: {
      trails: number(map, "spaces"),
      events: number(map, "events"),
      minTimestamp: optional(map, "oldest"),
      maxTimestamp: optional(map, "newest"),
    },
    schema: map.has("fields") ? schemaOf(map) : undefined,
  };
}

/**
 * Reads the facts about each space.
 *
 * @param table The space table of a store with a manifest.
 * @param spaces Number of spaces that the manifest states.
 * @throws {CairnError} `corrupt` when they do not fit.
 */
export async function readSpaceFacts(
  table: Table,
  spaces: number,
  options: AbortOptions = {},
): Promise<SpaceFacts> {
  const bytes = await table.metaBlock(SPACES_NAME, options);
  const map = bytes === undefined ? undefined : decodeMap(bytes);
  if (map === undefined) throw broken(SPACES_NAME, "it is missing");
  const counts = uvarints(column(map, "counts"), "counts");
  const newest = u32s(column(map, "newest"), "newest");
  const spans = uvarints(column(map, "spans"), "spans");
  const checksums = u32s(column(map, "checksums"), "checksums");
  const oldest = newest.map((time, i) => time - (spans[i] ?? 0));
  if (
    [counts, newest, spans, checksums].some((part) => part.length !== spaces)
  ) throw broken(SPACES_NAME, `its columns are not those of ${spaces} spaces`);
  return {
    counts,
    newest,
    oldest,
    checksums: Uint32Array.from(checksums),
  };
}

function schemaOf(map: Map<string, unknown>): ManifestSchema {
  const fields = map.get("fields");
  const payload = map.get("payload");
  const grouping = map.get("grouping");
  const indexed = map.get("indexed");
  if (
    !Array.isArray(fields) ||
    !(indexed === null || Array.isArray(indexed)) ||
    (payload !== "fields" && payload !== "opaque") ||
    (grouping !== null && typeof grouping !== "string") ||
    indexed?.some((name) => typeof name !== "string") === true
  ) throw broken(MANIFEST_NAME, "its schema has another form");
  return {
    fields: fields.map((field: unknown): Field => {
      if (
        !Array.isArray(field) || field.length !== 2 ||
        typeof field[0] !== "string" || !isFieldType(field[1])
      ) throw broken(MANIFEST_NAME, "a field has another form");
      return { name: field[0], type: field[1] };
    }),
    payload,
    grouping: grouping ?? undefined,
    indexed: (indexed as string[] | null) ?? undefined,
  };
}

function isFieldType(type: unknown): type is FieldType {
  return type === "bytes" || type === "text" || type === "integer";
}

function decodeMap(bytes: Uint8Array): Map<string, unknown> | undefined {
  const value = decodeCbor(bytes);
  return value instanceof Map ? value as Map<string, unknown> : undefined;
}

function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, {
      useMaps: true,
      allowIndefinite: false,
      rejectDuplicateMapKeys: true,
    });
  } catch {
    // Not CBOR, so not ours: what we write is under a checksum.
    return undefined;
  }
}

function number(map: Map<string, unknown>, name: string): number {
  const value = map.get(name);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw broken(MANIFEST_NAME, `"${name}" is no count`);
  }
  return value;
}

function optional(
  map: Map<string, unknown>,
  name: string,
): number | undefined {
  return map.get(name) === null ? undefined : number(map, name);
}

function column(map: Map<string, unknown>, name: string): Uint8Array {
  const value = map.get(name);
  if (value instanceof Uint8Array) return value;
  throw broken(SPACES_NAME, `column "${name}" is missing`);
}

function uvarints(bytes: Uint8Array, name: string): Float64Array {
  const values = new Float64Array(bytes.length);
  const reader = new ByteReader(bytes, { part: SPACES_NAME });
  let count = 0;
  while (reader.remaining > 0) values[count++] = reader.uvarint(name);
  return values.slice(0, count);
}

function u32s(bytes: Uint8Array, name: string): Float64Array {
  const reader = new ByteReader(bytes, { part: SPACES_NAME });
  const values = new Float64Array(Math.floor(bytes.length / 4));
  for (let i = 0; i < values.length; i++) values[i] = reader.u32(name);
  reader.expectEnd();
  return values;
}

function broken(part: string, what: string): CairnError {
  return new CairnError("corrupt", `Cannot read manifest: ${what}`, {
    where: { part: `${SPACE_TABLE_PART}, ${part}` },
  });
}
