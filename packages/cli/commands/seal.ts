/**
 * `cairn seal`: a live store as an immutable file.
 *
 * @module
 */
import { Command } from "commander";
import { createFile } from "@cairn/core/file";
import type { CommandContext } from "../command_context.ts";
import { assertFree } from "../create_store.ts";
import { findLive } from "../find_live.ts";
import { formatSeconds } from "../progress.ts";
import { formatByteSize } from "../text/byte_size.ts";

interface SealFlags {
  readonly output: string;
  readonly codec?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** Makes the command. @param context What it works with. */
export function sealCommand(context: CommandContext): Command {
  return new Command("seal")
    .description("write what a live store holds as one immutable file")
    .argument("<store>", "the folder")
    .requiredOption("-o, --output <store>", "the file to write")
    .option("--codec <name>", "the store's codec, if nothing tells")
    .option("--replace", "replace an existing file")
    .option("--json", "print the summary as JSON on standard output")
    .addHelpText("after", HELP)
    .action((path: string, flags: SealFlags) => seal(context, path, flags));
}

const HELP = `
The live store stays as it is and may go on growing.

Examples:
  cairn seal users.live -o users.cairn-bitmap`;

async function seal(
  context: CommandContext,
  path: string,
  flags: SealFlags,
): Promise<void> {
  const started = performance.now();
  const { signal } = context.io;
  const { entry, live } = await findLive(context.codecs, path, flags.codec);
  const replace = flags.replace ?? false;
  await assertFree(flags.output, replace);
  await using sink = await createFile(flags.output, { replace });
  const { byteLength } = await live.seal(path, sink, { signal });
  const seconds = (performance.now() - started) / 1000;
  if (flags.json) {
    await context.printJson({
      store: flags.output,
      codec: entry.codec.name,
      bytes: byteLength,
    });
    return;
  }
  await context.say(
    `${flags.output}: ${formatByteSize(byteLength)}, ${formatSeconds(seconds)}`,
  );
}
