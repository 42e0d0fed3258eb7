/**
 * The schema of a keyspace: its rows and its fields.
 *
 * @module
 */
import { CairnError, encodeText } from "@cairn/core";
import { type CborMap, CborRecord, decodeRecord, encodeCbor } from "./_cbor.ts";
import { type Quantum, splitView } from "./calendar.ts";
import { FIELD_NAME_BYTES_MAX, KEY_BYTES_MAX, SLOT_BITS } from "./layout.ts";

/** What a field is, without its name. */
export type FieldDefinition =
  | {
    /** Adds up amounts. */
    readonly type: "counter";
    /** Which views by time it keeps. */
    readonly quantum: Quantum;
    /** One bitmap a binary digit, or one a total. */
    readonly encoding: "bitslice" | "equality";
  }
  | {
    /** Collects values. */
    readonly type: "set";
    /** Which views by time it keeps. */
    readonly quantum: Quantum;
    /** What the values are. */
    readonly of: "string" | "uint";
    /** Whether strings have trigram bitmaps; false for numbers. */
    readonly trigram: boolean;
  }
  | {
    /** Marks rows. */
    readonly type: "flag";
    /** Which views by time it keeps. */
    readonly quantum: Quantum;
  };

/** A named field. */
export type KeyspaceField = FieldDefinition & {
  /** Its name, 1 to 65,524 bytes of UTF-8; does not end like a view's. */
  readonly name: string;
};

/** The schema of a keyspace. */
export interface KeyspaceSchema {
  /** The keyspace's name. */
  readonly name: string;
  /** Names of the parts of a row id. */
  readonly rowId: readonly string[];
  /** How rows get their bit addresses. */
  readonly rows: "dense" | "hashed" | "uint";
  /** How many bits of hashes are kept, 1 to 128. */
  readonly hashBits: number;
  /** Unit of event times. */
  readonly time: "s" | "ms" | "us";
  /** The fields, in schema order. */
  readonly fields: readonly KeyspaceField[];
  /** What fields become that events name and `fields` does not; absent where that is an error. */
  readonly open?: FieldDefinition;
  /** Members of the record that this version does not know, or that belong to a store of events. */
  readonly extra?: CborMap;
}

const KNOWN = [
  "name",
  "row_id",
  "rows",
  "hash",
  "hash_bits",
  "time",
  "fields",
  "open",
];

/** Encodes a schema. @param schema What it says. */
export function encodeSchema(schema: KeyspaceSchema): Uint8Array {
  const record = new Map<string, unknown>(schema.extra ?? []);
  record.set("name", schema.name);
  record.set("row_id", schema.rowId);
  record.set("rows", schema.rows);
  record.set("hash", "cityhash128");
  record.set("hash_bits", schema.hashBits);
  record.set("time", schema.time);
  record.set("fields", schema.fields.map(definitionRecord));
  if (schema.open !== undefined) {
    record.set("open", definitionRecord(schema.open));
  }
  return encodeCbor(record);
}

/**
 * Decodes a schema.
 *
 * @param bytes The record.
 * @throws {CairnError} `corrupt`.
 */
export function decodeSchema(bytes: Uint8Array): KeyspaceSchema {
  const record = decodeRecord(bytes, "schema");
  const schema = readSchema(record);
  const problem = schemaProblem(schema);
  if (problem !== undefined) throw record.corrupt(problem);
  return schema;
}

/**
 * Reads a schema from a JSON value, as schema files have it. Left out: `rows`
 * is dense, `hash_bits` 128, `time` ms, `quantum` "", `encoding` bitslice, `of`
 * string, `trigram` false.
 *
 * @example A counter and a set
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseKeyspaceSchema } from "@cairn/bitmap";
 *
 * const schema = parseKeyspaceSchema({
 *   name: "users",
 *   row_id: ["user"],
 *   fields: [
 *     { name: "visit", type: "counter", quantum: "YM" },
 *     { name: "campaign", type: "set", trigram: true },
 *   ],
 * });
 * assertEquals(schema.rows, "dense");
 * ```
 * @param json A parsed schema file.
 * @throws {CairnError} `invalid-input` when it is no schema.
 */
export function parseKeyspaceSchema(json: unknown): KeyspaceSchema {
  try {
    const defaults = new Map<string, unknown>([
      ["rows", "dense"],
      ["hash", "cityhash128"],
      ["hash_bits", SLOT_BITS],
      ["time", "ms"],
      ["fields", []],
    ]);
    const given = toMaps(json);
    const record = new CborRecord(
      given instanceof Map ? new Map([...defaults, ...given]) : given,
      "schema",
    );
    const schema = readSchema(record);
    const problem = schemaProblem(schema);
    if (problem !== undefined) throw record.corrupt(problem);
    return schema;
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    throw new CairnError("invalid-input", error.detail, { cause: error });
  }
}

/** Finds a field by name. @param schema Where to look. @param name Its name. */
export function findKeyspaceField(
  schema: KeyspaceSchema,
  name: string,
): KeyspaceField | undefined {
  return schema.fields.find((field) => field.name === name);
}

/**
 * Tells what is wrong with the name of a field.
 *
 * @param name Any text.
 * @returns A sentence, or `undefined` when nothing is.
 */
export function fieldNameProblem(name: string): string | undefined {
  if (name === "") return "a field without a name";
  if (!name.isWellFormed()) return "a field name that is not Unicode text";
  if (encodeText(name).length > FIELD_NAME_BYTES_MAX) {
    return `a field name of more than ${FIELD_NAME_BYTES_MAX} bytes`;
  }
  if (splitView(name) !== undefined) {
    return `field name "${name}" ends like the name of a view`;
  }
  return undefined;
}

function readSchema(record: CborRecord): KeyspaceSchema {
  const extra = new Map(
    [...record.map].filter(([name]) => !KNOWN.includes(name)),
  );
  record.word("hash", ["cityhash128"]);
  return {
    name: record.text("name"),
    rowId: record.array("row_id").map((part) => {
      if (typeof part !== "string") {
        throw record.corrupt(`member "row_id" is not names`);
      }
      return part;
    }),
    rows: record.word("rows", ["dense", "hashed", "uint"]),
    hashBits: record.integer("hash_bits", 1, SLOT_BITS),
    time: record.word("time", ["s", "ms", "us"]),
    fields: record.array("fields").map((value) => {
      const field = new CborRecord(value, "schema", "schema field");
      return { ...readDefinition(field), name: field.text("name") };
    }),
    ...(record.map.has("open")
      ? { open: readDefinition(record.record("open")) }
      : {}),
    ...(extra.size === 0 ? {} : { extra }),
  };
}

function readDefinition(record: CborRecord): FieldDefinition {
  const type = record.word("type", ["counter", "set", "flag"]);
  const quantum = record.map.has("quantum")
    ? record.word("quantum", ["", "Y", "YM", "YMD"])
    : "";
  if (type === "flag") return { type, quantum };
  if (type === "counter") {
    const encoding = record.map.has("encoding")
      ? record.word("encoding", ["bitslice", "equality"])
      : "bitslice";
    return { type, quantum, encoding };
  }
  const of = record.map.has("of")
    ? record.word("of", ["string", "uint"])
    : "string";
  return { type, quantum, of, trigram: record.boolean("trigram") };
}

function definitionRecord(
  field: FieldDefinition & { readonly name?: string },
): Map<string, unknown> {
  const record = new Map<string, unknown>();
  if (field.name !== undefined) record.set("name", field.name);
  record.set("type", field.type);
  record.set("quantum", field.quantum);
  if (field.type === "counter") record.set("encoding", field.encoding);
  if (field.type === "set") {
    record.set("of", field.of);
    if (field.of === "string") record.set("trigram", field.trigram);
  }
  return record;
}

function schemaProblem(schema: KeyspaceSchema): string | undefined {
  if (schema.name === "") return "a keyspace without a name";
  if (encodeText(schema.name).length > KEY_BYTES_MAX) {
    return `a keyspace name of more than ${KEY_BYTES_MAX} bytes`;
  }
  if (schema.rowId.length === 0) return "row ids without parts";
  if (schema.rows === "uint" && schema.rowId.length !== 1) {
    return `numbered rows with ids of ${schema.rowId.length} parts`;
  }
  const names = new Set<string>();
  for (const field of schema.fields) {
    const problem = fieldNameProblem(field.name);
    if (problem !== undefined) return problem;
    if (names.has(field.name)) return `two fields "${field.name}"`;
    names.add(field.name);
  }
  const definitions = [...schema.fields, ...(schema.open ? [schema.open] : [])];
  return definitions.some((field) =>
      field.type === "set" && field.of === "uint" && field.trigram
    )
    ? "trigrams of numbers"
    : undefined;
}

function toMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toMaps);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) return value;
  return new Map(
    Object.entries(value).map(([name, member]) => [name, toMaps(member)]),
  );
}
