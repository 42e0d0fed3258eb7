/**
 * `group-by`, and `top-n` of a set.
 *
 * @module
 */
import { Bitmap, compareBytes, type ValuesOptions } from "@cairn/core";
import { compareNumbers } from "./aggregate.ts";
import type { QueryGroup, QueryValue } from "./answer.ts";
import { readTotals, scanOf } from "./counter_values.ts";
import type { IndexSource } from "./fields.ts";
import { PairsJob, type TrailValues } from "./pairs_job.ts";
import { cannotAnswer, type QueryContext, viewTimes } from "./query_context.ts";
import { runScan } from "./run_scan.ts";
import { totalsJob } from "./slice_job.ts";
import type { Totals } from "./totals_job.ts";
import type { FieldView } from "./view.ts";

/** What groups are asked for. */
export interface GroupOptions {
  /** Also total this counter. */
  readonly sum?: FieldView;
  /** Only the first groups. */
  readonly limit?: number;
}

/**
 * Groups rows by the values that they have.
 *
 * @param context The store and its fields.
 * @param view A counter or a set.
 * @param trails Which trails.
 * @param options Totals and limit.
 * @returns Groups in value order.
 */
export async function readGroups(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  options: GroupOptions = {},
): Promise<QueryGroup[]> {
  const { sum, limit = Infinity } = options;
  if (limit === 0 || trails.isEmpty) return [];
  for (const source of context.fields.indexSources(view)) {
    const groups = await askValues(context, source, view, trails, options);
    if (groups !== undefined) return groups;
  }
  if (
    context.fields.scanSource(view) === undefined ||
    (sum !== undefined && context.fields.scanSource(sum) === undefined)
  ) {
    return await groupByParts(context, view, trails, options);
  }
  return await scanGroups(context, view, trails, options);
}

/**
 * Finds the values that most rows have.
 *
 * @param context The store and its fields.
 * @param view A set.
 * @param trails Which trails.
 * @param n How many.
 */
export async function topValues(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  n: number,
): Promise<QueryGroup[]> {
  const groups = await readGroups(context, view, trails);
  return groups.sort((a, b) => b.count - a.count).slice(0, n);
}

/** Orders two values: numbers by size, strings by bytes. */
export function compareQueryValues(a: QueryValue, b: QueryValue): number {
  return typeof a === "bigint" || typeof b === "bigint"
    ? compareNumbers(a as bigint, b as bigint)
    : compareBytes(a, b);
}

async function askValues(
  context: QueryContext,
  source: IndexSource,
  view: FieldView,
  trails: Bitmap,
  { sum, limit }: GroupOptions,
): Promise<QueryGroup[] | undefined> {
  // Texts of numbers in an index of strings are not one value a number.
  if (source.field.of !== view.field.of) return undefined;
  const counter = sum &&
    context.fields.indexSources(sum).find(({ index }) =>
      index === source.index
    );
  if (sum !== undefined && counter === undefined) return undefined;
  const options: ValuesOptions = {
    ...(view.period === undefined ? {} : { period: view.period }),
    ...(trails === context.all ? {} : { trails }),
    ...(limit === undefined ? {} : { limit }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    ...(sum === undefined ? {} : {
      sum: {
        field: counter!.field.name,
        ...(sum.period === undefined ? {} : { period: sum.period }),
      },
    }),
  };
  const values = source.index.values?.(source.field.name, options);
  if (values === undefined) return undefined;
  context.plan.answeredBy("index");
  const groups: QueryGroup[] = [];
  for await (const group of values) {
    if (groups.length === limit) break;
    groups.push(sum === undefined ? group : { ...group, sum: group.sum ?? 0n });
  }
  return groups;
}

async function scanGroups(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  { sum, limit }: GroupOptions,
): Promise<QueryGroup[]> {
  const totals = sum && totalsJob(context, sum);
  const values = view.field.kind === "counter"
    ? totalsJob(context, view)
    : pairsJob(context, view, sum === undefined ? "counts" : "pairs");
  await runScan(
    context.store,
    totals === undefined ? [values] : [values, totals],
    scanOf(context, trails, "groups"),
  );
  if (values instanceof PairsJob && totals === undefined) {
    return countedGroups(values, limit);
  }
  const grouped = values instanceof PairsJob ? values : totalsAsValues(values);
  return makeGroups(grouped, totals, limit);
}

/**
 * Makes the job that collects a set's values by events.
 *
 * @param context The store and its fields.
 * @param view The set.
 * @param keep Whether pairs are wanted, or only counts.
 */
export function pairsJob(
  context: QueryContext,
  view: FieldView,
  keep: "pairs" | "counts" = "pairs",
): PairsJob {
  const source = context.fields.scanSource(view);
  if (source === undefined || source.kind !== "field") throw cannotAnswer(view);
  const times = viewTimes(context, view);
  return new PairsJob(source.field, times, view.field.of, keep);
}

/** A counter has one value a trail: its total. */
function totalsAsValues(totals: Totals): TrailValues {
  const { trails } = totals;
  const known = new Map<number | bigint, number>();
  const values: bigint[] = [];
  const numbers = new Float64Array(trails.length);
  for (let i = 0; i < trails.length; i++) {
    const total = totals.total(i);
    let number = known.get(total);
    if (number === undefined) {
      number = values.push(BigInt(total)) - 1;
      known.set(total, number);
    }
    numbers[i] = number;
  }
  return { trails, numbers, value: (number) => values[number]! };
}

/** Groups of which only the number of trails is wanted. */
function countedGroups(values: PairsJob, limit = Infinity): QueryGroup[] {
  const groups = Array.from(values.counts, (count, number): QueryGroup => ({
    value: values.value(number),
    count,
  }));
  // A value is numbered when it is met, which its trail then counts.
  groups.sort((a, b) => compareQueryValues(a.value, b.value));
  return groups.slice(0, limit);
}

function makeGroups(
  pairs: TrailValues,
  totals: Totals | undefined,
  limit = Infinity,
): QueryGroup[] {
  const { trails, numbers } = pairs;
  const counts: number[] = [];
  const sums: bigint[] = [];
  let at = 0;
  for (let i = 0; i < trails.length; i++) {
    const number = numbers[i]!;
    counts[number] = (counts[number] ?? 0) + 1;
    if (totals === undefined) continue;
    // Both ascend by trail, so one walk joins them.
    while (at < totals.trails.length && totals.trails[at]! < trails[i]!) at++;
    const total = totals.trails[at] === trails[i] ? totals.total(at) : 0;
    sums[number] = (sums[number] ?? 0n) + BigInt(total);
  }
  const groups = counts.map((count, number): QueryGroup => ({
    value: pairs.value(number),
    count,
    ...(totals === undefined ? {} : { sum: sums[number]! }),
  }));
  groups.sort((a, b) => compareQueryValues(a.value, b.value));
  return groups.slice(0, limit);
}

/** Groups where values and totals come from different places. */
async function groupByParts(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  { sum, limit }: GroupOptions,
): Promise<QueryGroup[]> {
  if (sum === undefined) throw cannotAnswer(view);
  const ordinals = [...trails];
  const totals = await readTotals(context, sum, trails, ordinals);
  const cells = await readValues(context, view, trails, ordinals);
  const groups = new Map<
    string,
    { value: QueryValue; count: number; sum: bigint }
  >();
  ordinals.forEach((_, i) => {
    for (const value of cells[i]!) {
      const key = typeof value === "bigint" ? `${value}` : value.join();
      const group = groups.get(key) ?? { value, count: 0, sum: 0n };
      group.count++;
      group.sum += totals[i] ?? 0n;
      groups.set(key, group);
    }
  });
  return [...groups.values()]
    .sort((a, b) => compareQueryValues(a.value, b.value))
    .slice(0, limit ?? Infinity);
}

/**
 * Gets the values of each of some trails.
 *
 * @param context The store and its fields.
 * @param view A set, or a counter, whose total is its one value.
 * @param trails The trails as a set.
 * @param ordinals The same, in the order wanted.
 * @returns Values in value order for each ordinal; empty where it has none.
 */
export async function readValues(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  ordinals: readonly number[],
): Promise<(readonly QueryValue[])[]> {
  if (view.field.kind === "counter") {
    const totals = await readTotals(context, view, trails, ordinals);
    return totals.map((total) => total === undefined ? [] : [total]);
  }
  for (const source of context.fields.indexSources(view)) {
    if (source.field.of !== view.field.of) continue;
    const values = await askValuesOf(context, source, view, ordinals);
    if (values !== undefined) return values;
  }
  const job = pairsJob(context, view);
  await runScan(context.store, [job], scanOf(context, trails, "values"));
  return valuesByTrail(job, ordinals);
}

/**
 * Sorts pairs into values by trail.
 *
 * @param pairs Pairs of trail and value.
 * @param ordinals The trails wanted.
 */
export function valuesByTrail(
  pairs: TrailValues,
  ordinals: readonly number[],
): QueryValue[][] {
  const { trails, numbers } = pairs;
  const byTrail = new Map<number, QueryValue[]>();
  for (let i = 0; i < trails.length; i++) {
    const values = byTrail.get(trails[i]!);
    const value = pairs.value(numbers[i]!);
    if (values === undefined) byTrail.set(trails[i]!, [value]);
    else values.push(value);
  }
  return ordinals.map((ordinal) =>
    (byTrail.get(ordinal) ?? []).sort(compareQueryValues)
  );
}

async function askValuesOf(
  context: QueryContext,
  { index, field }: IndexSource,
  view: FieldView,
  ordinals: readonly number[],
): Promise<(readonly QueryValue[])[] | undefined> {
  const options = {
    ...(view.period === undefined ? {} : { period: view.period }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
  if (index.valuesOf !== undefined) {
    context.plan.answeredBy("index");
    return await index.valuesOf(field.name, ordinals, options);
  }
  const values: QueryValue[][] = ordinals.map(() => []);
  for (let i = 0; i < ordinals.length; i++) {
    const found = index.values?.(field.name, {
      ...options,
      trails: Bitmap.from([ordinals[i]!]),
    });
    if (found === undefined) return undefined;
    for await (const { value } of found) values[i]!.push(value);
  }
  context.plan.answeredBy("index");
  return values;
}
