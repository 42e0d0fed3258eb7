/**
 * What the codec can do.
 *
 * @module
 */
import { type Capabilities, FIELDS_MAX } from "@cairn/core";
import { TIMESTAMP_MAX } from "./layout.ts";

/** Keys go through tables and sorting whole. */
const KEY_BYTES_MAX = 1_048_576;

/** What the codec can do. */
export const CAPABILITIES: Capabilities = Object.freeze({
  trailKeyBytes: { min: 1, max: KEY_BYTES_MAX },
  timestamps: { min: 0, max: TIMESTAMP_MAX },
  fieldsMax: FIELDS_MAX,
  fieldNames: {
    rule: "any name; of an indexed field one without a colon",
    allows: (name: string): boolean => name !== "",
  },
  emptyEvents: true,
  columns: "bytes",
  cheapOrder: "descending",
  partialReads: true,
  // Only where the option `indexed` names fields.
  index: false,
  fieldTypes: true,
  checksums: true,
});
