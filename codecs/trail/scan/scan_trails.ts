/**
 * Scanning a TrailDB: plan, read, decode, filter, put into batches.
 *
 * @module
 */
import {
  type Bitmap,
  type CompiledFilter,
  compileFilter,
  EventBatch,
  Filter,
  filterFields,
  findField,
  getField,
  type IdColumn,
  type Lexicon,
  type OrdinalRange,
  type ScanOptions,
  throwIfAborted,
} from "@cairn/core";
import { assertSafeTimes } from "../_safe_times.ts";
import type { TrailIndexFile } from "../item_index.ts";
import { MEMBER_INFO } from "../layout.ts";
import { scanInParallel } from "./parallel_scan.ts";
import { reverseTrails } from "./reverse_trails.ts";
import { planRowsOf, selectedBytes, spreadPlan } from "./_scan_plan.ts";
import type { ScanRows } from "./scan_buffer.ts";
import { getPool, type ScanWorkers } from "./scan_workers.ts";
import { readExtents } from "./trail_extents.ts";
import type { TrailFile } from "../trail_file.ts";
import { corruptMember, getMember } from "../trail_members.ts";

/** What a scan is told, complete. */
export interface TrailScanOptions extends ScanOptions {
  /** Most events in a batch. */
  readonly batchEvents: number;
  /** The item index, to pass over trails that cannot match. */
  readonly index?: TrailIndexFile;
  /** Whether to use the TypeScript reference in the place of the kernel. */
  readonly reference?: boolean;
  /** Threads to spread the decoding over. */
  readonly workers?: ScanWorkers;
}

/** Columns and filter, bound to the file. */
interface BoundScan {
  /** Ordinals in the schema of the columns to decode; those asked for first. */
  readonly fields: readonly number[];
  /** How many of `fields` have been asked for. */
  readonly columnCount: number;
  /** For each column asked for, which of `fields` it is. */
  readonly columns: readonly number[];
  /** The lexicon of each column asked for. */
  readonly lexicons: readonly Lexicon[];
  /** The filter. */
  readonly filter: CompiledFilter;
}

/**
 * Scans a file.
 *
 * @param file The file.
 * @param options What and how.
 * @throws {CairnError} As {@linkcode Store.scan}.
 */
export async function* scanTrails(
  file: TrailFile,
  options: TrailScanOptions,
): AsyncGenerator<EventBatch> {
  throwIfAborted(options.signal);
  const bound = await bindScan(file, options);
  const { trails } = file.info;
  if (trails === 0) return;
  assertSafeTimes(file);
  if (bound.filter.verdict === "none") return;
  const selection = await select(file, options, bound.filter);
  const rows = decodeRows(file, options, bound, selection);
  const ordered = options.order === "descending"
    ? reverseTrails(rows, options.batchEvents)
    : rows;
  for await (const batch of ordered) {
    throwIfAborted(options.signal);
    file.assertOpen();
    yield toEventBatch(batch, bound);
  }
}

async function bindScan(
  file: TrailFile,
  options: TrailScanOptions,
): Promise<BoundScan> {
  const { schema } = file;
  const asked = options.fields?.map((name) => getField(schema, name)) ??
    schema.fields.map((_, i) => i);
  const filter = options.filter ?? Filter.all;
  const loaded: (Lexicon | undefined)[] = schema.fields.map(() => undefined);
  const wanted = new Set(asked);
  for (const name of filterFields(filter)) {
    const field = findField(schema, name);
    if (field >= 0) wanted.add(field);
  }
  await Promise.all(
    [...wanted].map(async (field) => {
      loaded[field] = await file.lexicon(field, options);
    }),
  );
  const compiled = compileFilter(filter, schema, loaded);
  const fields = [...new Set([...asked, ...compiled.fields])];
  return {
    fields,
    columnCount: new Set(asked).size,
    columns: asked.map((field) => fields.indexOf(field)),
    lexicons: asked.map((field) => loaded[field]!),
    filter: compiled,
  };
}

/** Gives the trails that are worth decoding. */
async function select(
  file: TrailFile,
  options: TrailScanOptions,
  filter: CompiledFilter,
): Promise<OrdinalRange | Bitmap> {
  const all = { start: 0, end: file.info.trails };
  const asked = options.trails ?? all;
  if (options.index === undefined || filter.verdict !== "some") return asked;
  const candidates = await options.index.candidates(filter, options);
  if (candidates === undefined) return asked;
  return "chunks" in asked
    ? candidates.and(asked)
    : options.index.within(candidates, asked);
}

async function* decodeRows(
  file: TrailFile,
  options: TrailScanOptions,
  bound: BoundScan,
  selection: OrdinalRange | Bitmap,
): AsyncGenerator<ScanRows> {
  const model = await file.model(options);
  const plan = planRowsOf(file, bound, options);
  const { workers } = options;
  if (
    workers !== undefined && selectedBytes(file, selection) >= workers.bytesMin
  ) {
    const spread = spreadPlan(plan, file, workers);
    const { ran, events } = yield* scanInParallel(
      getPool(workers),
      () => readExtents(file, selection, { ...options, ...spread }),
      {
        ...options,
        model,
        plan: spread.plan,
        batchRows: plan.batchRows,
      },
    );
    if (ran) {
      assertEventCount(file, selection, events);
      return;
    }
  }
  const decoder = file.idleDecoder.take(model, plan);
  for await (const extent of readExtents(file, selection, options)) {
    for (const rows of decoder.decode(extent)) {
      yield rows;
      throwIfAborted(options.signal);
    }
  }
  yield* decoder.flush();
  const events = decoder.takeEvents();
  file.idleDecoder.keep(model, plan, decoder);
  assertEventCount(file, selection, events);
}

/** After a scan of all trails the events must be as many as `info` states. */
function assertEventCount(
  file: TrailFile,
  selection: OrdinalRange | Bitmap,
  events: number | undefined,
): void {
  const { info } = file;
  // Where the kernel filters nobody counts.
  if (events === undefined || "chunks" in selection) return;
  if (selection.start > 0 || selection.end < info.trails) return;
  if (events !== info.events) {
    throw corruptMember(
      getMember(file.members, MEMBER_INFO),
      `Cannot trust info: it states ${info.events} events, there are ${events}`,
    );
  }
}

function toEventBatch(rows: ScanRows, bound: BoundScan): EventBatch {
  return new EventBatch({
    trailOrdinals: rows.trailOrdinals,
    trailOffsets: rows.trailOffsets,
    timestamps: rows.times,
    columns: bound.columns.map((column, i): IdColumn => ({
      kind: "ids",
      ids: rows.columns[column]!,
      lexicon: bound.lexicons[i]!,
    })),
  });
}
