/**
 * Errors as a person at a terminal wants them.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/**
 * Writes an error as one line: `cairn: message (file, line, column ...)`.
 *
 * @param error What was thrown.
 * @param debug Whether the stacks of the error and of its causes follow.
 */
export function formatError(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof CairnError || !(error instanceof Error) ||
      error.name === "UsageError"
    ? ""
    : `${error.name}: `;
  const line = `cairn: ${kind}${message.replaceAll(/\s*\n\s*/g, " ")}`;
  if (!debug || !(error instanceof Error)) return line;
  const stacks = [line];
  for (
    let cause: unknown = error;
    cause instanceof Error && stacks.length < 8;
    cause = cause.cause
  ) stacks.push(cause.stack ?? String(cause));
  return stacks.join("\n");
}
