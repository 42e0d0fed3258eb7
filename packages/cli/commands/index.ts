/**
 * `cairn index`: what lets a filter skip trails.
 *
 * @module
 */
import { Command } from "commander";
import { createFile } from "@cairn/core/file";
import type { CommandContext } from "../command_context.ts";
import { assertFree } from "../create_store.ts";
import { openStore } from "../open_store.ts";
import { formatSeconds } from "../progress.ts";
import { formatByteSize } from "../text/byte_size.ts";
import { UsageError } from "../usage_error.ts";

interface IndexFlags {
  readonly output?: string;
  readonly codec?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** Makes the command. @param context What it works with. */
export function indexCommand(context: CommandContext): Command {
  return new Command("index")
    .description("build an index beside a store, so that filters skip trails")
    .argument("<store>", "the store")
    .option(
      "-o, --output <file>",
      "write the index here; beside the store if left out",
    )
    .option(
      "--codec <name>",
      "the store's codec, if neither name nor content tells",
    )
    .option("--replace", "replace an existing index")
    .option("--json", "print the summary as JSON on standard output")
    .addHelpText("after", HELP)
    .action((path: string, flags: IndexFlags) => index(context, path, flags));
}

const HELP = `
An index beside its store is found by itself; dump --index and query --index
take one from elsewhere. An index of another store is refused.

Examples:
  cairn index events.tdb
  cairn index events.tdb -o elsewhere.index`;

async function index(
  context: CommandContext,
  path: string,
  flags: IndexFlags,
): Promise<void> {
  const started = performance.now();
  const { signal } = context.io;
  const opened = await openStore(context.codecs, path, {
    codec: flags.codec,
    index: false,
    signal,
  });
  await opened.store.close();
  const { entry, path: found } = opened;
  const { sideIndexes } = entry;
  if (sideIndexes === undefined) {
    throw new UsageError(
      `Stores of codec ${entry.codec.name} have no index beside them`,
    );
  }
  const output = flags.output ?? await sideIndexes.pathOf(found);
  const replace = flags.replace ?? false;
  await assertFree(output, replace);
  await using sink = await createFile(output, { replace });
  const byteLength = await sideIndexes.build(found, sink, { signal });
  const seconds = (performance.now() - started) / 1000;
  if (flags.json) {
    await context.printJson({ index: output, store: found, bytes: byteLength });
    return;
  }
  await context.say(
    `${output}: ${formatByteSize(byteLength)}, ${formatSeconds(seconds)}`,
  );
}
