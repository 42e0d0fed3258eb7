/**
 * Where events begin, one for every so many bytes.
 *
 * @module
 */
import { type EventLog, scanLog } from "./_event_log.ts";
import type { StreamBatch } from "./stream_batch.ts";
import { STREAM_START } from "./layout.ts";

const MARK_BYTES = 65_536;

/**
 * Remembers the beginning of an event every 64 KiB, so that it can be told for
 * any offset whether an event begins there, with one short read.
 */
export class EventMarks {
  readonly #offsets: number[] = [STREAM_START];

  /** Notes where an event begins, in rising order. */
  add(offset: number): void {
    if (offset - this.#offsets.at(-1)! >= MARK_BYTES) {
      this.#offsets.push(offset);
    }
  }

  /** Notes the events of a batch. */
  addBatch(batch: StreamBatch): void {
    for (const offset of batch.offsets) this.add(offset);
  }

  /**
   * Tells whether an event begins at an offset.
   *
   * @param log The events.
   * @param offset The offset.
   * @param options Where the events end, which counts as a beginning.
   */
  async begins(
    log: EventLog,
    offset: number,
    options: { readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    if (offset === options.limit) return true;
    if (!(offset >= STREAM_START && offset < options.limit)) return false;
    const from = this.#before(offset);
    const pieceBytes = 2 * MARK_BYTES;
    const scan = scanLog(log, { ...options, from, pieceBytes });
    for await (const batch of scan) {
      if (batch.offsets.includes(offset)) return true;
      if (batch.end > offset) return false;
      if (batch.end === offset) return true;
    }
    return false;
  }

  /** The last mark at or before an offset. */
  #before(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! <= offset) low = middle;
      else high = middle;
    }
    return this.#offsets[low]!;
  }
}
