/**
 * Lists of names and keys on the command line.
 *
 * @module
 */
import { CairnError, decodeText } from "@cairn/core";
import type { ReadFile } from "./filter_expression.ts";

/**
 * Reads a list as `A,B,C`, or `@path` for a file with one entry a line.
 *
 * @param text The list; an empty text is an empty list.
 * @param readFile How to get what `@path` names.
 * @returns The entries as they stand; empty ones too, but not behind the last
 * newline of a file. A carriage return before a newline is dropped.
 * @throws {CairnError} `invalid-input` when the file is not UTF-8; what
 * `readFile` throws.
 */
export function parseNameList(text: string, readFile: ReadFile): string[] {
  if (!text.startsWith("@")) return text === "" ? [] : text.split(",");
  const path = text.slice(1);
  const content = decodeText(readFile(path));
  if (content === undefined) {
    throw new CairnError(
      "invalid-input",
      "Cannot read list: the file is not UTF-8 text",
      { where: { file: path } },
    );
  }
  const lines = content.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
