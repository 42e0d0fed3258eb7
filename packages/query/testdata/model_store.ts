/**
 * Stores for tests: one of rows only, one of events in memory.
 *
 * @module
 */
import {
  Bitmap,
  type ByteSpans,
  type Column,
  compileFilter,
  createSchema,
  equalBytes,
  EventBatch,
  Filter,
  type Finding,
  getField,
  type Index,
  type Lexicon,
  type OrdinalRange,
  packSpans,
  type ScanOptions,
  type Schema,
  selectRows,
  type Store,
  type StoreStats,
} from "@cairn/core";
import { Interner } from "../interner.ts";
import type { RowsModel } from "./rows_model.ts";

/** One event of a trail. */
export interface ModelEvent {
  readonly time: number;
  readonly values: readonly (Uint8Array | null)[];
}

/** One trail; its events in order. */
export interface ModelTrail {
  readonly key: Uint8Array;
  readonly events: readonly ModelEvent[];
}

/** How the store behaves. */
export interface ModelStoreOptions {
  /** Kind of the columns; ids if left out. */
  readonly columns?: "ids" | "bytes";
  /** Events of a batch; 5 if left out. */
  readonly batchEvents?: number;
  /** The index. */
  readonly index?: Index;
}

/** Events in memory. */
export class ModelStore implements Store {
  readonly codec: string = "model";
  readonly schema: Schema;
  /** Events that scans gave, for tests of planning. */
  eventsGiven = 0;
  readonly #trails: readonly ModelTrail[];
  readonly #options: ModelStoreOptions;
  readonly #lexicons: Interner[];
  readonly #ids: WeakMap<Uint8Array, number>[];

  constructor(
    schema: Schema,
    trails: readonly ModelTrail[],
    options: ModelStoreOptions = {},
  ) {
    this.schema = schema;
    this.#trails = trails;
    this.#options = options;
    this.#ids = schema.fields.map(() => new WeakMap());
    this.#lexicons = schema.fields.map((_, field) => {
      const interner = new Interner();
      for (const { events } of trails) {
        const spans = packSpans(events.map(({ values }) => values[field]!));
        interner.intern(
          { kind: "bytes", ...spans },
          events.length,
          new Uint32Array(events.length),
        );
      }
      return interner;
    });
  }

  stats(): Promise<StoreStats> {
    let events = 0;
    let min = Infinity;
    let max = -Infinity;
    for (const trail of this.#trails) {
      for (const { time } of trail.events) {
        events++;
        min = Math.min(min, time);
        max = Math.max(max, time);
      }
    }
    return Promise.resolve({
      trails: this.#trails.length,
      events,
      minTimestamp: events === 0 ? undefined : min,
      maxTimestamp: events === 0 ? undefined : max,
    });
  }

  find(key: Uint8Array): Promise<number | undefined> {
    const at = this.#trails.findIndex((trail) => equalBytes(trail.key, key));
    return Promise.resolve(at < 0 ? undefined : at);
  }

  keys({ start, end }: OrdinalRange): Promise<ByteSpans> {
    return Promise.resolve(
      packSpans(this.#trails.slice(start, end).map(({ key }) => key)),
    );
  }

  lexicon(field: string): Promise<Lexicon | undefined> {
    const at = getField(this.schema, field);
    return Promise.resolve(
      this.#options.columns === "bytes" ? undefined : this.#lexicons[at],
    );
  }

  async *scan(options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    await Promise.resolve();
    const { trails, filter = Filter.all } = options;
    const fields = options.fields ?? this.schema.fields.map((f) => f.name);
    const columns = fields.map((field) => getField(this.schema, field));
    const most = options.batchEvents ?? this.#options.batchEvents ?? 5;
    let rows: [number, ModelEvent][] = [];
    for (let trail = 0; trail < this.#trails.length; trail++) {
      if (trails instanceof Bitmap && !trails.has(trail)) continue;
      if (
        trails !== undefined && !(trails instanceof Bitmap) &&
        (trail < trails.start || trail >= trails.end)
      ) continue;
      const { events } = this.#trails[trail]!;
      const kept = this.#filter(events, filter);
      const ordered = options.order === "descending" ? kept.reverse() : kept;
      for (const event of ordered) {
        rows.push([trail, event]);
        if (rows.length < most) continue;
        yield this.#batch(rows, columns);
        rows = [];
      }
    }
    if (rows.length > 0) yield this.#batch(rows, columns);
  }

  index(): Promise<Index | undefined> {
    return Promise.resolve(this.#options.index);
  }

  async *verify(): AsyncIterableIterator<Finding> {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Values are often the same object: then nothing is looked up twice. */
  #idOf(field: number, value: Uint8Array): number {
    const known = this.#ids[field]!.get(value);
    if (known !== undefined) return known;
    const id = this.#lexicons[field]!.find(value)!;
    this.#ids[field]!.set(value, id);
    return id;
  }

  #filter(events: readonly ModelEvent[], filter: Filter): ModelEvent[] {
    const compiled = compileFilter(
      filter,
      this.schema,
      this.schema.fields.map(() => undefined),
    );
    if (compiled.verdict === "none") return [];
    if (compiled.verdict === "all") return [...events];
    const columns = this.schema.fields.map((_, i): Column | undefined =>
      compiled.fields.includes(i)
        ? {
          kind: "bytes",
          ...packSpans(events.map(({ values }) => values[i]!)),
        }
        : undefined
    );
    const times = Float64Array.from(events, ({ time }) => time);
    return [...selectRows(compiled, columns, times, events.length)]
      .map((row) => events[row]!);
  }

  #batch(
    rows: readonly [number, ModelEvent][],
    columns: readonly number[],
  ): EventBatch {
    this.eventsGiven += rows.length;
    const ordinals: number[] = [];
    const offsets: number[] = [];
    rows.forEach(([trail], row) => {
      if (ordinals.at(-1) === trail) return;
      ordinals.push(trail);
      offsets.push(row);
    });
    return new EventBatch({
      trailOrdinals: Uint32Array.from(ordinals),
      trailOffsets: Uint32Array.from([...offsets, rows.length]),
      timestamps: Float64Array.from(rows, ([, { time }]) => time),
      columns: columns.map((field): Column => {
        if (this.#options.columns === "bytes") {
          const values = rows.map(([, event]) => event.values[field]!);
          return { kind: "bytes", ...packSpans(values) };
        }
        const lexicon = this.#lexicons[field]!;
        const ids = Uint32Array.from(rows, ([, { values }]) => {
          const value = values[field]!;
          return value === null ? 0 : this.#idOf(field, value);
        });
        return { kind: "ids", ids, lexicon };
      }),
    });
  }
}

/** Rows without events. */
export function rowsStore(model: RowsModel, index: Index): Store {
  return new ModelStore(
    createSchema([]),
    model.rows.map(({ key }) => ({ key, events: [] })),
    { index },
  );
}
