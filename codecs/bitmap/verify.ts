/**
 * Every check of the format on a whole store.
 *
 * Layout: docs/formats/bitmap.md, part "Checks".
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  decodeText,
  type Finding,
  throwIfAborted,
} from "@cairn/core";
import type { ChunkReader } from "./chunk_store.ts";
import { decodeKey, type Key } from "./key.ts";
import {
  type KeyspaceRecords,
  readKeyspace,
  readSuperblock,
} from "./keyspace_records.ts";
import {
  KIND,
  SCHEMA_NAME,
  SLOT_BITS,
  SLOT_BYTES,
  STATE_NAME,
  SUPERBLOCK_NAME,
} from "./layout.ts";
import { slotToNumber } from "./slot.ts";
import { asFinding } from "./_as_finding.ts";
import { verifyKeyspace } from "./verify_keyspace.ts";
import { TableChunkReader } from "./table_chunk_reader.ts";
import { baseField, type NamedField } from "./verify_names.ts";

/**
 * Looks at every key and value and reports what is wrong.
 *
 * @param reader All keys.
 * @param options A signal.
 */
export async function* verifyStore(
  reader: ChunkReader,
  options: AbortOptions = {},
): AsyncGenerator<Finding, void, undefined> {
  try {
    const superblock = await readSuperblock(reader, options);
    if (superblock === undefined) {
      throw new CairnError("corrupt", "Cannot read store: no superblock", {
        where: { file: reader.name, part: "superblock", offset: 0 },
      });
    }
    if (reader instanceof TableChunkReader) yield* reader.verify(options);
    const keyspaces = new Map<number, KeyspaceRecords>();
    for (const entry of superblock.keyspaces) {
      keyspaces.set(entry[1], await readKeyspace(reader, entry, options));
    }
    const views = new ViewNames();
    yield* verifyKeys(reader, keyspaces, views, options);
    for (const [number, records] of keyspaces) {
      yield* verifyKeyspace(reader, records, views.of(number), options);
    }
  } catch (error) {
    yield asFinding(error);
  }
}

/** Which fields and views have keys, by keyspace. */
class ViewNames {
  readonly #names = new Map<number, Map<string, NamedField>>();

  add(keyspace: number, name: string, field: NamedField): void {
    const names = this.#names.get(keyspace);
    if (names === undefined) {
      this.#names.set(keyspace, new Map([[name, field]]));
    } else names.set(name, field);
  }

  of(keyspace: number): ReadonlyMap<string, NamedField> {
    return this.#names.get(keyspace) ?? new Map();
  }
}

async function* verifyKeys(
  reader: ChunkReader,
  keyspaces: ReadonlyMap<number, KeyspaceRecords>,
  views: ViewNames,
  options: AbortOptions,
): AsyncGenerator<Finding, void, undefined> {
  const range = {
    from: new Uint8Array(0),
    to: Uint8Array.of(0xff, 0xff, 0xff),
  };
  for await (const entries of reader.range(range, options)) {
    throwIfAborted(options.signal);
    for (let row = 0; row < entries.count; row++) {
      const { keys, values } = entries;
      const value = values.bytes.subarray(
        values.starts[row]!,
        values.ends[row]!,
      );
      let problem: string | undefined;
      try {
        const bytes = keys.bytes.subarray(keys.starts[row]!, keys.ends[row]!);
        problem = keyProblem(decodeKey(bytes), value, keyspaces, views);
      } catch (error) {
        problem = asFinding(error).detail;
      }
      if (problem === undefined) continue;
      yield {
        severity: "corrupt",
        detail: problem,
        where: { file: reader.name, part: "keys" },
      };
    }
  }
}

function keyProblem(
  key: Key,
  value: Uint8Array,
  keyspaces: ReadonlyMap<number, KeyspaceRecords>,
  views: ViewNames,
): string | undefined {
  const records = keyspaces.get(key.keyspace);
  if (key.layout === "meta") {
    const name = decodeText(key.name);
    const known = key.keyspace === 0
      ? name === SUPERBLOCK_NAME
      : records !== undefined && (name === SCHEMA_NAME || name === STATE_NAME);
    return known
      ? undefined
      : `a record "${name}" of keyspace ${key.keyspace} that is not known`;
  }
  if (records === undefined) {
    return `a key of keyspace ${key.keyspace}, which is not there`;
  }
  const name = decodeText(key.name);
  if (name === undefined) return "a key whose name is not UTF-8";
  if (key.layout === "entry") return entryProblem(key, name, value, records);
  if (value.length !== 256) return `a chunk of ${value.length} bytes`;
  if (value.every((byte) => byte === 0)) return "a chunk without a bit";
  if (key.offset[0] !== 0 || key.offset[1]! >= 0x20) {
    return "a chunk number of 2^117 or more";
  }
  if (name === "") {
    return key.kind === KIND.presence && slotToNumber(key.slot) === 0
      ? undefined
      : "a bitmap without a name that is not the existence bitmap";
  }
  const field = baseField(records.schema, name);
  if (field === undefined) return `a bitmap of "${name}", which no field keeps`;
  views.add(key.keyspace, name, field);
  return chunkProblem(key, field, records);
}

function chunkProblem(
  key: Extract<Key, { layout: "chunk" }>,
  { field, period }: NamedField,
  records: KeyspaceRecords,
): string | undefined {
  const slot = slotToNumber(key.slot);
  switch (key.kind) {
    case KIND.presence:
      return slot === 0 ? undefined : `presence of "${field.name}" in a slot`;
    case KIND.equality:
      return field.type === "set" ||
          field.type === "counter" && field.encoding === "equality"
        ? undefined
        : `values of "${field.name}", which has none`;
    case KIND.slice: {
      if (field.type !== "counter" || field.encoding !== "bitslice") {
        return `slices of "${field.name}", which has none`;
      }
      const bits = records.state.fields.get(field.name)?.bits ?? 0;
      return slot !== undefined && slot < Math.min(bits, SLOT_BITS)
        ? undefined
        : `a slice of "${field.name}" above the ${bits} that the state says`;
    }
    default:
      return field.type === "set" && field.trigram && period === undefined
        ? undefined
        : `trigrams of "${field.name}", which has none`;
  }
}

function entryProblem(
  key: Extract<Key, { layout: "entry" }>,
  name: string,
  value: Uint8Array,
  { schema }: KeyspaceRecords,
): string | undefined {
  const ofRow = key.kind === KIND.row || key.kind === KIND.rowLookup;
  const wanted = key.kind === KIND.row || key.kind === KIND.value
    ? 0
    : SLOT_BYTES;
  if (value.length !== wanted) {
    return `an entry with ${value.length} bytes, ${wanted} wanted`;
  }
  if (ofRow) {
    const allowed = key.kind === KIND.row
      ? schema.rows !== "uint"
      : schema.rows === "dense";
    return name === schema.name && allowed
      ? undefined
      : `an entry of rows of table "${name}"`;
  }
  const field = schema.fields.find((field) => field.name === name);
  return field?.type === "set" && field.of === "string"
    ? undefined
    : `an entry of values of "${name}", which is no set of strings`;
}
