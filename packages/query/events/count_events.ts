/**
 * How many events pass a filter.
 *
 * @module
 */
import type { Filter, Store } from "@cairn/core";
import { type EventOptions, scanEvents } from "./event_options.ts";

/**
 * Counts events.
 *
 * Without a filter and trails the store's own count is the answer; else the
 * codec filters, in the trails that the index leaves over.
 *
 * @param store The store.
 * @param filter Which events; terms with patterns and numbers are made by
 * {@linkcode matchesPattern}, {@linkcode greaterThan} and {@linkcode between}.
 * @param options Trails and signal.
 * @returns How many.
 */
export async function countEvents(
  store: Store,
  filter: Filter,
  options: EventOptions = {},
): Promise<number> {
  const { signal, trails } = options;
  if (filter.matchesNone) return 0;
  if (filter.matchesAll && trails === undefined) {
    return (await store.stats(signal ? { signal } : {})).events;
  }
  let count = 0;
  await scanEvents(store, { fields: [], filter }, options, (batch) => {
    count += batch.count;
  });
  return count;
}
