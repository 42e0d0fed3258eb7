/**
 * What a clause works with: the codec under test and ways to write and read.
 *
 * @module
 */
import {
  type Capabilities,
  type Codec,
  type CreateOptions,
  type EventBatch,
  formatHex,
  type OpenOptions,
  type ScanOptions,
  type Schema,
  type Sink,
  type Source,
  spanValue,
  type Store,
  type WriteSummary,
} from "@cairn/core";
import {
  type Dataset,
  type DatasetEvent,
  makeDatasets,
  type PlainEvent,
  plainValue,
} from "./dataset.ts";
import { FaultySink } from "./faults/faulty_sink.ts";
import {
  FaultySource,
  type FaultySourceOptions,
} from "./faults/faulty_source.ts";
import { MEMORY_STORAGE, type Storage } from "./storage/storage.ts";

/** How far a run goes. */
export interface Effort {
  /** `small` in every run; `full` adds the large datasets. */
  readonly datasets: "small" | "full";
  /** Runs of each property. */
  readonly propertyRuns: number;
  /** Damaged copies tried for each file. */
  readonly mutations: number;
}

/** What a test run of everybody can afford. */
export const EFFORT: Effort = {
  datasets: "small",
  propertyRuns: 25,
  mutations: 300,
};

/** A trail as it came out of a store. */
export interface ReadTrail {
  /** Its ordinal. */
  readonly ordinal: number;
  /** Its key in hex. */
  readonly key: string;
  /** Its events in the order they came. */
  readonly events: PlainEvent[];
}

/** The codec under test, and ways to write and read stores with it. */
export class Workbench {
  /** The codec under test. */
  readonly codec: Codec;
  /** How far to go. */
  readonly effort: Effort;
  /** Where stores are written to and read from. */
  readonly storage: Storage;
  /** A small dataset that most clauses use. */
  readonly mixed: Dataset;
  #datasets: readonly Dataset[] | undefined;
  /** Files of datasets: whoever only reads need not write them again. */
  readonly #files = new WeakMap<Dataset, Promise<Uint8Array>>();

  /**
   * Makes a bench.
   *
   * @param codec The codec under test.
   * @param effort How far to go.
   * @param storage Where stores are written to and read from.
   */
  constructor(
    codec: Codec,
    effort: Effort = EFFORT,
    storage: Storage = MEMORY_STORAGE,
  ) {
    this.codec = codec;
    this.effort = effort;
    this.storage = storage;
    this.mixed = this.dataset("mixed");
  }

  /** What the codec says it can do. */
  get capabilities(): Capabilities {
    return this.codec.capabilities;
  }

  /** All datasets that fit the codec. */
  datasets(): readonly Dataset[] {
    return this.#datasets ??= makeDatasets(
      this.capabilities,
      this.effort.datasets,
    );
  }

  /** One dataset. @param name Its name. */
  dataset(name: string): Dataset {
    return this.datasets().find((d) => d.name === name)!;
  }

  /**
   * Makes a sink that keeps count, in the bench's storage.
   *
   * @param failAt Number of the call that fails, from 0; none if left out.
   */
  async sink(failAt?: number): Promise<FaultySink> {
    return new FaultySink(failAt, await this.storage.makeSink());
  }

  /**
   * Makes a source that keeps count, in the bench's storage.
   *
   * @param bytes What it serves.
   * @param options What goes wrong.
   */
  async source(
    bytes: Uint8Array,
    options?: FaultySourceOptions,
  ): Promise<FaultySource> {
    const inner = await this.storage.makeSource(bytes, "bench");
    return new FaultySource(inner, options);
  }

  /**
   * Writes events into a file of the bench's storage.
   *
   * @param schema The fields.
   * @param events In input order.
   * @param options For the codec.
   * @returns The file's bytes and the writer's summary.
   */
  async write(
    schema: Schema,
    events: readonly DatasetEvent[],
    options: CreateOptions = {},
  ): Promise<{ bytes: Uint8Array; summary: WriteSummary }> {
    const sink = await this.sink();
    const summary = await this.writeTo(sink, schema, events, options);
    return { bytes: await sink.bytes(), summary };
  }

  /** As `write`, into a sink that the caller looks at. */
  async writeTo(
    sink: Sink,
    schema: Schema,
    events: readonly DatasetEvent[],
    options: CreateOptions = {},
  ): Promise<WriteSummary> {
    await using writer = await this.codec.create(sink, schema, options);
    for (const event of events) {
      await writer.add(event.key, event.timestamp, event.values);
    }
    return await writer.finish();
  }

  /** Opens bytes. @param bytes A file. @param name The source's name. */
  async open(bytes: Uint8Array, name = "bench"): Promise<Store> {
    return await this.codec.open(await this.storage.makeSource(bytes, name));
  }

  /** Opens a source. @param source The file. @param options For the codec. */
  openSource(source: Source, options?: OpenOptions): Promise<Store> {
    return this.codec.open(source, options);
  }

  /** Opens a dataset, written once. @param dataset Which one. */
  async store(dataset: Dataset = this.mixed): Promise<Store> {
    let file = this.#files.get(dataset);
    if (file === undefined) {
      file = this.write(dataset.schema, dataset.events).then(({ bytes }) =>
        bytes
      );
      this.#files.set(dataset, file);
    }
    return await this.open(await file);
  }

  /**
   * Reads a scan as plain trails, and checks the shape of every batch on the
   * way (see `checkBatch`).
   *
   * @param store The store.
   * @param options What to scan.
   * @returns Trails in the order they came.
   */
  async read(store: Store, options: ScanOptions = {}): Promise<ReadTrail[]> {
    const trails: ReadTrail[] = [];
    for await (const batch of store.scan(options)) {
      checkBatch(batch, options);
      for (const event of batch.events()) {
        let trail = trails.at(-1);
        if (trail === undefined || trail.ordinal !== event.trail) {
          const key = await store.keys({
            start: event.trail,
            end: event.trail + 1,
          });
          trail = {
            ordinal: event.trail,
            key: formatHex(spanValue(key, 0)!),
            events: [],
          };
          trails.push(trail);
        }
        trail.events.push({
          timestamp: event.timestamp,
          values: event.values.map(plainValue),
        });
      }
    }
    return trails;
  }
}

/** Trails by key, to compare with what a dataset says. @param trails As read. */
export function byKey(
  trails: readonly ReadTrail[],
): Map<string, { key: string; events: PlainEvent[] }> {
  return new Map(trails.map(({ key, events }) => [key, { key, events }]));
}

/** Throws when a batch is not of the shape that the contract says. */
function checkBatch(batch: EventBatch, options: ScanOptions): void {
  const { trailOrdinals, trailOffsets, timestamps, columns } = batch;
  const fail = (what: string) => {
    throw new Error(`A batch breaks the contract: ${what}`);
  };
  if (batch.count === 0) fail("it has no events");
  if (options.batchEvents !== undefined && batch.count > options.batchEvents) {
    fail(`${batch.count} events, at most ${options.batchEvents} asked for`);
  }
  if (trailOffsets.length !== trailOrdinals.length + 1) {
    fail("offsets do not fit trails");
  }
  if (trailOffsets[0] !== 0 || trailOffsets.at(-1) !== timestamps.length) {
    fail("offsets do not cover the rows");
  }
  for (let t = 0; t < trailOrdinals.length; t++) {
    if (trailOffsets[t]! >= trailOffsets[t + 1]!) fail("a trail has no rows");
    if (t > 0 && trailOrdinals[t - 1]! >= trailOrdinals[t]!) {
      fail("trail ordinals are not ascending");
    }
  }
  if (
    options.fields !== undefined && columns.length !== options.fields.length
  ) {
    fail(`${columns.length} columns, ${options.fields.length} asked for`);
  }
  for (const column of columns) {
    const rows = column.kind === "ids"
      ? column.ids.length
      : column.starts.length;
    if (rows !== batch.count) {
      fail(`a column of ${rows} rows, ${batch.count} wanted`);
    }
    if (column.kind === "bytes" && column.ends.length !== rows) {
      fail("starts and ends differ");
    }
  }
}
