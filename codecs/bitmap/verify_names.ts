/**
 * Which field a bitmap's name belongs to.
 *
 * @module
 */
import type { Period } from "@cairn/core";
import { splitView } from "./calendar.ts";
import {
  findKeyspaceField,
  type KeyspaceField,
  type KeyspaceSchema,
} from "./keyspace_schema.ts";
import { viewName } from "./view_name.ts";

/** A field, perhaps within a period. */
export interface NamedField {
  /** The base field. */
  readonly field: KeyspaceField;
  /** The period of a view. */
  readonly period: Period | undefined;
}

/**
 * Finds the field that keeps a name.
 *
 * @param schema The fields.
 * @param name Of a field or view.
 * @returns `undefined` when none keeps it.
 */
export function baseField(
  schema: KeyspaceSchema,
  name: string,
): NamedField | undefined {
  const field = findKeyspaceField(schema, name);
  if (field !== undefined) return { field, period: undefined };
  const view = splitView(name);
  const base = view && findKeyspaceField(schema, view.field);
  return view !== undefined && base !== undefined &&
      viewName(base, view.period) === name
    ? { field: base, period: view.period }
    : undefined;
}
