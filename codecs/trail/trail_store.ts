/**
 * A TrailDB as a store of the contracts.
 *
 * @module
 */
import {
  type AbortOptions,
  BATCH_EVENTS,
  type ByteSpans,
  type EventBatch,
  type Finding,
  getField,
  type Index,
  type Lexicon,
  type OrdinalRange,
  packSpans,
  type ScanOptions,
  type Schema,
  type Store,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import type { TrailIndexFile } from "./item_index.ts";
import { assertSafeTimes } from "./_safe_times.ts";
import { scanTrails } from "./scan/scan_trails.ts";
import type { ScanWorkers } from "./scan/scan_workers.ts";
import type { TrailFile } from "./trail_file.ts";
import { TrailIndex } from "./trail_index.ts";
import { verifyTrails } from "./verify_trails.ts";

/** What a store is told when it is opened. */
export interface TrailStoreOptions {
  /** The item index of the file, if there is one. */
  readonly index?: TrailIndexFile;
  /** Whether to use the TypeScript reference in the place of the kernel. */
  readonly reference?: boolean;
  /** Threads that large scans are spread over. */
  readonly workers?: ScanWorkers;
  /** Whether the store closes the workers; not if left out. */
  readonly ownsWorkers?: boolean;
}

/**
 * Serves a TrailDB. Columns are ids; the last value id of each lexicon is known
 * before the first batch.
 */
export class TrailStore implements Store {
  /** Name of the codec. */
  readonly codec = "trail";
  /** The fields. */
  readonly schema: Schema;
  /** The parts of the file, for those who need more than the contract. */
  readonly file: TrailFile;
  readonly #options: TrailStoreOptions;

  /**
   * Serves an open file, which it owns.
   *
   * @param file The file.
   * @param options Its index, and how to decode.
   */
  constructor(file: TrailFile, options: TrailStoreOptions = {}) {
    this.file = file;
    this.schema = file.schema;
    this.#options = options;
  }

  /** Gives what `info` states. See {@linkcode Store.stats}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    this.file.assertOpen();
    throwIfAborted(options.signal);
    const { trails, events, minTime, maxTime } = this.file.info;
    if (events === 0) {
      return {
        trails,
        events,
        minTimestamp: undefined,
        maxTimestamp: undefined,
      };
    }
    assertSafeTimes(this.file);
    return {
      trails,
      events,
      minTimestamp: Number(minTime),
      maxTimestamp: Number(maxTime),
    };
  }

  /** Finds a trail. See {@linkcode Store.find}. */
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    this.file.assertOpen();
    throwIfAborted(options.signal);
    if (this.file.info.trails === 0) return undefined;
    return await this.file.keys.find(trailKey, options);
  }

  /** Gets keys. See {@linkcode Store.keys}. */
  async keys(
    range: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    this.file.assertOpen();
    throwIfAborted(options.signal);
    const { trails } = this.file.info;
    const { start, end } = range;
    if (
      !Number.isInteger(start) || !Number.isInteger(end) || start < 0 ||
      end < start || end > trails
    ) {
      throw new RangeError(
        `Cannot get keys ${start} to ${end}: there are ${trails} trails`,
      );
    }
    if (start === end) return packSpans([]);
    return await this.file.keys.read(start, end, options);
  }

  /** Loads a lexicon. See {@linkcode Store.lexicon}. */
  async lexicon(
    field: string,
    options: AbortOptions = {},
  ): Promise<Lexicon | undefined> {
    this.file.assertOpen();
    return await this.file.lexicon(getField(this.schema, field), options);
  }

  /** Scans events. See {@linkcode Store.scan}. */
  scan(options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    this.file.assertOpen();
    const { batchEvents = BATCH_EVENTS } = options;
    if (!Number.isInteger(batchEvents) || batchEvents < 1) {
      throw new RangeError(
        `Cannot scan in batches of ${batchEvents} events: 1 or more wanted`,
      );
    }
    return scanTrails(this.file, { ...options, ...this.#options, batchEvents });
  }

  /** Gets the item index, if there is one. See {@linkcode Store.index}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async index(options: AbortOptions = {}): Promise<Index | undefined> {
    this.file.assertOpen();
    throwIfAborted(options.signal);
    const { index } = this.#options;
    return index && new TrailIndex(this.file, index);
  }

  /** Looks at everything. See {@linkcode Store.verify}. */
  verify(options: AbortOptions = {}): AsyncIterableIterator<Finding> {
    this.file.assertOpen();
    return verifyTrails(this.file, options);
  }

  /** Closes the file, and the workers if they are its own. */
  async close(): Promise<void> {
    const { index, workers, ownsWorkers } = this.#options;
    const closing = this.file.close();
    if (ownsWorkers) workers?.close();
    await closing;
    await index?.close();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
