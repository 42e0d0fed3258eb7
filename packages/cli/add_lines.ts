/**
 * Lines of row events into a live store, with messages.
 *
 * @module
 */
import { CairnError, decodeText } from "@cairn/core";
import type { AddLinesSummary, LiveStores } from "./codec_entry.ts";
import type { CommandContext } from "./command_context.ts";
import { inputLines, openInputs } from "./input_lines.ts";
import { startProgress } from "./progress.ts";
import { formatCount, formatThings } from "./text/byte_size.ts";

/** The flags as they were given. */
export interface AddLinesFlags {
  /** `--schema`. */
  readonly schema?: string;
  /** `--keyspace`. */
  readonly keyspace?: string;
  /** `--resume`. */
  readonly resume?: boolean;
  /** `--no-sync`. */
  readonly sync?: boolean;
  /** `--skip-bad`. */
  readonly skipBad?: boolean;
}

/** Messages about bad lines; the rest is only counted. */
const BAD_SHOWN = 5;

/**
 * Adds the lines of inputs to a live store.
 *
 * @param context Reads and says.
 * @param live The kind of store.
 * @param path The store.
 * @param inputs Paths; `-` is standard input.
 * @param flags The flags.
 * @throws {CairnError} What the store throws.
 */
export async function addInputLines(
  context: CommandContext,
  live: LiveStores,
  path: string,
  inputs: readonly string[],
  flags: AddLinesFlags,
): Promise<AddLinesSummary> {
  const schema = flags.schema === undefined
    ? undefined
    : readSchema(context, flags.schema);
  const files = await openInputs(context, inputs);
  const bad: CairnError[] = [];
  const progress = startProgress(context.io.stderr);
  let summary: AddLinesSummary;
  try {
    summary = await live.addLines(path, inputLines(files), {
      resume: flags.resume ?? false,
      sync: flags.sync ?? true,
      signal: context.io.signal,
      ...(schema === undefined ? {} : { schema }),
      ...(flags.keyspace === undefined ? {} : { keyspace: flags.keyspace }),
      ...(flags.skipBad
        ? {
          onBad: (error: CairnError) => {
            if (bad.length < BAD_SHOWN) bad.push(error);
          },
        }
        : {}),
      onProgress: (events) => progress.phase(formatThings(events, "event")),
    });
  } finally {
    progress.stop();
  }
  for (const error of bad) {
    await context.say(`cairn: skipped: ${error.message}`);
  }
  if (summary.bad > bad.length) {
    await context.say(
      `cairn: skipped: ${formatCount(summary.bad - bad.length)} more`,
    );
  }
  return summary;
}

function readSchema(context: CommandContext, path: string): unknown {
  const text = decodeText(context.readFile(path));
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new CairnError(
      "invalid-input",
      "Cannot read schema: the file is not JSON",
      { where: { file: path }, cause },
    );
  }
}
