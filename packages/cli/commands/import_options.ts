/**
 * What the flags of `cairn import` tell the parsers.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import type { CodecEntry } from "../codec_entry.ts";
import { type FieldChoice, parseFieldList } from "../input/field_list.ts";
import { isDelimiter } from "../input/is_delimiter.ts";
import type { ReadEventsOptions } from "../input/read_options.ts";
import { oneOf } from "../text/flag_value.ts";
import { UsageError } from "../usage_error.ts";
import type { WriteFlags } from "./write_flags.ts";

/** The flags of `cairn import`. */
export interface ImportFlags extends WriteFlags {
  /** `--trail`. */
  readonly trail?: string;
  /** `--time`. */
  readonly time?: string;
  /** `--fields`. */
  readonly fields?: string;
  /** `--types`. */
  readonly types?: string;
  /** `--key`. */
  readonly key: string;
  /** `--time-unit`. */
  readonly timeUnit: string;
  /** `--integer-unit`. */
  readonly integerUnit?: string;
  /** `--format`. */
  readonly format?: string;
  /** `--header`. */
  readonly header?: boolean;
  /** `--delimiter`. */
  readonly delimiter?: string;
  /** `--raw-strings`. */
  readonly rawStrings?: boolean;
  /** `--tdb-style`. */
  readonly tdbStyle?: boolean;
  /** `--skip-bad`. */
  readonly skipBad?: boolean;
  /** `--schema`. */
  readonly schema?: string;
  /** `--keyspace`. */
  readonly keyspace?: string;
  /** `--live`. */
  readonly live?: boolean;
}

const KEYS = ["uuid", "hex", "padded-hex", "text", "hash", "auto"] as const;
const UNITS = ["s", "ms", "us"] as const;
const FORMATS = ["csv", "ndjson"] as const;

/**
 * Reads the flags.
 *
 * @param flags The flags.
 * @param entry The codec, which limits trail keys.
 * @param signal Stops reading.
 * @throws {UsageError} For values that make no sense.
 */
export function readOptions(
  flags: ImportFlags,
  { codec }: CodecEntry,
  signal: AbortSignal,
): ReadEventsOptions {
  const tdb = flags.tdbStyle ?? false;
  const key = oneOf("--key", flags.key, KEYS);
  const header = flags.header ?? (tdb ? false : undefined);
  const fields = flags.fields ?? (tdb && !header ? "uuid,time" : undefined);
  return {
    ...(tdb ? TDB_STYLE : {}),
    trail: flags.trail ?? (tdb ? "uuid" : "trail"),
    time: flags.time ?? "time",
    timeUnit: oneOf("--time-unit", flags.timeUnit, UNITS),
    skipBad: flags.skipBad ?? false,
    signal,
    ...optional(
      "integerUnit",
      flags.integerUnit,
      (unit) => oneOf("--integer-unit", unit, UNITS),
    ),
    ...optional(
      "format",
      flags.format,
      (format) => oneOf("--format", format, FORMATS),
    ),
    // tdb takes the header's word over --fields.
    ...optional("fields", tdb && header ? undefined : fields, readFields),
    ...optional("header", header, (value) => value),
    ...optional(
      "delimiter",
      flags.delimiter ?? (tdb ? " " : undefined),
      readDelimiter,
    ),
    ...optional("rawStrings", flags.rawStrings, (value) => value),
    ...(key === "auto"
      ? tdb ? { keys: "padded-hex" as const } : {}
      : { keys: key === "hash" ? "text" as const : key }),
    ...(key === "hash" ? {} : { keyBytes: codec.capabilities.trailKeyBytes }),
  };
}

const TDB_STYLE: Partial<ReadEventsOptions> = {
  format: "csv",
  quotes: false,
  ragged: true,
  nested: "error",
  emptyTimeIsZero: true,
  blankLines: "error",
};

function readFields(text: string): FieldChoice[] {
  try {
    return parseFieldList(text);
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    throw new UsageError(`Cannot use --fields "${text}": ${error.detail}`);
  }
}

function readDelimiter(text: string): string {
  if (isDelimiter(text)) return text;
  throw new UsageError(
    `Cannot use --delimiter ${
      JSON.stringify(text)
    }: one ASCII character wanted that is not a quote or line end`,
  );
}

function optional<Name extends string, Given, Value>(
  name: Name,
  given: Given | undefined,
  read: (given: Given) => Value,
): { [name in Name]?: Value } {
  return (given === undefined ? {} : { [name]: read(given) }) as {
    [name in Name]?: Value;
  };
}
