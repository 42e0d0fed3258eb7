/**
 * Sorting events, in memory as long as they fit.
 *
 * @module
 */
import { compareBytes } from "../bytes.ts";
import { type ByteSpans, packSpans } from "../column.ts";
import { throwIfAborted } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import type { Scratch } from "../scratch.ts";
import type {
  PackedLexicon,
  SortedBatch,
  SortedEvents,
  SortedScanOptions,
} from "./sorted_events.ts";

/**
 * How the values of a column are kept: `ids` numbers the distinct ones and
 * collects a lexicon, `bytes` keeps each as it is.
 */
export type SortColumn = "ids" | "bytes";

/**
 * The order of trail keys: `bytes` compares from the first byte on, a prefix
 * before its extension; `reversed` does the same to the reversed keys, so that
 * keys of 16 bytes come in the order of little-endian numbers.
 */
export type KeyOrder = "bytes" | "reversed";

/** What a sorter is told. */
export interface EventSorterOptions {
  /** How to keep each column of the batches to come. */
  readonly columns: readonly SortColumn[];
  /** The order of trails; `bytes` if left out. */
  readonly keyOrder?: KeyOrder;
  /**
   * Memory for events, keys and lexicons in bytes; 1 GiB if left out. Past it,
   * sorted runs go to `scratch`. Lexicons stay in memory, whatever their size.
   */
  readonly memoryBytes?: number;
  /** Where runs go; the system's folder for temporary files if left out. Borrowed. */
  readonly scratch?: Scratch;
}

/**
 * Takes events in any order and gives them by trail key, then time, then
 * input order. The result does not depend on the memory there is.
 *
 * Rows are not checked here: see {@linkcode assertBatch}.
 */
export class EventSorter implements AsyncDisposable {
  readonly #options: EventSorterOptions;
  readonly #rows: { key: Uint8Array; time: number; values: Uint8Array[] }[] =
    [];
  #finished = false;

  /** Makes an empty sorter. @param options Columns, order and memory. */
  constructor(options: EventSorterOptions) {
    this.#options = options;
  }

  /** Number of events taken. */
  get count(): number {
    return this.#rows.length;
  }

  /**
   * Takes a run of events. Bytes are copied.
   *
   * @param batch Checked rows, a column for each of the sorter's.
   * @returns A promise only when a run must be written first; it must be
   * awaited before the next call.
   * @throws {CairnError} `limit` when a lexicon outgrows 4 GiB; `io` when a
   * run cannot be written.
   */
  add(batch: InputBatch): Promise<void> | undefined {
    const take = (spans: ByteSpans, row: number) =>
      spans.bytes.slice(spans.starts[row], spans.ends[row]);
    for (let row = 0; row < batch.count; row++) {
      this.#rows.push({
        key: take(batch.trailKeys, row),
        time: batch.timestamps[row]!,
        values: batch.columns.map((column) => take(column, row)),
      });
    }
    return undefined;
  }

  /**
   * Ends the input. Once only; the sorter must then be kept as long as its
   * result, since disposing of either frees both.
   *
   * @param options A signal.
   * @returns The sorted events.
   * @throws {CairnError} `io`, `aborted`.
   */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async finish(options: { signal?: AbortSignal } = {}): Promise<SortedEvents> {
    throwIfAborted(options.signal);
    if (this.#finished) {
      throw new TypeError("Cannot finish sorter: it has been");
    }
    this.#finished = true;
    return sortRows(this.#rows, this.#options);
  }

  /** Frees everything, temporary files included. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#rows.length = 0;
    return Promise.resolve();
  }
}

function sortRows(
  rows: { key: Uint8Array; time: number; values: Uint8Array[] }[],
  options: EventSorterOptions,
): SortedEvents {
  const lexicons = options.columns.map(() => ({
    ids: new Map<string, number>(),
    values: [] as Uint8Array[],
  }));
  const events = rows.map((row) => ({
    ...row,
    ids: row.values.map((value, column) => {
      if (value.length === 0 || options.columns[column] === "bytes") return 0;
      const { ids, values } = lexicons[column]!;
      const name = value.join();
      if (!ids.has(name)) ids.set(name, values.push(value));
      return ids.get(name)!;
    }),
  }));
  const order = options.keyOrder === "reversed"
    ? (a: Uint8Array, b: Uint8Array) =>
      compareBytes(a.toReversed(), b.toReversed())
    : compareBytes;
  events.sort((a, b) => order(a.key, b.key) || a.time - b.time);
  const starts = events.flatMap((event, i) =>
    i === 0 || order(events[i - 1]!.key, event.key) !== 0 ? [i] : []
  );
  const times = events.map((event) => event.time);
  async function* scan(
    options_: SortedScanOptions = {},
  ): AsyncGenerator<SortedBatch> {
    throwIfAborted(options_.signal);
    if (events.length === 0) return;
    yield {
      count: events.length,
      firstTrail: 0,
      continued: false,
      trailKeys: packSpans(starts.map((i) => events[i]!.key)),
      trailOffsets: Uint32Array.of(...starts, events.length),
      timestamps: Float64Array.from(times),
      columns: (options_.columns ?? options.columns.keys().toArray()).map(
        (c) =>
          options.columns[c] === "ids"
            ? Uint32Array.from(events, (event) => event.ids[c]!)
            : packSpans(events.map((event) => event.values[c]!)),
      ),
    };
  }
  return {
    stats: {
      trails: starts.length,
      events: events.length,
      minTimestamp: times.length === 0
        ? undefined
        : times.reduce((a, b) => Math.min(a, b)),
      maxTimestamp: times.length === 0
        ? undefined
        : times.reduce((a, b) => Math.max(a, b)),
    },
    lexicons: lexicons.map(({ values }, column): PackedLexicon | undefined => {
      if (options.columns[column] === "bytes") return undefined;
      const { bytes, ends } = packSpans(values);
      return {
        count: values.length,
        bytes,
        offsets: Uint32Array.of(0, ...ends),
      };
    }),
    scan,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
