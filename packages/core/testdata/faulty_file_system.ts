/**
 * A file system whose every step can be watched and made to fail, for tests.
 *
 * @module
 */
import {
  type FileHandle,
  type FileSystem,
  nodeFileSystem,
} from "../_file_system.ts";

/** What happens around the steps. */
export interface Faults {
  /** Runs before each step; what it throws, the step throws. */
  readonly before?: (step: string, ordinal: number) => void;
  /** Most bytes that one write or read takes. */
  readonly pieceBytes?: number;
  /** Opens another file in the place of a new one. */
  readonly newPath?: (path: string) => string;
}

/** Wraps the real file system. @param faults What happens around the steps. */
export function faultyFileSystem(faults: Faults): FileSystem {
  let ordinal = 0;
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    faults.before?.(name, ordinal++);
    return await run();
  };
  const stepSync = <T>(name: string, run: () => T): T => {
    faults.before?.(name, ordinal++);
    return run();
  };
  const piece = (bytes: Uint8Array) =>
    bytes.subarray(0, faults.pieceBytes ?? bytes.length);
  const wrap = (handle: FileHandle): FileHandle => ({
    read: (bytes, offset) =>
      step("read", () => handle.read(piece(bytes), offset)),
    readSync: (bytes, offset) =>
      stepSync("readSync", () => handle.readSync!(piece(bytes), offset)),
    write: (bytes) => step("write", () => handle.write(piece(bytes))),
    sync: () => step("sync", () => handle.sync()),
    truncate: (byteLength) =>
      step("truncate", () => handle.truncate(byteLength)),
    stat: () => step("stat", () => handle.stat()),
    close: async () => {
      // The real handle must not leak, whatever is thrown.
      try {
        faults.before?.("close", ordinal++);
      } finally {
        await handle.close();
      }
    },
  });
  const real = nodeFileSystem;
  return {
    openRead: (path) =>
      step("openRead", async () => wrap(await real.openRead(path))),
    openNew: (path, mode) =>
      step("openNew", async () =>
        wrap(
          faults.newPath === undefined
            ? await real.openNew(path, mode)
            : await real.openOld(faults.newPath(path)),
        )),
    openOld: (path) =>
      step("openOld", async () => wrap(await real.openOld(path))),
    look: (path) => step("look", () => real.look(path)),
    link: (from, to) => step("link", () => real.link(from, to)),
    rename: (from, to) => step("rename", () => real.rename(from, to)),
    unlink: (path) => step("unlink", () => real.unlink(path)),
    syncFolder: (path) => step("syncFolder", () => real.syncFolder(path)),
  };
}

/** Makes an error as the system throws it. @param code Such as `ENOSPC`. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
