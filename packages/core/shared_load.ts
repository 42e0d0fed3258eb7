/**
 * Something that is loaded once for all who ask.
 *
 * @module
 */
import type { AbortOptions } from "./abort_options.ts";
import { CairnError, throwIfAborted } from "./errors.ts";

/**
 * Loads once, however many ask at the same time. A failure is not kept: who
 * asks next tries anew. A signal stops its own caller and no other: when that
 * of the caller who began ends the load, one of those who wait begins again.
 *
 * @example Load a table once
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SharedLoad } from "@cairn/core";
 *
 * let loads = 0;
 * const table = new SharedLoad(() => Promise.resolve(++loads));
 * assertEquals(await Promise.all([table.get(), table.get()]), [1, 1]);
 * ```
 * @typeParam T What is loaded.
 */
export class SharedLoad<T> {
  readonly #load: (options: AbortOptions) => Promise<T>;
  #loading: Promise<T> | undefined;

  /** Begins nothing yet. @param load Loads; told the signal of who began. */
  constructor(load: (options: AbortOptions) => Promise<T>) {
    this.#load = load;
  }

  /**
   * Gives what is loaded, or loads it.
   *
   * @throws {CairnError} `aborted`; what loading throws.
   */
  async get(options: AbortOptions = {}): Promise<T> {
    throwIfAborted(options.signal);
    while (this.#loading !== undefined) {
      try {
        return await this.#loading;
      } catch (error) {
        throwIfAborted(options.signal);
        if (!(error instanceof CairnError) || error.code !== "aborted") {
          throw error;
        }
      }
    }
    const loading = this.#load(options);
    this.#loading = loading;
    try {
      return await loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }
}
