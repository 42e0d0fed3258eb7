/**
 * The command `cairn` as a function.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { CairnError, encodeText } from "@cairn/core";
import type { CodecTable } from "./codec_entry.ts";
import { builtInCodecs } from "./codecs.ts";
import { CommandContext, type ExitCode } from "./command_context.ts";
import { ClosedOutputError, type CommandIo } from "./command_io.ts";
import { commands } from "./commands/commands.ts";
import { formatError } from "./format_error.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** How to run the command. */
export interface RunOptions {
  /** The codecs that it can use; the built-in ones if left out. */
  readonly codecs?: CodecTable;
}

/**
 * Runs `cairn` with the arguments given.
 *
 * Nothing is thrown: what goes wrong is said on standard error.
 *
 * @param args The arguments, without the program's name.
 * @param io Input and output.
 * @param options The codecs.
 * @returns 0 when all went well, 1 when something failed, 2 when the command
 * line makes no sense.
 */
export async function runCairn(
  args: readonly string[],
  io: CommandIo,
  options: RunOptions = {},
): Promise<ExitCode> {
  const context = new CommandContext(io, options.codecs ?? builtInCodecs);
  const said: { readonly text: string; readonly isError: boolean }[] = [];
  const program = createProgram(context, (text, isError) => {
    said.push({ text, isError });
  });
  const debug = args.includes("--debug");
  let exitCode: ExitCode;
  let message: string | undefined;
  try {
    await program.parseAsync(args, { from: "user" });
    exitCode = context.exitCode;
  } catch (error) {
    if (error instanceof ClosedOutputError) return 0;
    if (error instanceof CommanderError) {
      exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      exitCode = error instanceof UsageError ? 2 : 1;
      message = isInterruption(error, io.signal) && !debug
        ? "cairn: interrupted"
        : formatError(error, debug);
    }
  }
  try {
    for (const { text, isError } of said) {
      await (isError ? io.stderr : io.stdout).write(encodeText(text));
    }
  } catch (error) {
    if (!(error instanceof ClosedOutputError)) {
      message ??= formatError(error, debug);
      exitCode = exitCode === 0 ? 1 : exitCode;
    }
  }
  // Where standard error does not take it there is nobody left to tell.
  if (message !== undefined) await context.say(message).catch(() => {});
  return exitCode;
}

/** Whether an error says no more than that the user wants to stop. */
function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error instanceof CairnError &&
    error.code === "aborted";
}

/** Builds the argument parser; what it has to say goes to `say`. */
function createProgram(
  context: CommandContext,
  say: (text: string, isError: boolean) => void,
): Command {
  const program = new Command("cairn")
    .description(
      "Keeps event histories in immutable files and answers questions about them.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .addHelpText("after", EXAMPLES);
  for (const define of commands) program.addCommand(define(context));
  for (const command of allOf(program)) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => say(text, false),
        writeErr: (text) => say(text, true),
        outputError: (text, write) =>
          write(text.replace(/^error: /, "cairn: ")),
        getOutHelpWidth: () => context.io.stdout.columns ?? 80,
        getErrHelpWidth: () => context.io.stderr.columns ?? 80,
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      })
      .helpOption("-h, --help", "explain the command");
    if (command !== program && command.commands.length === 0) {
      command.option("--debug", "show where in the program an error came from");
    }
  }
  return program;
}

function* allOf(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* allOf(child);
}

const EXAMPLES = `
Examples:
  cairn import events.csv.gz --trail user --time at --key hash -o events.tdb
  cairn info events.tdb
  cairn dump events.tdb --filter "type=click & page=/a page=/b"

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;
