/**
 * What a schema must be to fit a TrailDB.
 *
 * @module
 */
import { CairnError, type Schema } from "@cairn/core";
import { isTrailFieldName, TRAIL_CAPABILITIES } from "./capabilities.ts";
import { FIELD_NAME_BYTES_MAX, TRAIL_FIELDS_MAX } from "./layout.ts";

/**
 * Fails unless a schema fits.
 *
 * @param schema The fields.
 * @throws {CairnError} `limit` for too many fields or a name that is too long;
 * `invalid-input` for a name given twice, with other characters, or `time`.
 */
export function assertTrailSchema(schema: Schema): void {
  const { fields } = schema;
  if (fields.length > TRAIL_FIELDS_MAX) {
    throw refuse(
      "limit",
      `${fields.length} fields, at most ${TRAIL_FIELDS_MAX} wanted`,
      "too-many-fields",
    );
  }
  const names = new Set<string>();
  for (const { name } of fields) {
    if (names.has(name)) {
      throw refuse(
        "invalid-input",
        `field name "${name}" is given twice`,
        "duplicate-field",
      );
    }
    names.add(name);
  }
  for (const { name } of fields) {
    if (isTrailFieldName(name)) continue;
    throw name.length > FIELD_NAME_BYTES_MAX
      ? refuse(
        "limit",
        `field name of ${name.length} characters, at most ${FIELD_NAME_BYTES_MAX} wanted`,
        "field-name",
      )
      : refuse(
        "invalid-input",
        `field name "${name}", wanted: ${TRAIL_CAPABILITIES.fieldNames.rule}`,
        "field-name",
      );
  }
}

function refuse(
  code: "limit" | "invalid-input",
  what: string,
  reason: string,
): CairnError {
  return new CairnError(code, `Cannot create store: ${what}`, { reason });
}
