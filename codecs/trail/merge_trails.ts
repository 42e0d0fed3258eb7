/**
 * Several stores into one TrailDB.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  compareBytes,
  createSchema,
  encodeText,
  type Field,
  type FieldType,
  type Filter,
  type ScanOptions,
  type Schema,
  type Sink,
  type Store,
  type WriteSummary,
} from "@cairn/core";
import type { TrailCreateOptions } from "./create_options.ts";
import { createTrailStore, type TrailWriter } from "./write/trail_writer.ts";

/** Which events of a store to take. */
export interface ExtractOptions extends AbortOptions {
  /** Which events; all if left out. Looked up in each store by itself. */
  readonly filter?: Filter;
  /** Keys of the trails to take; all if left out. Keys that a store lacks are passed over. */
  readonly trailKeys?: readonly Uint8Array[];
  /** Whether values that no event has are left out, also of a whole store; not if left out. */
  readonly usedValues?: boolean;
}

/** What to merge, and how to write it. */
export interface MergeTrailsOptions
  extends TrailCreateOptions, ExtractOptions {}

/**
 * Merges stores into a package. Trails with the same key become one.
 *
 * Stores with the same fields in the same order keep them, and, taken whole,
 * also the values that no event has. Else the fields are those of all, sorted
 * by the bytes of their names, and empty where a store lacks them. At equal
 * times earlier stores come first; with `equalTimes: "reversed"` the whole
 * order of adding is turned around, as `tdb merge` does.
 *
 * @param sources Where events come from, of any codec with keys of 16 bytes;
 * they stay open.
 * @param sink Where they go; finished, or aborted after a failure.
 * @param options Which events to take, and how to write them.
 * @returns Facts about the new store.
 * @throws {CairnError} `invalid-input` or `limit` when the layout cannot hold
 * an event or a field; what the sources and the sink throw.
 */
export async function mergeTrails(
  sources: readonly Store[],
  sink: Sink,
  options: MergeTrailsOptions = {},
): Promise<WriteSummary> {
  const schema = mergeSchemas(sources.map((source) => source.schema));
  await using writer = await createTrailStore(sink, schema, options);
  // Fields that were put together: values are numbered as events come.
  const usedValues = options.usedValues ||
    !haveSameFields(sources.map((source) => source.schema));
  for (const source of sources) {
    await extractTrails(source, writer, { ...options, usedValues });
  }
  const { signal } = options;
  return await writer.finish(signal === undefined ? {} : { signal });
}

/**
 * Adds chosen trails and events of a store to a writer.
 *
 * @param source Where events come from; stays open.
 * @param writer Where they go.
 * @param options Which events to take.
 * @throws {CairnError} As `append` of the writer.
 */
export async function extractTrails(
  source: Store,
  writer: TrailWriter,
  options: ExtractOptions = {},
): Promise<void> {
  const { filter, trailKeys, usedValues, signal } = options;
  const append = {
    ...(usedValues === undefined ? {} : { usedValues }),
    ...(filter === undefined ? {} : { filter }),
    ...(signal === undefined ? {} : { signal }),
  };
  if (trailKeys === undefined) {
    await writer.append(source, append);
    return;
  }
  const ordinals: number[] = [];
  for (const key of trailKeys) {
    const ordinal = await source.find(key, append);
    if (ordinal !== undefined) ordinals.push(ordinal);
  }
  ordinals.sort((a, b) => a - b);
  await writer.append(selectTrails(source, Bitmap.from(ordinals)), append);
}

/**
 * Joins schemas as `tdb merge` does. A field that has not the same type
 * everywhere is `bytes`.
 *
 * @param schemas Any number.
 */
export function mergeSchemas(schemas: readonly Schema[]): Schema {
  const types = new Map<string, FieldType>();
  for (const { name, type } of schemas.flatMap(({ fields }) => fields)) {
    const known = types.get(name) ?? type;
    types.set(name, known === type ? type : "bytes");
  }
  const order = haveSameFields(schemas)
    ? (schemas[0]?.fields ?? []).map(({ name }) => name)
    : [...types.keys()].sort((a, b) =>
      compareBytes(encodeText(a), encodeText(b))
    );
  return createSchema(
    order.map((name): Field => ({ name, type: types.get(name)! })),
  );
}

/** Tells whether all have the same names in the same order. */
function haveSameFields(schemas: readonly Schema[]): boolean {
  const names = (schemas[0]?.fields ?? []).map(({ name }) => name);
  return schemas.every(({ fields }) =>
    fields.length === names.length &&
    fields.every(({ name }, i) => name === names[i])
  );
}

/** Shows only some trails of a store; it must not be closed. */
function selectTrails(store: Store, trails: Bitmap): Store {
  return {
    // Not a whole store of its codec: values that no event has are left out.
    codec: `${store.codec} selection`,
    schema: store.schema,
    stats: (options) => store.stats(options),
    find: (key, options) => store.find(key, options),
    keys: (range, options) => store.keys(range, options),
    lexicon: (field, options) => store.lexicon(field, options),
    scan: (options?: ScanOptions) => store.scan({ ...options, trails }),
    index: (options) => store.index(options),
    verify: (options) => store.verify(options),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
