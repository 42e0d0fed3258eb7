/**
 * Threads that scans are spread over.
 *
 * @module
 */
import { WorkerPool } from "./_worker_pool.ts";

/** How many workers there are, and what for. */
export interface ScanWorkersOptions {
  /** How many; as many as the machine has processors if left out. */
  readonly count?: number;
  /** Scans of fewer bytes stay on the caller's thread; 1 MiB if left out. */
  readonly bytesMin?: number;
  /**
   * Most bytes of trails that go to a worker at a time, but for a single trail;
   * about those of a batch if left out.
   */
  readonly taskBytes?: number;
}

/** Bytes that are not worth the way to another thread. */
const BYTES_MIN = 2 ** 20;

let poolOf: (workers: ScanWorkers) => WorkerPool;

/**
 * Workers that decode trails, for any number of stores and scans.
 *
 * They start with the first scan that is large enough, and later ones use them
 * again. Workers that have had nothing to do for five seconds end, and start
 * anew when they are needed: a program that forgets to close them ends that
 * much later. Where workers cannot be started, scans stay on the caller's
 * thread.
 *
 * @example Two threads for any number of stores
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, MemorySink, MemorySource } from "@cairn/core";
 * import { createTrailStore, openTrailStore, ScanWorkers } from "@cairn/trail";
 *
 * const sink = new MemorySink();
 * await using writer = await createTrailStore(sink, createSchema(["page"]));
 * await writer.add(new Uint8Array(16), 5, [null]);
 * await writer.finish();
 * using workers = new ScanWorkers({ count: 2 });
 * const source = new MemorySource(sink.bytes());
 * await using store = await openTrailStore(source, { workers });
 * for await (const batch of store.scan()) assertEquals(batch.count, 1);
 * ```
 */
export class ScanWorkers implements Disposable {
  static {
    poolOf = (workers) => workers.#pool;
  }

  /** How many workers there are when they run. */
  readonly count: number;
  /** Scans of fewer bytes stay on the caller's thread. */
  readonly bytesMin: number;
  /** Most bytes that go to a worker at a time, if that has been said. */
  readonly taskBytes: number | undefined;
  readonly #pool: WorkerPool;

  /**
   * Makes workers; none is started yet.
   *
   * @param options How many, and what for.
   * @throws {RangeError} When an option is no number of things.
   */
  constructor(options: ScanWorkersOptions = {}) {
    const { count = processors(), bytesMin = BYTES_MIN, taskBytes } = options;
    assertCount("count", count, 0);
    assertCount("bytesMin", bytesMin, 0);
    if (taskBytes !== undefined) assertCount("taskBytes", taskBytes, 1);
    this.count = count;
    this.bytesMin = bytesMin;
    this.taskBytes = taskBytes;
    this.#pool = new WorkerPool(count);
  }

  /**
   * Starts the workers, so that the first large scan need not wait for them.
   *
   * @returns False where they cannot be started: scans then do without.
   * @throws {TypeError} After `close`.
   */
  start(): Promise<boolean> {
    return this.#pool.start();
  }

  /** Ends the workers; scans under way fail. May be called twice. */
  close(): void {
    this.#pool.close();
  }

  /** Ends the workers. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Gives the pool behind workers. @param workers The workers. */
export function getPool(workers: ScanWorkers): WorkerPool {
  return poolOf(workers);
}

function processors(): number {
  return typeof navigator === "undefined"
    ? 1
    : navigator.hardwareConcurrency ?? 1;
}

function assertCount(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new RangeError(
    `Cannot make scan workers: ${name} ${value}, a whole number from ${min} wanted`,
  );
}
