/**
 * From a period to a range of timestamps.
 *
 * @module
 */
import type { Period, TimeUnit } from "@cairn/core";

/** Times from `from` up to `to`, exclusive. */
export interface TimeRange {
  /** The first time inside. */
  readonly from: number;
  /** The first time behind. */
  readonly to: number;
}

/** How many of a unit are a second. */
const PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  s: 1,
  ms: 1000,
  us: 1_000_000,
};

/**
 * Gives the times of a period, in UTC, in the proleptic Gregorian calendar.
 *
 * @param period A year, month or day that exists.
 * @param unit Unit of the times.
 * @returns A range; both ends may lie before 1970, where there are no events.
 */
export function periodRange(period: Period, unit: TimeUnit): TimeRange {
  const { year, month, day } = period;
  const scale = PER_SECOND[unit];
  const from = utcSeconds(year, month ?? 1, day ?? 1);
  const to = day !== undefined
    ? utcSeconds(year, month!, day + 1)
    : month !== undefined
    ? utcSeconds(year, month + 1, 1)
    : utcSeconds(year + 1, 1, 1);
  return { from: from * scale, to: to * scale };
}

/**
 * Gives the length of a day.
 *
 * @param unit Unit of the length.
 */
export function dayLength(unit: TimeUnit): number {
  return 86_400 * PER_SECOND[unit];
}

function utcSeconds(year: number, month: number, day: number): number {
  const date = new Date(0);
  // The setter, unlike `Date.UTC`, takes years below 100 as they are.
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000;
}
