/**
 * What to read of CSV and NDJSON, and how it is written.
 *
 * @module
 */
import type { CairnError } from "@cairn/core";
import type { ReadProgress } from "./event_reader.ts";
import type { FieldChoice } from "./field_list.ts";

/** How events are written. */
export type InputFormat = "csv" | "ndjson";

/**
 * How trail keys are written.
 *
 * - `uuid`: 32 hex digits of either case, with or without the four hyphens;
 *   16 bytes.
 * - `hex`: pairs of hex digits.
 * - `text`: any text; its bytes are the key.
 * - `padded-hex`: 0 to 32 hex digits, filled up with zeros to 16 bytes, as
 *   `tdb make` does.
 */
export type KeyFormat = "uuid" | "hex" | "text" | "padded-hex";

/** A unit of time: seconds, milliseconds, microseconds since 1970. */
export type TimeUnit = "s" | "ms" | "us";

/** What to read, and how. */
export interface ReadEventsOptions {
  /** Column or key that holds the trail key. */
  readonly trail: string;
  /** Column or key that holds the time. */
  readonly time: string;
  /**
   * The columns: names, with numbers (from 1) for CSV without a header. The
   * trail and time columns may be among them and do not become fields; the
   * rest does, in this order. If left out: every other column of the CSV
   * header, or every other key of the first JSON object.
   *
   * Without a header, names without numbers are all columns from the first on.
   */
  readonly fields?: readonly FieldChoice[];
  /**
   * How events are written. If left out: by the name (`.csv`, `.tsv`,
   * `.ndjson`, `.jsonl`, each also with `.gz`), else `ndjson` when the first
   * byte that is not blank is `{`, else `csv`. Gzip is seen by its first bytes.
   */
  readonly format?: InputFormat;
  /** CSV: whether the first record of each input names the columns; true if left out. */
  readonly header?: boolean;
  /** CSV: one ASCII byte, not a quote or line end; a tab for names ending in `.tsv`, else a comma. */
  readonly delimiter?: string;
  /**
   * CSV: false takes quotes as any other character and ends every record at
   * the line end, as `tdb make` does; a CR before it belongs to the value.
   * True if left out: RFC 4180, LF or CRLF.
   */
  readonly quotes?: boolean;
  /** CSV: true takes a record with too few columns, the rest being empty, and ignores surplus ones. If left out, both are bad. */
  readonly ragged?: boolean;
  /** What a blank line is: passed over, or bad. `skip` if left out. */
  readonly blankLines?: "skip" | "error";
  /** NDJSON: what an object or array as value is: `text` its JSON text as written, or `error`. `text` if left out. */
  readonly nested?: "text" | "error";
  /** NDJSON: true takes strings as they stand between the quotes, escapes and all, as `tdb make` does. */
  readonly rawStrings?: boolean;
  /** How trail keys are written. If left out: `uuid` when `keyBytes` allows 16 bytes only, else `text`. */
  readonly keys?: KeyFormat;
  /** Lengths of trail keys that the store takes; any if left out. */
  readonly keyBytes?: { readonly min: number; readonly max: number };
  /**
   * Unit of the timestamps handed out; `s` if left out. A time may be an
   * integer (in `integerUnit`) or ISO 8601 / RFC 3339 (`2024-05-01`,
   * `2024-05-01T12:30:00.25Z`, `2024-05-01 12:30+02:00`; without an offset it
   * is UTC). What is finer than the unit is cut off.
   */
  readonly timeUnit?: TimeUnit;
  /** Unit of times written as integers; `timeUnit` if left out: they stay as they are. */
  readonly integerUnit?: TimeUnit;
  /** True makes an empty time 0, as `tdb make` does; else it is bad. */
  readonly emptyTimeIsZero?: boolean;
  /** True skips and counts bad lines instead of stopping. Broken gzip always stops. */
  readonly skipBad?: boolean;
  /** Told of each line skipped. */
  readonly onBad?: (error: CairnError) => void;
  /** Told after each piece read. */
  readonly onProgress?: (progress: ReadProgress) => void;
  /** Most bytes of a value; 16 MiB if left out. */
  readonly valueBytesMax?: number;
  /** Most bytes of a record or line; 64 MiB if left out. */
  readonly recordBytesMax?: number;
  /** Stops with `aborted`. */
  readonly signal?: AbortSignal;
}
