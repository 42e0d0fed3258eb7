/**
 * A sink into a file on disk that appears whole or not at all.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import {
  fileError,
  type FileHandle,
  type FileSystem,
  nodeFileSystem,
  systemCode,
} from "./_file_system.ts";
import { formatHex } from "./hex.ts";
import { CairnError, throwIfAborted } from "./errors.ts";
import type { FinishOptions, Sink } from "./sink.ts";

/** How to create a file. */
export interface CreateFileOptions {
  /** Whether an existing file is replaced; it is refused if left out. */
  readonly replace?: boolean;
  /** Permission bits, less those that the process masks; 0o666 if left out. */
  readonly mode?: number;
}

/** Small writes are gathered up to this, to spare calls. */
const BUFFER_BYTES = 256 * 1024;

/** Longest name that every usual file system takes, in bytes of UTF-8. */
const NAME_BYTES_MAX = 255;

/** What file systems without hard links answer. */
const NO_LINKS: ReadonlySet<string> = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
]);

/**
 * Writes `.NAME.cairn-XXXX.tmp` in the folder of the target, and gives it its
 * name when all of it is on the disk.
 *
 * A process that is killed leaves that temporary file, and nothing else. It
 * is never read, its name is never used again, and it may be deleted.
 */
export class FileSink implements Sink {
  /** The target's path. */
  readonly name: string;
  readonly #system: FileSystem;
  readonly #replace: boolean;
  readonly #temporary: string;
  #handle: FileHandle | undefined;
  #state: "open" | "finished" | "aborted" = "open";
  #failure: { readonly error: unknown } | undefined;
  readonly #buffer: Uint8Array = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #byteLength = 0;
  #aborting: Promise<void> | undefined;

  /**
   * Takes an open temporary file over. Use {@linkcode createFile}.
   *
   * @param path The target.
   * @param parts The temporary file and where it is.
   */
  constructor(path: string, parts: FileSinkParts) {
    this.name = path;
    this.#system = parts.system;
    this.#replace = parts.replace;
    this.#temporary = parts.temporary;
    this.#handle = parts.handle;
  }

  /** Bytes taken so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Takes bytes. See {@linkcode Sink.write}. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#assertOpen();
    await this.#guard(async () => {
      if (this.#buffered + bytes.length > BUFFER_BYTES) await this.#flush();
      if (bytes.length >= BUFFER_BYTES) {
        await this.#writeFully(bytes);
      } else {
        this.#buffer.set(bytes, this.#buffered);
        this.#buffered += bytes.length;
      }
      this.#byteLength += bytes.length;
    });
  }

  /**
   * Flushes, syncs, and gives the file its name. See {@linkcode Sink.finish}.
   *
   * Any failure aborts the sink. One after the name was given takes the name
   * back, unless a file was replaced: that one is gone.
   */
  async finish(options: FinishOptions = {}): Promise<void> {
    this.#assertOpen();
    try {
      await this.#guard(async () => {
        throwIfAborted(options.signal);
        await this.#flush();
        await this.#handle!.sync();
        const handle = this.#handle!;
        this.#handle = undefined;
        await handle.close();
        throwIfAborted(options.signal);
        await (this.#replace ? this.#moveOver() : this.#nameOnce());
      });
    } catch (error) {
      // The first error wins: one of cleaning up says less.
      await this.abort().catch(() => {});
      throw error;
    }
    this.#state = "finished";
  }

  /** Removes the temporary file, unless finished. */
  abort(): Promise<void> {
    if (this.#state === "finished") return Promise.resolve();
    this.#state = "aborted";
    this.#aborting ??= this.#abort();
    return this.#aborting;
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  async #abort(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      await handle?.close();
    } finally {
      await this.#removeTemporary();
    }
  }

  async #removeTemporary(): Promise<void> {
    try {
      await this.#system.unlink(this.#temporary);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return;
      throw fileError(error, "remove temporary file", this.#temporary);
    }
  }

  async #moveOver(): Promise<void> {
    await this.#system.rename(this.#temporary, this.name);
    await this.#system.syncFolder(dirname(this.name));
  }

  /** A link fails where a name is taken; a rename would take it over. */
  async #nameOnce(): Promise<void> {
    try {
      await this.#system.link(this.#temporary, this.name);
    } catch (error) {
      throw namingError(error, this.name);
    }
    try {
      await this.#removeTemporary();
      await this.#system.syncFolder(dirname(this.name));
    } catch (error) {
      await this.#system.unlink(this.name).catch(() => {});
      throw error;
    }
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    await this.#writeFully(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }

  async #writeFully(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await this.#handle!.write(bytes.subarray(written));
      if (count <= 0) {
        throw new CairnError("io", "Cannot write file: no byte was taken", {
          where: { file: this.name },
          reason: "short",
        });
      }
      written += count;
    }
  }

  /** Remembers the first failure, which every later call fails with. */
  async #guard(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const failure = fileError(error, "write file", this.name);
      this.#failure = { error: failure };
      throw failure;
    }
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#state !== "open") {
      throw new TypeError(
        `Cannot write to "${this.name}": it is ${this.#state}`,
      );
    }
  }
}

/** What a file sink is made of. */
export interface FileSinkParts {
  /** Where the files are. */
  readonly system: FileSystem;
  /** Whether a file under the target's name is replaced. */
  readonly replace: boolean;
  /** Path of the temporary file. */
  readonly temporary: string;
  /** The temporary file, empty. */
  readonly handle: FileHandle;
}

/**
 * Begins a file. It appears under its name when the sink is finished.
 *
 * A target that exists is refused at once, and again at the end if it has
 * appeared meanwhile; it is never changed. For that the file system must know
 * hard links; where it does not, `finish` fails with `unsupported`, and only
 * `replace` works. A symbolic link counts as a target itself. Devices, pipes
 * and sockets, and links to them, are never replaced.
 *
 * @param path The file to make.
 * @param options Whether to replace, and permissions.
 * @returns A sink, to be finished or aborted.
 * @throws {CairnError} `exists`; `not-found` when there is no such folder; `io`.
 */
export function createFile(
  path: string,
  options: CreateFileOptions = {},
): Promise<FileSink> {
  return createFileIn(nodeFileSystem, path, options);
}

/** Begins a file in a given file system. */
export async function createFileIn(
  system: FileSystem,
  path: string,
  options: CreateFileOptions = {},
): Promise<FileSink> {
  const { replace = false, mode = 0o666 } = options;
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const there = await system.look(path);
    if (there === "special") throw specialError(path);
    if (there === "folder" || (there !== undefined && !replace)) {
      throw existsError(path, undefined);
    }
    const handle = await system.openNew(temporary, mode);
    return new FileSink(path, { system, replace, temporary, handle });
  } catch (error) {
    throw fileError(error, "create file", path);
  }
}

/** Says what it is, whose it is, and is never used twice. */
function temporaryName(name: string): string {
  const tail = `.cairn-${formatHex(randomBytes(8))}.tmp`;
  let head = name;
  while (
    new TextEncoder().encode(head).length + 1 + tail.length > NAME_BYTES_MAX
  ) {
    head = Array.from(head).slice(0, -1).join("");
  }
  return `.${head}${tail}`;
}

function existsError(path: string, cause: unknown): CairnError {
  return new CairnError(
    "exists",
    "Cannot create file: there is one of that name",
    { where: { file: path }, ...(cause === undefined ? {} : { cause }) },
  );
}

/** A file in the place of `/dev/null` would spoil the machine. */
function specialError(path: string): CairnError {
  return new CairnError(
    "exists",
    "Cannot create file: a device, pipe or socket is there, which no file replaces",
    { where: { file: path }, reason: "not-a-file" },
  );
}

function namingError(error: unknown, path: string): unknown {
  const word = systemCode(error) ?? "";
  if (word === "EEXIST") return existsError(path, error);
  if (!NO_LINKS.has(word)) return error;
  return new CairnError(
    "unsupported",
    "Cannot create file safely: the file system has no hard links; replacing works",
    { where: { file: path }, reason: "no-hard-links", cause: error },
  );
}
