/**
 * Names of fields and of their views.
 *
 * @module
 */
import type { Period } from "@cairn/core";
import { isPeriod, viewSuffix } from "./calendar.ts";
import type { KeyspaceField } from "./keyspace_schema.ts";

/**
 * Gives the name of a field's view.
 *
 * @param field The field.
 * @param period Which period; none for the field itself.
 * @returns `undefined` when the field does not keep it or it does not exist.
 */
export function viewName(
  field: KeyspaceField,
  period: Period | undefined,
): string | undefined {
  if (period === undefined) return field.name;
  const letters = period.day !== undefined
    ? 3
    : period.month !== undefined
    ? 2
    : 1;
  if (!isPeriod(period) || field.quantum.length < letters) return undefined;
  return field.name + viewSuffix(period);
}
