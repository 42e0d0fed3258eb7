/**
 * `sum`, `min`, `max` and `top-n` of a counter.
 *
 * @module
 */
import type { Bitmap } from "@cairn/core";
import type { ExtremeAnswer, SumAnswer, TopRowsAnswer } from "./answer.ts";
import { findCounters, scanTotals } from "./counter_values.ts";
import type { QueryContext } from "./query_context.ts";
import { readRows } from "./row_ids.ts";
import type { Totals } from "./totals_job.ts";
import type { FieldView } from "./view.ts";

/**
 * Totals a counter over rows that have it.
 *
 * @param context The store and its fields.
 * @param view The counter.
 * @param trails Over which trails.
 */
export async function sumCounter(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
): Promise<SumAnswer> {
  const source = findCounters(context, view, trails);
  if (source !== undefined) {
    const { counters, field, options } = source;
    return { kind: "sum", ...await counters.sum(field, options) };
  }
  const totals = await scanTotals(context, view, trails);
  let sum = 0n;
  for (let i = 0; i < totals.trails.length; i++) sum += BigInt(totals.total(i));
  return { kind: "sum", sum, count: totals.trails.length };
}

/**
 * Finds the least or greatest total.
 *
 * @param context The store and its fields.
 * @param kind Which.
 * @param view The counter.
 * @param trails Over which trails.
 */
export async function findExtreme(
  context: QueryContext,
  kind: "min" | "max",
  view: FieldView,
  trails: Bitmap,
): Promise<ExtremeAnswer> {
  const source = findCounters(context, view, trails);
  if (source !== undefined) {
    const { counters, field, options } = source;
    const { value, count } = await counters[kind](field, options);
    return { kind, value: value ?? null, count };
  }
  const totals = await scanTotals(context, view, trails);
  let best: number | bigint | undefined;
  let count = 0;
  for (let i = 0; i < totals.trails.length; i++) {
    const total = totals.total(i);
    if (
      best === undefined || (kind === "min" ? total < best : total > best)
    ) {
      best = total;
      count = 1;
    } else if (total == best) {
      count++;
    }
  }
  return { kind, value: best === undefined ? null : BigInt(best), count };
}

/**
 * Finds the rows with the greatest totals.
 *
 * @param context The store and its fields.
 * @param view The counter.
 * @param trails Over which trails.
 * @param n How many.
 */
export async function topRows(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  n: number,
): Promise<TopRowsAnswer> {
  const source = findCounters(context, view, trails);
  const top = source !== undefined
    ? await source.counters.top(source.field, n, source.options)
    : topOf(await scanTotals(context, view, trails), n);
  const rows = await readRows(context, top.map(({ trail }) => trail));
  return {
    kind: "top-rows",
    top: top.map(({ value }, i) => ({ row: rows[i]!, value })),
  };
}

function topOf(
  totals: Totals,
  n: number,
): { trail: number; value: bigint }[] {
  const order = Array.from(totals.trails, (_, i) => i);
  // Sorting keeps the order of equal totals, which is row order.
  order.sort((a, b) => compareNumbers(totals.total(b), totals.total(a)));
  return order.slice(0, n).map((i) => ({
    trail: totals.trails[i]!,
    value: BigInt(totals.total(i)),
  }));
}

/** Orders two numbers. @param a One. @param b The other. */
export function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
