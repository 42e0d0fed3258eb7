/**
 * The columns of a dump and what its rows look like.
 *
 * @module
 */
import { encodeText, getField, type Schema } from "@cairn/core";
import { UsageError } from "../usage_error.ts";
import {
  type ColumnSpec,
  csvFormat,
  ndjsonFormat,
  type RowFormat,
  tdbCsvFormat,
  tdbJsonFormat,
} from "./row_format.ts";

/** The flags that say what rows look like. */
export interface DumpColumnFlags {
  /** `--fields`. */
  readonly fields?: string;
  /** `--header`, `--no-header`. */
  readonly header?: boolean;
  /** `--delimiter`. */
  readonly delimiter?: string;
  /** `--omit-empty`. */
  readonly omitEmpty?: boolean;
  /** `--tdb-style`. */
  readonly tdbStyle?: boolean;
}

/** What a dump prints and what it must read for that. */
export interface DumpColumns {
  /** The columns of output. */
  readonly columns: readonly ColumnSpec[];
  /** The fields to scan. */
  readonly fields: readonly string[];
}

/**
 * Chooses the columns.
 *
 * @param schema The store's fields.
 * @param flags The flags.
 * @throws {CairnError} `not-found` for an unknown field.
 */
export function chooseColumns(
  schema: Schema,
  flags: DumpColumnFlags,
): DumpColumns {
  const names = flags.fields?.split(",") ??
    schema.fields.map((field) => field.name);
  const tdb = flags.tdbStyle ?? false;
  const fields: string[] = [];
  const columns: ColumnSpec[] = [];
  // In tdb's lists trail and time are named like fields; in ours they lead.
  const listed = tdb && flags.fields !== undefined;
  if (!listed) {
    columns.push({ title: tdb ? "uuid" : "trail", source: "trail" });
    columns.push({ title: "time", source: "time" });
  }
  for (const name of names) {
    if (listed && (name === "uuid" || name === "time")) {
      const source = name === "uuid" ? "trail" : "time";
      columns.push({ title: name, source });
      continue;
    }
    const { type } = schema.fields[getField(schema, name)]!;
    let source = fields.indexOf(name);
    if (source < 0) source = fields.push(name) - 1;
    columns.push({ title: name, source, type });
  }
  return { columns, fields };
}

/**
 * Makes the format of rows.
 *
 * @param format Its name.
 * @param columns The columns.
 * @param flags The flags.
 * @throws {UsageError} When JSON objects would have a name twice.
 */
export function rowFormat(
  format: "csv" | "ndjson",
  columns: readonly ColumnSpec[],
  flags: DumpColumnFlags,
): RowFormat {
  const csv = {
    ...(flags.delimiter === undefined ? {} : { delimiter: flags.delimiter }),
    ...(flags.header === undefined ? {} : { header: flags.header }),
  };
  const json = { omitEmpty: flags.omitEmpty ?? false };
  if (format === "csv") {
    return flags.tdbStyle
      ? tdbCsvFormat(columns, csv)
      : csvFormat(columns, csv);
  }
  assertDistinctTitles(columns);
  return flags.tdbStyle
    ? tdbJsonFormat(columns, json)
    : ndjsonFormat(columns, json);
}

/** A JSON object with a name twice would lose one of the values. */
function assertDistinctTitles(columns: readonly ColumnSpec[]): void {
  const titles = new Set<string>();
  for (const { title } of columns) {
    if (titles.has(title)) {
      throw new UsageError(
        `Cannot print ndjson with "${title}" twice: choose --fields without it, or csv`,
      );
    }
    titles.add(title);
  }
}

/**
 * Fails unless a delimiter is one byte that can stand between cells.
 *
 * @param delimiter What `--delimiter` says, if it was given.
 * @throws {UsageError} When it is anything else.
 */
export function checkDelimiter(delimiter: string | undefined): void {
  if (delimiter === undefined) return;
  if (encodeText(delimiter).length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new UsageError(
      `Cannot use --delimiter "${delimiter}": one byte that is no quote or line end wanted`,
    );
  }
}
