/**
 * A source over a file on disk.
 *
 * @module
 */
import {
  fileError,
  type FileHandle,
  type FileSystem,
  nodeFileSystem,
} from "./_file_system.ts";
import { CairnError, throwIfAborted } from "./errors.ts";
import { assertRange, type ReadOptions, type Source } from "./source.ts";

/** Most bytes of one call, so that a signal is looked at now and then. */
const PIECE_BYTES = 64 * 2 ** 20;
/** Short reads that are done at once share memory: a buffer costs more than the read. */
const POOL_BYTES = 65_536;
const POOLED_BYTES_MAX = 8192;

/**
 * Serves ranges of a file with positioned reads; any number at once. Reads
 * are copies.
 *
 * The file must not change while it is open. One that is cut meanwhile gives
 * `io`; one whose bytes change gives other bytes, which a codec's checks see
 * or do not see.
 */
export class FileSource implements Source {
  /** The file's path. */
  readonly name: string;
  /** Length in bytes when the file was opened. */
  readonly size: number;
  /**
   * Reads a range as a copy while the thread waits for the disk; absent where
   * the file system cannot. See {@linkcode Source.readSync}.
   */
  readonly readSync?: (offset: number, length: number) => Uint8Array;
  #handle: FileHandle | undefined;
  #pool: Uint8Array = new Uint8Array(0);
  #pooled = 0;
  /** Reads under way, which closing waits for. */
  readonly #reads: Set<Promise<Uint8Array>> = new Set();
  #closing: Promise<void> | undefined;

  /**
   * Takes an open file over. Use {@linkcode openFile}.
   *
   * @param handle The file.
   * @param name Its path.
   * @param size Its length in bytes.
   */
  constructor(handle: FileHandle, name: string, size: number) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
    if (handle.readSync !== undefined) {
      this.readSync = (offset, length) => this.#readSync(offset, length);
    }
  }

  /** Reads a range as a copy. See {@linkcode Source.read}. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    if (this.#handle === undefined) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    throwIfAborted(options.signal);
    assertRange(this.size, offset, length);
    const read = readFully(this.#handle, this.name, offset, length, options);
    this.#reads.add(read);
    try {
      return await read;
    } finally {
      this.#reads.delete(read);
    }
  }

  /** Closes the file once reads under way have ended. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #readSync(offset: number, length: number): Uint8Array {
    const handle = this.#handle;
    if (handle === undefined) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    assertRange(this.size, offset, length);
    const bytes = this.#room(length);
    for (let filled = 0; filled < length;) {
      let count: number;
      try {
        count = handle.readSync!(
          filled === 0 ? bytes : bytes.subarray(filled),
          offset + filled,
        );
      } catch (error) {
        throw fileError(error, "read file", this.name);
      }
      if (count === 0) throw shortFile(this.name, offset + filled);
      filled += count;
    }
    return bytes;
  }

  #room(length: number): Uint8Array {
    if (length > POOLED_BYTES_MAX) return new Uint8Array(length);
    if (length > this.#pool.length - this.#pooled) {
      this.#pool = new Uint8Array(POOL_BYTES);
      this.#pooled = 0;
    }
    const start = this.#pooled;
    this.#pooled += length;
    return this.#pool.subarray(start, this.#pooled);
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await Promise.allSettled(this.#reads);
    try {
      await handle?.close();
    } catch (error) {
      throw fileError(error, "close file", this.name);
    }
  }
}

/**
 * Opens a file to read.
 *
 * @param path The file.
 * @returns A source, to be closed.
 * @throws {CairnError} `not-found`; `io` when it cannot be read or is a folder.
 */
export function openFile(path: string): Promise<FileSource> {
  return openFileIn(nodeFileSystem, path);
}

/** Opens a file of a given file system. */
export async function openFileIn(
  system: FileSystem,
  path: string,
): Promise<FileSource> {
  let handle: FileHandle | undefined;
  try {
    handle = await system.openRead(path);
    const { size, isFile } = await handle.stat();
    if (!isFile) {
      throw new CairnError("io", "Cannot open file: it is not a plain file", {
        where: { file: path },
        reason: "not-a-file",
      });
    }
    return new FileSource(handle, path, size);
  } catch (error) {
    // The first error wins: one of closing says nothing new.
    await handle?.close().catch(() => {});
    throw fileError(error, "open file", path);
  }
}

async function readFully(
  handle: FileHandle,
  name: string,
  offset: number,
  length: number,
  options: ReadOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    throwIfAborted(options.signal);
    const end = Math.min(length, filled + PIECE_BYTES);
    let count: number;
    try {
      count = await handle.read(bytes.subarray(filled, end), offset + filled);
    } catch (error) {
      throw fileError(error, "read file", name);
    }
    if (count === 0) throw shortFile(name, offset + filled);
    filled += count;
  }
  throwIfAborted(options.signal);
  return bytes;
}

function shortFile(name: string, end: number): CairnError {
  return new CairnError(
    "io",
    `Cannot read file: it ends after ${end} bytes, it was longer when opened`,
    { where: { file: name, offset: end }, reason: "short" },
  );
}
