/**
 * What a command has around it: input, output, environment.
 *
 * @module
 */

/** Where a command's bytes go. */
export interface CommandOutput {
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters, if there is one. */
  readonly columns?: number;

  /**
   * Writes all bytes; they may be changed once the promise resolves.
   *
   * @throws {ClosedOutputError} When nobody reads any more.
   */
  write(bytes: Uint8Array): Promise<void>;
}

/** What a command has around it; tests hand in their own. */
export interface CommandIo {
  /** Opens standard input. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /**
   * Reads standard input line by line, with a prompt and a history where a
   * person types.
   */
  readonly lines: (prompt: () => string) => AsyncIterable<string>;
  /** Whether a person types the input. */
  readonly stdinIsTerminal: boolean;
  /** Data. */
  readonly stdout: CommandOutput;
  /** Messages. */
  readonly stderr: CommandOutput;
  /** Environment variables. */
  readonly env: (name: string) => string | undefined;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Says that the reader of an output has gone, as after `| head`. */
export class ClosedOutputError extends Error {
  /** Makes an error. @param cause What the system said. */
  constructor(cause?: unknown) {
    super("The reader of the output has gone", { cause });
    this.name = "ClosedOutputError";
  }
}
