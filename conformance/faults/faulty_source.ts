/**
 * A source that fails, or is slow, on purpose.
 *
 * @module
 */
import {
  CairnError,
  MemorySource,
  type ReadOptions,
  type Source,
  throwIfAborted,
} from "@cairn/core";

/** What goes wrong, and when. */
export interface FaultySourceOptions {
  /** Number of the read that fails, from 0; none if left out. */
  readonly failAt?: number;
  /** Turns of the event loop that each read takes; 0 if left out. */
  readonly turns?: number;
  /** Called with the number of each read as it begins. */
  readonly onRead?: (read: number) => void;
}

/** Serves bytes from memory until the read that is to fail. */
export class FaultySource implements Source {
  /** Name for messages. */
  readonly name = "faulty";
  /** Length in bytes. */
  readonly size: number;
  /** Whether `close` was called. */
  closed = false;
  /** Reads asked for so far. */
  reads = 0;
  /** Reads under way. */
  pending = 0;
  readonly #inner: MemorySource;
  readonly #options: FaultySourceOptions;

  /** Makes a source. @param bytes What to serve. @param options What goes wrong. */
  constructor(bytes: Uint8Array, options: FaultySourceOptions = {}) {
    this.#inner = new MemorySource(bytes, { name: this.name });
    this.#options = options;
    this.size = bytes.length;
  }

  /** Reads, slowly, or fails with `io`. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    const read = this.reads++;
    this.pending++;
    try {
      this.#options.onRead?.(read);
      for (let turn = 0; turn < (this.#options.turns ?? 0); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfAborted(options.signal);
      }
      if (read === this.#options.failAt) {
        throw new CairnError("io", "Cannot read: the test says so", {
          where: { file: this.name, offset },
        });
      }
      return await this.#inner.read(offset, length, options);
    } finally {
      this.pending--;
    }
  }

  /** Closes the source. */
  async close(): Promise<void> {
    this.closed = true;
    await this.#inner.close();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
