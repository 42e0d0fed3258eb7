/**
 * `cairn import`: text in, a store out.
 *
 * @module
 */
import { Command } from "commander";
import {
  CairnError,
  createSchema,
  type InputBatch,
  type StoreWriter,
} from "@cairn/core";
import type { CodecEntry } from "../codec_entry.ts";
import type { CommandContext } from "../command_context.ts";
import { assertFree, createStore } from "../create_store.ts";
import { KeyHasher } from "../hash_keys.ts";
import { parseFieldList } from "../input/field_list.ts";
import { fileInput, streamInput } from "../input/input_file.ts";
import {
  type EventReader,
  openEvents,
  type ReadEventsOptions,
} from "../input/read_events.ts";
import { startProgress } from "../progress.ts";
import { formatCount } from "../text/byte_size.ts";
import { typeFields } from "../text/field_types.ts";
import { oneOf } from "../text/flag_value.ts";
import {
  addWriteFlags,
  planWriting,
  reportWriting,
  type WriteFlags,
} from "./write_flags.ts";

interface ImportFlags extends WriteFlags {
  readonly trail?: string;
  readonly time?: string;
  readonly fields?: string;
  readonly types?: string;
  readonly key: string;
  readonly timeUnit: string;
  readonly integerUnit?: string;
  readonly format?: string;
  readonly header?: boolean;
  readonly delimiter?: string;
  readonly rawStrings?: boolean;
  readonly tdbStyle?: boolean;
  readonly skipBad?: boolean;
}

/** Messages about bad lines; the rest is only counted. */
const BAD_SHOWN = 5;

/** Makes the command. @param context What it works with. */
export function importCommand(context: CommandContext): Command {
  const command = new Command("import")
    .description("make a store of events in CSV or NDJSON, plain or gzip")
    .argument("<input...>", "files, in order; - is standard input")
    .requiredOption("-o, --output <store>", "the store to write")
    .optionsGroup("What the columns mean:")
    .option("--trail <column>", "column that says whose event it is (trail)")
    .option("--time <column>", "column with the time (time)")
    .option(
      "-f, --fields <list>",
      "columns to keep, in order: A,B,C; all others if left out; 2:A,5:B are numbers of columns",
    )
    .option(
      "--types <list>",
      "types of fields: A:integer,B:text; bytes if left out",
    )
    .option(
      "--key <format>",
      "trail keys are uuid, hex, padded-hex, text, hash (of any text) or auto",
      "auto",
    )
    .option("--time-unit <unit>", "unit of the store's times: s, ms or us", "s")
    .option(
      "--integer-unit <unit>",
      "unit of times that are integers, if another",
    )
    .optionsGroup("What the input looks like:")
    .option(
      "--format <format>",
      "csv or ndjson; by name and content if left out",
    )
    .option(
      "--no-header",
      "the first line is an event; columns come from --fields",
    )
    .option("--header", "the first line names the columns (csv does so anyway)")
    .option("-d, --delimiter <character>", "what stands between cells of csv")
    .option(
      "--raw-strings",
      "keep strings of ndjson as they stand, escapes and all",
    )
    .option("--tdb-style", "read what `tdb make` reads")
    .option("--skip-bad", "skip bad lines and count them, instead of stopping");
  return addWriteFlags(command, context)
    .addHelpText("after", HELP)
    .action((inputs: string[], flags: ImportFlags) =>
      importEvents(context, command, inputs, flags)
    );
}

const HELP = `
Times are integers or dates (ISO 8601). With --key auto, keys are UUIDs where
the codec wants 16 bytes, else text. Input need not be sorted. Nothing appears
under the store's name before all of it is written.

Examples:
  cairn import clicks.csv.gz --trail user --time at --key hash -o clicks.tdb
  zcat log.gz | cairn import - --format ndjson --trail id --time ts -o log.esdb
  cairn import a.csv b.csv --fields page,price --types price:integer -o ab.tdb`;

async function importEvents(
  context: CommandContext,
  command: Command,
  inputs: string[],
  flags: ImportFlags,
): Promise<void> {
  const started = performance.now();
  const { signal, stderr } = context.io;
  const { entry, create } = planWriting(command, flags, context);
  const options = readOptions(flags, entry, signal);
  await assertFree(flags.output, flags.replace ?? false);
  const files = [];
  for (const input of inputs) {
    files.push(
      input === "-"
        ? streamInput("-", context.io.stdin)
        : await fileInput(input),
    );
  }
  const bad: CairnError[] = [];
  const progress = startProgress(stderr);
  let summary;
  let skipped: number;
  try {
    await using reader = await openEvents(files, {
      ...options,
      onBad: (error) => {
        if (bad.length < BAD_SHOWN) bad.push(error);
      },
      onProgress: (state) => progress.update(state),
    });
    const schema = createSchema(typeFields(reader.fields, flags.types));
    await using writer = await createStore(entry, flags.output, schema, {
      create,
      replace: flags.replace ?? false,
      folder: false,
    });
    const refused = await copyEvents(reader, writer, flags, (error) => {
      if (bad.length < BAD_SHOWN) bad.push(error);
    });
    progress.phase("sorting and writing");
    summary = await writer.finish({ signal });
    skipped = reader.progress.skipped + refused;
  } finally {
    progress.stop();
  }
  await reportBad(context, bad, skipped);
  const seconds = (performance.now() - started) / 1000;
  await reportWriting(context, flags, { summary, entry, skipped, seconds });
}

/** Hands batches on; gives the number of events that the store refused. */
async function copyEvents(
  reader: EventReader,
  writer: StoreWriter,
  flags: ImportFlags,
  onBad: (error: CairnError) => void,
): Promise<number> {
  const hasher = flags.key === "hash" ? new KeyHasher() : undefined;
  let refused = 0;
  let before = 0;
  for await (const batch of reader.batches()) {
    let rest = hasher === undefined ? batch : {
      ...batch,
      trailKeys: hasher.hash(batch.trailKeys, batch.count),
    };
    // Events that the layout cannot hold are found one at a time.
    for (let done = false; !done;) {
      try {
        await writer.addBatch(rest);
        done = true;
      } catch (error) {
        const row = refusedRow(error);
        if (row === undefined) throw error;
        const named = nameEvent(error as CairnError, before + row + 1);
        if (!flags.skipBad) throw named;
        onBad(named);
        refused++;
        rest = withoutRow(rest, row);
      }
    }
    before += batch.count;
  }
  return refused;
}

/** The row of a batch that a writer refused, if that is what happened. */
function refusedRow(error: unknown): number | undefined {
  return error instanceof CairnError &&
      (error.code === "invalid-input" || error.code === "limit")
    ? error.where.line
    : undefined;
}

/** Says which event of the input it was, since a row of a batch says nothing. */
function nameEvent(error: CairnError, event: number): CairnError {
  const { line: _row, ...where } = error.where;
  return new CairnError(
    error.code,
    `Cannot store event ${formatCount(event)} of the input: ${error.detail}`,
    { where, cause: error },
  );
}

function withoutRow(batch: InputBatch, row: number): InputBatch {
  const count = batch.count - 1;
  const drop = <T extends Float64Array | Uint32Array>(array: T): T => {
    const rest = array.slice(0, batch.count) as T;
    rest.copyWithin(row, row + 1);
    return rest;
  };
  const dropSpan = (spans: InputBatch["trailKeys"]) => ({
    bytes: spans.bytes,
    starts: drop(spans.starts),
    ends: drop(spans.ends),
  });
  return {
    count,
    trailKeys: dropSpan(batch.trailKeys),
    timestamps: drop(batch.timestamps),
    columns: batch.columns.map(dropSpan),
  };
}

async function reportBad(
  context: CommandContext,
  bad: readonly CairnError[],
  skipped: number,
): Promise<void> {
  for (const error of bad) {
    await context.say(`cairn: skipped: ${error.message}`);
  }
  if (skipped > bad.length && bad.length > 0) {
    await context.say(
      `cairn: skipped: ${formatCount(skipped - bad.length)} more`,
    );
  }
}

const KEYS = ["uuid", "hex", "padded-hex", "text", "hash", "auto"] as const;
const UNITS = ["s", "ms", "us"] as const;
const FORMATS = ["csv", "ndjson"] as const;

/** What the reader is told. */
function readOptions(
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
    ...optional("fields", tdb && header ? undefined : fields, parseFieldList),
    ...optional("header", header, (value) => value),
    ...optional(
      "delimiter",
      flags.delimiter ?? (tdb ? " " : undefined),
      (d) => d,
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
};

function optional<Name extends string, Given, Value>(
  name: Name,
  given: Given | undefined,
  read: (given: Given) => Value,
): { [name in Name]?: Value } {
  return (given === undefined ? {} : { [name]: read(given) }) as {
    [name in Name]?: Value;
  };
}
