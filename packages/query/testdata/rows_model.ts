/**
 * Rows as a plain model, for tests: brute force answers from it, and an index
 * and a store over it.
 *
 * @module
 */
import {
  compareBytes,
  formatHex,
  type IndexField,
  type Period,
} from "@cairn/core";
import type { QueryValue } from "../answer.ts";

/** What a row has of a field, in some period. */
export interface Cell {
  /** The total, for counters. */
  readonly total: bigint;
  /** Distinct values in value order, for sets. */
  readonly values: readonly QueryValue[];
}

/** One row. */
export interface ModelRow {
  /** The trail key. */
  readonly key: Uint8Array;
  /** Its parts. */
  readonly id: readonly QueryValue[];
  /** What it has of a field; `undefined` when there was no event. */
  cell(field: string, period: Period | undefined): Cell | undefined;
}

/** All rows, in row order. */
export interface RowsModel {
  /** The fields. */
  readonly fields: readonly IndexField[];
  /** Names of a row id's parts. */
  readonly keyParts: readonly string[];
  /** What they are. */
  readonly keyType: "bytes" | "uint";
  /** The rows. */
  readonly rows: readonly ModelRow[];
}

/** Names a period, as views do. */
export function periodName(period: Period | undefined): string {
  if (period === undefined) return "";
  const two = (n: number): string => String(n).padStart(2, "0");
  let name = `_${String(period.year).padStart(4, "0")}`;
  if (period.month !== undefined) name += `_${two(period.month)}`;
  if (period.day !== undefined) name += `_${two(period.day)}`;
  return name;
}

/** A key for maps of values. */
export function valueKey(value: QueryValue): string {
  return typeof value === "bigint" ? `n${value}` : `b${formatHex(value)}`;
}

/** Sorts values and drops repeated ones. */
export function sortValues(values: Iterable<QueryValue>): QueryValue[] {
  const distinct = new Map<string, QueryValue>();
  for (const value of values) distinct.set(valueKey(value), value);
  return [...distinct.values()].sort((a, b) =>
    typeof a === "bigint" || typeof b === "bigint"
      ? (a < b ? -1 : a > b ? 1 : 0)
      : compareBytes(a, b)
  );
}
