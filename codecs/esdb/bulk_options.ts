/**
 * What to scan in many spaces.
 *
 * @module
 */
import type { EsdbScanOptions } from "./scan_order.ts";

/** What to scan in each space. */
export interface BulkScanOptions extends EsdbScanOptions {
  /** Name of a posting section; all events if left out. */
  readonly section?: Uint8Array | undefined;
  /** Whether events are sorted by time where the file does not. */
  readonly sorted?: boolean;
  /** Which spaces, by ordinal; all if left out. */
  readonly wanted?: ((ordinal: number) => boolean) | undefined;
  /** Most events of a batch. */
  readonly batchEvents: number;
  /** Place of an event among those of its time, from its data. */
  readonly rank?:
    | ((bytes: Uint8Array, start: number, end: number) => number)
    | undefined;
  /** Whether the grouping of each event is wanted. */
  readonly groupings?: boolean;
}
