/**
 * When a growing stream is put onto the disk.
 *
 * @module
 */
import type { StreamSync } from "./stream_sync.ts";

/** Keeps count of what is not on the disk yet, and the time. */
export class SyncPolicy {
  readonly #policy: StreamSync;
  readonly #due: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #pending = false;

  /**
   * Makes a policy.
   *
   * @param policy What the caller wants.
   * @param due Told when it is time to sync.
   * @throws {RangeError} For an interval that is none.
   */
  constructor(policy: StreamSync, due: () => void) {
    if (typeof policy === "object" && !(policy.intervalMs >= 0)) {
      throw new RangeError(`Cannot sync every ${policy.intervalMs} ms`);
    }
    this.#policy = policy;
    this.#due = due;
  }

  /** Whether it is left to the system. */
  get never(): boolean {
    return this.#policy === "none";
  }

  /** Whether something is to be synced still. */
  get pending(): boolean {
    return this.#pending && !this.never;
  }

  /** Something was written. @param sync Syncs now; its failure is kept by itself. */
  async written(sync: () => Promise<void>): Promise<void> {
    this.#pending = true;
    if (this.#policy === "each") await sync().catch(() => {});
    else if (this.#policy !== "none" && !this.#stopped) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#due();
      }, this.#policy.intervalMs);
    }
  }

  /** All that was written is on the disk. */
  synced(): void {
    this.#pending = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** No more timers. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
