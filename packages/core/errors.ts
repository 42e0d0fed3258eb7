/**
 * The one error class for what can go wrong with good code.
 *
 * @module
 */

/**
 * What kind of thing went wrong. Codes are part of the API; messages are not.
 *
 * - `corrupt`: bytes of a file contradict its format.
 * - `unsupported`: the file or request is understood, but not served here.
 * - `limit`: a stated bound would be passed.
 * - `exists`: the target is there already.
 * - `immutable`: a change was asked of what is finished or closed to changes.
 * - `not-found`: what was asked for is not there.
 * - `invalid-input`: data that a user feeds in (a row, a query) is wrong.
 * - `aborted`: the caller's signal said stop.
 * - `io`: reading or writing failed outside.
 */
export type ErrorCode =
  | "corrupt"
  | "unsupported"
  | "limit"
  | "exists"
  | "immutable"
  | "not-found"
  | "invalid-input"
  | "aborted"
  | "io";

/** Where it happened, as far as it is known. */
export interface ErrorPlace {
  /** Name of the file or other source. */
  readonly file?: string;
  /** Named region of the file, such as `footer`. */
  readonly part?: string;
  /** Byte offset from the start of the file. */
  readonly offset?: number;
  /** Line of a text, from 1. */
  readonly line?: number;
  /** Column in code points, from 1. */
  readonly column?: number;
}

/** What else an error can carry. */
export interface CairnErrorOptions {
  /** Where it happened. */
  readonly where?: ErrorPlace;
  /** A finer, stable word below the code, such as `unknown-field`. */
  readonly reason?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Says what went wrong, as a code, and where.
 *
 * A parser knows part and offset; whoever opened the file adds its name with
 * {@linkcode CairnError.within}.
 *
 * @example Tell damage from a missing file
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CairnError } from "@cairn/core";
 *
 * const error = new CairnError("corrupt", "Cannot read footer: 3 bytes, 8 wanted", {
 *   where: { part: "footer", offset: 120 },
 * });
 * assertEquals(error.code, "corrupt");
 * assertEquals(error.within("a.tdb").where.file, "a.tdb");
 * ```
 */
export class CairnError extends Error {
  /** The kind of failure. */
  readonly code: ErrorCode;
  /** Where it happened; members that are not known are absent. */
  readonly where: ErrorPlace;
  /** A finer, stable word below the code, if there is one. */
  readonly reason: string | undefined;
  /** The message without the place. */
  readonly detail: string;

  /**
   * Makes an error; the place is added to the message.
   *
   * @param code The kind of failure.
   * @param detail "Cannot <action> <what>: <state found>, <state wanted>".
   * @param options Place, reason and cause.
   */
  constructor(
    code: ErrorCode,
    detail: string,
    options: CairnErrorOptions = {},
  ) {
    const where = options.where ?? {};
    super(
      detail + formatPlace(where),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = "CairnError";
    this.code = code;
    this.detail = detail;
    this.where = where;
    this.reason = options.reason;
  }

  /**
   * Gives the same error with the file's name, if it has none yet.
   *
   * @param file Name of the source.
   * @returns This error, or a copy that names the file.
   */
  within(file: string): CairnError {
    if (this.where.file !== undefined) return this;
    return new CairnError(this.code, this.detail, {
      where: { ...this.where, file },
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      cause: this.cause ?? this,
    });
  }
}

/**
 * Fails when a belief of ours does not hold; a bad file must never reach one.
 *
 * @param condition What we believe.
 * @param message What was believed, for whoever reads the report.
 * @throws {Error} When the condition is false.
 */
export function invariant(
  condition: boolean,
  message: string,
): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}

/**
 * Stops when the caller's signal has been aborted.
 *
 * @param signal The caller's signal, if there is one.
 * @throws {CairnError} `aborted`, with the signal's reason as `cause`.
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new CairnError("aborted", "Cannot go on: aborted by the caller", {
      cause: signal.reason,
    });
  }
}

function formatPlace(where: ErrorPlace): string {
  const words: string[] = [];
  if (where.file !== undefined) words.push(`file "${where.file}"`);
  if (where.line !== undefined) words.push(`line ${where.line}`);
  if (where.column !== undefined) words.push(`column ${where.column}`);
  if (where.part !== undefined) words.push(`part "${where.part}"`);
  if (where.offset !== undefined) words.push(`offset ${where.offset}`);
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
