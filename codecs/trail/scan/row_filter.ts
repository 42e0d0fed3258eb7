/**
 * Keeping the rows that match a filter.
 *
 * @module
 */
import type { CompiledFilter, CompiledTerm } from "@cairn/core";
import { ScanBuffer, type ScanRows } from "./scan_buffer.ts";

/** A clause over columns: one byte for each id that is accepted, and times. */
interface RowClause {
  /** For each column that the clause looks at, which ids it accepts. */
  readonly tests: readonly { column: number; accepts: Uint8Array }[];
  /** Ranges of times, any of which will do. */
  readonly times: readonly { from: number; to: number }[];
}

/** Takes rows, keeps those that match, and cuts batches anew. */
export class RowFilter {
  /** Rows kept so far. */
  rowCount = 0;
  readonly #clauses: readonly RowClause[];
  readonly #buffer: ScanBuffer;
  readonly #times: Float64Array;
  readonly #columns: readonly Uint32Array[];
  readonly #batchRows: number;
  #rows = new Uint32Array(0);

  /**
   * Makes a filter.
   *
   * @param filter With verdict `some`; all its terms have `accepts`.
   * @param columnOf Column of a field, by its ordinal in the schema.
   * @param options Columns to keep, from the front, and rows of a batch.
   */
  constructor(
    filter: CompiledFilter,
    columnOf: (field: number) => number,
    options: { readonly columnCount: number; readonly batchRows: number },
  ) {
    this.#clauses = filter.clauses.map((terms) => makeClause(terms, columnOf));
    this.#batchRows = options.batchRows;
    const capacity = 2 * options.batchRows;
    this.#times = new Float64Array(capacity);
    this.#columns = Array.from(
      { length: options.columnCount },
      () => new Uint32Array(capacity),
    );
    this.#buffer = new ScanBuffer(
      { times: this.#times, columns: this.#columns },
      options.batchRows,
    );
  }

  /** Takes rows and gives batches of those that match, as they fill. */
  *push(rows: ScanRows): Generator<ScanRows> {
    const count = this.#select(rows);
    this.rowCount += count;
    const buffer = this.#buffer;
    let trail = 0;
    let from = 0;
    do {
      while (buffer.isFull) yield buffer.take();
      buffer.makeRoom(); // also where a flush has come before
      const to = Math.min(count, from + this.#batchRows);
      this.#copy(rows, from, to);
      trail = this.#tell(rows, trail, { from, to, count });
      from = to;
    } while (from < count);
  }

  /** Gives what is left. */
  *flush(): Generator<ScanRows> {
    while (this.#buffer.isFull) yield this.#buffer.take();
    const rest = this.#buffer.takeRest();
    if (rest !== undefined) yield rest;
  }

  /**
   * Tells the buffer whose the selected rows are that have been copied.
   *
   * @param trail The first trail that may have some of them.
   * @returns The first trail that may have some of those behind.
   */
  #tell(
    { trailOrdinals, trailOffsets, goesOn }: ScanRows,
    trail: number,
    { from, to, count }: { from: number; to: number; count: number },
  ): number {
    const buffer = this.#buffer;
    const selected = this.#rows;
    const base = buffer.end - from;
    let next = from;
    for (; trail < trailOrdinals.length; trail++) {
      const end = trailOffsets[trail + 1]!;
      const start = next;
      while (next < to && selected[next]! < end) next++;
      const isComplete = next === count || selected[next]! >= end;
      const ended = isComplete && (trail < trailOrdinals.length - 1 || !goesOn);
      // Only the first can have begun before.
      if (next > start || trail === 0) {
        buffer.add(trailOrdinals[trail]!, base + start, base + next, ended);
      }
      if (!isComplete) break;
    }
    return trail;
  }

  #copy(rows: ScanRows, from: number, to: number): void {
    const base = this.#buffer.end - from;
    const selected = this.#rows;
    for (let i = from; i < to; i++) {
      this.#times[base + i] = rows.times[selected[i]!]!;
    }
    for (let c = 0; c < this.#columns.length; c++) {
      const source = rows.columns[c]!;
      const target = this.#columns[c]!;
      for (let i = from; i < to; i++) target[base + i] = source[selected[i]!]!;
    }
  }

  /** Notes the rows that match, ascending. */
  #select(rows: ScanRows): number {
    const count = rows.times.length;
    if (this.#rows.length < count) this.#rows = new Uint32Array(count);
    const selected = this.#rows;
    let left = -1;
    for (const clause of this.#clauses) {
      left = selectClause(clause, rows, selected, left);
      if (left === 0) break;
    }
    return left;
  }
}

function makeClause(
  terms: readonly CompiledTerm[],
  columnOf: (field: number) => number,
): RowClause {
  const tests = new Map<number, Uint8Array>();
  const times: { from: number; to: number }[] = [];
  for (const term of terms) {
    if (term.kind === "time") {
      times.push({ from: term.from, to: term.to });
      continue;
    }
    const column = columnOf(term.field);
    const before = tests.get(column);
    const accepts = term.accepts!;
    tests.set(
      column,
      before === undefined ? accepts : accepts.map((a, id) => a | before[id]!),
    );
  }
  return {
    tests: [...tests].map(([column, accepts]) => ({ column, accepts })),
    times,
  };
}

/**
 * Keeps the rows for which a clause holds.
 *
 * @param left How many rows `selected` has; -1 for all rows of the batch.
 * @returns How many are left.
 */
function selectClause(
  clause: RowClause,
  rows: ScanRows,
  selected: Uint32Array,
  left: number,
): number {
  const [only] = clause.tests;
  if (only !== undefined && clause.tests.length + clause.times.length === 1) {
    return selectIds(rows.columns[only.column]!, only.accepts, selected, left);
  }
  const count = left < 0 ? rows.times.length : left;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = left < 0 ? i : selected[i]!;
    if (holds(clause, rows, row)) selected[kept++] = row;
  }
  return kept;
}

function selectIds(
  ids: Uint32Array,
  accepts: Uint8Array,
  selected: Uint32Array,
  left: number,
): number {
  let kept = 0;
  if (left < 0) {
    for (let row = 0; row < ids.length; row++) {
      selected[kept] = row;
      kept += accepts[ids[row]!]!;
    }
    return kept;
  }
  for (let i = 0; i < left; i++) {
    const row = selected[i]!;
    selected[kept] = row;
    kept += accepts[ids[row]!]!;
  }
  return kept;
}

function holds(clause: RowClause, rows: ScanRows, row: number): boolean {
  for (const { column, accepts } of clause.tests) {
    if (accepts[rows.columns[column]![row]!] === 1) return true;
  }
  const time = rows.times[row]!;
  for (const { from, to } of clause.times) {
    if (from <= time && time < to) return true;
  }
  return false;
}
