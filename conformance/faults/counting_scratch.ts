/**
 * Room for temporary files that keeps count.
 *
 * @module
 */
import {
  CairnError,
  MemorySink,
  MemorySource,
  type Scratch,
  type ScratchFile,
  type Source,
} from "@cairn/core";

/** Files in memory; knows how many are not disposed of, and fails on purpose. */
export class CountingScratch implements Scratch {
  /** Files and sources of files that are open. */
  open = 0;
  /** Calls so far of `create`, `write` and `source`. */
  calls = 0;
  /** Whether the scratch itself was disposed of. */
  disposed = false;
  readonly #failAt: number;

  /** Makes room. @param failAt Number of the call that fails, from 0. */
  constructor(failAt = Infinity) {
    this.#failAt = failAt;
  }

  /** Makes a file, or fails with `io`. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async create(): Promise<ScratchFile> {
    this.#count();
    const sink = new MemorySink("scratch");
    let source: Source | undefined;
    let open = true;
    this.open++;
    return {
      get byteLength() {
        return sink.byteLength;
      },
      write: async (bytes) => {
        this.#count();
        await sink.write(bytes);
      },
      source: async () => {
        this.#count();
        await sink.finish();
        return source = new MemorySource(sink.bytes(), { name: "scratch" });
      },
      [Symbol.asyncDispose]: async () => {
        if (open) this.open--;
        open = false;
        await source?.close();
      },
    };
  }

  /** Says that the scratch is no longer needed. */
  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  #count(): void {
    if (this.calls++ >= this.#failAt) {
      throw new CairnError("io", "Cannot use the scratch: the test says so");
    }
  }
}
