/**
 * A sink that fails on purpose.
 *
 * @module
 */
import {
  CairnError,
  type FinishOptions,
  MemorySink,
  type Sink,
} from "@cairn/core";

/** Takes bytes until the call that is to fail; tells what became of it. */
export class FaultySink implements Sink {
  /** Name for messages. */
  readonly name = "faulty";
  /** Calls of `write` and `finish` so far. */
  calls = 0;
  /** What became of it. */
  state: "open" | "finished" | "aborted" = "open";
  readonly #inner = new MemorySink();
  readonly #failAt: number;

  /** Makes a sink. @param failAt Number of the call that fails, from 0. */
  constructor(failAt = Infinity) {
    this.#failAt = failAt;
  }

  /** Bytes taken so far. */
  get byteLength(): number {
    return this.#inner.byteLength;
  }

  /** Takes bytes, or fails with `io`. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#count();
    await this.#inner.write(bytes);
  }

  /** Finishes, or fails with `io`. */
  async finish(options?: FinishOptions): Promise<void> {
    this.#count();
    await this.#inner.finish(options);
    this.state = "finished";
  }

  /** Forgets everything. */
  async abort(): Promise<void> {
    if (this.state === "open") this.state = "aborted";
    await this.#inner.abort();
  }

  /** What was finished. */
  bytes(): Uint8Array {
    return this.#inner.bytes();
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #count(): void {
    if (this.calls++ >= this.#failAt) {
      throw new CairnError("io", "Cannot write: the test says so", {
        where: { file: this.name },
      });
    }
  }
}
