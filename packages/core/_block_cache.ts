/**
 * Blocks of a slow source, kept for a while and asked for in long runs.
 *
 * @module
 */
import { CairnError, throwIfAborted } from "./errors.ts";

/** A run of bytes to be loaded. */
export interface BlockRun {
  /** Offset of the first byte. */
  readonly offset: number;
  /** How many bytes. */
  readonly length: number;
  /** Fires when nobody waits for the bytes any more. */
  readonly signal: AbortSignal;
  /** Takes the next bytes of the run, in order, and keeps a copy. */
  readonly take: (bytes: Uint8Array) => void;
}

/** How a cache works; all members are needed. */
export interface BlockCacheOptions {
  /** Bytes of the source. */
  readonly size: number;
  /** Bytes of a block; the last one may be shorter. */
  readonly blockBytes: number;
  /** Most bytes kept. Blocks that are waited for come on top. */
  readonly cacheBytes: number;
  /** Most bytes of one run. */
  readonly runBytes: number;
  /** Largest gap that is loaded too, to make two runs one. */
  readonly gapBytes: number;
  /** Most runs at once. */
  readonly runsMax: number;
  /** Loads a run: takes all its bytes, or throws. */
  readonly load: (run: BlockRun) => Promise<void>;
}

/** A block on its way. */
interface Pending {
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
  waiters: number;
  run: Run | undefined;
}

/** A run under way, or waiting for its turn. */
interface Run {
  readonly blocks: readonly number[];
  readonly controller: AbortController;
}

/**
 * Keeps the blocks used last. Blocks asked for in one turn of the event loop
 * are joined into runs, whoever asked; a run is stopped when the last one who
 * waits for any of its blocks has left. Failures are not kept.
 */
export class BlockCache {
  readonly #options: BlockCacheOptions;
  /** Oldest use first, as a Map keeps the order of insertion. */
  readonly #kept: Map<number, Uint8Array> = new Map();
  #keptBytes = 0;
  readonly #pending: Map<number, Pending> = new Map();
  #wanted: number[] = [];
  readonly #queue: Run[] = [];
  #running = 0;
  #closed: unknown;

  /** Makes an empty cache. @param options How it works. */
  constructor(options: BlockCacheOptions) {
    this.#options = options;
  }

  /** Bytes kept. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Puts a block in that came by another way. */
  put(block: number, bytes: Uint8Array): void {
    this.#drop(block);
    this.#kept.set(block, bytes);
    this.#keptBytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#options.cacheBytes) break;
      this.#drop(oldest);
    }
  }

  /**
   * Gets a run of blocks.
   *
   * @param first The first block.
   * @param end The first behind.
   * @param signal Stops waiting, for this caller alone.
   * @returns The blocks, in order; not to be written to.
   */
  async get(
    first: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array[]> {
    throwIfAborted(signal);
    const promises: Promise<Uint8Array>[] = [];
    const left: (() => void)[] = [];
    for (let block = first; block < end; block++) {
      const kept = this.#kept.get(block);
      if (kept !== undefined) {
        this.#kept.delete(block);
        this.#kept.set(block, kept);
        promises.push(Promise.resolve(kept));
      } else {
        const pending = this.#want(block);
        promises.push(pending.promise);
        left.push(() => this.#leave(block, pending));
      }
    }
    try {
      return await orAborted(Promise.all(promises), signal);
    } finally {
      for (const leave of left) leave();
    }
  }

  /** Forgets whole blocks that nobody waits for. */
  forget(first: number, end: number): void {
    for (const block of [...this.#kept.keys()]) {
      if (block >= first && block < end) this.#drop(block);
    }
  }

  /** Stops everything and forgets all. @param error What waiters get. */
  close(error: unknown): void {
    this.#closed = error;
    this.#kept.clear();
    this.#keptBytes = 0;
    this.#queue.length = 0;
    for (const pending of [...this.#pending.values()]) {
      pending.reject(error);
      pending.run?.controller.abort(error);
    }
    this.#pending.clear();
  }

  #want(block: number): Pending {
    const known = this.#pending.get(block);
    if (known !== undefined) {
      known.waiters++;
      return known;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    // A failure reaches those who wait; without any it is nobody's.
    promise.catch(() => {});
    const pending = { promise, resolve, reject, waiters: 1, run: undefined };
    this.#pending.set(block, pending);
    if (this.#wanted.length === 0) queueMicrotask(() => this.#plan());
    this.#wanted.push(block);
    return pending;
  }

  #leave(block: number, pending: Pending): void {
    pending.waiters--;
    if (pending.waiters > 0 || this.#pending.get(block) !== pending) return;
    const run = pending.run;
    const alone = run === undefined ||
      run.blocks.every((other) => !this.#pending.get(other)?.waiters);
    if (!alone) return;
    // Whoever asks from now on starts anew.
    for (const other of run?.blocks ?? [block]) this.#pending.delete(other);
    run?.controller.abort(new CairnError("aborted", "Nobody waits"));
  }

  /** Joins the blocks asked for in this turn into runs. */
  #plan(): void {
    const { blockBytes, gapBytes, runBytes } = this.#options;
    const wanted = [...new Set(this.#wanted)]
      .filter((block) => this.#pending.has(block))
      .sort((a, b) => a - b);
    this.#wanted = [];
    const gapBlocks = Math.floor(gapBytes / blockBytes);
    const runBlocks = Math.max(1, Math.floor(runBytes / blockBytes));
    let blocks: number[] = [];
    for (const block of wanted) {
      const next = blocks.length === 0 ? block : blocks.at(-1)! + 1;
      const gap = this.#openBlocks(next, block);
      const joined = blocks.length + gap.length < runBlocks &&
        block - next <= gapBlocks && gap.length === block - next;
      if (!joined && blocks.length > 0) {
        this.#start(blocks);
        blocks = [];
      }
      if (joined) blocks.push(...gap);
      blocks.push(block);
    }
    if (blocks.length > 0) this.#start(blocks);
  }

  /** Blocks of a gap that are neither kept nor on their way. */
  #openBlocks(first: number, end: number): number[] {
    const open: number[] = [];
    // A gap that is too long is of no use; two more are enough to see that.
    const { gapBytes, blockBytes } = this.#options;
    const last = Math.min(end, first + Math.floor(gapBytes / blockBytes) + 1);
    for (let block = first; block < last; block++) {
      if (!this.#kept.has(block) && !this.#pending.has(block)) open.push(block);
    }
    return open;
  }

  #start(blocks: readonly number[]): void {
    const run: Run = { blocks, controller: new AbortController() };
    for (const block of blocks) {
      const pending = this.#pending.get(block) ?? this.#fillGap(block);
      pending.run = run;
    }
    this.#queue.push(run);
    this.#pump();
  }

  #fillGap(block: number): Pending {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    promise.catch(() => {});
    const pending = { promise, resolve, reject, waiters: 0, run: undefined };
    this.#pending.set(block, pending);
    return pending;
  }

  #pump(): void {
    while (this.#running < this.#options.runsMax && this.#queue.length > 0) {
      const run = this.#queue.shift()!;
      if (run.controller.signal.aborted) continue;
      this.#running++;
      this.#load(run).finally(() => {
        this.#running--;
        this.#pump();
      });
    }
  }

  async #load(run: Run): Promise<void> {
    const { size, blockBytes, load } = this.#options;
    const offset = run.blocks[0]! * blockBytes;
    const length = Math.min(size, (run.blocks.at(-1)! + 1) * blockBytes) -
      offset;
    const filler = new BlockFiller(length, blockBytes, (ordinal, bytes) => {
      this.#arrive(run, run.blocks[ordinal]!, bytes);
    });
    try {
      await load({
        offset,
        length,
        signal: run.controller.signal,
        take: (bytes) => filler.take(bytes),
      });
      filler.assertFull();
    } catch (error) {
      for (const block of run.blocks) {
        const pending = this.#pending.get(block);
        if (pending?.run !== run) continue;
        this.#pending.delete(block);
        pending.reject(error);
      }
    }
  }

  #arrive(run: Run, block: number, bytes: Uint8Array): void {
    const pending = this.#pending.get(block);
    if (pending?.run !== run || this.#closed !== undefined) return;
    this.#pending.delete(block);
    pending.resolve(bytes);
    this.put(block, bytes);
  }

  #drop(block: number): void {
    const bytes = this.#kept.get(block);
    if (bytes === undefined) return;
    this.#kept.delete(block);
    this.#keptBytes -= bytes.length;
  }
}

/** Cuts bytes that arrive in any pieces into blocks. */
class BlockFiller {
  readonly #blockBytes: number;
  readonly #emit: (ordinal: number, bytes: Uint8Array) => void;
  #left: number;
  #ordinal = 0;
  #block: Uint8Array | undefined;
  #filled = 0;

  constructor(
    length: number,
    blockBytes: number,
    emit: (ordinal: number, bytes: Uint8Array) => void,
  ) {
    this.#left = length;
    this.#blockBytes = blockBytes;
    this.#emit = emit;
  }

  take(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.length) {
      this.#block ??= new Uint8Array(Math.min(this.#blockBytes, this.#left));
      const count = Math.min(
        bytes.length - taken,
        this.#block.length - this.#filled,
      );
      if (count === 0) throw new RangeError("Cannot take more than was asked");
      this.#block.set(bytes.subarray(taken, taken + count), this.#filled);
      taken += count;
      this.#filled += count;
      if (this.#filled < this.#block.length) continue;
      this.#left -= this.#filled;
      this.#emit(this.#ordinal++, this.#block);
      this.#block = undefined;
      this.#filled = 0;
    }
  }

  assertFull(): void {
    if (this.#left > 0) throw new RangeError("Cannot end: bytes are missing");
  }
}

/** Waits for a promise, or fails as soon as the signal fires. */
async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(
      new CairnError("aborted", "Cannot go on: aborted by the caller", {
        cause: signal.reason,
      }),
    );
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
