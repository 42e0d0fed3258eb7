/**
 * Ordinary events into a live bitmap store: rows of trails that grow.
 *
 * @module
 */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type BitmapCreateOptions,
  type BitmapIndex,
  openBitmapIndex,
  parseKeyspaceSchema,
  type Quantum,
  type RowEvent,
} from "@cairn/bitmap";
import {
  type AppendOptions,
  CairnError,
  decodeText,
  findField,
  type InputBatch,
  packSpans,
  type Schema,
  spanValue,
  type Store,
  type StoreWriter,
  throwIfAborted,
  type WriteSummary,
} from "@cairn/core";
import { copyEvents } from "../copy_events.ts";

/** Name of the keyspace, and of the only part of its row ids. */
const KEYSPACE = "trails";
const ROW_ID = "trail";
/** The counter of events, which every trail has. */
const EVENTS = ".events";

/** A counter and the ordinal of the field that it adds up. */
type Counter = readonly [name: string, field: number];

/**
 * Begins a live store.
 *
 * Fields become sets, counters are made as for sealed stores. Its events are
 * not kept, only what they add up to.
 *
 * @param path The folder; nothing may be there.
 * @param schema The fields.
 * @param options Sets, counters, periods.
 * @throws {CairnError} `exists`, `invalid-input`, `io`.
 */
export async function createLiveStore(
  path: string,
  schema: Schema,
  options: BitmapCreateOptions = {},
): Promise<StoreWriter> {
  if (await stat(path).then(() => true, () => false)) {
    throw new CairnError(
      "exists",
      "Cannot make live store: something is there already",
      { where: { file: path } },
    );
  }
  const names = options.sets ?? schema.fields.map(({ name }) => name);
  const sets = names.map((name) => ordinalOf(schema, name));
  const counters = Object.entries(options.counters ?? {})
    .map(([name, field]): Counter => [name, ordinalOf(schema, field)]);
  const keyspace = parseKeyspaceSchema(describe(names, counters, options));
  const index = await openBitmapIndex(path, { create: true });
  try {
    await index.createKeyspace(keyspace);
  } catch (error) {
    await index.close();
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  return new LiveWriter(path, schema, { index, sets, counters });
}

function ordinalOf(schema: Schema, name: string): number {
  const ordinal = findField(schema, name);
  if (ordinal >= 0) return ordinal;
  throw new CairnError(
    "invalid-input",
    `Cannot make live store: there is no field "${name}"`,
  );
}

/** The schema file that says the same. */
function describe(
  sets: readonly string[],
  counters: readonly Counter[],
  { quantum, timeUnit, trigram }: BitmapCreateOptions,
) {
  const quantumOf = (name: string): Quantum =>
    typeof quantum === "object" ? quantum[name] ?? "" : quantum ?? "";
  return {
    name: KEYSPACE,
    row_id: [ROW_ID],
    time: timeUnit ?? "s",
    fields: [
      ...sets.map((name) => ({
        name,
        type: "set",
        quantum: quantumOf(name),
        trigram: trigram ?? true,
      })),
      ...[...counters.map(([name]) => name), EVENTS].map((name) => ({
        name,
        type: "counter",
        quantum: quantumOf(name),
      })),
    ],
  };
}

interface LiveParts {
  readonly index: BitmapIndex;
  /** Ordinals of the fields that are sets. */
  readonly sets: readonly number[];
  readonly counters: readonly Counter[];
}

class LiveWriter implements StoreWriter {
  readonly schema: Schema;
  readonly #path: string;
  readonly #parts: LiveParts;
  #events = 0;
  #least: number | undefined;
  #most: number | undefined;
  #isOver = false;

  constructor(path: string, schema: Schema, parts: LiveParts) {
    this.schema = schema;
    this.#path = path;
    this.#parts = parts;
  }

  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): Promise<void> {
    return this.addBatch({
      count: 1,
      trailKeys: packSpans([trailKey]),
      timestamps: Float64Array.of(timestamp),
      columns: values.map((value) => packSpans([value])),
    });
  }

  /** Takes a batch whole or not at all, as the index does. */
  async addBatch(batch: InputBatch): Promise<void> {
    const events: RowEvent[] = [];
    for (let row = 0; row < batch.count; row++) {
      events.push(this.#rowEvent(batch, row));
    }
    try {
      await this.#parts.index.add(events);
    } catch (error) {
      throw fromZero(error);
    }
    for (let row = 0; row < batch.count; row++) {
      const time = batch.timestamps[row]!;
      this.#least = Math.min(this.#least ?? time, time);
      this.#most = Math.max(this.#most ?? time, time);
    }
    this.#events += batch.count;
  }

  async append(store: Store, options: AppendOptions = {}): Promise<void> {
    await copyEvents(store, this, options);
  }

  async finish(options: { signal?: AbortSignal } = {}): Promise<WriteSummary> {
    throwIfAborted(options.signal);
    const { index } = this.#parts;
    const trails = index.keyspaces.get(KEYSPACE)!.state.rows;
    await index.close();
    this.#isOver = true;
    return {
      trails: Number(trails),
      events: this.#events,
      minTimestamp: this.#least,
      maxTimestamp: this.#most,
      byteLength: await bytesOf(this.#path),
    };
  }

  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#parts.index.close();
    await rm(this.#path, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #rowEvent(batch: InputBatch, row: number): RowEvent {
    const { sets, counters } = this.#parts;
    const put: Record<string, Uint8Array[]> = {};
    for (const field of sets) {
      const value = spanValue(batch.columns[field]!, row);
      if (value !== null) put[this.schema.fields[field]!.name] = [value];
    }
    const add: Record<string, string | number> = { [EVENTS]: 1 };
    for (const [name, field] of counters) {
      const text = spanValue(batch.columns[field]!, row);
      const number = text === null ? undefined : decodeText(text);
      // What is no unsigned number adds nothing, as in a sealed store.
      if (number !== undefined && /^(0|[1-9]\d{0,37})$/.test(number)) {
        add[name] = number;
      }
    }
    const key = spanValue(batch.trailKeys, row)!;
    return { row: [key], ts: batch.timestamps[row]!, put, add };
  }
}

/** The index counts events of a batch from 1, a writer rows from 0. */
function fromZero(error: unknown): unknown {
  if (!(error instanceof CairnError) || error.where.line === undefined) {
    return error;
  }
  const { line, ...where } = error.where;
  return new CairnError(error.code, error.detail, {
    where: { ...where, line: line - 1 },
    cause: error,
  });
}

async function bytesOf(path: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path)) {
    bytes += (await stat(join(path, name))).size;
  }
  return bytes;
}
