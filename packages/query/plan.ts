/**
 * How a query was answered.
 *
 * @module
 */

/** One slice of a query and who answered it. */
export interface PlanTerm {
  /** The slice, as a query has it. */
  readonly term: string;
  /** `index`: it was enough. `index+scan`: it narrowed. `scan`: none could answer. */
  readonly source: "index" | "index+scan" | "scan";
  /** Name of the index asked; absent for `scan`. */
  readonly index?: string;
  /** Whether what the index gave was the answer and not a superset. */
  readonly exact: boolean;
  /** Chunks of bitmaps looked at; of the result where the index does not count. */
  readonly chunks: number;
  /** Trails that the index named; for `scan` 0. */
  readonly trails: number;
}

/** One pass over events. */
export interface PlanScan {
  /** What for, in words. */
  readonly purpose: string;
  /** Fields that were decoded. */
  readonly fields: readonly string[];
  /** Slices and values worked out in it. */
  readonly jobs: number;
  /** Trails asked for. */
  readonly trails: number;
  /** Trails that came. */
  readonly trailsSeen: number;
  /** Events that came. */
  readonly events: number;
}

/** Values of a field that should be numbers and are not. */
export interface PlanNotNumbers {
  /** The field. */
  readonly field: string;
  /** Distinct values that were met and passed over. */
  readonly values: number;
}

/** How a query was answered, with figures of this very run. */
export interface QueryPlan {
  /** The query. */
  readonly query: string;
  /** Who answered each slice, in the order asked. */
  readonly terms: readonly PlanTerm[];
  /** Who answered the statement: nobody had to, an index, or a scan. */
  readonly statement: "segment" | "index" | "scan" | "index+scan";
  /** Passes over events, in order. */
  readonly scans: readonly PlanScan[];
  /** Values that were passed over because they are no numbers. */
  readonly notNumbers: readonly PlanNotNumbers[];
  /** Trails of the store. */
  readonly trailsTotal: number;
  /** Trails of the segment, as far as it was worked out. */
  readonly trailsFound: number;
  /** Whether work stopped once a limit was reached. */
  readonly stoppedEarly: boolean;
}

/** Collects a plan while a query runs. */
export class PlanBuilder {
  /** See {@linkcode QueryPlan}. */
  readonly terms: PlanTerm[] = [];
  /** See {@linkcode QueryPlan}. */
  readonly scans: PlanScan[] = [];
  /** See {@linkcode QueryPlan}. */
  trailsTotal = 0;
  /** See {@linkcode QueryPlan}. */
  trailsFound = 0;
  /** See {@linkcode QueryPlan}. */
  stoppedEarly = false;
  readonly #notNumbers = new Map<string, number>();
  readonly #sources = new Set<"index" | "scan">();

  /** Notes who answered the statement, or a part of it. @param source Who. */
  answeredBy(source: "index" | "scan"): void {
    this.#sources.add(source);
  }

  /** Notes values that are no numbers. @param field Of which. @param values How many. */
  metNotNumbers(field: string, values: number): void {
    if (values === 0) return;
    const before = this.#notNumbers.get(field) ?? 0;
    this.#notNumbers.set(field, Math.max(before, values));
  }

  /** Makes the plan. @param query The query. */
  finish(query: string): QueryPlan {
    const hasIndex = this.#sources.has("index");
    const hasScan = this.#sources.has("scan");
    return {
      query,
      terms: this.terms,
      statement: hasIndex && hasScan
        ? "index+scan"
        : hasIndex
        ? "index"
        : hasScan
        ? "scan"
        : "segment",
      scans: this.scans,
      notNumbers: [...this.#notNumbers].map(([field, values]) => ({
        field,
        values,
      })),
      trailsTotal: this.trailsTotal,
      trailsFound: this.trailsFound,
      stoppedEarly: this.stoppedEarly,
    };
  }
}
