/**
 * Totals of counters, from an index or by scanning.
 *
 * @module
 */
import type { Bitmap, CounterIndex, CounterOptions } from "@cairn/core";
import type { QueryContext } from "./query_context.ts";
import { runScan } from "./run_scan.ts";
import { totalsJob } from "./slice_job.ts";
import type { Totals } from "./totals_job.ts";
import type { FieldView } from "./view.ts";

/** An index that answers about a counter, and how to ask it. */
export interface CounterSource {
  /** What answers. */
  readonly counters: CounterIndex;
  /** The counter's name there. */
  readonly field: string;
  /** Period, trails and signal. */
  readonly options: CounterOptions;
}

/**
 * Finds an index that answers about a counter.
 *
 * @param context The store and its fields.
 * @param view The counter.
 * @param trails Over which trails; all if they are all.
 * @returns `undefined` when the events must be scanned.
 */
export function findCounters(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
): CounterSource | undefined {
  for (const { index, field } of context.fields.indexSources(view)) {
    if (index.counters === undefined) continue;
    context.plan.answeredBy("index");
    return {
      counters: index.counters,
      field: field.name,
      options: {
        ...(view.period === undefined ? {} : { period: view.period }),
        ...(trails === context.all ? {} : { trails }),
        ...(context.signal === undefined ? {} : { signal: context.signal }),
      },
    };
  }
  return undefined;
}

/**
 * Works out a counter over some trails by their events.
 *
 * @param context The store and its fields.
 * @param view The counter.
 * @param trails Over which trails.
 */
export async function scanTotals(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
): Promise<Totals> {
  const job = totalsJob(context, view);
  if (!trails.isEmpty) {
    await runScan(context.store, [job], scanOf(context, trails, "totals"));
  }
  return job;
}

/**
 * Gets the total of each of some trails.
 *
 * @param context The store and its fields.
 * @param view The counter.
 * @param trails The trails as a set.
 * @param ordinals The same, in the order wanted.
 * @returns A total for each ordinal; `undefined` where a trail has none.
 */
export async function readTotals(
  context: QueryContext,
  view: FieldView,
  trails: Bitmap,
  ordinals: readonly number[],
): Promise<(bigint | undefined)[]> {
  const source = findCounters(context, view, trails);
  if (source !== undefined) {
    const { counters, field, options } = source;
    return await counters.totals(field, ordinals, options);
  }
  const totals = await scanTotals(context, view, trails);
  const byTrail = new Map<number, bigint>();
  totals.trails.forEach((trail, i) =>
    byTrail.set(trail, BigInt(totals.total(i)))
  );
  return ordinals.map((ordinal) => byTrail.get(ordinal));
}

/**
 * Says what a statement's scan is about.
 *
 * @param context The store.
 * @param trails Which trails.
 * @param purpose What for.
 */
export function scanOf(
  context: QueryContext,
  trails: Bitmap,
  purpose: string,
): Parameters<typeof runScan>[2] {
  context.plan.answeredBy("scan");
  return {
    purpose,
    plan: context.plan,
    trailCount: trails.count(),
    ...(trails === context.all ? {} : { trails }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  };
}
