/**
 * Types of fields on the command line.
 *
 * @module
 */
import type { Field, FieldType } from "@cairn/core";
import { UsageError } from "../usage_error.ts";

const TYPES: readonly FieldType[] = ["bytes", "text", "integer"];

/**
 * Gives fields their types.
 *
 * @param names The fields.
 * @param text `NAME:TYPE,NAME:TYPE`; the last colon of each counts. Fields
 * that it does not name are `bytes`.
 * @throws {UsageError} For an unknown field or type, or a field named twice.
 */
export function typeFields(
  names: readonly string[],
  text: string | undefined,
): Field[] {
  const types = new Map<string, FieldType>();
  for (const part of text === undefined || text === "" ? [] : text.split(",")) {
    const split = part.lastIndexOf(":");
    const name = part.slice(0, Math.max(0, split));
    const type = TYPES.find((type) => type === part.slice(split + 1));
    if (split < 0 || type === undefined) {
      throw new UsageError(
        `Cannot use --types "${part}": NAME:TYPE wanted, with a type of ${
          TYPES.join(", ")
        }`,
      );
    }
    if (!names.includes(name) || types.has(name)) {
      throw new UsageError(
        types.has(name)
          ? `Cannot use --types: "${name}" is there twice`
          : `Cannot use --types: there is no field "${name}"; fields are ${
            names.join(", ")
          }`,
      );
    }
    types.set(name, type);
  }
  return names.map((name) => ({ name, type: types.get(name) ?? "bytes" }));
}
