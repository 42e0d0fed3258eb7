/**
 * Scanning the events of a store.
 *
 * @module
 */
import {
  type AbortOptions,
  BATCH_EVENTS,
  compileFilter,
  type EventBatch,
  Filter,
  filterFields,
  findField,
  getField,
  type Lexicon,
  type ScanOptions,
  throwIfAborted,
} from "@cairn/core";
import { EventColumns } from "./event_columns.ts";
import type { EventExtents } from "./event_extents.ts";
import { EventFilter } from "./event_filter.ts";
import { windowsOf } from "./event_windows.ts";
import { RowBatches } from "./row_batches.ts";
import { type WindowParts, WindowReading } from "./window_reading.ts";

/** What a scan reads from. */
export interface ScanParts extends WindowParts {
  /** Loads which events belong to which trail. */
  readonly extents: (options: AbortOptions) => Promise<EventExtents>;
  /** Loads the lexicon of a field. */
  readonly lexicon: (field: string, options: AbortOptions) => Promise<Lexicon>;
}

/** Gives the batches of a scan. */
export async function* scanEvents(
  parts: ScanParts,
  options: ScanOptions,
): AsyncGenerator<EventBatch, void, undefined> {
  throwIfAborted(options.signal);
  const batchEvents = options.batchEvents ?? BATCH_EVENTS;
  if (!(Number.isInteger(batchEvents) && batchEvents >= 1)) {
    throw new RangeError(`Cannot scan: batches of ${batchEvents} events`);
  }
  const { schema } = parts;
  const fields = options.fields?.map((name) => getField(schema, name)) ??
    schema.fields.map((_, field) => field);
  const lexicons: (Lexicon | undefined)[] = schema.fields.map(() => undefined);
  const filter = options.filter ?? Filter.all;
  const filtered = filterFields(filter).map((name) => findField(schema, name));
  for (const field of new Set([...fields, ...filtered])) {
    if (field < 0) continue;
    const { name } = schema.fields[field]!;
    lexicons[field] = await parts.lexicon(name, options);
  }
  const compiled = compileFilter(filter, schema, lexicons);
  if (compiled.verdict === "none") return;
  const extents = await parts.extents(options);
  const columns = new EventColumns(parts.events, extents.events);
  const reading = new WindowReading(parts, columns, lexicons, options);
  const eventFilter = compiled.verdict === "all"
    ? undefined
    : new EventFilter(compiled, { schema, fields, kept: parts.events.schema });
  const batches = new RowBatches({
    batchEvents,
    descending: options.order === "descending",
    lexicons: fields.map((field) => lexicons[field]!),
  });
  for (const window of windowsOf(extents, options)) {
    throwIfAborted(options.signal);
    reading.begin(window);
    const kept = await eventFilter?.keep(reading, window);
    if (kept !== undefined && !kept.includes(1)) continue;
    const times = await reading.times();
    const ids: Uint32Array[] = [];
    for (const field of fields) ids.push(await reading.ids(field));
    yield* batches.take({ window, extents, kept, times, ids });
  }
  yield* batches.finish();
}
