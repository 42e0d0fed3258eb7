/**
 * Times of one value at a time.
 *
 * @module
 */
import { parseInteger } from "@cairn/core";
import { changeUnit, parseIsoTime, UNITS_PER_SECOND } from "./_time_text.ts";
import type { ReadEventsOptions } from "./read_options.ts";

/**
 * Gives what reads times as `openEvents` does: integers and ISO 8601.
 *
 * @param options The units.
 * @returns A function from text to units since 1970; `undefined` for what is
 * no time from 0 to 2^53 - 1.
 */
export function timeReader(
  options: Pick<ReadEventsOptions, "timeUnit" | "integerUnit">,
): (text: Uint8Array) => number | undefined {
  const { timeUnit = "s", integerUnit = timeUnit } = options;
  const units = UNITS_PER_SECOND[timeUnit];
  const integerUnits = UNITS_PER_SECOND[integerUnit];
  return (text) => {
    const integer = parseInteger(text);
    if (integer !== undefined && integer < 0n) return undefined;
    const time = integer === undefined
      ? parseIsoTime(text, 0, text.length, units)
      : changeUnit(Number(integer), integerUnits, units);
    return Number.isSafeInteger(time) && time >= 0 ? time : undefined;
  };
}
