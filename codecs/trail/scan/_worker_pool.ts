/**
 * Starting workers, keeping them for a while, and talking to them.
 *
 * @module
 */
import type { DecodeModel } from "../event_decoder.ts";
import type { RowPlan } from "./_row_decoder.ts";
import type { Rooms } from "./_scan_rooms.ts";
import { SpareBuffers } from "./_spare_buffers.ts";
import {
  packModel,
  type WorkerAnswer,
  type WorkerOrder,
} from "./_scan_messages.ts";

/** How long workers without work are kept. */
const IDLE_MS = 5000;
/**
 * Trails at a worker: those that it decodes, and those that come next. As many
 * that it need not wait for a caller who is late.
 */
export const TASKS_OF_WORKER = 3;
/** Rooms for rows of each worker. */
export const ROOMS_OF_WORKER = 4;

/** What a scan hears of its workers. */
export interface ScanListener {
  /** An answer to what the scan has sent. */
  heard(worker: ScanWorker, answer: WorkerAnswer): void;
  /** The workers are gone; none will answer. */
  lost(error: Error): void;
}

/** Workers that start when they are needed and end when they are not. */
export class WorkerPool {
  /** Buffers for rows that no scan uses now. */
  readonly rooms: SpareBuffers<SharedArrayBuffer>;
  /** Buffers for trails that no scan uses now. */
  readonly extents: SpareBuffers<ArrayBuffer>;
  readonly #count: number;
  #workers: readonly ScanWorker[] = [];
  #started: Promise<boolean> | undefined;
  #closed = false;
  #scans = 0;
  #nextScan = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** Makes a pool; nothing is started. @param count How many workers. */
  constructor(count: number) {
    this.#count = count;
    this.rooms = new SpareBuffers(
      (byteLength) => new SharedArrayBuffer(byteLength),
      ROOMS_OF_WORKER * count,
    );
    this.extents = new SpareBuffers(
      (byteLength) => new ArrayBuffer(byteLength),
      TASKS_OF_WORKER * count,
    );
  }

  /** Starts the workers. @returns False where they cannot be started. */
  async start(): Promise<boolean> {
    if (this.#closed) throw closedError();
    this.#started ??= this.#start();
    this.#rest();
    return await this.#started;
  }

  /**
   * Begins a scan on all workers.
   *
   * @returns Its number and workers, to be given to `leave`; no workers where
   * they cannot be started.
   */
  async join(
    listener: ScanListener,
  ): Promise<{ scan: number; workers: readonly ScanWorker[] }> {
    const scan = this.#nextScan++;
    this.#scans++;
    try {
      await this.start();
      if (this.#closed) throw closedError();
      const workers = this.#workers;
      for (const worker of workers) worker.join(scan, listener);
      return { scan, workers };
    } catch (error) {
      this.leave(scan);
      throw error;
    }
  }

  /** Ends a scan on all workers. */
  leave(scan: number): void {
    for (const worker of this.#workers) worker.leave(scan);
    this.#scans--;
    this.#rest();
  }

  /** Ends the workers; scans under way fail. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#stop(closedError());
  }

  async #start(): Promise<boolean> {
    if (this.#count === 0 || !canStart()) return false;
    const workers: ScanWorker[] = [];
    this.#workers = workers;
    try {
      for (let i = 0; i < this.#count; i++) {
        workers.push(new ScanWorker((error) => this.#lose(error)));
      }
      const ready = await Promise.all(workers.map(({ ready }) => ready));
      if (ready.every((isReady) => isReady)) return true;
    } catch {
      // A host that has workers and forbids them is like one without.
    }
    this.#stop(closedError());
    return false;
  }

  /** After a worker has died the next scan begins with new ones. */
  #lose(error: Error): void {
    this.#stop(error);
    this.#started = undefined;
  }

  /** Ends workers that nobody has needed for a while. */
  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    if (this.#scans > 0 || this.#workers.length === 0) return;
    this.#idle = setTimeout(() => {
      this.#stop(closedError());
      this.#started = undefined;
    }, IDLE_MS);
  }

  #stop(error: Error): void {
    clearTimeout(this.#idle);
    const workers = this.#workers;
    this.#workers = [];
    this.rooms.clear();
    this.extents.clear();
    for (const worker of workers) worker.stop(error);
  }
}

/** One worker, and the scans that it works for. */
export class ScanWorker {
  /** Whether it has started; false when it never will. */
  readonly ready: Promise<boolean>;
  readonly #worker: Worker;
  readonly #scans: Map<number, ScanListener> = new Map();
  #setReady: (ready: boolean) => void = () => {};
  /** What the worker has. */
  #model: DecodeModel | undefined;

  /**
   * Starts it.
   *
   * @param onLost Called when it dies after it has started.
   * @throws What the host says where workers are forbidden.
   */
  constructor(onLost: (error: Error) => void) {
    this.ready = new Promise((resolve) => this.#setReady = resolve);
    const url = new URL("./_scan_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    let hasStarted = false;
    const fail = (why: string) => {
      if (!hasStarted) this.#setReady(false);
      else onLost(new Error(`Cannot scan: a worker has died: ${why}`));
    };
    this.#worker.onmessage = (event: MessageEvent<WorkerAnswer>) => {
      const answer = event.data;
      if (answer.kind !== "ready") {
        this.#scans.get(answer.scan)?.heard(this, answer);
        return;
      }
      hasStarted = true;
      this.#setReady(true);
    };
    this.#worker.onmessageerror = () => fail("an answer cannot be read");
    this.#worker.onerror = (event) => {
      // The scans are told; the host need not end the program for it.
      event.preventDefault();
      fail(event.message);
    };
  }

  /** Hears for a scan from now on. */
  join(scan: number, listener: ScanListener): void {
    this.#scans.set(scan, listener);
  }

  /** Says what to decode, and where rows go. */
  begin(scan: number, model: DecodeModel, plan: RowPlan, rooms: Rooms): void {
    const isKnown = this.#model === model;
    this.#model = model;
    this.post({
      kind: "scan",
      scan,
      plan,
      rooms,
      ...(isKnown ? {} : { model: packModel(model) }),
    });
  }

  /** Sends an order. @param transfer Buffers that change hands. */
  post(order: WorkerOrder, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer);
  }

  /** Ends a scan. */
  leave(scan: number): void {
    if (this.#scans.delete(scan)) this.post({ kind: "end", scan });
  }

  /** Ends the worker; its scans fail. @param error With what. */
  stop(error: Error): void {
    this.#worker.terminate();
    this.#setReady(false);
    const listeners = [...this.#scans.values()];
    this.#scans.clear();
    for (const listener of listeners) listener.lost(error);
  }
}

/** Use after close is a mistake of the caller. */
function closedError(): TypeError {
  return new TypeError("Cannot scan: the workers are closed");
}

/** Without shared memory the way to a worker costs more than it saves. */
function canStart(): boolean {
  return typeof Worker !== "undefined" &&
    typeof SharedArrayBuffer !== "undefined";
}
