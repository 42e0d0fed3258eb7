/**
 * A source over bytes in memory.
 *
 * @module
 */
import { throwIfAborted } from "./errors.ts";
import { assertRange, type ReadOptions, type Source } from "./source.ts";

/** What a memory source can be told. */
export interface MemorySourceOptions {
  /** Name for messages; `"memory"` if left out. */
  readonly name?: string;
}

/**
 * Serves bytes that are in memory already. Reads are views.
 *
 * @example Read from bytes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemorySource } from "@cairn/core";
 *
 * await using source = new MemorySource(Uint8Array.of(1, 2, 3));
 * assertEquals(await source.read(1, 2), Uint8Array.of(2, 3));
 * ```
 */
export class MemorySource implements Source {
  /** Name for messages. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  #bytes: Uint8Array | undefined;

  /**
   * Makes a source.
   *
   * @param bytes What to serve; not copied, must not change.
   * @param options The name.
   */
  constructor(bytes: Uint8Array, options: MemorySourceOptions = {}) {
    this.name = options.name ?? "memory";
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  /** Reads a range as a view. See {@linkcode Source.read}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    throwIfAborted(options.signal);
    return this.readSync(offset, length);
  }

  /** Reads a range as a view, at once. See {@linkcode Source.readSync}. */
  readSync(offset: number, length: number): Uint8Array {
    if (this.#bytes === undefined) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    assertRange(this.size, offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  /** Lets go of the bytes. */
  close(): Promise<void> {
    this.#bytes = undefined;
    return Promise.resolve();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
