/**
 * The metadata of a store, read together.
 *
 * @module
 */
import { type AbortOptions, CairnError } from "@cairn/core";
import type { ChunkReader } from "./chunk_store.ts";
import { metaKey, SUPERBLOCK_KEY } from "./key.ts";
import { decodeSchema, type KeyspaceSchema } from "./keyspace_schema.ts";
import {
  decodeState,
  EMPTY_STATE,
  type KeyspaceState,
} from "./keyspace_state.ts";
import { SCHEMA_NAME, STATE_NAME } from "./layout.ts";
import { decodeSuperblock, type Superblock } from "./superblock.ts";

/** A keyspace's records. */
export interface KeyspaceRecords {
  /** Its number. */
  readonly keyspace: number;
  /** Its schema. */
  readonly schema: KeyspaceSchema;
  /** Its state. */
  readonly state: KeyspaceState;
}

/**
 * Reads the superblock.
 *
 * @returns `undefined` when there is none.
 * @throws {CairnError} `corrupt`, `unsupported`, with the store's name.
 */
export async function readSuperblock(
  reader: ChunkReader,
  options: AbortOptions = {},
): Promise<Superblock | undefined> {
  const bytes = await reader.get(SUPERBLOCK_KEY, options);
  return bytes === undefined
    ? undefined
    : named(reader, () => decodeSuperblock(bytes));
}

/**
 * Reads schema and state of a keyspace.
 *
 * @param reader Where from.
 * @param entry Its name and number, as the superblock says.
 * @throws {CairnError} `corrupt` when a record is missing or wrong.
 */
export async function readKeyspace(
  reader: ChunkReader,
  entry: readonly [name: string, number: number],
  options: AbortOptions = {},
): Promise<KeyspaceRecords> {
  const [name, keyspace] = entry;
  const [schemaBytes, stateBytes] = await reader.getMany([
    metaKey(keyspace, SCHEMA_NAME),
    metaKey(keyspace, STATE_NAME),
  ], options);
  return named(reader, () => {
    if (schemaBytes === undefined) {
      throw new CairnError(
        "corrupt",
        `Cannot read schema: keyspace "${name}" has none`,
        { where: { part: "schema" } },
      );
    }
    const schema = decodeSchema(schemaBytes);
    if (schema.name !== name) {
      throw new CairnError(
        "corrupt",
        `Cannot read schema: it is of "${schema.name}", not of "${name}"`,
        { where: { part: "schema" } },
      );
    }
    const state = stateBytes === undefined
      ? EMPTY_STATE
      : decodeState(stateBytes, schema);
    return { keyspace, schema, state };
  });
}

/** Adds the store's name to an error. */
function named<T>(reader: ChunkReader, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof CairnError ? error.within(reader.name) : error;
  }
}
