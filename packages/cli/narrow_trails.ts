/**
 * Trails that a filter can match, as far as an index knows.
 *
 * @module
 */
import {
  Bitmap,
  type Filter,
  type FilterClause,
  type Index,
} from "@cairn/core";

/**
 * Asks an index which trails can have an event that matches a filter.
 *
 * Clauses of nothing but wanted values narrow; others say nothing.
 *
 * @param index The index.
 * @param filter The filter.
 * @param within Trails that are wanted at all; all if left out.
 * @param signal Stops the asking.
 * @returns A superset of the trails that match; `undefined` when the index
 * says nothing about this filter.
 */
export async function narrowTrails(
  index: Index,
  filter: Filter,
  within?: Bitmap,
  signal?: AbortSignal,
): Promise<Bitmap | undefined> {
  let narrowed: Bitmap | undefined;
  for (const clause of filter.clauses) {
    const trails = await trailsOf(index, clause, narrowed ?? within, signal);
    if (trails === undefined) continue;
    narrowed = narrowed === undefined ? trails : narrowed.and(trails);
    if (narrowed.isEmpty) return narrowed;
  }
  return narrowed === undefined || within === undefined
    ? narrowed
    : narrowed.and(within);
}

async function trailsOf(
  index: Index,
  clause: FilterClause,
  within: Bitmap | undefined,
  signal: AbortSignal | undefined,
): Promise<Bitmap | undefined> {
  const valuesByField = new Map<string, Uint8Array[]>();
  for (const term of clause) {
    if (term.kind !== "equal" || term.negated || term.value === null) {
      return undefined;
    }
    const values = valuesByField.get(term.field) ?? [];
    values.push(term.value);
    valuesByField.set(term.field, values);
  }
  let union = Bitmap.empty;
  for (const [field, values] of valuesByField) {
    if (!index.fields.some(({ name }) => name === field)) return undefined;
    const postings = await index.trails(
      { field, condition: { kind: "in", values } },
      {
        ...(within === undefined ? {} : { within }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    if (postings === undefined) return undefined;
    union = union.or(postings.bitmap);
  }
  return union;
}
