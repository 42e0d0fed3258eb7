/**
 * Codecs that are wrong in one way each, made of the model, to show that the
 * suite sees it. Each names the clause that must fail.
 *
 * @module
 */
import {
  Bitmap,
  type Codec,
  EventBatch,
  Filter,
  type ScanOptions,
  type Sink,
  type Source,
  type Store,
  type StoreWriter,
} from "@cairn/core";
import { modelCodec } from "../model/model_codec.ts";
import { override } from "./override.ts";

/** A codec that is wrong in one way. */
export interface BrokenCodec {
  /** What is wrong. */
  readonly fault: string;
  /** The clause that must see it. */
  readonly caughtBy: string;
  /** The codec. */
  readonly codec: Codec;
}

type Overrides<T> = (inner: T) => Partial<T>;

/** Codecs that are wrong in one way each. */
export const BROKEN_CODECS: readonly BrokenCodec[] = [
  brokenStore("events of equal time come reversed", "writer.ties", (store) => ({
    scan: (options) => mapScan(store.scan(options), reverseTies),
  })),
  brokenStore("descending is ignored", "scan.descending", (store) => ({
    scan: (options) => store.scan({ ...options, order: "ascending" }),
  })),
  brokenStore(
    "the last event of each batch is lost",
    "writer.round-trip",
    (store) => ({
      scan: (options) => mapScan(store.scan(options), dropLast),
    }),
  ),
  brokenStore("a filter is ignored", "scan.filter", (store) => ({
    scan: (options) => store.scan(without(options, "filter")),
  })),
  brokenStore(
    "a clause is taken for a conjunction",
    "scan.filter",
    (store) => ({
      scan: (options) =>
        store.scan({
          ...options,
          filter: new Filter(
            (options?.filter ?? Filter.all).clauses.flatMap((clause) =>
              clause.length > 1 ? clause.map((term) => [term]) : [clause]
            ),
          ),
        }),
    }),
  ),
  brokenStore("the end of a time range counts", "scan.filter", (store) => ({
    scan: (options) =>
      store.scan({
        ...options,
        filter: new Filter(
          (options?.filter ?? Filter.all).clauses.map((clause) =>
            clause.map((term) =>
              term.kind === "time" ? { ...term, to: term.to + 1 } : term
            )
          ),
        ),
      }),
  })),
  brokenStore(
    "the range of trails is one too long",
    "scan.trails",
    (store) => ({
      scan: (options) => {
        const trails = options?.trails;
        if (trails === undefined || trails instanceof Bitmap) {
          return store
            .scan(options);
        }
        return store.scan({
          ...options,
          trails: { ...trails, end: trails.end + 1 },
        });
      },
    }),
  ),
  brokenStore("a bitmap of trails is ignored", "scan.trails", (store) => ({
    scan: (options) =>
      store.scan(
        options?.trails instanceof Bitmap
          ? without(options, "trails")
          : options,
      ),
  })),
  brokenStore("columns come in schema order", "scan.fields", (store) => ({
    scan: (options) => {
      const fields = options?.fields;
      if (fields === undefined) return store.scan(options);
      const order = store.schema.fields.map((field) => field.name);
      return store.scan({
        ...options,
        fields: fields.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
      });
    },
  })),
  brokenStore("the batch size is ignored", "scan.batches", (store) => ({
    scan: (options) => store.scan(without(options, "batchEvents")),
  })),
  brokenStore("batches share one array", "scan.copy", (store) => ({
    scan: (options) => mapScan(store.scan(options), shareTimes()),
  })),
  brokenStore("a signal is ignored", "scan.abort", (store) => ({
    scan: (options) => store.scan(without(options, "signal")),
  })),
  brokenStore("find gives the next trail", "store.find", (store) => ({
    find: async (key) => {
      const ordinal = await store.find(key);
      return ordinal === undefined ? undefined : ordinal + 1;
    },
  })),
  brokenStore(
    "find takes a longer key for its beginning",
    "store.find",
    (store) => ({
      find: async (key) =>
        await store.find(key) ?? await store.find(key.subarray(0, -1)),
    }),
  ),
  brokenStore(
    "keys are not checked against the store",
    "store.keys",
    (store) => ({
      keys: async (range) => {
        const { trails } = await store.stats();
        const start = Math.max(0, Math.min(range.start, trails));
        return await store.keys({
          start,
          end: Math.max(start, Math.min(range.end, trails)),
        });
      },
    }),
  ),
  brokenStore("stats count one event too many", "store.stats", (store) => ({
    stats: async (options) => {
      const stats = await store.stats(options);
      return { ...stats, events: stats.events + 1 };
    },
  })),
  brokenStore(
    "a closed store goes on",
    "store.close",
    () => ({ close: () => Promise.resolve() }),
  ),
  brokenStore("verify cries wolf", "verify.sound", () => ({
    async *verify() {
      await Promise.resolve();
      yield { severity: "corrupt", detail: "Everything is lost", where: {} };
    },
  })),
  brokenWriter("times beyond 2^32 are cut", "codec.timestamps", (writer) => ({
    add: (key, timestamp, values) =>
      writer.add(key, timestamp % 2 ** 32, values),
  })),
  brokenWriter("an empty key becomes a zero", "writer.refusals", (writer) => ({
    add: (key, timestamp, values) =>
      writer.add(key.length === 0 ? Uint8Array.of(0) : key, timestamp, values),
  })),
  brokenWriter(
    "values that are missing are filled in",
    "writer.refusals",
    (writer) => ({
      add: (key, timestamp, values) =>
        writer.add(
          key,
          timestamp,
          writer.schema.fields.map((_, f) => values[f] ?? null),
        ),
    }),
  ),
  brokenWriter(
    "a batch is taken up to its bad row",
    "writer.batch-refusals",
    (writer) => ({
      addBatch: async (batch) => {
        const good = batch.timestamps.subarray(0, batch.count).findIndex((t) =>
          t < 0
        );
        if (good > 0) await writer.addBatch({ ...batch, count: good });
        await writer.addBatch(batch);
      },
    }),
  ),
  brokenWriter(
    "finish may be called twice",
    "writer.after-finish",
    (writer) => {
      let summary: ReturnType<StoreWriter["finish"]> | undefined;
      return { finish: (options) => summary ??= writer.finish(options) };
    },
  ),
  brokenWriter("append forgets the filter", "writer.append", (writer) => ({
    append: (store) => writer.append(store),
  })),
  brokenWriter(
    "the summary leaves out the bytes",
    "writer.summary",
    (writer) => ({
      finish: async (options) => ({
        ...await writer.finish(options),
        byteLength: 0,
      }),
    }),
  ),
  brokenCodec("detect says yes to all", "codec.detect", { detect: () => true }),
  brokenCodec("open leaves the source open", "codec.owns-source", {
    open: (source) => modelCodec.open(keepOpen(source)),
  }),
  brokenCodec("create leaves the sink unfinished", "codec.owns-sink", {
    create: (sink, schema) => modelCodec.create(keepUnfinished(sink), schema),
  }),
  brokenCodec("a cut file opens as an empty store", "hostile.cuts", {
    open: async (source) => {
      const bytes = await source.read(0, source.size);
      if (bytes.at(-1) !== 0x7d) throw new Error("unexpected end");
      return await modelCodec.open(source);
    },
  }),
  brokenCodec("field types are promised and lost", "codec.field-types", {
    create: (sink, schema) =>
      modelCodec.create(sink, {
        fields: schema.fields.map((field) => ({ ...field, type: "bytes" })),
      }),
  }),
  brokenCodec(
    "partial reads are promised, the whole file is read",
    "codec.open-cost",
    {
      capabilities: { ...modelCodec.capabilities, partialReads: true },
    },
  ),
  brokenCodec("checksums are promised, and there are none", "verify.flips", {
    capabilities: { ...modelCodec.capabilities, checksums: true },
  }),
];

/** The same wrapping with nothing wrong: it must pass, or the faults prove nothing. */
export const CONTROL: Codec = {
  ...brokenStore("nothing", "", () => ({})).codec,
  create: brokenWriter("nothing", "", () => ({})).codec.create,
};

function brokenCodec(
  fault: string,
  caughtBy: string,
  overrides: Partial<Codec>,
): BrokenCodec {
  return { fault, caughtBy, codec: { ...modelCodec, ...overrides } };
}

function brokenStore(
  fault: string,
  caughtBy: string,
  overrides: Overrides<Store>,
): BrokenCodec {
  return brokenCodec(fault, caughtBy, {
    open: async (source, options) => {
      const store = await modelCodec.open(source, options);
      return override(store, overrides(store));
    },
  });
}

function brokenWriter(
  fault: string,
  caughtBy: string,
  overrides: Overrides<StoreWriter>,
): BrokenCodec {
  return brokenCodec(fault, caughtBy, {
    create: async (sink, schema, options) => {
      const writer = await modelCodec.create(sink, schema, options);
      return override(writer, overrides(writer));
    },
  });
}

function without(
  options: ScanOptions | undefined,
  name: keyof ScanOptions,
): ScanOptions {
  const { [name]: _, ...rest } = options ?? {};
  return rest;
}

async function* mapScan(
  scan: AsyncIterableIterator<EventBatch>,
  change: (batch: EventBatch) => EventBatch | undefined,
): AsyncIterableIterator<EventBatch> {
  for await (const batch of scan) {
    const changed = change(batch);
    if (changed !== undefined) yield changed;
  }
}

function takeRows(batch: EventBatch, rows: readonly number[]): EventBatch {
  return new EventBatch({
    trailOrdinals: batch.trailOrdinals,
    trailOffsets: Uint32Array.of(0, rows.length),
    timestamps: Float64Array.from(rows, (row) => batch.timestamps[row]!),
    columns: batch.columns.map((column) => {
      if (column.kind === "ids") {
        throw new Error("The model has columns of bytes");
      }
      return {
        ...column,
        starts: Uint32Array.from(rows, (row) => column.starts[row]!),
        ends: Uint32Array.from(rows, (row) => column.ends[row]!),
      };
    }),
  });
}

/** The model gives one trail a batch, so rows can be moved freely. */
function reverseTies(batch: EventBatch): EventBatch {
  const rows = [...batch.timestamps.keys()].sort((a, b) =>
    batch.timestamps[a]! - batch.timestamps[b]! || b - a
  );
  return takeRows(batch, rows);
}

function dropLast(batch: EventBatch): EventBatch | undefined {
  return batch.count === 1
    ? undefined
    : takeRows(batch, [...batch.timestamps.keys()].slice(0, -1));
}

/** Every batch's times in one array, and `copy` that does not copy. */
function shareTimes(): (batch: EventBatch) => EventBatch {
  const times = new Float64Array(100_000);
  return (batch) => {
    times.set(batch.timestamps);
    const shared = new EventBatch({
      ...batch,
      trailOrdinals: batch.trailOrdinals,
      trailOffsets: batch.trailOffsets,
      columns: batch.columns,
      timestamps: times.subarray(0, batch.count),
    });
    shared.copy = () => shared;
    return shared;
  };
}

function keepOpen(source: Source): Source {
  return override(source, {
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

function keepUnfinished(sink: Sink): Sink {
  return override(sink, { finish: () => Promise.resolve() });
}
