/**
 * Times on the command line.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";

/** What a store's times count since 1970-01-01T00:00:00Z. */
export type TimeUnit = "s" | "ms" | "us" | "ns";

/** The units there are. */
export const TIME_UNITS: readonly TimeUnit[] = ["s", "ms", "us", "ns"];

const PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  s: 1,
  ms: 1e3,
  us: 1e6,
  ns: 1e9,
};

/** A date, perhaps with a time, perhaps with a zone. */
const DATE =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a bound of time: an integer in the store's own unit, or a date with or
 * without time (ISO 8601; UTC unless it has a zone).
 *
 * @param text The bound.
 * @param unit What the store's times count.
 * @throws {UsageError} When it is neither, or before 1970.
 */
export function parseTimeBound(text: string, unit: TimeUnit): number {
  if (/^\d{1,16}$/.test(text)) {
    const time = Number(text);
    if (Number.isSafeInteger(time)) return time;
  }
  if (DATE.test(text)) {
    const zoned = /Z|[+-]\d{2}:?\d{2}$/i.test(text.slice(10));
    const iso = text.replace(" ", "T") +
      (text.length > 10 && !zoned ? "Z" : "");
    const time = Date.parse(iso) / 1000 * PER_SECOND[unit];
    if (time >= 0 && time <= Number.MAX_SAFE_INTEGER && isRealDate(text)) {
      return Math.ceil(time);
    }
  }
  throw new UsageError(
    `Cannot read time "${text}": an integer or a date such as 2024-05-31T12:00:00Z wanted`,
  );
}

/**
 * Writes a time as a date, for people.
 *
 * @param time The time.
 * @param unit What it counts.
 * @returns ISO 8601 in UTC; `undefined` beyond the years that has.
 */
export function formatTime(time: number, unit: TimeUnit): string | undefined {
  const milliseconds = Math.floor(time / PER_SECOND[unit] * 1000);
  if (milliseconds > 8.64e15) return undefined;
  return new Date(milliseconds).toISOString().replace(/\.000Z$/, "Z");
}

/** Refuses what `Date` would roll over, such as the 30th of February. */
function isRealDate(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
}
