/**
 * From the bytes of trails to rows that pass a filter: what a scan does with
 * each extent, on whichever thread.
 *
 * @module
 */
import { type CompiledFilter, type CompiledTerm, invariant } from "@cairn/core";
import type { DecodeModel } from "../event_decoder.ts";
import { makeFilterStates } from "./filter_states.ts";
import { KernelScanner } from "./kernel_scanner.ts";
import { PlainScanner } from "./plain_scanner.ts";
import { RowFilter } from "./row_filter.ts";
import type { ScanRows } from "./scan_buffer.ts";
import type {
  ScannerOptions,
  TrailExtent,
  TrailScanner,
} from "./trail_scanner.ts";

/** What to decode and keep: plain data that can go to another thread. */
export interface RowPlan {
  /**
   * Ordinals in the schema of the columns to decode; those behind the first
   * `columnCount` are for the filter alone.
   */
  readonly fields: readonly number[];
  /** How many columns rows have. */
  readonly columnCount: number;
  /** What must hold of a row; everything is kept where there is none. */
  readonly clauses?: readonly (readonly RowTerm[])[];
  /** Most rows of a batch. */
  readonly batchRows: number;
  /** Largest time less smallest. */
  readonly timeSpan: number;
  /** Bytes of `trails.data` for each event, about. */
  readonly eventBytes: number;
  /** Whether to decode in TypeScript alone. */
  readonly reference: boolean;
}

/** A condition: times, or ids of a field. */
export type RowTerm =
  | { readonly kind: "time"; readonly from: number; readonly to: number }
  | {
    readonly kind: "field";
    readonly field: number;
    readonly accepts: Uint8Array;
  };

/** Rows of a batch inside a filtered scan; they never leave it. */
const INNER_ROWS = 4_096;
/** Most bytes of columns inside a filtered scan. */
const INNER_BYTES_MAX = 2 ** 24;
/** Share of events that pass from which on decoding all of them is faster. */
const SHARE_TO_DECODE = 0.125;
/** Share down to which that is kept up, so that it does not go to and fro. */
const SHARE_TO_FILTER = 0.06;

/** Bytes of trails decoded first, to see how many events pass. */
const PROBE_BYTES = 65_536;

/** What decodes, and what keeps the rows that match if it does not. */
interface RowPath {
  readonly scanner: TrailScanner;
  readonly filter: RowFilter | undefined;
}

/**
 * Decodes extents and keeps the rows that match.
 *
 * The kernel that filters is the faster one where few events pass; where many
 * do, decoding all of them and looking at columns is. Which it is the first few
 * trails tell, and then the last extent.
 */
export class RowDecoder {
  readonly #model: DecodeModel;
  readonly #plan: RowPlan;
  readonly #filtering: RowPath | undefined;
  #decoding: RowPath | undefined;
  #current: RowPath;
  /** Share of the last extent's events that passed, about, if there was one. */
  #share: number | undefined;
  /** Events counted by calls before. */
  #taken = 0;

  /**
   * Makes a decoder.
   *
   * @param model The file's.
   * @param plan What to decode and keep.
   */
  constructor(model: DecodeModel, plan: RowPlan) {
    this.#model = model;
    this.#plan = plan;
    this.#filtering = makeFilteringPath(model, plan);
    this.#current = this.#filtering ?? this.#decodingPath();
  }

  /** Decodes an extent; rows are valid until the next step. */
  *decode(extent: TrailExtent): Generator<ScanRows> {
    const isOpen = this.#filtering !== undefined && this.#share === undefined;
    const probe = isOpen ? probeLength(extent) : 0;
    if (probe > 0) yield* this.#decode(partOf(extent, 0, probe));
    const rest = partOf(extent, probe, extent.ordinals.length);
    if (rest.ordinals.length > 0) yield* this.#decode(rest);
  }

  *#decode(extent: TrailExtent): Generator<ScanRows> {
    const path = this.#choosePath();
    if (path !== this.#current) yield* this.flush();
    this.#current = path;
    // What passes the kernel, where it filters, and the whole filter if not.
    const counted = path === this.#filtering
      ? path.scanner
      : path.filter ?? path.scanner;
    const before = counted.rowCount;
    yield* keep(path, path.scanner.decode(extent));
    const passed = counted.rowCount - before;
    const bytes = extent.ends[extent.ends.length - 1]! - extent.starts[0]!;
    this.#share = passed * this.#plan.eventBytes / bytes;
  }

  /** Gives what is left; more may be decoded afterwards. */
  *flush(): Generator<ScanRows> {
    const { scanner, filter } = this.#current;
    yield* keep(this.#current, scanner.flush());
    if (filter !== undefined) yield* filter.flush();
  }

  /** Counts the events decoded since the last call, where that is known. */
  takeEvents(): number | undefined {
    // Where the kernel filters nobody counts.
    if (this.#filtering !== undefined) return undefined;
    const { rowCount } = this.#current.scanner;
    const events = rowCount - this.#taken;
    this.#taken = rowCount;
    return events;
  }

  #choosePath(): RowPath {
    const filtering = this.#filtering;
    if (filtering === undefined) return this.#current;
    // How many pass the kernel alone is not known while all are decoded.
    const isInexact = filtering.filter !== undefined;
    if (isInexact && this.#current !== filtering) return this.#current;
    const most = this.#current === filtering
      ? SHARE_TO_DECODE
      : SHARE_TO_FILTER;
    return (this.#share ?? 0) > most ? this.#decodingPath() : filtering;
  }

  #decodingPath(): RowPath {
    return this.#decoding ??= makeDecodingPath(this.#model, this.#plan);
  }
}

/** How many trails to decode first, to see how many events pass. */
function probeLength({ starts, ends }: TrailExtent): number {
  const limit = starts[0]! + PROBE_BYTES;
  const length = ends.findIndex((end) => end > limit);
  return Math.max(0, length);
}

/** Some trails of an extent. */
function partOf(extent: TrailExtent, from: number, to: number): TrailExtent {
  return {
    ...extent,
    ordinals: extent.ordinals.subarray(from, to),
    starts: extent.starts.subarray(from, to),
    ends: extent.ends.subarray(from, to),
  };
}

/** Passes batches on, or what of them matches. */
function* keep(
  { filter }: RowPath,
  batches: Generator<ScanRows>,
): Generator<ScanRows> {
  if (filter === undefined) return yield* batches;
  for (const rows of batches) yield* filter.push(rows);
}

/** Makes a path where the kernel filters; `undefined` where it cannot. */
function makeFilteringPath(
  model: DecodeModel,
  plan: RowPlan,
): RowPath | undefined {
  const { fields, clauses, batchRows, columnCount } = plan;
  if (clauses === undefined) return undefined;
  const filter = toFilter(clauses);
  const states = makeFilterStates(filter);
  if (states === undefined) return undefined;
  const options = states.isExact
    ? scannerOptions(plan, fields.slice(0, columnCount), batchRows)
    : scannerOptions(plan, fields, innerRows(fields.length));
  const scanner = KernelScanner.createFiltering(model, options, states);
  if (scanner === undefined) return undefined;
  if (states.isExact) return { scanner, filter: undefined };
  return { scanner, filter: makeRowFilter(filter, plan) };
}

/** Makes a path where all events are decoded. */
function makeDecodingPath(model: DecodeModel, plan: RowPlan): RowPath {
  const { fields, clauses, batchRows } = plan;
  const options = scannerOptions(
    plan,
    fields,
    clauses === undefined ? batchRows : innerRows(fields.length),
  );
  return {
    scanner: KernelScanner.create(model, options) ??
      new PlainScanner(model, options),
    filter: clauses && makeRowFilter(toFilter(clauses), plan),
  };
}

function makeRowFilter(filter: CompiledFilter, plan: RowPlan): RowFilter {
  const { fields, columnCount, batchRows } = plan;
  const columnOf = (field: number): number => fields.indexOf(field);
  return new RowFilter(filter, columnOf, { columnCount, batchRows });
}

function scannerOptions(
  plan: RowPlan,
  fields: readonly number[],
  batchRows: number,
): ScannerOptions {
  const { timeSpan, eventBytes, reference } = plan;
  return {
    fields: fields.map((field) => field + 1),
    batchRows,
    timeSpan,
    eventBytes,
    reference,
  };
}

/** Rows of a batch that is filtered before it leaves. */
function innerRows(columnCount: number): number {
  const fitting = Math.floor(INNER_BYTES_MAX / rowBytes(columnCount));
  return Math.min(INNER_ROWS, Math.max(256, fitting));
}

/** Bytes of a row of columns. @param columnCount Ids in it, beside the time. */
export function rowBytes(columnCount: number): number {
  return 8 + 4 * columnCount;
}

/**
 * Gives a filter's clauses as plain data.
 *
 * @param filter With verdict `some`; all its terms have `accepts`.
 */
export function toRowTerms(filter: CompiledFilter): RowTerm[][] {
  return filter.clauses.map((terms) =>
    terms.map((term): RowTerm => {
      if (term.kind === "time") return term;
      const { kind, field, accepts } = term;
      invariant(
        accepts !== undefined,
        "every field of a TrailDB has a lexicon",
      );
      return { kind, field, accepts };
    })
  );
}

function toFilter(clauses: readonly (readonly RowTerm[])[]): CompiledFilter {
  const toCompiled = (term: RowTerm): CompiledTerm =>
    term.kind === "time" ? term : { ...term, single: undefined, test: noTest };
  return {
    verdict: "some",
    clauses: clauses.map((terms) => terms.map(toCompiled)),
    fields: [],
  };
}

function noTest(): never {
  throw new Error("Broken invariant: rows are told by ids, not by values");
}
