/**
 * Names of fields and views.
 *
 * @module
 */
import type { IndexField, Period } from "@cairn/core";

/** A field, perhaps restricted to a period. */
export interface FieldView {
  /** The name as the query has it. */
  readonly name: string;
  /** The field. */
  readonly field: IndexField;
  /** Which events count; all if `undefined`. */
  readonly period: Period | undefined;
}

/** Why a name names nothing. */
export type ViewFault = "unknown-field" | "bad-view" | "no-view";

const ENDING = /_(\d{4})(?:_(\d{2})(?:_(\d{2}))?)?$/;
/** What `_dddd_dd_dd` takes at most. */
const ENDING_LENGTH_MAX = 11;

/**
 * Finds what a name means: a field first, else a view of one.
 *
 * @param name The name.
 * @param fields Fields by name.
 * @returns Field and period, or why there are none.
 */
export function findView(
  name: string,
  fields: ReadonlyMap<string, IndexField>,
): FieldView | ViewFault {
  const field = fields.get(name);
  if (field !== undefined) return { name, field, period: undefined };
  const match = ENDING.exec(name.slice(-ENDING_LENGTH_MAX));
  if (match === null) return "unknown-field";
  const base = fields.get(name.slice(0, name.length - match[0].length));
  if (base === undefined) return "unknown-field";
  const [year, month, day] = match.slice(1).map((digits) =>
    digits === undefined ? undefined : Number(digits)
  );
  const period: Period = {
    year: year!,
    ...(month === undefined ? {} : { month }),
    ...(day === undefined ? {} : { day }),
  };
  if (!isDate(period)) return "bad-view";
  const depth = day !== undefined ? 3 : month !== undefined ? 2 : 1;
  if (base.quantum.length < depth) return "no-view";
  return { name, field: base, period };
}

/**
 * Gives the days of a month.
 *
 * @param year 1 to 9999.
 * @param month 1 to 12.
 */
export function daysOfMonth(year: number, month: number): number {
  if (month === 2) {
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return isLeap ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isDate({ year, month, day }: Period): boolean {
  if (year < 1) return false;
  if (month === undefined) return true;
  if (month < 1 || month > 12) return false;
  return day === undefined || (day >= 1 && day <= daysOfMonth(year, month));
}
