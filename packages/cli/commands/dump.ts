/**
 * `cairn dump`: events as text.
 *
 * @module
 */
import { Command } from "commander";
import {
  type Bitmap,
  type EventBatch,
  type Filter,
  filterFields,
  findField,
  type ScanOptions,
  type Store,
} from "@cairn/core";
import { createFile } from "@cairn/core/file";
import type { CommandContext } from "../command_context.ts";
import { narrowTrails } from "../narrow_trails.ts";
import type { OpenedStore } from "../open_store.ts";
import {
  checkDelimiter,
  chooseColumns,
  type DumpColumnFlags,
  rowFormat,
} from "../output/dump_columns.ts";
import { writeEventTable } from "../output/event_table.ts";
import { RowWriter } from "../output/row_writer.ts";
import { isSameFile } from "../same_file.ts";
import { isSpecialFile, openSpecialFile } from "../special_file.ts";
import { UsageError } from "../usage_error.ts";
import {
  addSelectionFlags,
  selectedEvents,
  selectedTrails,
  type SelectionFlags,
  withKnownUnit,
} from "../selection.ts";
import { oneOf, wholeNumber } from "../text/flag_value.ts";
import {
  addIndexFlags,
  addStoreFlags,
  keyStyleOf,
  type StoreFlags,
  withStore,
} from "./store_flags.ts";

interface DumpFlags extends StoreFlags, SelectionFlags, DumpColumnFlags {
  readonly format?: string;
  readonly reverse?: boolean;
  readonly limit?: string;
  readonly key?: string;
  readonly output: string;
  readonly replace?: boolean;
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
  return addStoreFlags(addIndexFlags(command))
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
  selectedEvents(flags, context); // mistakes are told before anything is opened
  if (flags.output !== "-" && await isSameFile(path, flags.output)) {
    // Even with --replace: the text would take the place of the only store.
    throw new UsageError("--output names the store that is dumped");
  }
  await withStore(context, path, flags, async (opened) => {
    const { store } = opened;
    const { signal } = context.io;
    const filter = selectedEvents(
      await withKnownUnit(flags, [store], signal),
      context,
    );
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
    if (!flags.tdbStyle) await noteUnknownFields(context, store, filter);
    const { columns, fields } = chooseColumns(store.schema, flags);
    const trails = await indexedTrails(context, opened, flags, {
      filter,
      selected: selected?.trails,
    });
    const scan: ScanOptions = {
      fields,
      signal,
      order: flags.reverse ? "descending" : "ascending",
      ...(filter === undefined ? {} : { filter }),
      ...(trails === undefined ? {} : { trails }),
    };
    await withOutput(context, flags, async (write) => {
      const batches = limited(store.scan(scan), limit);
      if (format === "table") {
        await writeEventTable(batches, { store, columns, keyStyle, write });
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

/** Says which fields of a filter the store has not: it matches all the same. */
async function noteUnknownFields(
  context: CommandContext,
  { schema }: Store,
  filter: Filter | undefined,
): Promise<void> {
  for (const field of filter === undefined ? [] : filterFields(filter)) {
    if (findField(schema, field) >= 0) continue;
    await context.say(
      `cairn: note: there is no field "${field}", so no value of it matches`,
    );
  }
}

/** The trails to scan: those asked for, less those that an index rules out. */
async function indexedTrails(
  context: CommandContext,
  { store }: OpenedStore,
  flags: DumpFlags,
  wanted: {
    readonly filter: Filter | undefined;
    readonly selected: Bitmap | undefined;
  },
): Promise<Bitmap | undefined> {
  const { filter, selected } = wanted;
  const { signal } = context.io;
  if (filter === undefined) return selected;
  const index = flags.index === false
    ? undefined
    : await store.index({ signal });
  const narrowed = index === undefined
    ? undefined
    : await narrowTrails(index, filter, selected, signal);
  if (flags.verbose) {
    const { trails } = await store.stats({ signal });
    const left = narrowed?.count() ?? trails;
    const share = trails === 0 ? 100 : 100 * left / trails;
    await context.say(
      narrowed === undefined
        ? "Not using an index."
        : `Using an index. Evaluating ${left}/${trails} (${
          share.toFixed(2)
        }%) trails.`,
    );
  }
  return narrowed ?? selected;
}

/** Counts events down; ends the scan as soon as there are enough. */
async function* limited(
  batches: AsyncIterable<EventBatch>,
  limit: number,
): AsyncGenerator<{ readonly batch: EventBatch; readonly count: number }> {
  if (limit === 0) return;
  let left = limit;
  for await (const batch of batches) {
    const count = Math.min(left, batch.count);
    yield { batch, count };
    left -= count;
    if (left === 0) return;
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
  if (await isSpecialFile(flags.output)) {
    using output = await openSpecialFile(
      flags.output,
      context.io.signal,
    );
    await work((bytes) => output.write(bytes));
    return;
  }
  await using sink = await createFile(flags.output, {
    replace: flags.replace ?? false,
  });
  await work((bytes) => sink.write(bytes));
  await sink.finish();
}
