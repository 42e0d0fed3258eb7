/**
 * The scratch that a writer uses: the caller's, or one of its own.
 *
 * @module
 */
import type { CreateOptions } from "./codec.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";

/**
 * Gives a writer room for temporary files, which it disposes of at its end.
 *
 * The caller's scratch is borrowed: disposing removes the files made through
 * this call, and leaves the scratch itself to its owner. Without one, files
 * go to the system's folder for temporary files; the code for that is loaded
 * with the first file, so that a browser never meets it.
 *
 * @param options What the writer was told; only `scratch` is looked at.
 * @returns Room. Nothing is made or loaded before the first `create`.
 */
export function openScratch(options: Pick<CreateOptions, "scratch">): Scratch {
  return new BorrowedScratch(options.scratch);
}

class BorrowedScratch implements Scratch {
  readonly #given: Scratch | undefined;
  #own: Promise<Scratch> | undefined;
  readonly #files: Set<ScratchFile> = new Set();
  #closed = false;

  constructor(given: Scratch | undefined) {
    this.#given = given;
  }

  async create(): Promise<ScratchFile> {
    const scratch = this.#given ?? await (this.#own ??= loadFileScratch());
    this.#assertOpen();
    const file = await scratch.create();
    if (this.#closed) await file[Symbol.asyncDispose]();
    this.#assertOpen();
    this.#files.add(file);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const files = [...this.#files];
    this.#files.clear();
    const ends = await Promise.allSettled(
      files.map((file) => file[Symbol.asyncDispose]()),
    );
    if (this.#own !== undefined) await (await this.#own)[Symbol.asyncDispose]();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError("Cannot create scratch file: the scratch is closed");
    }
  }
}

async function loadFileScratch(): Promise<Scratch> {
  const { createScratch } = await import("./file_scratch.ts");
  return createScratch();
}
