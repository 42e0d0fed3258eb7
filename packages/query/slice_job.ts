/**
 * From slices and counters to jobs of a scan.
 *
 * @module
 */
import { Bitmap } from "@cairn/core";
import type { BoundSlice } from "./bound.ts";
import { MatchJob } from "./match_job.ts";
import { cannotAnswer, type QueryContext, viewTimes } from "./query_context.ts";
import type { ScanJob } from "./scan_job.ts";
import { TotalsJob } from "./totals_job.ts";
import { holdsNumber } from "./value_condition.ts";
import type { FieldView } from "./view.ts";

/**
 * Makes the job that decides a slice by events, and the trails it found.
 *
 * @param context The store and its fields.
 * @param slice What is asked.
 */
export function sliceJob(
  context: QueryContext,
  slice: BoundSlice,
): [ScanJob, () => Bitmap] {
  const { view, condition } = slice;
  const source = context.fields.scanSource(view);
  if (source === undefined) throw cannotAnswer(view);
  const times = viewTimes(context, view);
  if (view.field.kind !== "counter" && source.kind === "field") {
    const job = new MatchJob(source.field, times, condition);
    return [job, () => job.trails()];
  }
  const job = totalsJob(context, view);
  return [job, () => {
    const trails: number[] = [];
    job.trails.forEach((trail, i) => {
      if (
        condition === undefined ||
        (condition.of === "uint" &&
          holdsNumber(condition.intervals, job.total(i)))
      ) trails.push(trail);
    });
    return Bitmap.from(trails);
  }];
}

/**
 * Makes the job that works out a counter by events.
 *
 * @param context The store and its fields.
 * @param view The counter.
 */
export function totalsJob(context: QueryContext, view: FieldView): TotalsJob {
  const source = context.fields.scanSource(view);
  if (source === undefined) throw cannotAnswer(view);
  return new TotalsJob(
    source.kind === "field" ? source.field : undefined,
    viewTimes(context, view),
  );
}
