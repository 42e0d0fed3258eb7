/**
 * `cairn dump`: events as text.
 *
 * @module
 */
import { Command } from "commander";
import {
  columnValue,
  decodeText,
  encodeText,
  type EventBatch,
  filterFields,
  findField,
  formatHex,
  getField,
  type ScanOptions,
} from "@cairn/core";
import { createFile } from "@cairn/core/file";
import type { CommandContext } from "../command_context.ts";
import type { OpenedStore } from "../open_store.ts";
import {
  type ColumnSpec,
  csvFormat,
  ndjsonFormat,
  type RowFormat,
  tdbCsvFormat,
  tdbJsonFormat,
} from "../output/row_format.ts";
import { RowWriter } from "../output/row_writer.ts";
import { TableWriter } from "../output/table.ts";
import {
  addSelectionFlags,
  selectedEvents,
  selectedTrails,
  type SelectionFlags,
} from "../selection.ts";
import { formatKey, type KeyStyle } from "../text/key_text.ts";
import { oneOf, wholeNumber } from "../text/flag_value.ts";
import { UsageError } from "../usage_error.ts";
import {
  addStoreFlags,
  keyStyleOf,
  type StoreFlags,
  withStore,
} from "./store_flags.ts";

interface DumpFlags extends StoreFlags, SelectionFlags {
  readonly format?: string;
  readonly fields?: string;
  readonly reverse?: boolean;
  readonly limit?: string;
  readonly header?: boolean;
  readonly delimiter?: string;
  readonly omitEmpty?: boolean;
  readonly key?: string;
  readonly output: string;
  readonly replace?: boolean;
  readonly tdbStyle?: boolean;
  readonly verbose?: boolean;
}

/** Makes the command. @param context What it works with. */
export function dumpCommand(context: CommandContext): Command {
  const command = new Command("dump")
    .description("print events, trail by trail, each in order of time")
    .argument("<store>", "the store")
    .optionsGroup("What to print:")
    .option("-f, --fields <list>", "only these fields, in this order: A,B,C")
    .option("--reverse", "latest events of each trail first")
    .option("--limit <count>", "stop after so many events");
  addSelectionFlags(command)
    .optionsGroup("How to print it:")
    .option("--format <format>", "csv, ndjson or table (csv)")
    .option("--header", "print a header line (csv does so anyway)")
    .option("--no-header", "print no header line")
    .option("-d, --delimiter <character>", "what stands between cells of csv")
    .option("--omit-empty", "leave out empty fields in ndjson")
    .option("--key <style>", "write trail keys as uuid, text or hex")
    .option("-o, --output <file>", "write to this file", "-")
    .option("--replace", "replace an existing file")
    .option("--tdb-style", "print what `tdb dump` prints")
    .optionsGroup("Other options:")
    .option("-v, --verbose", "say how trails were chosen");
  return addStoreFlags(command)
    .addHelpText("after", HELP)
    .action((path: string, flags: DumpFlags) => dump(context, path, flags));
}

const HELP = `
csv has the header trail,time,FIELDS and quotes as in RFC 4180. ndjson has one
object a line with trail, time and the fields; values that are not UTF-8 are
{"hex": "..."}. Trail keys are 32 hex digits when all keys of the store have 16
bytes, else text when all are UTF-8, else hex digits.

A filter is a list of terms NAME=VALUE and NAME!=VALUE. Terms side by side are
alternatives; & between blanks joins lists that must all hold.

Examples:
  cairn dump events.tdb --filter "type=click & page=/a page=/b" --limit 10
  cairn dump events.esdb --trails user-1,user-2 --format ndjson
  cairn dump events.tdb --from 2024-01-01 --to 2024-02-01 --fields type,page`;

async function dump(
  context: CommandContext,
  path: string,
  flags: DumpFlags,
): Promise<void> {
  const format = oneOf("--format", flags.format ?? "csv", [
    "csv",
    "ndjson",
    "table",
  ]);
  checkDelimiter(flags.delimiter);
  const limit = flags.limit === undefined
    ? Infinity
    : wholeNumber("--limit", flags.limit);
  const filter = selectedEvents(flags, context);
  await withStore(context, path, flags, async (opened) => {
    const { store } = opened;
    const { signal } = context.io;
    const keyStyle = await keyStyleOf(opened, flags.key, signal);
    const selected = await selectedTrails(flags, store, keyStyle, context);
    if (flags.verbose && selected !== undefined) {
      const { named, missing, invalid } = selected;
      await context.say(
        `Found ${named} UUIDs: ${
          named - missing - invalid
        } selected, ${missing} missing, ${invalid} invalid.`,
      );
    }
    for (const field of filter === undefined ? [] : filterFields(filter)) {
      if (flags.tdbStyle || findField(store.schema, field) >= 0) continue;
      await context.say(
        `cairn: note: there is no field "${field}", so no value of it matches`,
      );
    }
    const { columns, fields } = chooseColumns(opened, flags);
    const scan: ScanOptions = {
      fields,
      signal,
      order: flags.reverse ? "descending" : "ascending",
      ...(filter === undefined ? {} : { filter }),
      ...(selected === undefined ? {} : { trails: selected.trails }),
    };
    await withOutput(context, flags, async (write) => {
      const batches = limited(
        limit === 0 ? [] : store.scan(scan),
        limit,
      );
      if (format === "table") {
        await writeTable(opened, columns, keyStyle, batches, write);
        return;
      }
      const rows = new RowWriter({
        store,
        format: rowFormat(format, columns, flags),
        keyStyle,
        write,
      });
      for await (const { batch, count } of batches) {
        await rows.batch(batch, count, signal);
      }
      await rows.finish();
    });
  });
}

/** Counts events down; ends the scan as soon as there are enough. */
async function* limited(
  batches: AsyncIterable<EventBatch> | Iterable<EventBatch>,
  limit: number,
): AsyncGenerator<{ readonly batch: EventBatch; readonly count: number }> {
  let left = limit;
  for await (const batch of batches) {
    const count = Math.min(left, batch.count);
    yield { batch, count };
    left -= count;
    if (left === 0) return;
  }
}

/** The columns of output, and the fields to scan for them. */
function chooseColumns(opened: OpenedStore, flags: DumpFlags) {
  const { schema } = opened.store;
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

function rowFormat(
  format: "csv" | "ndjson",
  columns: readonly ColumnSpec[],
  flags: DumpFlags,
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

function checkDelimiter(delimiter: string | undefined): void {
  if (delimiter === undefined) return;
  if (encodeText(delimiter).length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new UsageError(
      `Cannot use --delimiter "${delimiter}": one byte that is no quote or line end wanted`,
    );
  }
}

/** Opens the output, does the work, and makes the file appear. */
async function withOutput(
  context: CommandContext,
  flags: DumpFlags,
  work: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (flags.output === "-") {
    await work((bytes) => context.io.stdout.write(bytes));
    return;
  }
  await using sink = await createFile(flags.output, {
    replace: flags.replace ?? false,
  });
  await work((bytes) => sink.write(bytes));
  await sink.finish();
}

async function writeTable(
  { store }: OpenedStore,
  columns: readonly ColumnSpec[],
  keyStyle: KeyStyle,
  batches: AsyncIterable<{ batch: EventBatch; count: number }>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const right = columns.flatMap(({ source, type }, i) =>
    source === "time" || type === "integer" ? [i] : []
  );
  const table = new TableWriter((text) => write(encodeText(text)), { right });
  await table.row(columns.map(({ title }) => title));
  for await (const { batch, count } of batches) {
    for (let t = 0; t < batch.trailCount; t++) {
      const start = batch.trailOrdinals[t]!;
      const keys = await store.keys({ start, end: start + 1 });
      const key = formatKey(
        keys.bytes.subarray(keys.starts[0]!, keys.ends[0]!),
        keyStyle,
      );
      const end = Math.min(count, batch.trailOffsets[t + 1]!);
      for (let row = batch.trailOffsets[t]!; row < end; row++) {
        await table.row(columns.map(({ source }) => {
          if (source === "trail") return key;
          if (source === "time") return String(batch.timestamps[row]!);
          return shown(columnValue(batch.columns[source]!, row));
        }));
      }
    }
  }
  await table.finish();
}

function shown(value: Uint8Array | null): string {
  if (value === null) return "";
  return decodeText(value) ?? `0x${formatHex(value)}`;
}
