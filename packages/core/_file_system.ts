/**
 * The few calls that files need, so that tests can make each of them fail.
 *
 * @module
 */
import * as fs from "node:fs/promises";
import { constants, readSync } from "node:fs";
import { CairnError } from "./errors.ts";

/** An open file. */
export interface FileHandle {
  /** Reads into `bytes` from a file offset; gives how many, 0 at the end. */
  read(bytes: Uint8Array, offset: number): Promise<number>;
  /** Reads as `read` does while the thread waits, where the system can. */
  readSync?(bytes: Uint8Array, offset: number): number;
  /** Writes at the current place; gives how many, maybe fewer than asked. */
  write(bytes: Uint8Array): Promise<number>;
  /** Puts what was written onto the disk. */
  sync(): Promise<void>;
  /** Cuts the file off, or makes it longer with zeros. */
  truncate(byteLength: number): Promise<void>;
  /** Gives length and kind. */
  stat(): Promise<{ readonly size: number; readonly isFile: boolean }>;
  /** Frees the handle. */
  close(): Promise<void>;
}

/** The calls on names. Failures carry a `code` such as `ENOENT`. */
export interface FileSystem {
  /** Opens to read an existing file. */
  openRead(path: string): Promise<FileHandle>;
  /** Makes a file that must not exist, to write and read. */
  openNew(path: string, mode: number): Promise<FileHandle>;
  /** Opens an existing file, to write from its start and read. */
  openOld(path: string): Promise<FileHandle>;
  /**
   * Tells what is under a name; `undefined` for nothing. A link is a file,
   * unless it leads to a device, a pipe or a socket: it is `special` then.
   */
  look(path: string): Promise<"file" | "folder" | "special" | undefined>;
  /** Gives a file a second name that must not exist. */
  link(from: string, to: string): Promise<void>;
  /** Moves a file over whatever is under the new name. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a name. */
  unlink(path: string): Promise<void>;
  /** Puts the names of a folder onto the disk, where the system can. */
  syncFolder(path: string): Promise<void>;
}

/** The real one. */
export const nodeFileSystem: FileSystem = {
  openRead: async (path) => wrap(await fs.open(path, "r")),
  openNew: async (path, mode) => wrap(await fs.open(path, "wx+", mode)),
  openOld: async (path) => wrap(await fs.open(path, "r+")),
  look: async (path) => {
    try {
      const info = await fs.lstat(path);
      if (info.isDirectory()) return "folder";
      if (info.isFile()) return "file";
      if (!info.isSymbolicLink()) return "special";
      const target = await fs.stat(path).catch(() => undefined);
      return target === undefined || target.isFile() || target.isDirectory()
        ? "file"
        : "special";
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  link: (from, to) => fs.link(from, to),
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  syncFolder,
};

/**
 * Makes the error for a failed call.
 *
 * @param error What the system threw.
 * @param action What was tried, as in "Cannot <action>".
 * @param file The file's name.
 * @returns `not-found`, `exists` or `io`, with the system's word as `reason`.
 */
export function fileError(
  error: unknown,
  action: string,
  file: string,
): CairnError {
  if (error instanceof CairnError) return error;
  const word = systemCode(error);
  const code = word === "ENOENT"
    ? "not-found"
    : word === "EEXIST"
    ? "exists"
    : "io";
  return new CairnError(code, `Cannot ${action}: ${describe(error, word)}`, {
    where: { file },
    ...(word === undefined ? {} : { reason: word }),
    cause: error,
  });
}

/** What is wrong, in words that name no temporary file and no system call. */
function describe(error: unknown, word: string | undefined): string {
  return FAILURES.get(word) ??
    (error instanceof Error ? error.message : String(error));
}

const FAILURES: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "there is no such file or folder"],
  ["EEXIST", "there is one of that name"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["ENOSPC", "the disk is full"],
  ["EROFS", "the file system is read-only"],
]);

/** Gives the system's word for a failure, such as `ENOSPC`, if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

function wrap(handle: fs.FileHandle): FileHandle {
  return {
    async read(bytes, offset) {
      return (await handle.read(bytes, 0, bytes.length, offset)).bytesRead;
    },
    readSync: (bytes, offset) =>
      readSync(handle.fd, bytes, 0, bytes.length, offset),
    async write(bytes) {
      return (await handle.write(bytes, 0, bytes.length)).bytesWritten;
    },
    sync: () => handle.sync(),
    truncate: (byteLength) => handle.truncate(byteLength),
    async stat() {
      const stat = await handle.stat();
      return { size: stat.size, isFile: stat.isFile() };
    },
    close: () => handle.close(),
  };
}

async function syncFolder(path: string): Promise<void> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(path, constants.O_RDONLY);
  } catch (error) {
    // Windows has no way to open a folder; its names are journaled.
    if (FOLDERS_STAY_SHUT.has(systemCode(error) ?? "")) return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems have nothing to sync for a folder and say so.
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    await handle.close();
  }
}

const FOLDERS_STAY_SHUT: ReadonlySet<string> = new Set(["EISDIR", "EPERM"]);
