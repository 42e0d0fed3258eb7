/**
 * The input and output of a real process.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline/promises";
import type { CommandIo, CommandOutput } from "./command_io.ts";
import { readLines } from "./read_lines.ts";
import { untilAborted } from "./until_aborted.ts";
import { writeAll } from "./write_all.ts";

/**
 * Gives the process's own input and output.
 *
 * @param signal Aborted when the user interrupts.
 */
export function processIo(signal: AbortSignal): CommandIo {
  return {
    stdin: () => untilAborted(process.stdin, signal),
    lines: (prompt) =>
      process.stdin.isTTY === true
        ? typedLines(prompt, signal)
        : readLines(untilAborted(process.stdin, signal)),
    stdinIsTerminal: process.stdin.isTTY === true,
    stdout: output(1, process.stdout),
    stderr: output(2, process.stderr),
    env: (name) => process.env[name],
    signal,
  };
}

function output(
  descriptor: number,
  stream: { readonly isTTY?: boolean; readonly columns?: number },
): CommandOutput {
  return {
    isTerminal: stream.isTTY === true,
    ...(stream.columns === undefined ? {} : { columns: stream.columns }),
    write: (bytes) => writeAll(descriptor, bytes),
  };
}

/** Lines that a person types; the arrow keys bring earlier ones back. */
async function* typedLines(
  prompt: () => string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reader = createInterface({
    input: process.stdin,
    output: process.stderr,
    historySize: 1000,
  });
  const over = new AbortController();
  reader.on("close", () => over.abort());
  reader.on("SIGINT", () => reader.close());
  try {
    while (!over.signal.aborted && !signal.aborted) {
      const stop = AbortSignal.any([over.signal, signal]);
      let line: string;
      try {
        line = await reader.question(prompt(), { signal: stop });
      } catch (error) {
        if (stop.aborted) return;
        throw error;
      }
      yield line;
    }
  } finally {
    reader.close();
  }
}
