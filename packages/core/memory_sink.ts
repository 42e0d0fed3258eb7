/**
 * A sink into memory.
 *
 * @module
 */
import { throwIfAborted } from "./errors.ts";
import type { FinishOptions, Sink } from "./sink.ts";

/**
 * Keeps what is written, for tests and small files.
 *
 * @example Write and look
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemorySink } from "@cairn/core";
 *
 * await using sink = new MemorySink();
 * await sink.write(Uint8Array.of(1, 2));
 * await sink.finish();
 * assertEquals(sink.bytes(), Uint8Array.of(1, 2));
 * ```
 */
export class MemorySink implements Sink {
  /** Name for messages. */
  readonly name: string;
  #bytes: Uint8Array = new Uint8Array(1024);
  #byteLength = 0;
  #state: "open" | "finished" | "aborted" = "open";
  #failure: { readonly error: unknown } | undefined;

  /** Makes an empty sink. @param name Name for messages. */
  constructor(name = "memory") {
    this.name = name;
  }

  /** Bytes taken so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Takes bytes. See {@linkcode Sink.write}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async write(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    const wanted = this.#byteLength + bytes.length;
    if (wanted > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#byteLength));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#byteLength);
    this.#byteLength = wanted;
  }

  /** Makes the bytes available. */
  async finish(options: FinishOptions = {}): Promise<void> {
    this.#assertOpen();
    try {
      throwIfAborted(options.signal);
    } catch (error) {
      this.#failure = { error };
      await this.abort();
      throw error;
    }
    this.#state = "finished";
  }

  /** Forgets the bytes, unless finished. */
  abort(): Promise<void> {
    if (this.#state === "open") {
      this.#state = "aborted";
      this.#bytes = new Uint8Array(0);
      this.#byteLength = 0;
    }
    return Promise.resolve();
  }

  /**
   * Gives what was written.
   *
   * @returns A view of the finished bytes.
   * @throws {TypeError} Unless `finish` has succeeded.
   */
  bytes(): Uint8Array {
    if (this.#state !== "finished") {
      throw new TypeError("Cannot take bytes: the sink is not finished");
    }
    return this.#bytes.subarray(0, this.#byteLength);
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#state !== "open") {
      throw new TypeError(
        `Cannot write to "${this.name}": it is ${this.#state}`,
      );
    }
  }
}
