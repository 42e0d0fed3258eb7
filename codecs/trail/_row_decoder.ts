/**
 * From the bytes of trails to rows that pass a filter: what a scan does with
 * each extent, on whichever thread.
 *
 * @module
 */
import { type CompiledFilter, type CompiledTerm, invariant } from "@cairn/core";
import type { DecodeModel } from "./event_decoder.ts";
import { makeFilterStates } from "./filter_states.ts";
import { KernelScanner } from "./kernel_scanner.ts";
import { PlainScanner } from "./plain_scanner.ts";
import { RowFilter } from "./row_filter.ts";
import type { ScanRows } from "./scan_buffer.ts";
import type { TrailExtent, TrailScanner } from "./trail_scanner.ts";

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

/** Decodes extents and keeps the rows that match. */
export class RowDecoder {
  /** Not known where the kernel filters. */
  #events: number | undefined;
  readonly #scanner: TrailScanner;
  readonly #filter: RowFilter | undefined;

  /**
   * Makes a decoder.
   *
   * @param model The file's.
   * @param plan What to decode and keep.
   */
  constructor(model: DecodeModel, plan: RowPlan) {
    const { scanner, filter } = makeScanner(model, plan);
    this.#scanner = scanner;
    this.#filter = filter;
    this.#events = scanner.filters ? undefined : 0;
  }

  /** Decodes an extent; rows are valid until the next step. */
  decode(extent: TrailExtent): Generator<ScanRows> {
    return this.#keep(this.#scanner.decode(extent));
  }

  /** Gives what is left; more may be decoded afterwards. */
  *flush(): Generator<ScanRows> {
    yield* this.#keep(this.#scanner.flush());
    if (this.#filter !== undefined) yield* this.#filter.flush();
  }

  /** Counts the events decoded since the last call, where that is known. */
  takeEvents(): number | undefined {
    const events = this.#events;
    if (events !== undefined) this.#events = 0;
    return events;
  }

  *#keep(batches: Generator<ScanRows>): Generator<ScanRows> {
    for (const rows of batches) {
      if (this.#events !== undefined) this.#events += rows.times.length;
      if (this.#filter === undefined) yield rows;
      else yield* this.#filter.push(rows);
    }
  }
}

/** Makes what decodes, and what keeps the rows that match where it does not. */
function makeScanner(
  model: DecodeModel,
  plan: RowPlan,
): { scanner: TrailScanner; filter: RowFilter | undefined } {
  const { fields, clauses, batchRows, timeSpan, eventBytes, reference } = plan;
  const toOptions = (fields: readonly number[], batchRows: number) => ({
    fields: fields.map((field) => field + 1),
    batchRows,
    timeSpan,
    eventBytes,
    reference,
  });
  if (clauses === undefined) {
    const options = toOptions(fields, batchRows);
    const scanner = KernelScanner.create(model, options) ??
      new PlainScanner(model, options);
    return { scanner, filter: undefined };
  }
  const filter = toFilter(clauses);
  const states = makeFilterStates(filter);
  if (states?.isExact) {
    const asked = toOptions(fields.slice(0, plan.columnCount), batchRows);
    const scanner = KernelScanner.createFiltering(model, asked, states);
    if (scanner !== undefined) return { scanner, filter: undefined };
  }
  const columnBytes = rowBytes(fields.length);
  const options = toOptions(
    fields,
    Math.min(
      INNER_ROWS,
      Math.max(256, Math.floor(INNER_BYTES_MAX / columnBytes)),
    ),
  );
  const scanner =
    (states && KernelScanner.createFiltering(model, options, states)) ??
      KernelScanner.create(model, options) ?? new PlainScanner(model, options);
  const rowFilter = new RowFilter(filter, (field) => fields.indexOf(field), {
    columnCount: plan.columnCount,
    batchRows,
  });
  return { scanner, filter: rowFilter };
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
