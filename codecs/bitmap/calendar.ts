/**
 * Times, days and the names of views: UTC, proleptic Gregorian.
 *
 * @module
 */
import type { Period } from "@cairn/core";

/** A day of the calendar. */
export interface Day {
  /** Any integer; 1 to 9999 have views. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Which views a field keeps. */
export type Quantum = "" | "Y" | "YM" | "YMD";

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Units of a day. */
export const UNITS_PER_DAY: Readonly<Record<"s" | "ms" | "us", number>> = {
  s: 86_400,
  ms: 86_400_000,
  us: 86_400_000_000,
};

/**
 * Finds the day, in UTC, of an RFC 3339 time.
 *
 * @param text Such as `2013-05-31T23:59:59.5-05:00`. Second 60 is allowed.
 * @returns `undefined` when the text is anything else.
 */
export function parseDay(text: string): Day | undefined {
  const parts = TIME.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(
    Number,
  ) as [number, number, number, number, number, number];
  const offsetHour = Number(parts[8] ?? 0);
  const offsetMinute = Number(parts[9] ?? 0);
  if (
    month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month) ||
    hour > 23 || minute > 59 || second > 60 || offsetHour > 23 ||
    offsetMinute > 59
  ) return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (parts[7] === "-" ? -1 : 1);
  const minutes = hour * 60 + minute - offset;
  return dayFromNumber(
    dayNumber({ year, month, day }) + Math.floor(minutes / 1440),
  );
}

/**
 * Finds the day of a timestamp.
 *
 * @param timestamp Since 1970-01-01 UTC; any safe integer.
 * @param unit Its unit.
 */
export function dayOf(timestamp: number, unit: "s" | "ms" | "us"): Day {
  return dayFromNumber(Math.floor(timestamp / UNITS_PER_DAY[unit]));
}

/** Counts the days since 1970-01-01. @param day A day of the calendar. */
export function dayNumber(day: Day): number {
  // Years begin in March here, so that the leap day is the last of its year.
  const year = day.month > 2 ? day.year : day.year - 1;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const month = (day.month + 9) % 12;
  const dayOfYear = Math.floor((153 * month + 2) / 5) + day.day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** Gives the day so many days after 1970-01-01. @param days Any safe integer. */
export function dayFromNumber(days: number): Day {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) -
      Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, day };
}

/** Counts the days of a month. @param year Its year. @param month 1 to 12. */
export function daysOfMonth(year: number, month: number): number {
  if (month !== 2) {
    return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  }
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Tells whether a period is a year 1 to 9999, or a month or day of one that exists. @param period Any. */
export function isPeriod(period: Period): boolean {
  const { year, month, day } = period;
  if (!(Number.isInteger(year) && year >= 1 && year <= 9999)) return false;
  if (month === undefined) return day === undefined;
  if (!(Number.isInteger(month) && month >= 1 && month <= 12)) return false;
  return day === undefined ||
    Number.isInteger(day) && day >= 1 && day <= daysOfMonth(year, month);
}

/**
 * Gives the ending of a view's name, such as `_2013_05`.
 *
 * @param period A period that exists.
 */
export function viewSuffix(period: Period): string {
  let suffix = `_${String(period.year).padStart(4, "0")}`;
  if (period.month !== undefined) {
    suffix += `_${String(period.month).padStart(2, "0")}`;
  }
  if (period.day !== undefined) {
    suffix += `_${String(period.day).padStart(2, "0")}`;
  }
  return suffix;
}

/**
 * Gives the endings of all views that an event of a day goes into.
 *
 * @param day Of a year 1 to 9999.
 * @param quantum What the field keeps.
 * @returns One for each letter.
 */
export function viewSuffixes(day: Day, quantum: Quantum): string[] {
  const { year, month } = day;
  return [{ year }, { year, month }, day].slice(0, quantum.length).map(
    viewSuffix,
  );
}

/** Takes a name apart that ends like a view's. @param name Of a field or view. */
export function splitView(
  name: string,
): { readonly field: string; readonly period: Period } | undefined {
  const parts = /^([^]*?)_(\d{4})(?:_(\d\d)(?:_(\d\d))?)?$/.exec(name);
  if (parts === null) return undefined;
  return {
    field: parts[1]!,
    period: {
      year: Number(parts[2]),
      ...(parts[3] === undefined ? {} : { month: Number(parts[3]) }),
      ...(parts[4] === undefined ? {} : { day: Number(parts[4]) }),
    },
  };
}

/**
 * Finds the first time of a period and the first behind it.
 *
 * @param period A period that exists.
 * @param unit Unit of the times.
 */
export function periodRange(
  period: Period,
  unit: "s" | "ms" | "us",
): { readonly from: number; readonly to: number } {
  const { year, month = 1, day = 1 } = period;
  const first = dayNumber({ year, month, day });
  const days = period.day !== undefined
    ? 1
    : period.month !== undefined
    ? daysOfMonth(year, month)
    : dayNumber({ year: year + 1, month: 1, day: 1 }) - first;
  const scale = UNITS_PER_DAY[unit];
  return { from: first * scale, to: (first + days) * scale };
}
