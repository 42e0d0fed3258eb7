/**
 * The list of columns to read, as text.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** One column to read. */
export interface FieldChoice {
  /** Its name; in CSV with a header and in JSON, the name to look for. */
  readonly name: string;
  /** Its number in CSV without a header, from 1. */
  readonly column?: number;
}

/**
 * Reads a list such as `uuid,time,page` or `2:uuid,5:time,30:page`.
 *
 * @param text Names between commas, all with numbers or none.
 * @returns The columns, in the order of the list.
 * @throws {CairnError} `invalid-input` for an empty or repeated name, or
 * numbers on some names only, or a number that is not an integer above 0.
 */
export function parseFieldList(text: string): FieldChoice[] {
  const parts = text.split(",");
  const numbered = parts.some((part) => part.includes(":"));
  const choices = parts.map((part): FieldChoice => {
    if (!numbered) return { name: part };
    const match = /^([1-9][0-9]{0,8}):(.*)$/s.exec(part);
    if (match === null) {
      throw new CairnError(
        "invalid-input",
        `Cannot read field list: "${part}", NUMBER:NAME wanted, as others have it`,
      );
    }
    return { name: match[2]!, column: Number(match[1]) };
  });
  const names = new Set<string>();
  for (const { name } of choices) {
    if (name === "" || names.has(name)) {
      throw new CairnError(
        "invalid-input",
        `Cannot read field list: name "${name}" is ${
          name === "" ? "empty" : "there twice"
        }`,
      );
    }
    names.add(name);
  }
  return choices;
}
