/**
 * Rows of windows put together to batches.
 *
 * @module
 */
import { EventBatch, type Lexicon } from "@cairn/core";
import type { EventExtents } from "./event_extents.ts";
import type { EventWindow } from "./event_windows.ts";

/** How batches are made. */
export interface RowBatchesOptions {
  /** Most events of a batch. */
  readonly batchEvents: number;
  /** Whether time goes down within trails. */
  readonly descending: boolean;
  /** Lexicon of each column. */
  readonly lexicons: readonly Lexicon[];
}

/** A window's columns. */
export interface WindowColumns {
  /** The window. */
  readonly window: EventWindow;
  /** Where trails begin. */
  readonly extents: EventExtents;
  /** A byte an event, 1 if it is wanted; all are if left out. */
  readonly kept: Uint8Array | undefined;
  /** A time an event. */
  readonly times: Float64Array;
  /** Columns of value ids. */
  readonly ids: readonly Uint32Array[];
}

/** Collects whole trails until a batch is full. */
export class RowBatches {
  readonly #options: RowBatchesOptions;
  readonly #trails: number[] = [];
  readonly #offsets: number[] = [0];
  readonly #times: Float64Array;
  readonly #ids: readonly Uint32Array[];
  #count = 0;

  /** Begins. @param options Size, order and columns. */
  constructor(options: RowBatchesOptions) {
    this.#options = options;
    // A batch never has more events than asked for, but may well have fewer.
    const room = Math.min(options.batchEvents, 1 << 22);
    this.#times = new Float64Array(room);
    this.#ids = options.lexicons.map(() => new Uint32Array(room));
  }

  /** Takes a window; gives the batches that are full. */
  *take(columns: WindowColumns): Generator<EventBatch> {
    const { window, extents } = columns;
    for (const trail of window.trails) {
      const start = Math.max(extents.starts[trail]!, window.start) -
        window.start;
      const end = Math.min(extents.starts[trail + 1]!, window.end) -
        window.start;
      const rows = this.#wanted(columns.kept, start, end);
      if (rows === 0) continue;
      // A trail goes whole into a batch, unless no batch can hold it.
      if (this.#count > 0 && this.#count + rows > this.#times.length) {
        yield this.#make();
      }
      yield* this.#rows(columns, trail, start, end);
    }
  }

  /** Gives what is left. */
  *finish(): Generator<EventBatch> {
    if (this.#count > 0) yield this.#make();
  }

  *#rows(
    columns: WindowColumns,
    trail: number,
    start: number,
    end: number,
  ): Generator<EventBatch> {
    const { kept, times, ids } = columns;
    const { descending } = this.#options;
    const room = this.#times.length - this.#count;
    if (kept === undefined && !descending && end - start <= room) {
      this.#run(columns, trail, start, end);
      return;
    }
    const step = descending ? -1 : 1;
    const stop = descending ? start - 1 : end;
    for (let row = descending ? end - 1 : start; row !== stop; row += step) {
      if (kept !== undefined && kept[row] === 0) continue;
      if (this.#count === this.#times.length) yield this.#make();
      if (this.#trails.at(-1) !== trail) {
        this.#trails.push(trail);
        this.#offsets.push(this.#count);
      }
      this.#times[this.#count] = times[row]!;
      for (let c = 0; c < ids.length; c++) {
        this.#ids[c]![this.#count] = ids[c]![row]!;
      }
      this.#offsets[this.#offsets.length - 1] = ++this.#count;
    }
  }

  /** Takes all rows of a trail at once. */
  #run(
    columns: WindowColumns,
    trail: number,
    start: number,
    end: number,
  ): void {
    const at = this.#count;
    if (this.#trails.at(-1) !== trail) {
      this.#trails.push(trail);
      this.#offsets.push(at);
    }
    const { times, ids } = columns;
    for (let row = start; row < end; row++) {
      this.#times[at + row - start] = times[row]!;
    }
    for (let c = 0; c < ids.length; c++) {
      const from = ids[c]!;
      const to = this.#ids[c]!;
      for (let row = start; row < end; row++) to[at + row - start] = from[row]!;
    }
    this.#count += end - start;
    this.#offsets[this.#offsets.length - 1] = this.#count;
  }

  #wanted(kept: Uint8Array | undefined, start: number, end: number): number {
    if (kept === undefined) return end - start;
    let count = 0;
    for (let row = start; row < end; row++) count += kept[row]!;
    return count;
  }

  #make(): EventBatch {
    const count = this.#count;
    const batch = new EventBatch({
      trailOrdinals: Uint32Array.from(this.#trails),
      trailOffsets: Uint32Array.from(this.#offsets),
      timestamps: this.#times.subarray(0, count),
      columns: this.#ids.map((ids, c) => ({
        kind: "ids" as const,
        ids: ids.subarray(0, count),
        lexicon: this.#options.lexicons[c]!,
      })),
    });
    this.#trails.length = 0;
    this.#offsets.length = 1;
    this.#count = 0;
    return batch;
  }
}
