/**
 * Answers as JSON, in the form that the query language fixes.
 *
 * @module
 */
import { decodeText, formatHex } from "@cairn/core";
import type { QueryAnswer, QueryCell, QueryRow, QueryValue } from "./answer.ts";

/** Anything that JSON holds. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * Gives an answer as a value for `JSON.stringify`: numbers above 2^53 - 1 as
 * decimal strings, bytes that are not UTF-8 as `{"hex": "..."}`.
 *
 * @example A sum
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { answerToJson } from "@cairn/query";
 *
 * assertEquals(
 *   answerToJson({ kind: "sum", sum: 1n << 64n, count: 2 }),
 *   { sum: "18446744073709551616", count: 2 },
 * );
 * ```
 * @param answer Any answer.
 */
export function answerToJson(answer: QueryAnswer): JsonValue {
  switch (answer.kind) {
    case "rows":
      return { rows: answer.rows.map(idToJson) };
    case "count":
      return { count: answer.count };
    case "sum":
      return { sum: valueToJson(answer.sum), count: answer.count };
    case "min":
    case "max": {
      const value = answer.value === null ? null : valueToJson(answer.value);
      return { [answer.kind]: value, count: answer.count };
    }
    case "top-rows":
      return {
        top: answer.top.map(({ row, value }) => ({
          row: idToJson(row),
          value: valueToJson(value),
        })),
      };
    case "top-values":
      return {
        top: answer.top.map(({ value, count }) => ({
          value: valueToJson(value),
          count,
        })),
      };
    case "groups":
      return {
        groups: answer.groups.map(({ value, count, sum }) => ({
          value: valueToJson(value),
          count,
          ...(sum === undefined ? {} : { sum: valueToJson(sum) }),
        })),
      };
    case "select":
      return {
        rows: answer.rows.map((row) => ({
          row: idToJson(row),
          fields: Object.fromEntries(
            answer.columns.map((name, i) => [name, cellToJson(row.fields[i]!)]),
          ),
        })),
      };
  }
}

/** Gives a row's id as JSON: its parts as text. @param row The row. */
export function idToJson(row: QueryRow): JsonValue {
  return row.id.map((part) =>
    typeof part === "bigint" ? part.toString() : bytesToJson(part)
  );
}

/** Gives a value as JSON. @param value Bytes or a number. */
export function valueToJson(value: QueryValue): JsonValue {
  if (typeof value !== "bigint") return bytesToJson(value);
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value.toString();
}

function bytesToJson(bytes: Uint8Array): JsonValue {
  return decodeText(bytes) ?? { hex: formatHex(bytes) };
}

function cellToJson(cell: QueryCell): JsonValue {
  if (cell === null || cell === true) return cell;
  return typeof cell === "bigint" ? valueToJson(cell) : cell.map(valueToJson);
}
