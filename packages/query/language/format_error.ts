/**
 * Shows where a query is wrong.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** Most characters shown of a line. */
const LINE_SHOWN_MAX = 100;

/**
 * Formats the error of a query: its message, the line and a mark under the place.
 *
 * Characters that would not show (tabs, control characters) are shown as a
 * blank or a dot; a long line is cut around the place.
 *
 * @example A mark under the place
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatError, parseQuery } from "@cairn/query";
 *
 * const query = '(slices "visit")';
 * try {
 *   parseQuery(query);
 * } catch (error) {
 *   assertEquals(formatError(query, error).split("\n").slice(1), [
 *     '  (slices "visit")',
 *     "   ^",
 *   ]);
 * }
 * ```
 * @param query The text.
 * @param error What was thrown.
 * @returns Lines without a last line feed; the message alone for an error
 * that is not about a place in the text.
 */
export function formatError(query: string, error: unknown): string {
  if (!(error instanceof CairnError)) return String(error);
  const { line, column } = error.where;
  if (line === undefined || column === undefined) return error.message;
  const chars = [...(query.split("\n")[line - 1] ?? "")];
  const first = Math.max(0, column - 1 - LINE_SHOWN_MAX / 2);
  const shown = chars.slice(first, first + LINE_SHOWN_MAX);
  const lead = first > 0 ? "..." : "";
  const tail = first + LINE_SHOWN_MAX < chars.length ? "..." : "";
  const mark = " ".repeat(lead.length + column - 1 - first);
  return [
    `${error.detail} (line ${line}, column ${column})`,
    `  ${lead}${shown.map(visible).join("")}${tail}`,
    `  ${mark}^`,
  ].join("\n");
}

function visible(char: string): string {
  if (char === "\t" || char === "\r") return " ";
  const point = char.codePointAt(0)!;
  const isHidden = point < 0x20 || (point >= 0x7f && point < 0xa0) ||
    (point >= 0xd800 && point <= 0xdfff);
  return isHidden ? "." : char;
}
