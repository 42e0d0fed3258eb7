/**
 * Decoding trails on several threads, and giving their rows in order.
 *
 * @module
 */
import { type AbortOptions, throwIfAborted } from "@cairn/core";
import { cutRows } from "./_cut_rows.ts";
import type { DecodeModel } from "../event_decoder.ts";
import type { RowPlan } from "./_row_decoder.ts";
import { RowGatherer } from "./_row_gatherer.ts";
import type { ScanRows } from "./scan_buffer.ts";
import {
  extentBytes,
  packExtent,
  unpackError,
  type WorkerAnswer,
} from "./_scan_messages.ts";
import {
  giveRoom,
  makeRoomState,
  roomBytes,
  type Rooms,
  type RowsMessage,
  unpackRows,
} from "./_scan_rooms.ts";
import type { TrailExtent } from "./trail_scanner.ts";
import {
  ROOMS_OF_WORKER,
  type ScanListener,
  type ScanWorker,
  TASKS_OF_WORKER,
  type WorkerPool,
} from "./_worker_pool.ts";

/** What a parallel scan does. */
export interface ParallelScanOptions extends AbortOptions {
  /** The file's. */
  readonly model: DecodeModel;
  /** What each worker decodes and keeps; its batches are those that travel. */
  readonly plan: RowPlan;
  /** Most rows of a batch to give. */
  readonly batchRows: number;
}

/** Trails that are sent before their rows are asked for, for each worker. */
const TASKS_AHEAD = 8;

/** One worker's part of the scan. */
interface Part {
  readonly worker: ScanWorker;
  readonly rooms: Rooms;
  /** Trails that it has and that are not done, in order. */
  readonly open: Task[];
}

/** Trails that have been sent. */
interface Task {
  readonly part: Part | undefined;
  /** Rows that have come and have not been given. */
  readonly rows: RowsMessage[];
  isDone: boolean;
  /** What went wrong; it comes behind the rows. */
  error: Error | undefined;
}

/** What came of a parallel scan. */
export interface ParallelScanResult {
  /** False where there are no workers, and nothing was done. */
  readonly ran: boolean;
  /** Events decoded, where that is known. */
  readonly events: number | undefined;
}

/**
 * Decodes extents on the workers of a pool.
 *
 * Bytes are read here and copied, unless they are shared already, to where
 * workers see them; rows come back in rooms that are read in place. So trails
 * may be of any source, and there are a few buffers for each worker at most,
 * however slowly rows are asked for.
 *
 * @param pool The workers.
 * @param extents Gives what to decode; read ahead, and left when the scan ends.
 * @param options What to decode, and how.
 * @returns Rows in the order of the extents, valid until the next step.
 */
export async function* scanInParallel(
  pool: WorkerPool,
  extents: () => AsyncGenerator<TrailExtent>,
  options: ParallelScanOptions,
): AsyncGenerator<ScanRows, ParallelScanResult> {
  const scan = new ParallelScan(pool, options);
  if (!await scan.join()) return { ran: false, events: undefined };
  const sent = scan.send(extents());
  const { plan, batchRows } = options;
  // A filter leaves few rows, which are put together.
  const gatherer = plan.clauses === undefined
    ? undefined
    : new RowGatherer(plan.columnCount, batchRows, plan.batchRows);
  try {
    for await (const rows of scan.rows()) {
      throwIfAborted(options.signal);
      if (gatherer === undefined) yield* cutRows(rows, batchRows);
      else yield* gatherer.push(rows);
    }
    if (gatherer !== undefined) yield* gatherer.flush();
    return { ran: true, events: scan.events };
  } finally {
    scan.stop();
    await sent;
    scan.leave();
  }
}

/** One scan: sends trails as workers get free, and hears what comes back. */
class ParallelScan implements ScanListener {
  /** Events decoded, where that is known. */
  events: number | undefined = 0;
  readonly #pool: WorkerPool;
  readonly #options: ParallelScanOptions;
  readonly #changed = new Signal();
  /** In the order in which they were sent. */
  readonly #tasks: Task[] = [];
  #parts: readonly Part[] = [];
  #scan = -1;
  #isStopped = false;
  #isSent = false;
  #lost: Error | undefined;

  constructor(pool: WorkerPool, options: ParallelScanOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Begins; false where there are no workers. */
  async join(): Promise<boolean> {
    const { scan, workers } = await this.#pool.join(this);
    this.#scan = scan;
    const { model, plan } = this.#options;
    try {
      this.#parts = workers.map((worker) => {
        const rooms = this.#makeRooms();
        worker.begin(scan, model, plan, rooms);
        return { worker, rooms, open: [] };
      });
    } finally {
      if (this.#parts.length === 0) this.leave();
    }
    return workers.length > 0;
  }

  /** Sends all trails; never fails: an error comes behind the rows so far. */
  async send(extents: AsyncGenerator<TrailExtent>): Promise<void> {
    try {
      for await (const extent of extents) {
        const part = await this.#freePart();
        if (part === undefined) break;
        this.#send(part, extent);
      }
    } catch (error) {
      this.#tasks.push({
        part: undefined,
        rows: [],
        isDone: false,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
    this.#isSent = true;
    this.#changed.fire();
  }

  /** Gives rows in order, valid until the next step. */
  async *rows(): AsyncGenerator<ScanRows> {
    while (true) {
      const [task] = this.#tasks;
      const message = task?.rows.shift();
      if (message !== undefined) {
        const { worker, rooms } = task!.part!;
        yield unpackRows(message, rooms);
        if (giveRoom(rooms, message.room)) {
          worker.post({ kind: "wake", scan: this.#scan });
        }
      } else if (task?.error !== undefined) throw task.error;
      else if (this.#lost !== undefined) throw this.#lost;
      else if (task?.isDone) {
        this.#tasks.shift();
        this.#changed.fire();
      } else if (task === undefined && this.#isSent) return;
      else await this.#changed.wait();
    }
  }

  /** Sends no more. */
  stop(): void {
    this.#isStopped = true;
    this.#changed.fire();
  }

  /** Ends the scan's part in the pool. */
  leave(): void {
    this.#pool.leave(this.#scan);
    // A worker that has been left early may still write into its rooms.
    if (this.#tasks.length > 0) return;
    for (const { rooms } of this.#parts) {
      for (const buffer of rooms.buffers) this.#pool.rooms.give(buffer);
    }
  }

  /** Takes an answer; they come in the order of a worker's trails. */
  heard(worker: ScanWorker, answer: WorkerAnswer): void {
    const part = this.#parts.find((part) => part.worker === worker);
    const task = part?.open[0];
    if (task === undefined) {
      // A scan that fails before its first trails fails as a whole.
      if (answer.kind === "failed") this.lost(unpackError(answer.error));
      return;
    }
    switch (answer.kind) {
      case "rows":
        task.rows.push(answer.rows);
        break;
      case "done":
        if (answer.rows !== undefined) task.rows.push(answer.rows);
        if (answer.events === undefined) this.events = undefined;
        else if (this.events !== undefined) this.events += answer.events;
        this.#pool.extents.give(answer.buffer);
        task.isDone = true;
        part!.open.shift();
        break;
      case "failed":
        task.error = unpackError(answer.error);
        break;
    }
    this.#changed.fire();
  }

  /** Ends the scan: no worker will answer. */
  lost(error: Error): void {
    this.#lost = error;
    this.#changed.fire();
  }

  #makeRooms(): Rooms {
    const { batchRows: rowsMax, columnCount } = this.#options.plan;
    const byteLength = roomBytes(rowsMax, columnCount);
    return {
      buffers: Array.from(
        { length: ROOMS_OF_WORKER },
        () => this.#pool.rooms.take(byteLength),
      ),
      state: makeRoomState(ROOMS_OF_WORKER),
      rowsMax,
      columnCount,
    };
  }

  /** Waits for a worker with little to do; `undefined` when the scan stops. */
  async #freePart(): Promise<Part | undefined> {
    while (!this.#isStopped && this.#lost === undefined) {
      if (this.#tasks.length < TASKS_AHEAD * this.#parts.length) {
        const part = this.#parts.reduce((best, part) =>
          part.open.length < best.open.length ? part : best
        );
        if (part.open.length < TASKS_OF_WORKER) return part;
      }
      await this.#changed.wait();
    }
    return undefined;
  }

  #send(part: Part, extent: TrailExtent): void {
    const task: Task = { part, rows: [], isDone: false, error: undefined };
    this.#tasks.push(task);
    part.open.push(task);
    const buffer = this.#pool.extents.take(extentBytes(extent));
    const message = packExtent(extent, buffer);
    part.worker.post(
      { kind: "decode", scan: this.#scan, extent: message },
      [buffer],
    );
  }
}

/** Wakes whoever waits for any change. */
class Signal {
  #promise: Promise<void> | undefined;
  #resolve: () => void = () => {};

  /** Waits for the next change. */
  wait(): Promise<void> {
    this.#promise ??= new Promise((resolve) => this.#resolve = resolve);
    return this.#promise;
  }

  /** Says that something has changed. */
  fire(): void {
    this.#promise = undefined;
    this.#resolve();
  }
}
