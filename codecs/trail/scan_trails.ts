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
import { assertSafeTimes } from "./_safe_times.ts";
import type { TrailIndexFile } from "./item_index.ts";
import { makeFilterStates } from "./filter_states.ts";
import { KernelScanner } from "./kernel_scanner.ts";
import { MEMBER_INFO, MEMBER_TRAILS_DATA } from "./layout.ts";
import { PlainScanner } from "./plain_scanner.ts";
import { reverseTrails } from "./reverse_trails.ts";
import { RowFilter } from "./row_filter.ts";
import type { ScanRows } from "./scan_buffer.ts";
import { readExtents } from "./trail_extents.ts";
import type { TrailFile } from "./trail_file.ts";
import { corruptMember, getMember } from "./trail_members.ts";
import type { ScannerOptions, TrailScanner } from "./trail_scanner.ts";

/** What a scan is told, complete. */
export interface TrailScanOptions extends ScanOptions {
  /** Most events in a batch. */
  readonly batchEvents: number;
  /** The item index, to pass over trails that cannot match. */
  readonly index?: TrailIndexFile;
  /** Whether to use the TypeScript reference in the place of the kernel. */
  readonly reference?: boolean;
}

/** Columns and filter, bound to the file. */
interface BoundScan {
  /** Ordinals in the schema of the columns to decode; those asked for first. */
  readonly fields: readonly number[];
  /** For each column asked for, which of `fields` it is. */
  readonly columns: readonly number[];
  /** The lexicon of each column asked for. */
  readonly lexicons: readonly Lexicon[];
  /** The filter. */
  readonly filter: CompiledFilter;
}

/** Rows of a batch inside a filtered scan; they never leave it. */
const INNER_ROWS = 16_384;
/** Most bytes of columns of a batch; more columns make smaller batches. */
const BATCH_BYTES_MAX = 64 * 2 ** 20;

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
  const { filter, fields } = bound;
  const columnBytes = 8 + 4 * fields.length;
  const batchRows = Math.min(
    options.batchEvents,
    Math.max(256, Math.floor(BATCH_BYTES_MAX / columnBytes)),
  );
  const filtered = filter.verdict === "some"
    ? new RowFilter(filter, (field) => fields.indexOf(field), {
      columnCount: fields.length,
      batchRows,
    })
    : undefined;
  const states = filter.verdict === "some"
    ? makeFilterStates(filter)
    : undefined;
  const scanner = await openScanner(file, options, {
    ...(states === undefined ? {} : { states }),
    fields: fields.map((field) => field + 1),
    batchRows: filtered === undefined
      ? batchRows
      : Math.min(INNER_ROWS, Math.max(256, Math.floor(2 ** 24 / columnBytes))),
  });
  let events = 0;
  for await (const extent of readExtents(file, selection, options)) {
    for (const rows of scanner.decode(extent)) {
      events += rows.times.length;
      if (filtered === undefined) yield rows;
      else yield* filtered.push(rows);
      throwIfAborted(options.signal);
    }
  }
  for (const rows of scanner.flush()) {
    events += rows.times.length;
    if (filtered === undefined) yield rows;
    else yield* filtered.push(rows);
  }
  if (filtered !== undefined) yield* filtered.flush();
  if (!scanner.filters) assertEventCount(file, selection, events);
}

async function openScanner(
  file: TrailFile,
  options: TrailScanOptions,
  wanted: Pick<ScannerOptions, "fields" | "batchRows" | "states">,
): Promise<TrailScanner> {
  const model = await file.model(options);
  const { minTime, maxTime, events } = file.info;
  const data = getMember(file.members, MEMBER_TRAILS_DATA);
  const complete: ScannerOptions = {
    ...wanted,
    // Version 0 wrote "time unknown" as a difference that adds up all the same.
    timeSpan: file.version === 0
      ? 2 ** 52 - 1
      : events === 0
      ? 0
      : Number(maxTime - minTime),
    eventBytes: data.byteLength / Math.max(1, events),
    reference: options.reference ?? false,
  };
  return KernelScanner.create(model, complete) ??
    new PlainScanner(model, complete);
}

/** After a scan of all trails the events must be as many as `info` states. */
function assertEventCount(
  file: TrailFile,
  selection: OrdinalRange | Bitmap,
  events: number,
): void {
  const { info } = file;
  if ("chunks" in selection) return;
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
