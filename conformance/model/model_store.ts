/**
 * An open file of the model.
 *
 * @module
 */
import {
  type AbortOptions,
  BATCH_EVENTS,
  type Bitmap,
  type BytesColumn,
  type ByteSpans,
  compareBytes,
  compileFilter,
  EventBatch,
  Filter,
  type Finding,
  getField,
  type OrdinalRange,
  packSpans,
  type ScanOptions,
  type Schema,
  selectRows,
  type Source,
  type Store,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import {
  type ModelEvent,
  type ModelFile,
  type ModelTrail,
  statsOf,
} from "./model_file.ts";

/** Answers everything from arrays in memory. */
export class ModelStore implements Store {
  readonly codec = "model";
  readonly schema: Schema;
  readonly #source: Source;
  readonly #trails: readonly ModelTrail[];
  #closed = false;

  constructor(source: Source, file: ModelFile) {
    this.#source = source;
    this.schema = file.schema;
    this.#trails = file.trails;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    this.#check(options.signal);
    return statsOf(this.#trails);
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    this.#check(options.signal);
    const at = this.#trails.findIndex((trail) =>
      compareBytes(trail.key, trailKey) === 0
    );
    return at < 0 ? undefined : at;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async keys(
    range: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    this.#check(options.signal);
    const { start, end } = range;
    if (!(start >= 0 && start <= end && end <= this.#trails.length)) {
      throw new RangeError(`Cannot give keys ${start} to ${end}: out of range`);
    }
    return packSpans(this.#trails.slice(start, end).map((trail) => trail.key));
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async lexicon(field: string, options: AbortOptions = {}): Promise<undefined> {
    this.#check(options.signal);
    getField(this.schema, field);
    return undefined;
  }

  async *scan(options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    this.#check(options.signal);
    const names = options.fields ??
      this.schema.fields.map((field) => field.name);
    const places = names.map((name) => getField(this.schema, name));
    const filter = compileFilter(options.filter ?? Filter.all, this.schema, []);
    if (filter.verdict === "none") return;
    const most = options.batchEvents ?? BATCH_EVENTS;
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new RangeError(
        `Cannot scan: ${most} events in a batch, 1 or more wanted`,
      );
    }
    for (const ordinal of selectTrails(options.trails, this.#trails.length)) {
      const all = this.#trails[ordinal]!.events;
      const columns = this.schema.fields.map((_, f) => column(all, f));
      const times = Float64Array.from(all, (event) => event.timestamp);
      const rows = filter.verdict === "all"
        ? [...all.keys()]
        : [...selectRows(filter, columns, times, all.length)];
      if (options.order === "descending") rows.reverse();
      for (let at = 0; at < rows.length; at += most) {
        const events = rows.slice(at, at + most).map((row) => all[row]!);
        await Promise.resolve();
        this.#check(options.signal);
        yield new EventBatch({
          trailOrdinals: Uint32Array.of(ordinal),
          trailOffsets: Uint32Array.of(0, events.length),
          timestamps: Float64Array.from(events, (event) => event.timestamp),
          columns: places.map((f) => column(events, f)),
        });
        this.#check(options.signal);
      }
    }
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async index(options: AbortOptions = {}): Promise<undefined> {
    this.#check(options.signal);
    return undefined;
  }

  /** Opening has parsed and checked everything. */
  // deno-lint-ignore require-yield -- there is never anything left to find
  async *verify(options: AbortOptions = {}): AsyncIterableIterator<Finding> {
    this.#check(options.signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(signal: AbortSignal | undefined): void {
    if (this.#closed) {
      throw new TypeError("Cannot read the store: it is closed");
    }
    throwIfAborted(signal);
  }
}

function column(events: readonly ModelEvent[], field: number): BytesColumn {
  return {
    kind: "bytes",
    ...packSpans(events.map((event) => event.values[field]!)),
  };
}

function selectTrails(
  trails: OrdinalRange | Bitmap | undefined,
  count: number,
): number[] {
  if (trails === undefined) return Array.from({ length: count }, (_, i) => i);
  if ("start" in trails) {
    const start = Math.max(0, trails.start);
    const end = Math.min(count, trails.end);
    return Array.from(
      { length: Math.max(0, end - start) },
      (_, i) => start + i,
    );
  }
  return [...trails].filter((ordinal) => ordinal < count);
}
