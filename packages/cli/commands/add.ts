/**
 * `cairn add`: lines of row events into a store that grows.
 *
 * @module
 */
import { Command } from "commander";
import { addInputLines, type AddLinesFlags } from "../add_lines.ts";
import type { CommandContext } from "../command_context.ts";
import { findLive } from "../find_live.ts";
import { formatSeconds } from "../progress.ts";
import { formatCount, formatThings } from "../text/byte_size.ts";

interface AddFlags extends AddLinesFlags {
  readonly codec?: string;
  readonly json?: boolean;
}

/** Makes the command. @param context What it works with. */
export function addCommand(context: CommandContext): Command {
  return new Command("add")
    .description("add row events to a live store, a folder that grows")
    .argument("<store>", "the folder")
    .argument(
      "[input...]",
      "files with a JSON object a line; - is standard input, the default",
    )
    .option(
      "--schema <file>",
      "what the store keeps; makes the store if there is none",
    )
    .option("--keyspace <name>", "the keyspace of lines that name none")
    .option(
      "--resume",
      "pass over as many events as the store has taken already",
    )
    .option("--no-sync", "do not wait for the disk after each batch")
    .option("--skip-bad", "skip bad lines and count them, instead of stopping")
    .option("--codec <name>", "the store's codec, if nothing tells")
    .option("--json", "print the summary as JSON on standard output")
    .addHelpText("after", HELP)
    .action((path: string, inputs: string[], flags: AddFlags) =>
      add(context, path, inputs, flags)
    );
}

const HELP = `
A line names a row and what happened to it:
  {"row":["ann"],"ts":"2024-05-01T10:00:00Z","add":{"visit":1},"put":{"campaign":["spring"]}}
Lines are taken in batches, each whole or not at all; a killed process loses
nothing of what was taken before. --resume goes on with the same input.

Examples:
  cairn add users.live --schema schema.json rows.ndjson.gz
  tail -f rows.ndjson | cairn add users.live`;

async function add(
  context: CommandContext,
  path: string,
  inputs: string[],
  flags: AddFlags,
): Promise<void> {
  const started = performance.now();
  const { live } = await findLive(context.codecs, path, flags.codec);
  const names = inputs.length === 0 ? ["-"] : inputs;
  const summary = await addInputLines(context, live, path, names, flags);
  const seconds = (performance.now() - started) / 1000;
  if (flags.json) {
    await context.printJson({ store: path, ...summary });
    return;
  }
  const { events, resumed, bad } = summary;
  await context.say(
    `${path}: ${formatThings(events, "event")} added, ${
      formatSeconds(seconds)
    }` +
      (resumed === 0 ? "" : `; ${formatCount(resumed)} were there already`) +
      (bad === 0 ? "" : `; ${formatThings(bad, "line")} skipped`),
  );
}
