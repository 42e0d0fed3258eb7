/**
 * The few calls that a growing stream needs of its file, so that tests can
 * make each of them fail.
 *
 * @module
 */
import {
  assertRange,
  CairnError,
  type ReadOptions,
  type Source,
  throwIfAborted,
} from "@cairn/core";

/** A file that grows. */
export interface StreamFile {
  /** The file's path. */
  readonly name: string;
  /** Asks for the length. */
  size(): Promise<number>;
  /** Reads exactly so many bytes. */
  read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array>;
  /** Writes at an offset; gives how many bytes were taken, maybe not all. */
  write(bytes: Uint8Array, offset: number): Promise<number>;
  /** Puts what was written onto the disk. */
  sync(): Promise<void>;
  /** Cuts the file. */
  truncate(byteLength: number): Promise<void>;
  /** Frees the file. */
  close(): Promise<void>;
}

/**
 * Opens a file through `node:fs`, which is loaded here and not before, so that
 * reading streams works in browsers.
 *
 * @param path The file, which exists.
 * @param mode Whether it is written to.
 */
export async function openStreamFile(
  path: string,
  mode: "read" | "write",
): Promise<StreamFile> {
  const { open } = await import("node:fs/promises");
  try {
    const handle = await open(path, mode === "read" ? "r" : "r+");
    return new NodeStreamFile(path, handle);
  } catch (error) {
    throw streamFileError(error, "open stream", path);
  }
}

/** Shows the first bytes of a growing file as a source; does not own it. */
export function streamSource(file: StreamFile, size: number): Source {
  return {
    name: file.name,
    size,
    read: async (offset, length, options) => {
      assertRange(size, offset, length);
      return await file.read(offset, length, options);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Makes the error for a failed call, with the system's word as `reason`. */
function streamFileError(
  error: unknown,
  action: string,
  file: string,
): CairnError {
  if (error instanceof CairnError) return error;
  const word = (error as { code?: unknown } | null)?.code;
  const code = word === "ENOENT" ? "not-found" : "io";
  const message = error instanceof Error ? error.message : String(error);
  return new CairnError(code, `Cannot ${action}: ${message}`, {
    where: { file },
    ...(typeof word === "string" ? { reason: word } : {}),
    cause: error,
  });
}

type FileHandle = Awaited<
  ReturnType<typeof import("node:fs/promises").open>
>;

class NodeStreamFile implements StreamFile {
  readonly name: string;
  readonly #handle: FileHandle;

  constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return await this.#call("look at stream", async () => {
      return (await this.#handle.stat()).size;
    });
  }

  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    throwIfAborted(options.signal);
    return await this.#call("read stream", async () => {
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length;) {
        const { bytesRead } = await this.#handle.read(
          bytes,
          filled,
          length - filled,
          offset + filled,
        );
        if (bytesRead === 0) {
          throw new CairnError("io", "Cannot read stream: it was cut", {
            where: { file: this.name, offset: offset + filled },
            reason: "short",
          });
        }
        filled += bytesRead;
      }
      return bytes;
    });
  }

  async write(bytes: Uint8Array, offset: number): Promise<number> {
    return await this.#call("write stream", async () => {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        0,
        bytes.length,
        offset,
      );
      return bytesWritten;
    });
  }

  sync(): Promise<void> {
    return this.#call("sync stream", () => this.#handle.datasync());
  }

  truncate(byteLength: number): Promise<void> {
    return this.#call("cut stream", () => this.#handle.truncate(byteLength));
  }

  close(): Promise<void> {
    return this.#call("close stream", () => this.#handle.close());
  }

  async #call<T>(action: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw streamFileError(error, action, this.name);
    }
  }
}
