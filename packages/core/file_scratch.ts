/**
 * Temporary files that a killed process does not leave behind.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fileError,
  type FileHandle,
  type FileSystem,
  nodeFileSystem,
  systemCode,
} from "./_file_system.ts";
import { FileSource } from "./file_source.ts";
import { formatHex } from "./hex.ts";
import type { Scratch, ScratchFile } from "./scratch.ts";
import type { Source } from "./source.ts";

/** Where to make temporary files. */
export interface CreateScratchOptions {
  /** An existing folder; the system's one for temporary files if left out. */
  readonly folder?: string;
}

/**
 * Makes room for temporary files.
 *
 * Each file loses its name as soon as it is open, so that the system frees it
 * when the process ends, however it ends. Windows keeps the name until the
 * file is closed; there a killed process leaves `cairn-scratch-XXXX.tmp` in
 * the folder, which nobody reads and anybody may delete.
 *
 * @param options The folder.
 * @returns Room; disposing of it closes and removes all its files.
 */
export function createScratch(options: CreateScratchOptions = {}): Scratch {
  return createScratchIn(nodeFileSystem, options);
}

/** Makes room in a given file system. */
export function createScratchIn(
  system: FileSystem,
  options: CreateScratchOptions = {},
): Scratch {
  return new FileScratch(system, options.folder ?? tmpdir());
}

class FileScratch implements Scratch {
  readonly #system: FileSystem;
  readonly #folder: string;
  readonly #files: Set<UnnamedFile> = new Set();
  #closed = false;

  constructor(system: FileSystem, folder: string) {
    this.#system = system;
    this.#folder = folder;
  }

  async create(): Promise<ScratchFile> {
    if (this.#closed) {
      throw new TypeError("Cannot create scratch file: the scratch is closed");
    }
    const name = `cairn-scratch-${formatHex(randomBytes(8))}.tmp`;
    const path = join(this.#folder, name);
    const file = await openUnnamed(
      this.#system,
      path,
      (gone) => this.#files.delete(gone),
    );
    if (this.#closed) {
      await file[Symbol.asyncDispose]();
      throw new TypeError("Cannot create scratch file: the scratch is closed");
    }
    this.#files.add(file);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const ends = await Promise.allSettled(
      Array.from(this.#files, (file) => file[Symbol.asyncDispose]()),
    );
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
}

async function openUnnamed(
  system: FileSystem,
  path: string,
  forget: (file: UnnamedFile) => void,
): Promise<UnnamedFile> {
  let handle: FileHandle;
  try {
    // Scratch holds users' data: nobody else may read it.
    handle = await system.openNew(path, 0o600);
  } catch (error) {
    throw fileError(error, "create scratch file", path);
  }
  let named = false;
  try {
    await system.unlink(path);
  } catch {
    // Where an open file keeps its name, the name goes when it is closed.
    named = true;
  }
  return new UnnamedFile({ system, path, handle, named, forget });
}

interface UnnamedFileParts {
  readonly system: FileSystem;
  readonly path: string;
  readonly handle: FileHandle;
  readonly named: boolean;
  readonly forget: (file: UnnamedFile) => void;
}

class UnnamedFile implements ScratchFile {
  readonly #parts: UnnamedFileParts;
  #byteLength = 0;
  #source: FileSource | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: UnnamedFileParts) {
    this.#parts = parts;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#assertWritable();
    const { handle, path } = this.#parts;
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = await handle.write(bytes.subarray(written));
        if (count <= 0) throw new Error("no byte was taken");
        written += count;
      }
    } catch (error) {
      const failure = fileError(error, "write scratch file", path);
      this.#failure = { error: failure };
      throw failure;
    }
    this.#byteLength += bytes.length;
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async source(): Promise<Source> {
    this.#assertWritable();
    const { handle, path } = this.#parts;
    this.#source = new FileSource(handle, path, this.#byteLength);
    return this.#source;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #assertWritable(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#closing !== undefined || this.#source !== undefined) {
      throw new TypeError(
        "Cannot write scratch file: it is closed or being read",
      );
    }
  }

  async #close(): Promise<void> {
    const { system, path, handle, named, forget } = this.#parts;
    forget(this);
    try {
      if (this.#source === undefined) await handle.close();
      else await this.#source.close();
    } catch (error) {
      throw fileError(error, "close scratch file", path);
    } finally {
      if (named) await removeName(system, path);
    }
  }
}

async function removeName(system: FileSystem, path: string): Promise<void> {
  try {
    await system.unlink(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw fileError(error, "remove scratch file", path);
  }
}
