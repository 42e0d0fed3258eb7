/**
 * What the commands share while one of them runs.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { CairnError, encodeText } from "@cairn/core";
import type { CodecTable } from "./codec_entry.ts";
import { ClosedOutputError, type CommandIo } from "./command_io.ts";

/** How a command ended. */
export type ExitCode = 0 | 1 | 2;

/** What a command works with. */
export class CommandContext {
  /** Input, output, environment. */
  readonly io: CommandIo;
  /** The codecs there are. */
  readonly codecs: CodecTable;
  /** How the command ended, so far. */
  exitCode: ExitCode = 0;

  /** Makes a context. @param io Input and output. @param codecs The codecs. */
  constructor(io: CommandIo, codecs: CodecTable) {
    this.io = io;
    this.codecs = codecs;
  }

  /** Writes text to standard output. @param text With its line ends. */
  print(text: string): Promise<void> {
    return this.io.stdout.write(encodeText(text));
  }

  /**
   * Writes a line to standard error; when nobody reads it, the work goes on.
   *
   * @param text Without line end.
   */
  async say(text: string): Promise<void> {
    try {
      await this.io.stderr.write(encodeText(`${text}\n`));
    } catch (error) {
      if (!(error instanceof ClosedOutputError)) throw error;
    }
  }

  /** Writes facts as JSON. @param facts What `JSON.stringify` can take. */
  printJson(facts: unknown): Promise<void> {
    return this.print(`${JSON.stringify(facts, undefined, 2)}\n`);
  }

  /**
   * Reads a small file that an argument names with `@`.
   *
   * @param path Its path.
   * @throws {CairnError} `not-found` or `io`.
   */
  readonly readFile = (path: string): Uint8Array => {
    try {
      return readFileSync(path);
    } catch (error) {
      const missing = (error as { code?: string }).code === "ENOENT";
      throw new CairnError(
        missing ? "not-found" : "io",
        missing
          ? "Cannot read file: there is no such file"
          : `Cannot read file: ${(error as Error).message}`,
        { where: { file: path }, cause: error },
      );
    }
  };
}
