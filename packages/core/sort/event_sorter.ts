/**
 * Sorting events, in memory as long as they fit.
 *
 * @module
 */
import type { AbortOptions } from "../abort_options.ts";
import { throwIfAborted } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import { openScratch } from "../open_scratch.ts";
import type { Scratch } from "../scratch.ts";
import type { StoreStats } from "../store.ts";
import { writeRun } from "./_file_run.ts";
import { Interner } from "./_interner.ts";
import { mergeRuns } from "./_merge_runs.ts";
import { chunkBytes, OpenChunk, type RowChunk } from "./_row_chunk.ts";
import type { Run } from "./_run.ts";
import { addColumnBytes, sortingBytes, sortRows } from "./_sort_rows.ts";
import type { EventSorterOptions, KeyOrder } from "./event_sorter_options.ts";
import type {
  PackedLexicon,
  SortedBatch,
  SortedEvents,
  SortedScanOptions,
} from "./sorted_events.ts";

/** Memory, unless the caller says otherwise. */
const MEMORY_BYTES = 2 ** 30;
/** Less memory than this is taken for this much. */
const MEMORY_BYTES_MIN = 1 << 12;
/** Runs merged at a time. */
const FAN_IN = 16;
/** Events of a run: their places are 32 bits wide. */
const RUN_EVENTS_MAX = 2 ** 30;
/** Bytes of a column of a run: where its values end is 32 bits wide. */
const RUN_COLUMN_BYTES_MAX = 2 ** 31;

/**
 * Takes events in any order and gives them by trail key, then time, then
 * input order. The result does not depend on the memory there is.
 *
 * Events are kept in columns of numbers as narrow as their values allow, never
 * as objects. Rows are not checked here: see {@linkcode assertBatch}.
 */
export class EventSorter implements AsyncDisposable {
  readonly #options: EventSorterOptions;
  readonly #order: KeyOrder;
  readonly #memoryBytes: number;
  readonly #batchBytes: number;
  readonly #scratch: Scratch;
  readonly #keys: Interner = new Interner();
  readonly #interners: readonly (Interner | undefined)[];
  readonly #open: OpenChunk;
  /** Keys of the runs, where they are kept. */
  readonly #runKeys: Interner | undefined;
  #chunks: RowChunk[] = [];
  #chunkBytes = 0;
  #columnBytes: number[] = [];
  #runEvents = 0;
  #runs: Run[] = [];
  /** For each run, how many merges are behind it; never rising. */
  #levels: number[] = [];
  #events = 0;
  #minTimestamp = Infinity;
  #maxTimestamp = 0;
  #state: "open" | "finished" | "disposed" = "open";

  /** Makes an empty sorter. @param options Columns, order and memory. */
  constructor(options: EventSorterOptions) {
    this.#options = options;
    this.#order = options.keyOrder ?? "bytes";
    this.#memoryBytes = Math.max(
      MEMORY_BYTES_MIN,
      options.memoryBytes ?? MEMORY_BYTES,
    );
    // A merge holds a batch of each run, as it lies in the file and decoded.
    this.#batchBytes = Math.min(1 << 20, this.#memoryBytes / (6 * FAN_IN));
    this.#scratch = openScratch(
      options.scratch === undefined ? {} : { scratch: options.scratch },
    );
    this.#interners = options.columns.map((kind) =>
      kind === "ids" ? new Interner() : undefined
    );
    this.#runKeys = options.keepKeys === true ? new Interner() : undefined;
    this.#open = new OpenChunk(
      options.columns,
      Math.min(1 << 22, this.#memoryBytes / 16),
    );
  }

  /** Number of events taken. */
  get count(): number {
    return this.#events;
  }

  /**
   * Takes a run of events. Bytes are copied.
   *
   * @param batch Checked rows, a column for each of the sorter's.
   * @returns A promise only when a run must be written first; it must be
   * awaited before the next call.
   * @throws {CairnError} `limit` for a value of over 1 GiB, or when the
   * distinct values of a column have over 4 GiB; `io` when a run cannot be
   * written. The sorter can then only be disposed of.
   */
  add(batch: InputBatch): Promise<void> | undefined {
    if (this.#state !== "open") {
      throw new TypeError(`Cannot add to sorter: it is ${this.#state}`);
    }
    this.#look(batch);
    const start = this.#take(batch, 0);
    return start < batch.count ? this.#spillAndTake(batch, start) : undefined;
  }

  /**
   * Tells whether there is an event with a key; before `finish`, and with the
   * option `keepKeys`.
   *
   * @param key Any bytes.
   */
  hasKey(key: Uint8Array): boolean {
    if (this.#state !== "open" || this.#runKeys === undefined) {
      throw new TypeError("Cannot look up key: the sorter does not keep keys");
    }
    return this.#keys.find(key) !== 0 || this.#runKeys.find(key) !== 0;
  }

  /**
   * Ends the input. Once only; disposing of the sorter frees the result too.
   *
   * @param options A signal.
   * @returns The sorted events.
   * @throws {CairnError} `io`, `aborted`.
   */
  async finish(options: AbortOptions = {}): Promise<SortedEvents> {
    throwIfAborted(options.signal);
    if (this.#state !== "open") {
      throw new TypeError(`Cannot finish sorter: it is ${this.#state}`);
    }
    this.#state = "finished";
    if (this.#open.count > 0) this.#seal();
    for (const interner of this.#interners) interner?.freeze();
    const run = this.#runs.length === 0
      ? this.#sort()
      : await this.#mergeAll(options.signal);
    this.#keys.freeze();
    this.#runs = [run];
    return new Sorted(run, this.#stats(run.trails), this.#lexicons());
  }

  /** Frees everything, temporary files included. May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "disposed") return;
    this.#state = "disposed";
    this.#chunks = [];
    const runs = this.#runs;
    this.#runs = [];
    for (const run of runs) await run.dispose();
    await this.#scratch[Symbol.asyncDispose]();
  }

  #look(batch: InputBatch): void {
    const { count, timestamps } = batch;
    let smallest = this.#minTimestamp;
    let largest = this.#maxTimestamp;
    for (let row = 0; row < count; row++) {
      const time = timestamps[row]!;
      if (time < smallest) smallest = time;
      if (time > largest) largest = time;
    }
    this.#minTimestamp = smallest;
    this.#maxTimestamp = largest;
    this.#events += count;
  }

  /** Takes rows until memory is full; gives the first row not taken. */
  #take(batch: InputBatch, start: number): number {
    while (start < batch.count) {
      if (this.#open.full) {
        this.#seal();
        if (this.#memoryFull()) return start;
      }
      start = this.#open.take(batch, start, this.#keys, this.#interners);
    }
    return start;
  }

  async #spillAndTake(batch: InputBatch, start: number): Promise<void> {
    while (start < batch.count) {
      await this.#spill();
      start = this.#take(batch, start);
    }
  }

  #seal(): void {
    const chunk = this.#open.seal();
    this.#chunks.push(chunk);
    this.#chunkBytes += chunkBytes(chunk);
    addColumnBytes(chunk, this.#columnBytes);
    this.#runEvents += chunk.count;
  }

  #memoryFull(): boolean {
    let lexiconBytes = 0;
    for (const interner of this.#interners) {
      lexiconBytes += interner?.byteLength ?? 0;
    }
    const room = Math.max(
      this.#memoryBytes - lexiconBytes,
      this.#memoryBytes / 4,
    );
    const used = this.#keys.byteLength + this.#chunkBytes +
      sortingBytes(this.#runEvents, this.#keys.count, this.#columnBytes);
    return used > room || this.#runEvents > RUN_EVENTS_MAX ||
      this.#columnBytes.some((bytes) => bytes > RUN_COLUMN_BYTES_MAX);
  }

  /** Sorts what is in memory. */
  #sort(): Run {
    const run = sortRows(this.#chunks, this.#keys, {
      order: this.#order,
      batchBytes: this.#batchBytes,
    });
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#columnBytes = [];
    this.#runEvents = 0;
    return run;
  }

  /** Sorts what is in memory and writes it to a file. */
  async #spill(): Promise<void> {
    const run = this.#sort();
    if (this.#runKeys !== undefined) addAll(this.#keys, this.#runKeys);
    this.#runs.push(await this.#write(run.scan({})));
    this.#levels.push(0);
    await run.dispose();
    this.#keys.clear();
    // Each run is an open file: they must stay few, however many are made.
    while (this.#levels.at(-FAN_IN) === this.#levels.at(-1)) {
      await this.#mergeLast(FAN_IN, undefined);
    }
  }

  /** Makes one run of all; the small ones first, so that large ones wait. */
  async #mergeAll(signal: AbortSignal | undefined): Promise<Run> {
    if (this.#runEvents > 0) await this.#spill();
    while (this.#runs.length > 1) {
      const count = this.#runs.length;
      const surplus = count > FAN_IN ? count - FAN_IN + 1 : count;
      await this.#mergeLast(Math.min(FAN_IN, surplus), signal);
    }
    return this.#runs[0]!;
  }

  /** Makes one run of the last ones, which follow each other in the input. */
  async #mergeLast(
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const group = this.#runs.slice(-count);
    const merged = await this.#write(mergeRuns(group, {
      order: this.#order,
      columns: this.#options.columns,
      batchBytes: this.#batchBytes,
      signal,
    }));
    const level = this.#levels.at(-count)! + 1;
    this.#runs.splice(-count, count, merged);
    this.#levels.splice(-count, count, level);
    for (const run of group) await run.dispose();
  }

  #write(batches: AsyncIterable<SortedBatch>): Promise<Run> {
    return writeRun(this.#scratch, batches, this.#options.columns.length);
  }

  #stats(trails: number): StoreStats {
    const none = this.#events === 0;
    return {
      trails,
      events: this.#events,
      minTimestamp: none ? undefined : this.#minTimestamp,
      maxTimestamp: none ? undefined : this.#maxTimestamp,
    };
  }

  #lexicons(): readonly (PackedLexicon | undefined)[] {
    return this.#interners.map((interner) => interner?.lexicon());
  }
}

/** Adds the values of one interner to another. */
function addAll(from: Interner, to: Interner): void {
  const { count, bytes, offsets } = from.lexicon();
  const spans = {
    bytes,
    starts: offsets.subarray(0, count),
    ends: offsets.subarray(1, count + 1),
  };
  to.intern(spans, 0, count, new Uint32Array(count), 0);
}

/** The result of a sorter. */
class Sorted implements SortedEvents {
  readonly stats: StoreStats;
  readonly lexicons: readonly (PackedLexicon | undefined)[];
  readonly #run: Run;

  constructor(
    run: Run,
    stats: StoreStats,
    lexicons: readonly (PackedLexicon | undefined)[],
  ) {
    this.#run = run;
    this.stats = stats;
    this.lexicons = lexicons;
  }

  scan(options: SortedScanOptions = {}): AsyncGenerator<SortedBatch> {
    return this.#run.scan(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#run.dispose();
  }
}
