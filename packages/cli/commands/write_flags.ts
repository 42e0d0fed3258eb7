/**
 * Flags that commands which write a store share.
 *
 * @module
 */
import type { Command } from "commander";
import type { CreateOptions, WriteSummary } from "@cairn/core";
import { addCodecFlags, codecOfFlags, codecOptions } from "../codec_flags.ts";
import type { CodecEntry } from "../codec_entry.ts";
import type { CommandContext } from "../command_context.ts";
import { codecByExtension, codecForWriting } from "../find_codec.ts";
import { formatSeconds } from "../progress.ts";
import {
  formatByteSize,
  formatThings,
  parseByteSize,
} from "../text/byte_size.ts";

/** The flags as they were given. */
export interface WriteFlags {
  /** `--output`. */
  readonly output: string;
  /** `--codec`. */
  readonly codec?: string;
  /** `--memory`. */
  readonly memory?: string;
  /** `--replace`. */
  readonly replace?: boolean;
  /** `--json`. */
  readonly json?: boolean;
  /** `--tdb-style`, where there is one. */
  readonly tdbStyle?: boolean;
  /** `--time-unit`. */
  readonly timeUnit?: string;
}

/**
 * Adds the flags, those of the codecs too.
 *
 * @param command The command.
 * @param context Which codecs there are.
 */
export function addWriteFlags(
  command: Command,
  context: CommandContext,
): Command {
  return addCodecFlags(command, context.codecs)
    .option(
      "--codec <name>",
      "the new store's codec, if its name does not tell",
    )
    .option("--memory <size>", "memory for events on their way (1GiB)")
    .option("--replace", "replace an existing store")
    .option("--json", "print the summary as JSON on standard output");
}

/** What a new store will be. */
export interface WritePlan {
  /** Its codec. */
  readonly entry: CodecEntry;
  /** What the codec is told. */
  readonly create: CreateOptions;
  /** Whether a folder is wanted instead of a file. */
  readonly folder: boolean;
}

/**
 * Reads the flags.
 *
 * @param command The command with its flags parsed.
 * @param flags The flags.
 * @param context Which codecs there are.
 * @throws {UsageError} When they make no sense together.
 */
export function planWriting(
  command: Command,
  flags: WriteFlags,
  context: CommandContext,
): WritePlan {
  const name = flags.codec ??
    (codecByExtension(context.codecs, flags.output) === undefined
      ? codecOfFlags(command, context.codecs)
      : undefined);
  const entry = codecForWriting(context.codecs, flags.output, name);
  const { folder, ...own } = codecOptions(command, entry, context.codecs);
  const create = {
    ...flags.tdbStyle ? entry.tdbStyle : {},
    ...entry.timeUnitMember === undefined || flags.timeUnit === "ns"
      ? {}
      : { [entry.timeUnitMember]: flags.timeUnit ?? "s" },
    ...own,
    signal: context.io.signal,
    ...flags.memory === undefined
      ? {}
      : { memoryBytes: parseByteSize(flags.memory) },
  };
  return { entry, create, folder: folder === true };
}

/** What there is to say about a finished store. */
export interface WriteReport {
  /** What its writer told. */
  readonly summary: WriteSummary;
  /** Its codec. */
  readonly entry: CodecEntry;
  /** Lines or events left out because they were bad. */
  readonly skipped: number;
  /** How long it took. */
  readonly seconds: number;
}

/**
 * Says what was written: a line on standard error, or JSON on standard output.
 *
 * @param context Where to.
 * @param flags The flags.
 * @param report What was written.
 */
export async function reportWriting(
  context: CommandContext,
  flags: WriteFlags,
  { summary, entry, skipped, seconds }: WriteReport,
): Promise<void> {
  const { events, trails, byteLength } = summary;
  if (flags.json) {
    await context.printJson({
      store: flags.output,
      codec: entry.codec.name,
      events,
      trails,
      bytes: byteLength,
      skipped,
      seconds: Math.round(seconds * 1000) / 1000,
    });
    return;
  }
  await context.say(
    `${flags.output}: ${formatThings(events, "event")} in ${
      formatThings(trails, "trail")
    }, ${formatByteSize(byteLength)}, ${formatSeconds(seconds)}` +
      (skipped === 0 ? "" : `; ${formatThings(skipped, "line")} skipped`),
  );
}
