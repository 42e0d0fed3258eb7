/**
 * A source that fails, or is slow, on purpose, and keeps count.
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

/** Serves bytes until the read that is to fail. */
export class FaultySource implements Source {
  /** Name for messages. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Reads asked for so far. */
  reads = 0;
  /** Bytes asked for so far. */
  bytesRead = 0;
  /** Reads under way. */
  pending = 0;
  /** Reads asked for after `close`. */
  lateReads = 0;
  /** Calls of `close`. */
  closes = 0;
  /** Reads at once, or fails with `io`; absent where reads are slow. */
  readonly readSync?: (offset: number, length: number) => Uint8Array;
  readonly #inner: Source;
  readonly #options: FaultySourceOptions;

  /**
   * Makes a source.
   *
   * @param bytes What to serve: bytes from memory, or another source.
   * @param options What goes wrong.
   */
  constructor(bytes: Uint8Array | Source, options: FaultySourceOptions = {}) {
    this.#inner = bytes instanceof Uint8Array
      ? new MemorySource(bytes, { name: "faulty" })
      : bytes;
    this.#options = options;
    this.name = this.#inner.name;
    this.size = this.#inner.size;
    if (this.#inner.readSync !== undefined && !options.turns) {
      this.readSync = (offset, length) => {
        this.#failOr(this.#count(length), offset);
        return this.#inner.readSync!(offset, length);
      };
    }
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.closes > 0;
  }

  /** Reads, slowly, or fails with `io`. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    const read = this.#count(length);
    this.pending++;
    try {
      for (let turn = 0; turn < (this.#options.turns ?? 0); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfAborted(options.signal);
      }
      this.#failOr(read, offset);
      return await this.#inner.read(offset, length, options);
    } finally {
      this.pending--;
    }
  }

  /** Closes the source. */
  async close(): Promise<void> {
    this.closes++;
    await this.#inner.close();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #count(length: number): number {
    const read = this.reads++;
    this.bytesRead += length;
    if (this.closed) this.lateReads++;
    this.#options.onRead?.(read);
    return read;
  }

  #failOr(read: number, offset: number): void {
    if (read !== this.#options.failAt) return;
    throw new CairnError("io", "Cannot read: the test says so", {
      where: { file: this.name, offset },
    });
  }
}
