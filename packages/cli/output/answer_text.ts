/**
 * Answers of queries in each text format.
 *
 * @module
 */
import { decodeText, encodeText, formatHex } from "@cairn/core";
import {
  answerToJson,
  type JsonValue,
  type QueryAnswer,
  type QueryCell,
  type QueryGroup,
  type QueryRow,
  type QueryValue,
} from "@cairn/query";
import { formatKey, type KeyStyle } from "../text/key_text.ts";
import { escapeCsv } from "./escape.ts";
import { OutputBuffer } from "./output_buffer.ts";
import { formatTable } from "./table.ts";

/** The formats. */
export const ANSWER_FORMATS = ["table", "json", "csv", "ndjson"] as const;

/** Name of a format. */
export type AnswerFormat = typeof ANSWER_FORMATS[number];

/** How to write. */
export interface AnswerTextOptions {
  /** Names of the parts of a row's id. */
  readonly keyParts: readonly string[];
  /** How keys of one part are written, where people look at them. */
  readonly keyStyle: KeyStyle;
}

/**
 * Writes an answer.
 *
 * `json` has the form that the query language fixes. `ndjson` has a line for
 * each row or group. `csv` and `table` have a line of titles and a row for
 * each; sets are JSON arrays in `csv`.
 *
 * @param answer The answer.
 * @param format How.
 * @param options How ids are written.
 */
export async function formatAnswer(
  answer: QueryAnswer,
  format: AnswerFormat,
  options: AnswerTextOptions,
): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify(answerToJson(answer))}\n`;
    case "ndjson":
      return linesOf(answerToJson(answer))
        .map((line) => `${JSON.stringify(line)}\n`).join("");
    case "csv":
      return formatCsv(gridOf(answer, options, csvCell));
    case "table": {
      const grid = gridOf(answer, options, plainCell);
      return await formatTable(grid.rows, { right: grid.numbers });
    }
  }
}

/** The list inside an answer, as objects; or the answer as the only one. */
function linesOf(json: JsonValue): JsonValue[] {
  const [name, list] = Object.entries(json as Record<string, JsonValue>)[0]!;
  if (!Array.isArray(list)) return [json];
  return name !== "rows"
    ? list
    : list.map((row) => Array.isArray(row) ? { row } : row);
}

interface Grid {
  /** Titles first. */
  readonly rows: string[][];
  /** Columns of numbers. */
  readonly numbers: number[];
}

type FormatCell = (cell: QueryCell) => string;

function gridOf(
  answer: QueryAnswer,
  options: AnswerTextOptions,
  cell: FormatCell,
): Grid {
  const keys = options.keyParts.length;
  const id = (row: QueryRow) => row.id.map((part) => idText(part, options));
  switch (answer.kind) {
    case "rows":
      return {
        rows: [[...options.keyParts], ...answer.rows.map(id)],
        numbers: [],
      };
    case "count":
      return { rows: [["count"], [`${answer.count}`]], numbers: [0] };
    case "sum":
      return {
        rows: [["sum", "count"], [`${answer.sum}`, `${answer.count}`]],
        numbers: [0, 1],
      };
    case "min":
    case "max":
      return {
        rows: [
          [answer.kind, "count"],
          [`${answer.value ?? ""}`, `${answer.count}`],
        ],
        numbers: [0, 1],
      };
    case "top-rows":
      return {
        rows: [
          [...options.keyParts, "value"],
          ...answer.top.map(({ row, value }) => [...id(row), `${value}`]),
        ],
        numbers: [keys],
      };
    case "top-values":
      return groupGrid(answer.top);
    case "groups":
      return groupGrid(answer.groups);
    case "select":
      return {
        rows: [
          [...options.keyParts, ...answer.columns],
          ...answer.rows.map((row) => [...id(row), ...row.fields.map(cell)]),
        ],
        numbers: answer.columns.flatMap((_, i) =>
          answer.rows.every(({ fields }) => isNumber(fields[i]!))
            ? [keys + i]
            : []
        ),
      };
  }
}

function groupGrid(groups: readonly QueryGroup[]): Grid {
  const hasSum = groups.some(({ sum }) => sum !== undefined);
  const titles = ["value", "count", ...hasSum ? ["sum"] : []];
  return {
    rows: [
      titles,
      ...groups.map(({ value, count, sum }) => [
        valueText(value),
        `${count}`,
        ...hasSum ? [`${sum ?? 0n}`] : [],
      ]),
    ],
    numbers: [1, 2],
  };
}

function isNumber(cell: QueryCell): boolean {
  return cell === null || typeof cell === "bigint";
}

function idText(part: QueryValue, options: AnswerTextOptions): string {
  if (typeof part === "bigint") return part.toString();
  return options.keyParts.length === 1
    ? formatKey(part, options.keyStyle)
    : valueText(part);
}

function valueText(value: QueryValue): string {
  return typeof value === "bigint"
    ? value.toString()
    : decodeText(value) ?? `0x${formatHex(value)}`;
}

function plainCell(cell: QueryCell): string {
  if (cell === null) return "";
  if (cell === true) return "yes";
  return typeof cell === "bigint"
    ? cell.toString()
    : cell.map(valueText).join(", ");
}

function csvCell(cell: QueryCell): string {
  if (cell === null) return "";
  if (cell === true) return "true";
  if (typeof cell === "bigint") return cell.toString();
  return JSON.stringify(cell.map(valueText));
}

function formatCsv({ rows }: Grid): string {
  const escape = escapeCsv(0x2c);
  const out = new OutputBuffer();
  for (const row of rows) {
    row.forEach((cell, i) => {
      if (i > 0) out.byte(0x2c);
      const bytes = encodeText(cell);
      escape(bytes, 0, bytes.length, out);
    });
    if (row.length === 1 && row[0] === "") out.all(encodeText('""'));
    out.byte(0x0a);
  }
  return new TextDecoder().decode(out.view());
}
