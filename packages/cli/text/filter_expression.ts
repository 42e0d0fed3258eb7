/**
 * The filter expressions of the command line, in the grammar of `tdb`.
 *
 * @module
 */
import {
  CairnError,
  encodeText,
  equal,
  Filter,
  type FilterTerm,
  notEqual,
} from "@cairn/core";

/** Gives the bytes of a file that an expression names. */
export type ReadFile = (path: string) => Uint8Array;

/** What blanks are: a carriage return is not one. */
const TOKEN = /[^ \t\n]+/gu;

/**
 * Reads a filter expression.
 *
 * ```text
 * expression = { token }        apart by blank, tab or newline
 * token      = "&" rest         begins a new clause; the rest is ignored
 *            | name "=" value   the field has this value
 *            | name "!=" value  it has another, or none
 * value      = "@" path         what the file holds, byte for byte
 *            | text
 * ```
 *
 * Terms between `&` are alternatives, clauses must all hold, and an empty
 * clause never holds: `a=1 a=2 & b=3` wants b to be 3 and a to be 1 or 2.
 *
 * @example Two clauses
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseFilterExpression } from "@cairn/cli";
 *
 * const filter = parseFilterExpression("type=click & page=/a page=/b");
 * assertEquals(filter.clauses.map((clause) => clause.length), [1, 2]);
 * ```
 * @param text The expression.
 * @param readFile How to get what `@path` names; without it, that is refused.
 * @returns The filter; it fits any store.
 * @throws {CairnError} `invalid-input` with the column for a token without
 * `=`; what `readFile` throws.
 */
export function parseFilterExpression(
  text: string,
  readFile?: ReadFile,
): Filter {
  const clauses: FilterTerm[][] = [[]];
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    if (token.startsWith("&")) clauses.push([]);
    else clauses.at(-1)!.push(parseTerm(token, text, match.index, readFile));
  }
  return new Filter(clauses);
}

function parseTerm(
  token: string,
  text: string,
  index: number,
  readFile: ReadFile | undefined,
): FilterTerm {
  const split = token.indexOf("=");
  if (split < 0) {
    throw new CairnError(
      "invalid-input",
      `Cannot read filter: "${token}" has no =, NAME=VALUE or NAME!=VALUE wanted`,
      {
        where: { column: [...text.slice(0, index)].length + 1 },
        reason: "filter",
      },
    );
  }
  const negated = token[split - 1] === "!";
  const name = token.slice(0, negated ? split - 1 : split);
  const written = token.slice(split + 1);
  const value = written.startsWith("@")
    ? readValue(written.slice(1), readFile)
    : encodeText(written);
  return negated ? notEqual(name, value) : equal(name, value);
}

function readValue(path: string, readFile: ReadFile | undefined): Uint8Array {
  if (readFile === undefined) {
    throw new CairnError(
      "unsupported",
      `Cannot read filter: a value from file "${path}" is not allowed here`,
      { reason: "filter" },
    );
  }
  return readFile(path);
}
