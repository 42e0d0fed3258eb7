/**
 * What all questions about events can be given, and how their scans are run.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  type EventBatch,
  type Filter,
  type FilterClause,
  type Index,
  type Store,
} from "@cairn/core";
import { BatchIds } from "../batch_ids.ts";

/** What all questions about events can be given. */
export interface EventOptions extends AbortOptions {
  /** Only these trails, such as {@linkcode QueryEngine.segment} gives; all if left out. */
  readonly trails?: Bitmap;
  /** Whether the store's index may narrow the trails; true if left out. Answers are the same. */
  readonly useIndex?: boolean;
}

/** What a scan is to give. */
export interface EventScan {
  /** Fields of the batches. */
  readonly fields: readonly string[];
  /** Which events; all if left out. */
  readonly filter?: Filter | undefined;
  /** Only trails with an event that passes this matter; for the index. */
  readonly needs?: Filter | undefined;
}

/**
 * Scans the events that matter, the index narrowing the trails where it can.
 *
 * @param store The store.
 * @param scan Fields and filter.
 * @param options Trails and signal.
 * @param visit Looks at a batch.
 */
export async function scanEvents(
  store: Store,
  scan: EventScan,
  options: EventOptions,
  visit: (batch: EventBatch, ids: BatchIds) => void,
): Promise<void> {
  const trails = await narrowTrails(store, scan.needs ?? scan.filter, options);
  if (trails?.isEmpty) return;
  const ids = new BatchIds(scan.fields);
  const { signal } = options;
  const batches = store.scan({
    fields: scan.fields,
    ...(trails === undefined ? {} : { trails }),
    ...(scan.filter === undefined ? {} : { filter: scan.filter }),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const batch of batches) {
    ids.begin(batch);
    visit(batch, ids);
  }
}

/**
 * Tells a trail that goes on from the batch before.
 *
 * @param batch The batch.
 * @param lastTrail The last trail of the batch before; -1 if there was none.
 */
export function goesOn(batch: EventBatch, lastTrail: number): boolean {
  return batch.trailCount > 0 && batch.trailOrdinals[0] === lastTrail;
}

/** Trails that can have an event that passes; `undefined` for all. */
async function narrowTrails(
  store: Store,
  filter: Filter | undefined,
  { trails, useIndex = true, signal }: EventOptions,
): Promise<Bitmap | undefined> {
  if (filter === undefined || !useIndex) return trails;
  if (filter.clauses.length === 0) return trails;
  const abort = signal ? { signal } : {};
  const index = await store.index(abort);
  if (index === undefined || index.rowsOnly) return trails;
  let narrowed = trails;
  for (const clause of filter.clauses) {
    const found = await askClause(index, clause, abort);
    if (found === undefined) continue;
    narrowed = narrowed === undefined ? found : narrowed.and(found);
  }
  return narrowed;
}

/** Trails with an event that meets one of the terms; `undefined` if nobody knows. */
async function askClause(
  index: Index,
  clause: FilterClause,
  abort: AbortOptions,
): Promise<Bitmap | undefined> {
  let found = Bitmap.empty;
  for (const term of clause) {
    if (term.kind !== "equal" || term.negated || term.value === null) {
      return undefined;
    }
    const field = index.fields.find(({ name }) => name === term.field);
    if (field?.kind !== "set" || field.of !== "string") return undefined;
    const postings = await index.trails({
      field: term.field,
      condition: { kind: "in", values: [term.value] },
    }, abort);
    if (postings === undefined) return undefined;
    found = found.or(postings.bitmap);
  }
  return found;
}
