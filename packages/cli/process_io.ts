/**
 * The input and output of a real process.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { CairnError } from "@cairn/core";
import {
  ClosedOutputError,
  type CommandIo,
  type CommandOutput,
} from "./command_io.ts";
import { readLines } from "./read_lines.ts";
import { untilAborted } from "./until_aborted.ts";

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
    async write(bytes) {
      let start = 0;
      while (start < bytes.length) {
        try {
          start += writeSync(descriptor, bytes, start);
        } catch (error) {
          const code = (error as { code?: string }).code;
          if (code === "EPIPE") throw new ClosedOutputError(error);
          if (code !== "EAGAIN") throw outputError(error, code);
          // The pipe is full and does not block: try again a little later.
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    },
  };
}

/** Says why standard output or standard error does not take bytes. */
function outputError(error: unknown, code: string | undefined): CairnError {
  const why = code === "ENOSPC" ? "the disk is full" : (error as Error).message;
  return new CairnError("io", `Cannot write output: ${why}`, {
    ...(code === undefined ? {} : { reason: code }),
    cause: error,
  });
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
