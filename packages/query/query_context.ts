/**
 * What the parts that answer a query share.
 *
 * @module
 */
import { type Bitmap, CairnError, type Store } from "@cairn/core";
import type { QueryFields } from "./fields.ts";
import type { PlanBuilder } from "./plan.ts";
import { periodRange, type TimeRange } from "./time_range.ts";
import type { FieldView } from "./view.ts";

/** Everything that answering a query needs. */
export interface QueryContext {
  /** The store. */
  readonly store: Store;
  /** Its fields and indexes. */
  readonly fields: QueryFields;
  /** Notes what was done. */
  readonly plan: PlanBuilder;
  /** All trails. */
  readonly all: Bitmap;
  /** Stops the query. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Gives the times of a view.
 *
 * @param context Knows the unit.
 * @param view Which.
 */
export function viewTimes(
  context: QueryContext,
  { period }: FieldView,
): TimeRange | undefined {
  return period && periodRange(period, context.fields.timeUnit);
}

/**
 * Makes the error of a field that neither an index nor a scan answers for.
 *
 * @param view Which.
 */
export function cannotAnswer(view: FieldView): CairnError {
  return new CairnError(
    "unsupported",
    `Cannot answer for "${view.name}": the index does not, and there are no events`,
  );
}
