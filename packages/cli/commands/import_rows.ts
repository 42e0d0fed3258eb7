/**
 * `cairn import --schema`: row events into a new store.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFile } from "@cairn/core/file";
import { addInputLines } from "../add_lines.ts";
import type {
  AddLinesSummary,
  CodecEntry,
  LiveStores,
} from "../codec_entry.ts";
import type { CommandContext } from "../command_context.ts";
import { assertFree } from "../create_store.ts";
import { formatSeconds } from "../progress.ts";
import { formatThings } from "../text/byte_size.ts";
import { UsageError } from "../usage_error.ts";
import type { ImportFlags } from "./import_options.ts";

/**
 * Imports row events: into a live store with `--live`, else into a file.
 *
 * @param context Reads and says.
 * @param entry The codec.
 * @param inputs Paths; `-` is standard input.
 * @param flags The flags.
 * @throws {UsageError} When the codec takes no row events.
 * @throws {CairnError} What the store throws.
 */
export async function importRows(
  context: CommandContext,
  entry: CodecEntry,
  inputs: readonly string[],
  flags: ImportFlags,
): Promise<void> {
  const started = performance.now();
  const { live } = entry;
  if (live === undefined) {
    throw new UsageError(
      `Cannot use --schema: codec ${entry.codec.name} takes no row events`,
    );
  }
  await assertFree(flags.output, flags.replace ?? false);
  const summary = flags.live
    ? await addInputLines(context, live, flags.output, inputs, flags)
    : await importSealed(context, live, inputs, flags);
  const seconds = (performance.now() - started) / 1000;
  if (flags.json) {
    const { codec } = entry;
    const facts = { store: flags.output, codec: codec.name, ...summary };
    await context.printJson(facts);
    return;
  }
  await context.say(
    `${flags.output}: ${formatThings(summary.events, "event")}, ${
      formatSeconds(seconds)
    }` +
      (summary.bad === 0
        ? ""
        : `; ${formatThings(summary.bad, "line")} skipped`),
  );
}

/** Builds a live store aside, where nothing needs to be safe, and seals it. */
async function importSealed(
  context: CommandContext,
  live: LiveStores,
  inputs: readonly string[],
  flags: ImportFlags,
): Promise<AddLinesSummary> {
  const { signal } = context.io;
  const folder = await mkdtemp(join(tmpdir(), "cairn-import-"));
  try {
    const aside = join(folder, "live");
    const summary = await addInputLines(context, live, aside, inputs, {
      ...flags,
      sync: false,
    });
    const replace = flags.replace ?? false;
    await using sink = await createFile(flags.output, { replace });
    await live.seal(aside, sink, { signal });
    return summary;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
