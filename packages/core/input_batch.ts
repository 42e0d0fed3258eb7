/**
 * Events on their way into a store, as columns.
 *
 * @module
 */
import type { ByteSpans } from "./column.ts";

/**
 * A run of events for a writer: row `i` is one event, in input order.
 *
 * Importers parse into this form, so that no event costs an object. A writer
 * has taken what it needs when the promise of `addBatch` resolves; the arrays
 * may then be used again.
 */
export interface InputBatch {
  /** Number of events; the arrays may be longer. */
  readonly count: number;
  /** The trail key of each event; none empty. */
  readonly trailKeys: ByteSpans;
  /** The time of each event: an integer, 0 to 2^53 - 1. */
  readonly timestamps: Float64Array;
  /** A column for each field of the schema; an empty span is no value. */
  readonly columns: readonly ByteSpans[];
}
