/**
 * Errors as a person at a terminal wants them.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { QueryTextError } from "./query_text_error.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Writes an error as one line: `cairn: message (file, line, column ...)`;
 * the query follows where it is about one, with a mark under the place.
 *
 * @param error What was thrown.
 * @param debug Whether the stacks of the error and of its causes follow.
 */
export function formatError(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const kind = isOurs(error) ? "" : `${(error as Error).name}: `;
  let line = `cairn: ${kind}${message.replaceAll(/\s*\n\s*/g, " ")}`;
  if (error instanceof QueryTextError) line += `\n${error.marked}`;
  if (!debug || !(error instanceof Error)) return line;
  const stacks = [line];
  for (
    let cause: unknown = error;
    cause instanceof Error && stacks.length < 8;
    cause = cause.cause
  ) stacks.push(cause.stack ?? String(cause));
  return stacks.join("\n");
}

/** Whether the message alone is enough. */
function isOurs(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof CairnError ||
    error instanceof UsageError || error instanceof QueryTextError;
}
