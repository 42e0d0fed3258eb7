/**
 * `select`: rows in an order, with fields.
 *
 * @module
 */
import { Bitmap } from "@cairn/core";
import type { QueryCell, SelectAnswer } from "./answer.ts";
import type {
  BoundColumn,
  BoundExpression,
  BoundOrder,
  BoundSlice,
  BoundStatement,
} from "./bound.ts";
import { findCounters, readTotals, scanOf } from "./counter_values.ts";
import { pairsJob, readValues, valuesByTrail } from "./groups.ts";
import type { QueryContext } from "./query_context.ts";
import { readRows } from "./row_ids.ts";
import { runScan } from "./run_scan.ts";
import type { ScanJob } from "./scan_job.ts";
import { findSegment } from "./segment.ts";
import { sliceJob, totalsJob } from "./slice_job.ts";
import type { FieldView } from "./view.ts";

/**
 * Answers `select`.
 *
 * @param context The store and its fields.
 * @param statement What is asked.
 * @param segment About which rows.
 */
export async function selectRows(
  context: QueryContext,
  statement: BoundStatement & { op: "select" },
  segment: BoundExpression,
): Promise<SelectAnswer> {
  const { columns, order, limit = Infinity, offset } = statement;
  const wanted = offset + limit;
  const isOrdered = order.some(({ view }) => view !== undefined);
  // In row order nothing behind the last wanted row matters.
  const trails = limit === 0 ? Bitmap.empty : await findSegment(
    context,
    segment,
    isOrdered ? Infinity : wanted,
  );
  context.plan.trailsFound = trails.count();
  const ordinals = isOrdered
    ? (await topRows(context, trails, order, wanted) ??
      await sortRows(context, trails, order)).slice(offset, wanted)
    : takeRows(trails, offset, wanted);
  const rows = await readRows(context, ordinals);
  const cells = await readColumns(context, columns, ordinals);
  return {
    kind: "select",
    columns: columns.map(({ name }) => name),
    rows: rows.map((row, i) => ({
      ...row,
      fields: cells.map((column) => column[i]!),
    })),
  };
}

function takeRows(trails: Bitmap, offset: number, end: number): number[] {
  const taken: number[] = [];
  let at = 0;
  for (const trail of trails) {
    if (at >= end) break;
    if (at >= offset) taken.push(trail);
    at++;
  }
  return taken;
}

/**
 * The first rows by one falling counter, which an index finds without reading
 * the totals of all; `undefined` when it cannot, or when so few rows have the
 * counter that others come behind them.
 */
async function topRows(
  context: QueryContext,
  trails: Bitmap,
  order: readonly BoundOrder[],
  wanted: number,
): Promise<number[] | undefined> {
  const [first, ...others] = order;
  if (first?.view === undefined || !first.isDescending || others.length > 0) {
    return undefined;
  }
  if (!(wanted < trails.count())) return undefined;
  const source = findCounters(context, first.view, trails);
  if (source === undefined) return undefined;
  const { counters, field, options } = source;
  const top = await counters.top(field, wanted, options);
  return top.length < wanted ? undefined : top.map(({ trail }) => trail);
}

/** Sorts by counters; rows without one come last, equals in row order. */
async function sortRows(
  context: QueryContext,
  trails: Bitmap,
  order: readonly BoundOrder[],
): Promise<number[]> {
  const ordinals = [...trails];
  const keys: { totals: (bigint | undefined)[]; sign: number }[] = [];
  for (const { view, isDescending } of order) {
    if (view === undefined) continue;
    const totals = await readTotals(context, view, trails, ordinals);
    keys.push({ totals, sign: isDescending ? -1 : 1 });
  }
  const at = ordinals.map((_, i) => i);
  at.sort((i, j) => {
    for (const { totals, sign } of keys) {
      const a = totals[i];
      const b = totals[j];
      if (a === b) continue;
      if (a === undefined) return 1;
      if (b === undefined) return -1;
      return a < b ? -sign : sign;
    }
    return i - j;
  });
  return at.map((i) => ordinals[i]!);
}

/** Gets cells by column; what must be scanned for, in one pass. */
async function readColumns(
  context: QueryContext,
  columns: readonly BoundColumn[],
  ordinals: readonly number[],
): Promise<QueryCell[][]> {
  const trails = Bitmap.from(ordinals);
  const jobs: ScanJob[] = [];
  const made: (() => QueryCell[])[] = [];
  for (const { view } of columns) {
    if (view === undefined || ordinals.length === 0) {
      made.push(() => ordinals.map(() => null));
    } else if (isIndexed(context, view)) {
      const cells = await readColumn(context, view, trails, ordinals);
      made.push(() => cells);
    } else {
      const [job, cells] = columnJob(context, view, ordinals);
      jobs.push(job);
      made.push(cells);
    }
  }
  if (jobs.length > 0) {
    await runScan(context.store, jobs, scanOf(context, trails, "fields"));
  }
  return made.map((cells) => cells());
}

/** Whether an index gives what rows have of a field. */
function isIndexed(context: QueryContext, view: FieldView): boolean {
  const { kind, of } = view.field;
  return context.fields.indexSources(view).some(({ index, field }) =>
    kind === "counter" ? index.counters !== undefined : kind === "flag" ||
      (field.of === of &&
        (index.valuesOf !== undefined || index.values !== undefined))
  );
}

async function readColumn(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  ordinals: readonly number[],
): Promise<QueryCell[]> {
  switch (view.field.kind) {
    case "counter": {
      const totals = await readTotals(context, view, trails, ordinals);
      return totals.map((total) => total ?? null);
    }
    case "set": {
      const values = await readValues(context, view, trails, ordinals);
      return values.map((cell) => cell.length === 0 ? null : cell);
    }
    case "flag": {
      context.plan.answeredBy("index");
      const marked = await findSegment(context, {
        op: "and",
        args: [presenceOf(view), { op: "all" }],
      });
      return ordinals.map((ordinal) => marked.has(ordinal) ? true : null);
    }
  }
}

function columnJob(
  context: QueryContext,
  view: FieldView,
  ordinals: readonly number[],
): [ScanJob, () => QueryCell[]] {
  if (view.field.kind === "counter") {
    const job = totalsJob(context, view);
    return [job, () => {
      const byTrail = new Map<number, bigint>();
      job.trails.forEach((trail, i) =>
        byTrail.set(trail, BigInt(job.total(i)))
      );
      return ordinals.map((ordinal) => byTrail.get(ordinal) ?? null);
    }];
  }
  if (view.field.kind === "flag") {
    const [job, marked] = sliceJob(context, presenceOf(view));
    return [job, () => {
      const trails = marked();
      return ordinals.map((ordinal) => trails.has(ordinal) ? true : null);
    }];
  }
  const job = pairsJob(context, view);
  return [
    job,
    () =>
      valuesByTrail(job, ordinals).map((cell) =>
        cell.length === 0 ? null : cell
      ),
  ];
}

function presenceOf(view: FieldView): BoundSlice {
  return { op: "slice", view, condition: undefined, text: view.name };
}
