/**
 * Where bytes go, whole or not at all.
 *
 * @module
 */

/** How to finish a sink. */
export interface FinishOptions {
  /** Stops before the target appears; the sink is then aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Takes the bytes of one file in order. The file appears under its name when
 * `finish` succeeds, whole and durable, and at no other time.
 *
 * Writes come one after the other: a caller awaits each. The first failure
 * makes every later call fail with it; `abort` is then still right.
 */
export interface Sink extends AsyncDisposable {
  /** Name for messages, such as a path; never parsed. */
  readonly name: string;

  /** Bytes taken so far. */
  readonly byteLength: number;

  /**
   * Takes bytes. The caller may change them once the promise resolves.
   *
   * @throws {CairnError} `io` when they cannot be stored.
   * @throws {TypeError} After `finish` or `abort`.
   */
  write(bytes: Uint8Array): Promise<void>;

  /**
   * Makes the file appear: flushed, synced, under its name.
   *
   * @throws {CairnError} `io`; `exists` when the target has appeared meanwhile
   * and the sink does not replace; the target is then as it was.
   */
  finish(options?: FinishOptions): Promise<void>;

  /** Leaves nothing behind. Does nothing after `finish`; may be called twice. */
  abort(): Promise<void>;
}
