/**
 * Options of reading, filled in and checked once.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import type { CsvDialect } from "./_csv_parser.ts";
import type { RowBufferOptions } from "./_row_buffer.ts";
import type { InputFile } from "./input_file.ts";
import { isDelimiter } from "./is_delimiter.ts";
import type { InputFormat, ReadEventsOptions } from "./read_options.ts";

/** Options of reading, complete. */
export interface ReadSettings {
  /** As the caller gave them; for members that have no default. */
  readonly options: ReadEventsOptions;
  /** How rows are checked, but for the number of fields. */
  readonly rows: Omit<RowBufferOptions, "fieldCount">;
  /** How each CSV input is written. */
  readonly dialect: (file: InputFile) => CsvDialect;
  /** Whether CSV has a header. */
  readonly header: boolean;
}

const VALUE_BYTES_MAX = 1 << 24;
const RECORD_BYTES_MAX = 1 << 26;

/**
 * Checks options and fills them in.
 *
 * @throws {CairnError} `invalid-input` when they contradict each other.
 */
export function readSettings(
  inputs: readonly InputFile[],
  options: ReadEventsOptions,
): ReadSettings {
  if (inputs.length === 0) throw refuse("no input, at least one wanted");
  if (options.trail === options.time) {
    throw refuse(
      `"${options.trail}" is both trail and time, two columns wanted`,
    );
  }
  const { delimiter } = options;
  if (delimiter !== undefined && !isDelimiter(delimiter)) {
    throw refuse(
      `delimiter ${
        JSON.stringify(delimiter)
      }, one ASCII character wanted that is not a quote or line end`,
    );
  }
  const keyBytes = options.keyBytes ?? { min: 1, max: Infinity };
  const timeUnit = options.timeUnit ?? "s";
  return {
    options,
    rows: {
      keys: options.keys ??
        (keyBytes.min === 16 && keyBytes.max === 16 ? "uuid" : "text"),
      keyBytes: { min: Math.max(1, keyBytes.min), max: keyBytes.max },
      timeUnit,
      integerUnit: options.integerUnit ?? timeUnit,
      emptyTimeIsZero: options.emptyTimeIsZero ?? false,
      valueBytesMax: options.valueBytesMax ?? VALUE_BYTES_MAX,
      recordBytesMax: options.recordBytesMax ?? RECORD_BYTES_MAX,
    },
    dialect: (file) => ({
      delimiter: (delimiter ?? defaultDelimiter(file.name)).charCodeAt(0),
      quotes: options.quotes ?? true,
      ragged: options.ragged ?? false,
      blankIsBad: options.blankLines === "error",
    }),
    header: options.header ?? true,
  };
}

/**
 * Tells how an input is written, by its name or first text.
 *
 * @param name Its name.
 * @param text How it begins, without a byte order mark.
 * @returns The format.
 */
export function guessFormat(name: string, text: Uint8Array): InputFormat {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === "csv" || extension === "tsv") return "csv";
  if (extension === "ndjson" || extension === "jsonl") return "ndjson";
  const first = text.find((byte) => byte > 0x20);
  return first === 0x7b ? "ndjson" : "csv";
}

function defaultDelimiter(name: string): string {
  return /\.tsv(?:\.gz)?$/i.test(name) ? "\t" : ",";
}

function refuse(what: string): CairnError {
  return new CairnError("invalid-input", `Cannot read events: ${what}`);
}
