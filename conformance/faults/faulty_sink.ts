/**
 * A sink that fails on purpose, and keeps count.
 *
 * @module
 */
import { CairnError, type FinishOptions, type Sink } from "@cairn/core";
import { type MadeSink, MEMORY_STORAGE } from "../storage/storage.ts";

/** Takes bytes until the call that is to fail; tells what became of it. */
export class FaultySink implements Sink {
  /** Name for messages. */
  readonly name = "faulty";
  /** Calls of `write` and `finish` so far. */
  calls = 0;
  /** What became of it. */
  state: "open" | "finished" | "aborted" = "open";
  /** Calls of `write` and `finish` that began while another was under way. */
  overlaps = 0;
  /** Calls of `write` and `finish` after the end. */
  lateCalls = 0;
  readonly #made: MadeSink;
  readonly #failAt: number;
  #pending = 0;

  /**
   * Makes a sink.
   *
   * @param failAt Number of the call that fails, from 0.
   * @param made Where the bytes go; memory if left out.
   */
  constructor(
    failAt = Infinity,
    made: MadeSink = MEMORY_STORAGE.makeSink() as MadeSink,
  ) {
    this.#failAt = failAt;
    this.#made = made;
  }

  /** Bytes taken so far. */
  get byteLength(): number {
    return this.#made.sink.byteLength;
  }

  /** Takes bytes, or fails with `io`. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#call(() => this.#made.sink.write(bytes));
  }

  /** Finishes, or fails with `io`. */
  async finish(options?: FinishOptions): Promise<void> {
    try {
      await this.#call(() => this.#made.sink.finish(options));
    } catch (error) {
      // A sink that is stopped while it finishes has aborted itself.
      if (options?.signal?.aborted) await this.abort();
      throw error;
    }
    this.state = "finished";
  }

  /** Forgets everything. */
  async abort(): Promise<void> {
    if (this.state === "open") this.state = "aborted";
    await this.#made.sink.abort();
  }

  /** Gives what was finished. */
  async bytes(): Promise<Uint8Array> {
    const bytes = await this.#made.bytes();
    if (bytes === undefined) {
      throw new Error(`The sink is ${this.state}, and no file has appeared`);
    }
    return bytes;
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  async #call(run: () => Promise<void>): Promise<void> {
    if (this.state !== "open") this.lateCalls++;
    if (this.#pending > 0) this.overlaps++;
    this.#pending++;
    try {
      // A writer that does not wait has its next call here by now.
      await Promise.resolve();
      if (this.calls++ >= this.#failAt) {
        throw new CairnError("io", "Cannot write: the test says so", {
          where: { file: this.name },
        });
      }
      await run();
    } finally {
      this.#pending--;
    }
  }
}
