/**
 * Sorted runs into one.
 *
 * @module
 */
import { throwIfAborted } from "../errors.ts";
import { BatchBuilder } from "./_batch_builder.ts";
import type { Run } from "./_run.ts";
import { compareKeys } from "./_sort_keys.ts";
import type { KeyOrder, SortColumn } from "./event_sorter_options.ts";
import type { SortedBatch } from "./sorted_events.ts";

/** How to merge. */
export interface MergeOptions {
  /** The order of keys, in which all runs are. */
  readonly order: KeyOrder;
  /** Kinds of the columns. */
  readonly columns: readonly SortColumn[];
  /** About how large a batch may get. */
  readonly batchBytes: number;
  /** Stops with `aborted`. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Merges runs. Where key and time are equal, an earlier run's events come
 * first, so runs must be given in input order.
 *
 * @param runs The runs; they stay.
 * @param options How.
 * @returns All events as batches, valid until the next is asked for.
 */
export async function* mergeRuns(
  runs: readonly Run[],
  options: MergeOptions,
): AsyncGenerator<SortedBatch> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const cursors = runs.map((run) => new Cursor(run.scan(signal)));
  const builder = new BatchBuilder(options.columns, options.batchBytes);
  try {
    for (const cursor of cursors) await cursor.nextBatch();
    while (true) {
      throwIfAborted(options.signal);
      let group = smallest(cursors, options.order);
      if (group.length === 0) break;
      const { bytes, start, end } = group[0]!.key();
      builder.beginTrail(bytes, start, end);
      while (group.length > 0) {
        const [first, rows] = nextRows(group);
        const taken = builder.append(first.batch!, first.row, first.row + rows);
        first.row += taken;
        if (builder.full) yield builder.take();
        if (first.row < first.trailEnd) continue;
        if (!await first.nextPart()) {
          group = group.filter((cursor) => cursor !== first);
        }
      }
    }
    if (builder.count > 0) yield builder.take();
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

/** Gives the cursors that are at the smallest key, in input order. */
function smallest(cursors: readonly Cursor[], order: KeyOrder): Cursor[] {
  let group: Cursor[] = [];
  for (const cursor of cursors) {
    if (cursor.batch === undefined) continue;
    const difference = group.length === 0
      ? -1
      : compareCursors(order, cursor, group[0]!);
    if (difference < 0) group = [cursor];
    else if (difference === 0) group.push(cursor);
  }
  return group;
}

function compareCursors(order: KeyOrder, a: Cursor, b: Cursor): number {
  const x = a.key();
  const y = b.key();
  return compareKeys(order, x.bytes, x.start, x.end, y.bytes, y.start, y.end);
}

/** Finds who is next within a trail, and how many events go before the others'. */
function nextRows(group: readonly Cursor[]): [Cursor, number] {
  let first = group[0]!;
  for (const cursor of group) if (cursor.time < first.time) first = cursor;
  // Until when: up to and with an equal time of later runs, but not of earlier.
  let before = Infinity;
  let upTo = Infinity;
  let later = false;
  for (const cursor of group) {
    if (cursor === first) later = true;
    else if (later) upTo = Math.min(upTo, cursor.time);
    else before = Math.min(before, cursor.time);
  }
  const { timestamps } = first.batch!;
  let row = first.row;
  while (
    row < first.trailEnd && timestamps[row]! < before &&
    timestamps[row]! <= upTo
  ) row++;
  return [first, row - first.row];
}

/** Where a run is being read. */
class Cursor {
  readonly #batches: AsyncGenerator<SortedBatch>;
  #trail = 0;
  batch: SortedBatch | undefined;
  row = 0;
  /** First row of the batch behind the trail. */
  trailEnd = 0;

  constructor(batches: AsyncGenerator<SortedBatch>) {
    this.#batches = batches;
  }

  get time(): number {
    return this.batch!.timestamps[this.row]!;
  }

  /** The trail's key. */
  key(): { bytes: Uint8Array; start: number; end: number } {
    const { bytes, starts, ends } = this.batch!.trailKeys;
    return { bytes, start: starts[this.#trail]!, end: ends[this.#trail]! };
  }

  async nextBatch(): Promise<void> {
    const step = await this.#batches.next();
    this.batch = step.done === true ? undefined : step.value;
    this.#trail = 0;
    this.row = 0;
    this.trailEnd = this.batch?.trailOffsets[1] ?? 0;
  }

  /** Goes on behind the rows of a trail; tells whether the trail has more. */
  async nextPart(): Promise<boolean> {
    const { trailOffsets } = this.batch!;
    if (this.#trail + 2 < trailOffsets.length) {
      this.#trail++;
      this.trailEnd = trailOffsets[this.#trail + 1]!;
      return false;
    }
    await this.nextBatch();
    return this.batch?.continued ?? false;
  }

  async close(): Promise<void> {
    await this.#batches.return(undefined);
  }
}
