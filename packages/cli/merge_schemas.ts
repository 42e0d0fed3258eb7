/**
 * The fields of a store made of several.
 *
 * @module
 */
import {
  compareBytes,
  createSchema,
  encodeText,
  type Field,
  type Schema,
} from "@cairn/core";

/**
 * Joins schemas as `tdb merge` does: the same names in the same order stay as
 * they are; anything else gives the union, sorted by the bytes of the names.
 * A field that has not the same type everywhere is `bytes`.
 *
 * @param schemas One or more.
 */
export function mergeSchemas(schemas: readonly Schema[]): Schema {
  const types = new Map<string, Field["type"]>();
  for (const { fields } of schemas) {
    for (const { name, type } of fields) {
      const known = types.get(name);
      types.set(name, known === undefined || known === type ? type : "bytes");
    }
  }
  const order = haveSameFields(schemas)
    ? schemas[0]!.fields.map(({ name }) => name)
    : [...types.keys()].sort((a, b) =>
      compareBytes(encodeText(a), encodeText(b))
    );
  return createSchema(order.map((name) => ({ name, type: types.get(name)! })));
}

/**
 * Tells whether all have the same names in the same order.
 *
 * @param schemas One or more.
 */
export function haveSameFields(schemas: readonly Schema[]): boolean {
  const names = schemas[0]!.fields.map(({ name }) => name);
  return schemas.every(({ fields }) =>
    fields.length === names.length &&
    fields.every(({ name }, i) => name === names[i])
  );
}
