/**
 * Sizes in bytes as people write them, and back.
 *
 * @module
 */
import { UsageError } from "../usage_error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 2 ** 10,
  m: 1e6,
  mb: 1e6,
  mib: 2 ** 20,
  g: 1e9,
  gb: 1e9,
  gib: 2 ** 30,
};

/**
 * Reads a size such as `128MiB`, `1.5GB` or `4096`.
 *
 * @param text A decimal number and, perhaps, a unit: B, KB, MB, GB of 1,000
 * each, or KiB, MiB, GiB of 1,024 each, in any case.
 * @returns Whole bytes, 1 or more.
 * @throws {UsageError} When the text is anything else.
 */
export function parseByteSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? "?"];
  const bytes = match === null || unit === undefined
    ? NaN
    : Math.round(Number(match[1]) * unit);
  if (!(bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER)) {
    throw new UsageError(
      `Cannot read size "${text}": a number with a unit wanted, such as 128MiB`,
    );
  }
  return bytes;
}

/**
 * Writes a size for people.
 *
 * @param bytes 0 or more.
 * @returns Three digits or so and a unit of 1,000 each.
 */
export function formatByteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let unit = 0;
  // 999.95 would be shown as 1000.0.
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Writes a whole number with commas. @param value The number. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/**
 * Writes a number of things: `1 event`, `2 events`.
 *
 * @param count How many.
 * @param thing Its name, for one.
 */
export function formatThings(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}
