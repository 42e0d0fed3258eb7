/**
 * `cairn stream`: logs that grow event by event.
 *
 * @module
 */
import { Command } from "commander";
import { createFile } from "@cairn/core/file";
import type { StreamFiles, StreamReadOptions } from "../codec_entry.ts";
import type { CommandContext } from "../command_context.ts";
import { assertFree } from "../create_store.ts";
import { openInputs } from "../input_lines.ts";
import { formatCount, formatThings } from "../text/byte_size.ts";
import { oneOf, wholeNumber } from "../text/flag_value.ts";
import { UsageError } from "../usage_error.ts";
import { type AppendFlags, appendInputs, parseSync } from "../stream_append.ts";
import { STREAM_FORMATS, StreamPrinter } from "../stream_print.ts";

/** Makes the command. @param context What it works with. */
export function streamCommand(context: CommandContext): Command {
  return new Command("stream")
    .description("append to, read, follow, close and merge streams")
    .helpCommand("help [command]", "explain a command")
    .addCommand(appendCommand(context))
    .addCommand(catCommand(context))
    .addCommand(followCommand(context))
    .addCommand(closeCommand(context))
    .addCommand(mergeCommand(context))
    .addHelpText("after", HELP);
}

const HELP = `
A stream takes any bytes as events, each with indexes by which it is found
again. It is open and grows, or closed and stays as it is.

Examples:
  cairn stream append log.stream --index user,type < events.ndjson
  cairn stream follow log.stream --new
  cairn stream close log.stream`;

/** The streams there are; one codec has them. */
function streamFiles(context: CommandContext): StreamFiles {
  const streams = context.codecs.find((entry) => entry.streams)?.streams;
  if (streams === undefined) throw new UsageError("No codec here has streams");
  return streams;
}

function appendCommand(context: CommandContext): Command {
  return new Command("append")
    .description("append each line of the input as an event")
    .argument("<stream>", "the stream; made if there is none")
    .argument(
      "[input...]",
      "files, plain or gzip; - is standard input, the default",
    )
    .option(
      "--format <format>",
      "lines of UTF-8, or ndjson as `stream cat` prints it, for any bytes",
      "lines",
    )
    .option(
      "--index <members>",
      "members of the lines, which are JSON objects, to index: A,B",
    )
    .option(
      "--sync <policy>",
      "put events onto the disk: each, none, or every so many milliseconds",
      "each",
    )
    .addHelpText(
      "after",
      `
With --sync each, an event that was confirmed survives a machine that stops.
What is appended before the input fails stays.

Examples:
  cairn stream append log.stream --index user,type events.ndjson
  tail -f app.log | cairn stream append app.stream --sync 1000`,
    )
    .action(async (path: string, inputs: string[], flags: AppendFlags) => {
      const format = oneOf("--format", flags.format, STREAM_FORMATS);
      const sync = parseSync(flags.sync);
      const files = await openInputs(
        context,
        inputs.length === 0 ? ["-"] : inputs,
      );
      await using stream = await streamFiles(context).append(path, {
        create: true,
        sync,
      });
      if (stream.cutBytes > 0) {
        await context.say(
          `cairn: note: ${
            formatCount(stream.cutBytes)
          } bytes behind the last whole event were cut off`,
        );
      }
      const events = await appendInputs(stream, files, {
        format,
        index: flags.index,
        signal: context.io.signal,
      });
      await context.say(
        `${path}: ${
          formatThings(events, "event")
        } appended, next at ${stream.end}`,
      );
    });
}

interface CatFlags {
  readonly format: string;
  readonly index?: string;
  readonly from?: string;
  readonly limit?: string;
  readonly newest?: boolean;
}

function catCommand(context: CommandContext): Command {
  return new Command("cat")
    .description("print the events of a stream, oldest first")
    .argument("<stream>", "the stream")
    .option(
      "--format <format>",
      "lines, or ndjson with offset and indexes",
      "lines",
    )
    .option("--index <name=value>", "only events of this index and value")
    .option("--newest", "newest first; with --index")
    .option("--from <offset>", "begin at this event")
    .option("--limit <count>", "stop after so many events")
    .addHelpText(
      "after",
      `
Examples:
  cairn stream cat log.stream --index user=ann --newest --limit 10
  cairn stream cat log.stream | cairn import - --format ndjson --trail user -o log.esdb`,
    )
    .action(async (path: string, flags: CatFlags) => {
      const printer = new StreamPrinter(
        context,
        oneOf("--format", flags.format, STREAM_FORMATS),
      );
      const options = readOptions(context, flags);
      if (options.limit === 0) return;
      for await (const rows of streamFiles(context).read(path, options)) {
        await printer.print(rows);
      }
    });
}

function readOptions(
  context: CommandContext,
  flags: CatFlags,
): StreamReadOptions {
  const split = flags.index?.indexOf("=") ?? 0;
  if (split < 0) {
    throw new UsageError(
      `Cannot use --index "${flags.index}": NAME=VALUE wanted`,
    );
  }
  if (flags.newest && flags.index === undefined) {
    throw new UsageError("Give --newest together with --index");
  }
  return {
    signal: context.io.signal,
    newest: flags.newest ?? false,
    ...(flags.index === undefined ? {} : {
      index: {
        name: flags.index.slice(0, split),
        value: flags.index.slice(split + 1),
      },
    }),
    ...(flags.from === undefined
      ? {}
      : { from: wholeNumber("--from", flags.from) }),
    ...(flags.limit === undefined
      ? {}
      : { limit: wholeNumber("--limit", flags.limit) }),
  };
}

interface FollowFlags {
  readonly format: string;
  readonly from?: string;
  readonly new?: boolean;
}

function followCommand(context: CommandContext): Command {
  return new Command("follow")
    .description("print events, and wait for more until the stream is closed")
    .argument("<stream>", "the stream")
    .option(
      "--format <format>",
      "lines, or ndjson with offset and indexes",
      "lines",
    )
    .option("--from <offset>", "begin at this event")
    .option("--new", "only events that come from now on")
    .addHelpText(
      "after",
      `
Examples:
  cairn stream follow log.stream
  cairn stream follow log.stream --new --format ndjson`,
    )
    .action(async (path: string, flags: FollowFlags) => {
      if (flags.new && flags.from !== undefined) {
        throw new UsageError("Give --from or --new, not both");
      }
      const printer = new StreamPrinter(
        context,
        oneOf("--format", flags.format, STREAM_FORMATS),
      );
      const events = streamFiles(context).follow(path, {
        signal: context.io.signal,
        onlyNew: flags.new ?? false,
        ...(flags.from === undefined
          ? {}
          : { from: wholeNumber("--from", flags.from) }),
      });
      for await (const rows of events) await printer.print(rows);
    });
}

interface ChecksumFlags {
  readonly checksums?: boolean;
}

const CHECKSUMS = [
  "--checksums",
  "add checksums of all events; Go reads the stream just as well",
] as const;

function closeCommand(context: CommandContext): Command {
  return new Command("close")
    .description(
      "close a stream for good: it can be read faster, and no more appended",
    )
    .argument("<stream>", "the stream")
    .option(...CHECKSUMS)
    .addHelpText("after", "\nExample:\n  cairn stream close log.stream")
    .action(async (path: string, flags: ChecksumFlags) => {
      await using stream = await streamFiles(context).append(path, {
        create: false,
        sync: "each",
      });
      await stream.seal({ checksums: flags.checksums ?? false });
      await context.say(`${path}: closed`);
    });
}

interface MergeFlags extends ChecksumFlags {
  readonly output: string;
  readonly replace?: boolean;
}

function mergeCommand(context: CommandContext): Command {
  return new Command("merge")
    .description("write all events of several streams as a new closed one")
    .argument("<stream...>", "the streams, in order")
    .requiredOption("-o, --output <stream>", "the stream to write")
    .option("--replace", "replace an existing stream")
    .option(...CHECKSUMS)
    .addHelpText(
      "after",
      "\nExample:\n  cairn stream merge monday.stream tuesday.stream -o both.stream",
    )
    .action(async (paths: string[], flags: MergeFlags) => {
      const replace = flags.replace ?? false;
      await assertFree(flags.output, replace);
      await using sink = await createFile(flags.output, { replace });
      const { signal } = context.io;
      const { events } = await streamFiles(context).merge(sink, paths, {
        signal,
        checksums: flags.checksums ?? false,
      });
      await context.say(`${flags.output}: ${formatThings(events, "event")}`);
    });
}
