/**
 * What the codec can do.
 *
 * @module
 */
import { type Capabilities, FIELDS_MAX } from "@cairn/core";
import { eventFieldProblem } from "./create_options.ts";
import { TRAIL_KEY_BYTES_MAX } from "./events/event_layout.ts";

/** What stores of events of this codec hold. */
export const CAPABILITIES: Capabilities = Object.freeze({
  trailKeyBytes: { min: 1, max: TRAIL_KEY_BYTES_MAX },
  timestamps: { min: 0, max: Number.MAX_SAFE_INTEGER },
  fieldsMax: FIELDS_MAX,
  fieldNames: {
    rule:
      "1 to 65,000 bytes of Unicode text that do not begin with a dot, nor end like _2013, _2013_05 or _2013_05_04",
    allows: (name: string) => eventFieldProblem(name) === undefined,
  },
  emptyEvents: true,
  columns: "ids",
  cheapOrder: "ascending",
  partialReads: true,
  index: true,
  fieldTypes: true,
  checksums: true,
});
