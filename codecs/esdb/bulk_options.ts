/**
 * What to scan in many spaces, and what comes of it.
 *
 * @module
 */
import type { ByteSpans } from "@cairn/core";
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
  /** Windows of fewer spaces are decoded without the kernel; 256 if left out. */
  readonly kernelSpaces?: number;
}

/** Events of a run of spaces; row `i` is one event. Valid until the next step. */
export interface BulkBatch {
  /** Ordinals of the spaces that have events here. */
  readonly ordinals: Uint32Array;
  /** Where each space's rows begin, and the end of the last. */
  readonly offsets: Uint32Array;
  /** Gives the ids of the spaces; views that stay valid. */
  readonly ids: () => Uint8Array[];
  /** A time for each row. */
  readonly timestamps: Float64Array;
  /** The data of each row. */
  readonly data: ByteSpans;
  /** The grouping of each row, where it was asked for. */
  readonly groupings: ByteSpans | undefined;
}
