/**
 * A writer that refuses at once what might only be refused at the end.
 *
 * @module
 */
import {
  type AbortOptions,
  type AppendOptions,
  CairnError,
  type InputBatch,
  type Schema,
  type Store,
  type StoreWriter,
  type WriteSummary,
} from "@cairn/core";
import { TRAIL_CAPABILITIES } from "../capabilities.ts";
import type { TrailWriter } from "./trail_writer.ts";

/** Latest time that is taken. */
const TIME_MAX = TRAIL_CAPABILITIES.timestamps.max;

/**
 * Takes only times that any event can have. Later ones fit where no step
 * between neighbours is too large, which is known when all events are there;
 * the codec's own writer takes them, and so does `append`.
 */
export class BoundedWriter implements StoreWriter {
  readonly #writer: TrailWriter;

  /** Wraps a writer, which it owns. @param writer The writer. */
  constructor(writer: TrailWriter) {
    this.#writer = writer;
  }

  /** The fields. */
  get schema(): Schema {
    return this.#writer.schema;
  }

  /** Adds an event. See {@linkcode StoreWriter.add}. */
  add(
    trailKey: Uint8Array,
    timestamp: number,
    values: readonly (Uint8Array | null)[],
  ): Promise<void> | undefined {
    if (isTooLate(timestamp)) throw tooLate(timestamp);
    return this.#writer.add(trailKey, timestamp, values);
  }

  /** Adds events. See {@linkcode StoreWriter.addBatch}. */
  async addBatch(batch: InputBatch): Promise<void> {
    for (let row = 0; row < batch.count; row++) {
      const timestamp = batch.timestamps[row]!;
      if (isTooLate(timestamp)) throw tooLate(timestamp, row);
    }
    await this.#writer.addBatch(batch);
  }

  /** Adds a store. See {@linkcode StoreWriter.append}. */
  append(store: Store, options?: AppendOptions): Promise<void> {
    return this.#writer.append(store, options);
  }

  /** Ends well. See {@linkcode StoreWriter.finish}. */
  finish(options?: AbortOptions): Promise<WriteSummary> {
    return this.#writer.finish(options);
  }

  /** Leaves nothing behind. */
  abort(): Promise<void> {
    return this.#writer.abort();
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#writer[Symbol.asyncDispose]();
  }
}

function tooLate(timestamp: number, line?: number): CairnError {
  return new CairnError(
    "limit",
    `Cannot add event: timestamp ${timestamp}, 0 to ${TIME_MAX} wanted`,
    {
      reason: "timestamp",
      ...(line === undefined ? {} : { where: { line } }),
    },
  );
}

/** What is no timestamp at all is refused by the writer itself. */
function isTooLate(timestamp: number): boolean {
  return Number.isSafeInteger(timestamp) && timestamp > TIME_MAX;
}
