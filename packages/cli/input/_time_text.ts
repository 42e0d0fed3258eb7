/**
 * Times as text.
 *
 * @module
 */
import type { TimeUnit } from "./read_options.ts";

/** Units of a second. */
export const UNITS_PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  s: 1,
  ms: 1000,
  us: 1_000_000,
};

/**
 * Changes the unit of an integer; what is finer is cut off. Exact up to 2^53,
 * where a product with a fraction would round up.
 *
 * @param time A time of 0 or more.
 * @param from Units of a second that it counts.
 * @param to Units of a second that the result counts.
 */
export function changeUnit(time: number, from: number, to: number): number {
  if (to >= from) return time * (to / from);
  const parts = from / to;
  return (time - time % parts) / parts;
}

/** Days of the months before each, in a year that begins with March. */
const MARCH_DAYS = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

/**
 * Reads ISO 8601 in the forms that `ReadEventsOptions.timeUnit` names.
 *
 * @param bytes ASCII text.
 * @param start Where it begins.
 * @param end Where it ends.
 * @param unitsPerSecond Of the result; what is finer is cut off.
 * @returns Units since 1970, below 0 for times before; NaN when it is not such a text.
 */
export function parseIsoTime(
  bytes: Uint8Array,
  start: number,
  end: number,
  unitsPerSecond: number,
): number {
  const days = parseDate(bytes, start, end);
  if (end - start === 10) return days * 86_400 * unitsPerSecond;
  const mark = bytes[start + 10];
  // T, t or a blank between date and time.
  if (mark !== 0x54 && mark !== 0x74 && mark !== 0x20) return NaN;
  let at = start + 11;
  const hour = twoDigits(bytes, at, end);
  const minute = twoDigits(bytes, at + 3, end);
  if (bytes[at + 2] !== 0x3a || !(hour < 24) || !(minute < 60)) return NaN;
  at += 5;
  let second = 0;
  let fraction = 0;
  if (at < end && bytes[at] === 0x3a) {
    second = twoDigits(bytes, at + 1, end);
    // 60 is a leap second, which counts as the first of the next minute.
    if (!(second <= 60)) return NaN;
    at += 3;
    if (at < end && (bytes[at] === 0x2e || bytes[at] === 0x2c)) {
      const digits = ++at;
      let scale = unitsPerSecond;
      for (; at < end && isDigit(bytes[at]!); at++) {
        scale /= 10;
        // Units are powers of ten: below 1 a digit is cut off.
        if (scale >= 1) fraction += (bytes[at]! - 0x30) * scale;
      }
      if (at === digits) return NaN;
    }
  }
  const offset = parseOffset(bytes, at, end);
  return (days * 86_400 + hour * 3600 + minute * 60 + second - offset) *
      unitsPerSecond + fraction;
}

/** Reads `2024-05-01`. @returns Days since 1970, or NaN. */
function parseDate(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 10) return NaN;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return NaN;
  const year = 100 * twoDigits(bytes, start, end) +
    twoDigits(bytes, start + 2, end);
  const month = twoDigits(bytes, start + 5, end);
  const day = twoDigits(bytes, start + 8, end);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return NaN;
  if (day > MONTH_DAYS[month - 1]!) return NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !leap) return NaN;
  // With March first, the leap day is the last of its year.
  const marchYear = month <= 2 ? year - 1 : year;
  return 365 * marchYear + Math.floor(marchYear / 4) -
    Math.floor(marchYear / 100) + Math.floor(marchYear / 400) +
    MARCH_DAYS[month - 1]! + day - 1 - EPOCH_DAYS;
}

/** Reads `Z`, `+02:00`, `+0200`, `+02` or nothing. @returns Seconds, or NaN. */
function parseOffset(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0;
  const sign = bytes[at]!;
  if (sign === 0x5a || sign === 0x7a) return at + 1 === end ? 0 : NaN;
  if (sign !== 0x2b && sign !== 0x2d) return NaN;
  const hours = twoDigits(bytes, at + 1, end);
  const colon = bytes[at + 3] === 0x3a ? 1 : 0;
  const left = end - at;
  const minutes = left === 3 ? 0 : twoDigits(bytes, at + 3 + colon, end);
  if (left !== 3 && left !== 5 + colon) return NaN;
  if (!(hours < 24 && minutes < 60)) return NaN;
  return (sign === 0x2d ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function twoDigits(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return NaN;
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? 10 * tens + ones - 528 : NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
