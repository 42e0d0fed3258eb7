/**
 * `cairn import`: text in, a store out.
 *
 * @module
 */
import { Command } from "commander";
import { CairnError, createSchema } from "@cairn/core";
import type { CommandContext } from "../command_context.ts";
import { assertFree, createStore, removeSideIndex } from "../create_store.ts";
import { feedWriter } from "../feed_writer.ts";
import { startProgress } from "../progress.ts";
import { formatCount } from "../text/byte_size.ts";
import { isSameFile } from "../same_file.ts";
import { typeFields } from "../text/field_types.ts";
import { UsageError } from "../usage_error.ts";
import type { ImportFlags } from "./import_options.ts";
import { openReader } from "./import_reader.ts";
import { importRows } from "./import_rows.ts";
import { addWriteFlags, planWriting, reportWriting } from "./write_flags.ts";

/** Messages about bad lines; the rest is only counted. */
const BAD_SHOWN = 5;
/** Names of columns in a message. */
const NAMES_SHOWN = 5;

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
  command
    .optionsGroup("Stores that grow, where the codec has them:")
    .option(
      "--schema <file>",
      "take row events: lines with row, ts, add, put, mark; the file says what is kept",
    )
    .option("--keyspace <name>", "the keyspace of lines that name none")
    .option("--live", "make a live store, a folder that `cairn add` adds to");
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
  const { entry, create, folder } = planWriting(command, flags, context);
  for (const input of inputs) {
    // Even with --replace: the store would take the place of the only text.
    if (input !== "-" && await isSameFile(input, flags.output)) {
      throw new UsageError("--output names a file that is imported");
    }
  }
  if (flags.schema !== undefined) {
    return await importRows(context, entry, inputs, flags);
  }
  await assertFree(flags.output, flags.replace ?? false);
  const bad: CairnError[] = [];
  const onBad = (error: CairnError) => {
    if (bad.length < BAD_SHOWN) bad.push(error);
  };
  const progress = startProgress(stderr);
  let summary;
  let skipped: number;
  let leftOut: ReadonlySet<string>;
  try {
    await using reader = await openReader(context, inputs, flags, {
      entry,
      onBad,
      onProgress: (state) => progress.update(state),
    });
    const schema = createSchema(typeFields(reader.fields, flags.types));
    await using writer = await createStore(entry, flags.output, schema, {
      create,
      replace: flags.replace ?? false,
      folder: folder || (flags.live ?? false),
    });
    const refused = await feedWriter(reader.batches(), writer, {
      changeKeys: reader.changeKeys,
      place: reader.place,
      skipBad: flags.skipBad ?? false,
      onBad,
    });
    progress.phase("sorting and writing");
    // Before the store appears: no store is ever beside a wrong index.
    await removeSideIndex(entry, flags.output, flags.replace ?? false);
    summary = await writer.finish({ signal });
    skipped = reader.skipped() + refused;
    leftOut = reader.leftOut();
  } catch (error) {
    throw withHint(error, flags);
  } finally {
    progress.stop();
  }
  await reportBad(context, bad, skipped);
  await reportLeftOut(context, leftOut);
  const seconds = (performance.now() - started) / 1000;
  await reportWriting(context, flags, { summary, entry, skipped, seconds });
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

/** Says that data was left out which nobody asked to leave out. */
async function reportLeftOut(
  context: CommandContext,
  names: ReadonlySet<string>,
): Promise<void> {
  if (names.size === 0) return;
  const shown = [...names].slice(0, NAMES_SHOWN).join(", ");
  const more = names.size > NAMES_SHOWN ? " and others" : "";
  await context.say(
    `cairn: note: names that the first line does not have were left out: ${shown}${more}; --fields takes them`,
  );
}

/** Says what helps with the usual first troubles. */
function withHint(error: unknown, flags: ImportFlags): unknown {
  if (!(error instanceof CairnError)) return error;
  const hint = hintFor(error, flags);
  if (hint === undefined) return error;
  return new CairnError(error.code, `${error.detail}; ${hint}`, {
    where: error.where,
    cause: error,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}

function hintFor(error: CairnError, flags: ImportFlags): string | undefined {
  if (error.reason === "unknown-column") {
    return flags.trail === undefined || flags.time === undefined
      ? "--trail and --time name the columns of trail and time"
      : undefined;
  }
  if (error.reason === "timestamp") {
    return "--time-unit says what times of the store count, --integer-unit what integers of the input count";
  }
  return error.code === "invalid-input" && flags.key === "auto" &&
      error.detail.endsWith("a UUID wanted")
    ? "--key hash makes keys of any text"
    : undefined;
}
