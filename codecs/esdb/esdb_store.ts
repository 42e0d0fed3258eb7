/**
 * Stores of the ESDB layout, behind the contract.
 *
 * @module
 */
import {
  type AbortOptions,
  BATCH_EVENTS,
  type BytesColumn,
  type ByteSpans,
  CairnError,
  type CompiledFilter,
  compileFilter,
  concatBytes,
  createSchema,
  EventBatch,
  type Finding,
  getField,
  type Index,
  type Lexicon,
  type OrdinalRange,
  type ScanOptions,
  type Schema,
  selectRows,
  SharedLoad,
  type Store,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import { type BulkBatch, bulkScan } from "./bulk_scan.ts";
import { type Esdb, type EsdbParts, partsOf } from "./esdb.ts";
import { EsdbIndex } from "./esdb_index.ts";
import { decodeFields, readRank } from "./event_fields.ts";
import { type ManifestSchema, readBlockCounts } from "./manifest.ts";
import { pickRows, timesWanted, trailsWanted } from "./scan_plan.ts";
import { sliceBatch, type SpaceRun } from "./space_directory.ts";

/** A store without our additions: one field of unknown bytes. */
const OPAQUE: ManifestSchema = {
  fields: createSchema(["data"]).fields,
  payload: "opaque",
  grouping: undefined,
  indexed: undefined,
};

/** What a scan needs to know, once. */
interface ScanPlan {
  readonly filter: CompiledFilter;
  /** Field ordinals that are given, in order. */
  readonly given: readonly number[];
  /** Field ordinals that are decoded. */
  readonly decoded: readonly number[];
  readonly batchEvents: number;
}

/** An open store. See {@linkcode Store}. */
export class EsdbStore implements Store {
  /** Name of the codec. */
  readonly codec = "esdb" as const;
  /** The fields. */
  readonly schema: Schema;
  readonly #esdb: Esdb;
  readonly #parts: EsdbParts;
  readonly #layout: ManifestSchema;
  readonly #groupingField: number;
  #stats: StoreStats | undefined;
  readonly #blockCounts: SharedLoad<void> = new SharedLoad((options) =>
    this.#readBlockCounts(options)
  );
  #index: EsdbIndex | undefined;
  #isClosed = false;

  /** Puts the contract over a store. @param esdb Owned. */
  constructor(esdb: Esdb) {
    this.#esdb = esdb;
    this.#parts = partsOf(esdb);
    this.#layout = esdb.manifest?.schema ?? OPAQUE;
    this.schema = createSchema(this.#layout.fields);
    this.#groupingField = this.#layout.grouping === undefined
      ? -1
      : getField(this.schema, this.#layout.grouping);
  }

  /** Gives facts; from our manifest, else in one pass. See {@linkcode Store.stats}. */
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    this.#assertOpen(options);
    // The result is kept and not the pass: another's signal may stop that.
    return this.#esdb.manifest?.stats ??
      (this.#stats ??= await this.#count(options));
  }

  /** Finds a trail. See {@linkcode Store.find}. */
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    this.#assertOpen(options);
    const { directory } = this.#parts;
    const found = await directory.find(trailKey, options);
    if (found === undefined) return undefined;
    await this.#blockCounts.get(options);
    const starts = await directory.blockStarts(options);
    return starts[found.block]! + found.row;
  }

  /** Gets trail keys; copies. See {@linkcode Store.keys}. */
  async keys(
    range: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    this.#assertOpen(options);
    const count = await this.#trailCount(options);
    const { start, end } = range;
    if (!(start >= 0 && start <= end && end <= count)) {
      throw new RangeError(
        `Cannot get keys ${start} to ${end}: the store has ${count} trails`,
      );
    }
    const starts = new Uint32Array(end - start);
    const ends = new Uint32Array(end - start);
    const parts: Uint8Array[] = [];
    let at = 0;
    let row = 0;
    for await (const run of this.#runs(start, end, options)) {
      const { keys, count } = run.entries;
      for (let i = 0; i < count; i++, row++) {
        const key = keys.bytes.subarray(keys.starts[i]!, keys.ends[i]!);
        parts.push(key);
        starts[row] = at;
        at += key.length;
        ends[row] = at;
      }
    }
    return { bytes: concatBytes(parts), starts, ends };
  }

  /** There are no lexicons. See {@linkcode Store.lexicon}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async lexicon(
    field: string,
    options: AbortOptions = {},
  ): Promise<Lexicon | undefined> {
    this.#assertOpen(options);
    getField(this.schema, field);
    return undefined;
  }

  /** Scans events. See {@linkcode Store.scan}. */
  async *scan(
    options: ScanOptions = {},
  ): AsyncGenerator<EventBatch, void, undefined> {
    this.#assertOpen(options);
    const plan = this.#plan(options);
    if (plan.filter.verdict === "none") return;
    const { start, end, wanted } = trailsWanted(options.trails);
    if (start >= end) return;
    const { from, to } = timesWanted(plan.filter);
    const ascending = (options.order ?? "ascending") === "ascending";
    const batches = bulkScan(
      this.#parts.source,
      this.#runs(start, end, options),
      {
        order: ascending ? "oldest" : "newest",
        ties: ascending ? "added" : "reversed",
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        from,
        to,
        // Go may have wrapped times around; our writer has sorted them.
        sorted: this.#esdb.manifest === undefined,
        groupings: plan.decoded.includes(this.#groupingField),
        rank: this.#groupingField < 0 ? undefined : this.#rank,
        wanted,
        batchEvents: plan.batchEvents,
      },
    );
    for await (const batch of batches) {
      this.#assertOpen();
      let made: EventBatch | undefined;
      try {
        made = this.#makeBatch(batch, plan);
      } catch (error) {
        throw await this.#placed(error, batch, options);
      }
      if (made !== undefined) yield made;
    }
  }

  /**
   * Gets the index over posting sections; there is none where no field is
   * indexed. See {@linkcode Store.index}.
   */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async index(options: AbortOptions = {}): Promise<Index | undefined> {
    this.#assertOpen(options);
    const { indexed } = this.#layout;
    if (indexed === undefined) return undefined;
    this.#index ??= new EsdbIndex(this.#esdb, this.schema, indexed);
    return this.#index;
  }

  /** Looks at everything. See {@linkcode Store.verify}. */
  async *verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    this.#assertOpen();
    yield* this.#esdb.verify(options);
  }

  /** Closes the store. May be called twice. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#esdb.close();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #rank = (bytes: Uint8Array, start: number, end: number): number =>
    readRank(bytes, start, end, this.schema.fields.length - 1);

  #plan(options: ScanOptions): ScanPlan {
    const { schema } = this;
    const names = options.fields ?? schema.fields.map((field) => field.name);
    const given = names.map((name) => getField(schema, name));
    const filter: CompiledFilter = options.filter === undefined
      ? { verdict: "all", clauses: [], fields: [] }
      : compileFilter(options.filter, schema, []);
    const batchEvents = options.batchEvents ?? BATCH_EVENTS;
    if (!Number.isSafeInteger(batchEvents) || batchEvents < 1) {
      throw new RangeError(`Cannot scan in batches of ${batchEvents} events`);
    }
    return {
      filter,
      given,
      decoded: [...new Set([...given, ...filter.fields])],
      batchEvents,
    };
  }

  #makeBatch(batch: BulkBatch, plan: ScanPlan): EventBatch | undefined {
    const columns = this.#decode(batch, plan.decoded);
    const parts = {
      trailOrdinals: batch.ordinals,
      trailOffsets: batch.offsets,
      timestamps: batch.timestamps,
      columns: plan.given.map((field) => columns[field]!),
    };
    const { filter } = plan;
    if (filter.verdict === "all") return new EventBatch(parts);
    const { timestamps } = batch;
    const rows = selectRows(filter, columns, timestamps, timestamps.length);
    if (rows.length === 0) return undefined;
    return rows.length === timestamps.length
      ? new EventBatch(parts)
      : pickRows(parts, rows);
  }

  /** Columns by field ordinal; only those that are wanted are there. */
  #decode(
    batch: BulkBatch,
    wanted: readonly number[],
  ): (BytesColumn | undefined)[] {
    const { fields } = this.schema;
    const columns: (BytesColumn | undefined)[] = fields.map(() => undefined);
    if (this.#layout.payload === "opaque") {
      if (wanted.length > 0) columns[0] = { kind: "bytes", ...batch.data };
      return columns;
    }
    const count = batch.timestamps.length;
    for (const field of wanted) {
      columns[field] = field === this.#groupingField
        ? { kind: "bytes", ...batch.groupings! }
        : {
          kind: "bytes",
          bytes: batch.data.bytes,
          starts: new Uint32Array(count),
          ends: new Uint32Array(count),
        };
    }
    const inData = columns.filter((_, field) => field !== this.#groupingField);
    if (inData.some((column) => column !== undefined)) {
      decodeFields(batch.data, count, inData.length, inData, {
        file: this.#esdb.name,
        part: "events",
      });
    }
    return columns;
  }

  /** Data that is no fields lies in a space: the error says where that begins. */
  async #placed(
    error: unknown,
    batch: BulkBatch,
    options: AbortOptions,
  ): Promise<unknown> {
    if (!(error instanceof CairnError) || error.code !== "corrupt") {
      return error;
    }
    const { bytes, starts, ends } = batch.data;
    const fieldCount = this.schema.fields.length -
      (this.#groupingField < 0 ? 0 : 1);
    for (const [i, id] of batch.ids().entries()) {
      const [from, to] = [batch.offsets[i]!, batch.offsets[i + 1]!];
      const data = {
        bytes,
        starts: starts.subarray(from, to),
        ends: ends.subarray(from, to),
      };
      try {
        decodeFields(data, to - from, fieldCount, [], { part: "events" });
      } catch {
        const place = await this.#parts.directory.find(id, options);
        return new CairnError("corrupt", error.detail, {
          where: { ...error.where, offset: place?.offset ?? 0 },
        });
      }
    }
    return error;
  }

  async *#runs(
    start: number,
    end: number,
    options: AbortOptions,
  ): AsyncGenerator<SpaceRun, void, undefined> {
    const { directory } = this.#parts;
    const { signal } = options;
    const abort = signal === undefined ? {} : { signal };
    if (start > 0) await this.#blockCounts.get(options);
    if (start > 0 || end === Infinity) {
      yield* directory.runsByOrdinal(start, end, abort);
      return;
    }
    for await (const run of directory.runs(abort)) {
      const { count } = run.entries;
      if (run.ordinal + count <= end) yield run;
      else {yield {
          ...run,
          entries: sliceBatch(run.entries, 0, end - run.ordinal),
        };}
      if (run.ordinal + count >= end) return;
    }
  }

  /** Spares a pass over the space table where our manifest knows. */
  async #readBlockCounts(options: AbortOptions): Promise<void> {
    const { manifest } = this.#esdb;
    const { directory } = this.#parts;
    if (manifest === undefined) return;
    const { trails } = manifest.stats;
    directory.useBlockCounts(
      await readBlockCounts(directory.table, trails, options),
    );
  }

  async #trailCount(options: AbortOptions): Promise<number> {
    const { manifest } = this.#esdb;
    const { directory } = this.#parts;
    if (manifest !== undefined) return manifest.stats.trails;
    const starts = await directory.blockStarts(options);
    return starts[starts.length - 1]!;
  }

  async #count(options: AbortOptions): Promise<StoreStats> {
    let events = 0;
    let minTimestamp: number | undefined;
    let maxTimestamp: number | undefined;
    const trails = await this.#trailCount(options);
    for await (const { timestamps } of this.scan({ ...options, fields: [] })) {
      events += timestamps.length;
      for (const time of timestamps) {
        if (minTimestamp === undefined || time < minTimestamp) {
          minTimestamp = time;
        }
        if (maxTimestamp === undefined || time > maxTimestamp) {
          maxTimestamp = time;
        }
      }
    }
    return { trails, events, minTimestamp, maxTimestamp };
  }

  #assertOpen(options: AbortOptions = {}): void {
    if (this.#isClosed) {
      throw new TypeError(
        `Cannot read "${this.#esdb.name}": the store is closed`,
      );
    }
    throwIfAborted(options.signal);
  }
}
