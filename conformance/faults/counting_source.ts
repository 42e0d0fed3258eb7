/**
 * A source that counts what is read.
 *
 * @module
 */
import { MemorySource, type ReadOptions, type Source } from "@cairn/core";

/** Serves bytes from memory, counts reads and bytes, and knows whether it is closed. */
export class CountingSource implements Source {
  /** Name for messages. */
  readonly name = "counting";
  /** Length in bytes. */
  readonly size: number;
  /** Reads asked for so far. */
  reads = 0;
  /** Bytes asked for so far. */
  bytesRead = 0;
  /** Whether `close` was called. */
  closed = false;
  readonly #inner: MemorySource;

  /** Makes a source. @param bytes What to serve. */
  constructor(bytes: Uint8Array) {
    this.#inner = new MemorySource(bytes, { name: this.name });
    this.size = bytes.length;
  }

  /** Reads and counts. */
  read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array> {
    this.reads++;
    this.bytesRead += length;
    return this.#inner.read(offset, length, options);
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
