/**
 * The four orders of a scan, made from runs in the order of the file.
 *
 * @module
 */
import { throwIfAborted } from "@cairn/core";
import type { EsdbEvents } from "./esdb_events.ts";

/** What to scan, and in which order. */
export interface EsdbScanOptions {
  /** Which end of time comes first; `newest` if left out, as in the file. */
  readonly order?: "newest" | "oldest";
  /**
   * Order of events with the same time: as they were added, or the reverse of
   * it; `added` if left out, as in the file.
   */
  readonly ties?: "added" | "reversed";
  /** First time that counts; 0 if left out. */
  readonly from?: number;
  /** First time behind that does not count; none if left out. */
  readonly to?: number;
  /** Stop after so many events; all if left out. */
  readonly limit?: number;
  /** Stops the scan with `aborted`. */
  readonly signal?: AbortSignal;
}

/**
 * Puts runs of events into the order, the range and the number asked for.
 *
 * @param runs Runs in the order of the file, or, for `oldest`, in the exact
 * reverse of it.
 * @param options What was asked for.
 * @param isSorted True when times are known not to rise in the order of the
 * file, so that what lies behind the range need not be read.
 */
export async function* arrange(
  runs: AsyncIterable<EsdbEvents>,
  options: EsdbScanOptions,
  isSorted: boolean,
): AsyncGenerator<EsdbEvents, void, undefined> {
  const { order = "newest", ties = "added", limit = Infinity } = options;
  // The file has ties as added: reversing it reverses them.
  const asItComes = (order === "newest") === (ties === "added");
  const { from = 0, to = Infinity } = options;
  const ranged = from <= 0 && to === Infinity
    ? runs
    : inRange(runs, options, isSorted);
  let left = limit;
  if (!(left > 0)) return;
  for await (const run of asItComes ? ranged : withTiesReversed(ranged)) {
    throwIfAborted(options.signal);
    if (run.count === 0) continue;
    yield run.count <= left ? run : run.slice(0, left);
    left -= run.count;
    if (left <= 0) return;
  }
}

/** Arranges the one run of a space in memory; see {@linkcode arrange}. */
export function arrangeWhole(
  read: () => EsdbEvents,
  options: EsdbScanOptions,
  isSorted: boolean,
): AsyncIterableIterator<EsdbEvents> {
  const { order = "newest", ties = "added" } = options;
  const { from = 0, to = Infinity, limit = Infinity } = options;
  if (
    (order === "newest") !== (ties === "added") || from > 0 ||
    to !== Infinity || limit !== Infinity
  ) {
    return arrange(once(read), options, isSorted);
  }
  return new OneRun(read, options.signal);
}

/**
 * Gives one run. A generator does the same and costs more than the run of a
 * small space.
 */
class OneRun implements AsyncIterableIterator<EsdbEvents> {
  readonly #signal: AbortSignal | undefined;
  #read: (() => EsdbEvents) | undefined;

  constructor(read: () => EsdbEvents, signal: AbortSignal | undefined) {
    this.#read = read;
    this.#signal = signal;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async next(): Promise<IteratorResult<EsdbEvents, undefined>> {
    const read = this.#read;
    if (read === undefined) return { done: true, value: undefined };
    this.#read = undefined;
    throwIfAborted(this.#signal);
    const run = read();
    return run.count > 0
      ? { done: false, value: run }
      : { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<EsdbEvents, undefined>> {
    this.#read = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* once(
  read: () => EsdbEvents,
): AsyncGenerator<EsdbEvents, void, undefined> {
  yield read();
}

async function* inRange(
  runs: AsyncIterable<EsdbEvents>,
  options: EsdbScanOptions,
  isSorted: boolean,
): AsyncGenerator<EsdbEvents, void, undefined> {
  const { from = 0, to = Infinity, order = "newest" } = options;
  for await (const run of runs) {
    throwIfAborted(options.signal);
    if (run.count === 0) continue;
    const rows = new Uint32Array(run.count);
    let kept = 0;
    for (let row = 0; row < run.count; row++) {
      const time = run.timestamps[row]!;
      if (time >= from && time < to) rows[kept++] = row;
    }
    if (kept > 0) {
      yield kept === run.count ? run : run.pick(rows.subarray(0, kept));
    }
    const last = run.timestamps[run.count - 1]!;
    if (isSorted && (order === "newest" ? last < from : last >= to)) return;
  }
}

/** Reverses each run of equal times, also across batches. */
async function* withTiesReversed(
  runs: AsyncIterable<EsdbEvents>,
): AsyncGenerator<EsdbEvents, void, undefined> {
  let held: EsdbEvents[] = [];
  for await (const run of runs) {
    const { timestamps } = run;
    let start = 0;
    const time = held[0]?.timestamps[0];
    while (start < run.count && timestamps[start] === time) start++;
    if (start > 0) held.push(run.slice(0, start));
    if (start === run.count) continue;
    for (const part of held.reverse()) yield part.reversed();
    let last = run.count - 1;
    while (last > start && timestamps[last - 1] === timestamps[last]) last--;
    if (last > start) yield reverseTies(run.slice(start, last));
    held = [run.slice(last, run.count)];
  }
  for (const part of held.reverse()) yield part.reversed();
}

/** Reverses the runs of equal times of one batch. */
function reverseTies(run: EsdbEvents): EsdbEvents {
  const rows = new Uint32Array(run.count);
  for (let start = 0; start < run.count;) {
    let end = start + 1;
    while (
      end < run.count && run.timestamps[end] === run.timestamps[start]
    ) end++;
    for (let row = start; row < end; row++) rows[row] = end - 1 - (row - start);
    start = end;
  }
  return run.pick(rows);
}
