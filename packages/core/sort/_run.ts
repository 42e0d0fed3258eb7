/**
 * A run: events in order, in memory or in a temporary file.
 *
 * @module
 */
import type { SortedBatch, SortedScanOptions } from "./sorted_events.ts";

/** Events in order, readable any number of times. */
export interface Run {
  /** Number of trails. */
  readonly trails: number;

  /** Walks over the events. See `SortedEvents.scan`. */
  scan(options: SortedScanOptions): AsyncGenerator<SortedBatch>;

  /** Frees it. */
  dispose(): Promise<void>;
}

/**
 * Gives memory back at once, where the engine can; else when it is collected.
 *
 * @param array Not used any more, nor anything else over its buffer.
 */
export function release(array: ArrayBufferView): void {
  const buffer = array.buffer as ArrayBuffer & {
    transfer?: (byteLength: number) => ArrayBuffer;
  };
  if (buffer.byteLength > 0) buffer.transfer?.(0);
}
