/**
 * What the trail codec can do.
 *
 * @module
 */
import { type Capabilities, UUID_BYTES } from "@cairn/core";
import {
  FIELD_NAME_PATTERN,
  TIME_DELTA_MAX,
  TIME_FIELD_NAME,
  TRAIL_FIELDS_MAX,
} from "./layout.ts";

/**
 * What the trail codec can do. Its times are those that an event can have
 * beside any others; {@linkcode createTrailStore} also takes later ones, and
 * refuses at the end what is too far from the event before it.
 */
export const TRAIL_CAPABILITIES: Capabilities = Object.freeze({
  trailKeyBytes: Object.freeze({ min: UUID_BYTES, max: UUID_BYTES }),
  timestamps: Object.freeze({ min: 0, max: TIME_DELTA_MAX }),
  fieldsMax: TRAIL_FIELDS_MAX,
  fieldNames: Object.freeze({
    rule:
      'at most 511 characters, each a letter from A to Z or a to z, a digit, or one of "_", "-", "%", and not the name "time"',
    allows: isTrailFieldName,
  }),
  emptyEvents: true,
  columns: "ids",
  cheapOrder: "ascending",
  index: false,
  fieldTypes: true,
  checksums: true,
  partialReads: true,
});

/** Tells whether a field can have a name. @param name The name. */
export function isTrailFieldName(name: string): boolean {
  return FIELD_NAME_PATTERN.test(name) && name !== TIME_FIELD_NAME;
}
