/**
 * Single events of a stream, read with what lies around them.
 *
 * @module
 */
import { CairnError, type ReadOptions } from "@cairn/core";
import { decodeEvent } from "./_decode_events.ts";
import type { EventLog } from "./_event_log.ts";
import type { StreamEvent } from "./stream_batch.ts";
import { STREAM_START } from "./layout.ts";

/** Bytes read around an event at first, and at most. */
const WINDOW_BYTES_MIN = 4096;
const WINDOW_BYTES_MAX = 256 * 1024;

/**
 * Reads events one by one, mostly towards the start of the file. Events that
 * lie close together come from one read; the read grows as long as that pays.
 */
export class EventWindow {
  readonly #log: EventLog;
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #windowBytes = WINDOW_BYTES_MIN;

  /**
   * Makes a window.
   *
   * @param log Where the bytes are.
   * @param limit Where the events end.
   */
  constructor(log: EventLog, limit: number) {
    this.#log = log;
    this.#limit = limit;
  }

  /**
   * Reads one event.
   *
   * @param offset Where it begins, as far as the caller knows.
   * @param options Stops the read.
   * @returns The event, over bytes that stay valid.
   * @throws {CairnError} `not-found` when there is no event.
   */
  async event(offset: number, options: ReadOptions): Promise<StreamEvent> {
    if (!(offset >= STREAM_START && offset < this.#limit)) {
      throw this.#missing(offset, undefined);
    }
    let end = this.#offset + this.#bytes.length;
    if (!(offset >= this.#offset && offset < end)) {
      const near = Math.abs(this.#offset - offset) <= 4 * this.#windowBytes;
      this.#windowBytes = near
        ? Math.min(WINDOW_BYTES_MAX, 2 * this.#windowBytes)
        : WINDOW_BYTES_MIN;
      const ahead = WINDOW_BYTES_MIN;
      const start = Math.max(STREAM_START, offset + ahead - this.#windowBytes);
      await this.#load(Math.min(start, offset), offset + ahead, options);
      end = this.#offset + this.#bytes.length;
    }
    for (;;) {
      const { event, stop, needs, error } = decodeEvent({
        bytes: this.#bytes.subarray(offset - this.#offset),
        offset,
        limit: this.#limit,
        file: this.#log.name,
      });
      if (event !== undefined) return event;
      if (stop !== "more") throw this.#missing(offset, error);
      await this.#load(offset, offset + needs, options);
    }
  }

  async #load(
    start: number,
    end: number,
    options: ReadOptions,
  ): Promise<void> {
    const length = Math.min(end, this.#limit) - start;
    this.#bytes = await this.#log.read(start, length, options);
    this.#offset = start;
  }

  #missing(offset: number, cause: unknown): CairnError {
    return new CairnError("not-found", "Cannot read event: none begins here", {
      where: { file: this.#log.name, part: "events", offset },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
