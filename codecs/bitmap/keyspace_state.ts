/**
 * The state of a keyspace: what its writer has counted.
 *
 * @module
 */
import { decodeRecord, encodeCbor } from "./_cbor.ts";
import type { KeyspaceSchema } from "./keyspace_schema.ts";
import { SLOT_BITS } from "./layout.ts";

/** What a field's state says. */
export interface FieldState {
  /** Most slices any view of a bit-sliced counter has; 0 for other fields. */
  readonly bits: number;
  /** The next value ordinal of a set of strings; 0 for other fields. */
  readonly values: number;
}

/** What the state says. A claim to be checked, never a licence to allocate. */
export interface KeyspaceState {
  /** Events applied so far. */
  readonly position: number;
  /** Number of rows; in dense mode the next ordinal. */
  readonly rows: number;
  /** By field name. */
  readonly fields: ReadonlyMap<string, FieldState>;
}

/** The state of a keyspace without events. */
export const EMPTY_STATE: KeyspaceState = {
  position: 0,
  rows: 0,
  fields: new Map(),
};

/** Encodes a state. @param state What it says. @param schema Tells what is kept of each field. */
export function encodeState(
  state: KeyspaceState,
  schema: KeyspaceSchema,
): Uint8Array {
  const fields = new Map<string, Record<string, number>>();
  for (const field of schema.fields) {
    const { bits, values } = state.fields.get(field.name) ??
      { bits: 0, values: 0 };
    fields.set(
      field.name,
      field.type === "counter" && field.encoding === "bitslice"
        ? { bits }
        : field.type === "set" && field.of === "string"
        ? { values }
        : {},
    );
  }
  return encodeCbor({ position: state.position, rows: state.rows, fields });
}

/**
 * Decodes a state.
 *
 * @param bytes The record.
 * @param schema The fields it must speak of.
 * @throws {CairnError} `corrupt`.
 */
export function decodeState(
  bytes: Uint8Array,
  schema: KeyspaceSchema,
): KeyspaceState {
  const record = decodeRecord(bytes, "state");
  const stated = record.record("fields");
  const fields = new Map<string, FieldState>();
  for (const field of schema.fields) {
    if (!stated.map.has(field.name)) {
      throw record.corrupt(`field "${field.name}" is missing`);
    }
    const of = stated.record(field.name);
    fields.set(field.name, {
      bits: field.type === "counter" && field.encoding === "bitslice"
        ? of.integer("bits", 0, SLOT_BITS)
        : 0,
      values: field.type === "set" && field.of === "string"
        ? of.integer("values", 0)
        : 0,
    });
  }
  return {
    position: record.integer("position", 0),
    rows: record.integer("rows", 0),
    fields,
  };
}
