/**
 * Copies of the events of small spaces.
 *
 * @module
 */
import { EsdbEvents } from "./esdb_events.ts";
import type { EventColumns } from "./event_columns.ts";
import type { SectionContent } from "./section_content.ts";

/** Memory that copies share: of small spaces a buffer costs more than its bytes. */
const POOL_BYTES = 65_536;
/** Larger copies get memory of their own. */
const POOLED_BYTES_MAX = 8192;
const NO_BUFFER = new ArrayBuffer(0);

/** Copies events, small ones side by side into the same memory. */
export class EventPool {
  #buffer: ArrayBuffer = NO_BUFFER;
  #used = 0;

  /** Copies events and the content they lie in; the copy stays valid. */
  copy(events: EventColumns, content: SectionContent): EsdbEvents {
    const { count } = events;
    const { byteLength } = content;
    const wanted = 16 * count + byteLength;
    let buffer = this.#buffer;
    let at = this.#used;
    if (wanted > POOLED_BYTES_MAX) {
      buffer = new ArrayBuffer(wanted);
      at = 0;
    } else {
      if (wanted > buffer.byteLength - at) {
        this.#buffer = buffer = new ArrayBuffer(POOL_BYTES);
        at = 0;
      }
      this.#used = at + wanted + 7 & ~7; // times begin at a multiple of 8
    }
    const timestamps = new Float64Array(buffer, at, count);
    const starts = new Uint32Array(buffer, at + 8 * count, count);
    const ends = new Uint32Array(buffer, at + 12 * count, count);
    for (let row = 0; row < count; row++) {
      timestamps[row] = events.timestamps[row]!;
      starts[row] = events.starts[row]!;
      ends[row] = events.ends[row]!;
    }
    const bytes = new Uint8Array(buffer, at + 16 * count, byteLength);
    bytes.set(content.bytes.subarray(0, byteLength));
    return new EsdbEvents(timestamps, { bytes, starts, ends });
  }
}
