/**
 * Scanning the events of a store.
 *
 * @module
 */
import {
  type AbortOptions,
  BATCH_EVENTS,
  CairnError,
  CHUNK_BITS,
  compileFilter,
  type EventBatch,
  Filter,
  filterFields,
  findField,
  getField,
  type Lexicon,
  type ScanOptions,
  type Schema,
  throwIfAborted,
} from "@cairn/core";
import { EventColumns } from "./event_columns.ts";
import type { EventExtents } from "./event_extents.ts";
import { EventFilter } from "./event_filter.ts";
import { TIME_FIELD, VALUE_PREFIX } from "./event_layout.ts";
import { type EventWindow, windowsOf } from "./event_windows.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { RowBatches } from "./row_batches.ts";

/** What a scan reads from. */
export interface ScanParts {
  /** The event fields. */
  readonly schema: Schema;
  /** The keyspace of events. */
  readonly events: KeyspaceReader;
  /** The smallest time. */
  readonly timeBase: number;
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

/** Reads the columns of one window, each at most once. */
export class WindowReading {
  readonly #parts: ScanParts;
  readonly #columns: EventColumns;
  readonly #lexicons: readonly (Lexicon | undefined)[];
  readonly #options: AbortOptions;
  readonly #ids = new Map<number, Uint32Array>();
  #times: Float64Array | undefined;
  #window: EventWindow = { start: 0, end: 0, trails: new Uint32Array(0) };

  constructor(
    parts: ScanParts,
    columns: EventColumns,
    lexicons: readonly (Lexicon | undefined)[],
    options: AbortOptions,
  ) {
    this.#parts = parts;
    this.#columns = columns;
    this.#lexicons = lexicons;
    this.#options = options.signal === undefined
      ? {}
      : { signal: options.signal };
  }

  /** Turns to another window. */
  begin(window: EventWindow): void {
    this.#window = window;
    this.#ids.clear();
    this.#times = undefined;
  }

  /** Value ids of the window's events. @param field Ordinal of the field. */
  async ids(field: number): Promise<Uint32Array> {
    let ids = this.#ids.get(field);
    if (ids !== undefined) return ids;
    const name = VALUE_PREFIX + this.#parts.schema.fields[field]!.name;
    const all = await this.#columns.ids(name, this.#chunks(), this.#options);
    ids = this.#cut(all);
    const { size } = this.#lexicons[field]!;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! >= size) {
        throw new CairnError(
          "corrupt",
          `Cannot read events: value id ${ids[i]} of "${name}", ${
            size - 1
          } values`,
          { where: { file: this.#parts.events.reader.name, part: "events" } },
        );
      }
    }
    this.#ids.set(field, ids);
    return ids;
  }

  /** Times of the window's events. */
  async times(): Promise<Float64Array> {
    this.#times ??= this.#cut(
      await this.#columns.times(
        TIME_FIELD,
        this.#parts.timeBase,
        this.#chunks(),
        this.#options,
      ),
    );
    return this.#times;
  }

  /** Bits of the window's events that have a value id, and where the first is. */
  async equal(
    field: number,
    id: number,
    bitmap: string | undefined,
  ): Promise<{ readonly words: Uint32Array; readonly shift: number }> {
    const range = this.#chunks();
    const shift = this.#window.start - range.start * CHUNK_BITS;
    if (bitmap !== undefined) {
      const words = await this.#columns.value(bitmap, id, range, this.#options);
      return { words, shift };
    }
    const name = VALUE_PREFIX + this.#parts.schema.fields[field]!.name;
    const slices = await this.#columns.slices(name, 32, range, this.#options);
    const words = new Uint32Array((range.end - range.start) * (CHUNK_BITS / 32))
      .fill(0xffff_ffff);
    slices.forEach((slice, bit) => {
      const wanted = (id >>> bit & 1) === 1;
      for (let w = 0; w < words.length; w++) {
        words[w]! &= wanted ? slice[w]! : ~slice[w]!;
      }
    });
    if (slices.length < 32 && id >= 2 ** slices.length) words.fill(0);
    return { words, shift };
  }

  #chunks(): { start: number; end: number } {
    return {
      start: Math.floor(this.#window.start / CHUNK_BITS),
      end: Math.ceil(this.#window.end / CHUNK_BITS),
    };
  }

  /** Leaves out the events of the first and last chunk that are outside. */
  #cut<T extends Uint32Array | Float64Array>(all: T): T {
    const first = this.#chunks().start * CHUNK_BITS;
    const { start, end } = this.#window;
    return all.subarray(start - first, end - first) as T;
  }
}
