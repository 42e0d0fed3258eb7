/**
 * Sums, extremes, greatest totals and groups over bit slices.
 *
 * Layout: docs/formats/bitmap.md, part "Algorithms". `rows` are always rows
 * that have the counter.
 *
 * @module
 */
import { Bitmap } from "@cairn/core";

/** Totals a counter. @param rows Which rows. @param slices One bitmap a digit. */
export function sumSlices(rows: Bitmap, slices: readonly Bitmap[]): bigint {
  let sum = 0n;
  slices.forEach((slice, i) => {
    sum += BigInt(slice.countAnd(rows)) << BigInt(i);
  });
  return sum;
}

/** Finds the least or greatest total and the rows that have it. */
export function extremeOfSlices(
  rows: Bitmap,
  slices: readonly Bitmap[],
  which: "min" | "max",
): { readonly value: bigint; readonly rows: Bitmap } | undefined {
  if (rows.isEmpty) return undefined;
  let left = rows;
  let value = 0n;
  for (let i = slices.length - 1; i >= 0; i--) {
    const taken = which === "max"
      ? left.and(slices[i]!)
      : left.andNot(slices[i]!);
    if (!taken.isEmpty) left = taken;
    if (taken.isEmpty === (which === "min")) value += 1n << BigInt(i);
  }
  return { value, rows: left };
}

/**
 * Finds the rows with the greatest totals.
 *
 * @returns At least `count` rows, or all: those surely among them, and those
 * with the least total that still counts, of which the first fill up.
 */
export function topOfSlices(
  rows: Bitmap,
  slices: readonly Bitmap[],
  count: number,
): { readonly sure: Bitmap; readonly tied: Bitmap } {
  let sure: Bitmap = Bitmap.empty;
  let tied = rows;
  for (let i = slices.length - 1; i >= 0; i--) {
    const more = sure.or(tied.and(slices[i]!));
    const found = more.count();
    if (found > count) tied = tied.and(slices[i]!);
    else {
      sure = more;
      if (found === count) return { sure, tied: Bitmap.empty };
      tied = tied.andNot(slices[i]!);
    }
  }
  return { sure, tied };
}

/** Walks over the distinct totals, ascending, and the rows that have them. */
export function* groupsOfSlices(
  rows: Bitmap,
  slices: readonly Bitmap[],
): Generator<{ readonly value: bigint; readonly rows: Bitmap }> {
  const open: { i: number; rows: Bitmap; value: bigint }[] = [
    { i: slices.length - 1, rows, value: 0n },
  ];
  while (open.length > 0) {
    const { i, rows, value } = open.pop()!;
    if (rows.isEmpty) continue;
    if (i < 0) {
      yield { value, rows };
      continue;
    }
    const slice = slices[i]!;
    open.push(
      { i: i - 1, rows: rows.and(slice), value: value + (1n << BigInt(i)) },
      { i: i - 1, rows: rows.andNot(slice), value },
    );
  }
}
