/**
 * The named columns of a store.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

/**
 * What the bytes of a field mean.
 *
 * - `bytes`: anything; the default.
 * - `text`: UTF-8.
 * - `integer`: decimal text of an integer; range terms compare it as a number.
 *   A value that is something else never matches a range.
 */
export type FieldType = "bytes" | "text" | "integer";

const FIELD_TYPES: readonly FieldType[] = ["bytes", "text", "integer"];

/** One named column. */
export interface Field {
  /** Its name; any text, not empty. A codec may allow less. */
  readonly name: string;
  /** What its bytes mean. */
  readonly type: FieldType;
}

/** The fields of a store, in order. Time and trail key are not among them. */
export interface Schema {
  /** The fields; names are distinct. */
  readonly fields: readonly Field[];
}

/** A field, or only its name for one of type `bytes`. */
export type FieldSpec = string | Field;

/** Most fields of a schema; TrailDB has the least room: 2^14 - 2. */
export const FIELDS_MAX = 16_382;

/**
 * Makes a schema from fields or their names.
 *
 * @example Two fields
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema } from "@cairn/core";
 *
 * const schema = createSchema(["page", { name: "price", type: "integer" }]);
 * assertEquals(schema.fields.map((field) => field.type), ["bytes", "integer"]);
 * ```
 * @param fields The fields, in order.
 * @returns A frozen schema.
 * @throws {CairnError} `invalid-input` for an empty or repeated name, `limit`
 * for too many fields.
 */
export function createSchema(fields: readonly FieldSpec[]): Schema {
  if (fields.length > FIELDS_MAX) {
    throw new CairnError(
      "limit",
      `Cannot make schema: ${fields.length} fields, at most ${FIELDS_MAX} wanted`,
    );
  }
  const names = new Set<string>();
  const made = fields.map((spec): Field => {
    const field: Field = typeof spec === "string"
      ? { name: spec, type: "bytes" }
      : { name: spec.name, type: spec.type };
    if (field.name === "" || names.has(field.name)) {
      throw new CairnError(
        "invalid-input",
        `Cannot make schema: field name "${field.name}" is ${
          field.name === "" ? "empty" : "given twice"
        }`,
      );
    }
    if (!FIELD_TYPES.includes(field.type)) {
      throw new CairnError(
        "invalid-input",
        `Cannot make schema: field "${field.name}" has type "${field.type}", one of ${
          FIELD_TYPES.join(", ")
        } wanted`,
      );
    }
    names.add(field.name);
    return Object.freeze(field);
  });
  return Object.freeze({ fields: Object.freeze(made) });
}

/**
 * Finds a field's ordinal by name.
 *
 * @param schema Where to look.
 * @param name The field's name.
 * @returns Its position in the schema, or -1.
 */
export function findField(schema: Schema, name: string): number {
  return schema.fields.findIndex((field) => field.name === name);
}

/**
 * Gets a field's ordinal by name.
 *
 * @param schema Where to look.
 * @param name The field's name.
 * @returns Its position in the schema.
 * @throws {CairnError} `not-found` when there is no such field.
 */
export function getField(schema: Schema, name: string): number {
  const ordinal = findField(schema, name);
  if (ordinal < 0) {
    throw new CairnError(
      "not-found",
      `Cannot find field "${name}": ${
        schema.fields.length === 0
          ? "the store has no fields"
          : `fields are ${schema.fields.map((field) => field.name).join(", ")}`
      }`,
    );
  }
  return ordinal;
}
