/**
 * Devices, pipes and sockets as output: they take bytes as they come, and there
 * is nothing to replace.
 *
 * @module
 */
import { closeSync, constants, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { CairnError, throwIfAborted } from "@cairn/core";
import { writeAll } from "./write_all.ts";

/** How often to look whether somebody reads a pipe. */
const WAIT_MILLISECONDS = 20;

/** Output to a special file. */
export interface SpecialFile extends Disposable {
  /** Writes all bytes. Throws as `writeAll`. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Tells whether a path leads to a device, a pipe or a socket. */
export async function isSpecialFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/**
 * Opens a special file for writing; a named pipe waits for who reads it.
 *
 * @param path Of which `isSpecialFile` holds.
 * @param signal Ends the waiting.
 * @throws {CairnError} `io` when it cannot be opened; `aborted`.
 */
export async function openSpecialFile(
  path: string,
  signal: AbortSignal,
): Promise<SpecialFile> {
  while (true) {
    throwIfAborted(signal);
    try {
      // A call that waited in the system could not be interrupted.
      const file = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return {
        write: (bytes) => writeAll(file, bytes),
        [Symbol.dispose]: () => closeSync(file),
      };
    } catch (cause) {
      const { code, message } = cause as { code?: string; message: string };
      if (code !== "ENXIO") {
        throw new CairnError("io", `Cannot write: ${message}`, {
          where: { file: path },
          cause,
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
  }
}
