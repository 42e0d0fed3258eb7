/**
 * Runs the command in this process, for tests, and keeps what it prints.
 *
 * @module
 */
import { concatBytes, decodeText, encodeText } from "@cairn/core";
import type { CodecTable } from "../codec_entry.ts";
import type { CommandOutput } from "../command_io.ts";
import { memoryCodec } from "./memory_codec.ts";
import { readLines } from "../read_lines.ts";
import { runCairn } from "../run.ts";

/** What a run is given. */
export interface CapturedRunOptions {
  /** Standard input. */
  readonly stdin?: string | Uint8Array;
  /** The codecs; the plain one for tests if left out. */
  readonly codecs?: CodecTable;
  /** Whether the outputs are terminals. */
  readonly isTerminal?: boolean;
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Interrupts. */
  readonly signal?: AbortSignal;
  /** Stands in for standard output. */
  readonly stdout?: CommandOutput;
  /** Stands in for standard error. */
  readonly stderr?: CommandOutput;
}

/** What a run left. */
export interface CapturedRun {
  /** The exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/** The plain codec alone, with a flag of its own. */
export const memoryCodecs: CodecTable = [{
  codec: memoryCodec,
  writeFlags: [
    { flags: "--shout", description: "in upper case", member: "shout" },
  ],
}];

/**
 * Runs `cairn`.
 *
 * @param args The arguments.
 * @param options What the run is given.
 */
export async function capturedRun(
  args: readonly string[],
  options: CapturedRunOptions = {},
): Promise<CapturedRun> {
  const stdout = captured(options.isTerminal ?? false);
  const stderr = captured(options.isTerminal ?? false);
  const code = await runCairn(args, {
    stdin: () => streamOf(options.stdin ?? ""),
    lines: () => readLines(streamOf(options.stdin ?? "")),
    stdinIsTerminal: false,
    stdout: options.stdout ?? stdout,
    stderr: options.stderr ?? stderr,
    env: (name) => options.env?.[name],
    signal: options.signal ?? new AbortController().signal,
  }, { codecs: options.codecs ?? memoryCodecs });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function captured(isTerminal: boolean) {
  const parts: Uint8Array[] = [];
  return {
    isTerminal,
    columns: 80,
    write(bytes: Uint8Array): Promise<void> {
      parts.push(bytes.slice());
      return Promise.resolve();
    },
    text: () => {
      const bytes = concatBytes(parts);
      return decodeText(bytes) ?? new TextDecoder("latin1").decode(bytes);
    },
  };
}

async function* streamOf(
  input: string | Uint8Array,
): AsyncGenerator<Uint8Array> {
  const bytes = typeof input === "string" ? encodeText(input) : input;
  // In small pieces, as a pipe may give them.
  for (let at = 0; at < bytes.length; at += 1000) {
    yield await Promise.resolve(bytes.subarray(at, at + 1000));
  }
}
