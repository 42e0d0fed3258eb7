/**
 * Writing bytes to what takes them as they come: pipes, terminals, devices.
 *
 * @module
 */
import { fstatSync, writeSync } from "node:fs";
import { CairnError } from "@cairn/core";
import { ClosedOutputError } from "./command_io.ts";

/**
 * What a pipe takes whole or not at all (POSIX: PIPE_BUF is at least 512, Linux
 * has 4,096). Of more it may take a part and then be full: Deno's `writeSync`
 * fails then and does not say how much it wrote.
 */
const PIECE_BYTES = 4096;

/**
 * Writes all bytes, and waits where a pipe is full.
 *
 * @param descriptor An open file, also one that does not block.
 * @param bytes They may be changed once the promise resolves.
 * @throws {ClosedOutputError} When nobody reads any more.
 * @throws {CairnError} `io` for any other failure.
 */
export async function writeAll(
  descriptor: number,
  bytes: Uint8Array,
): Promise<void> {
  const pieceBytes = fstatSync(descriptor).isFile()
    ? bytes.length
    : PIECE_BYTES;
  let start = 0;
  while (start < bytes.length) {
    const length = Math.min(pieceBytes, bytes.length - start);
    try {
      start += writeSync(descriptor, bytes, start, length);
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "EPIPE") throw new ClosedOutputError(error);
      if (code !== "EAGAIN") throw outputError(error, code);
      // The pipe is full and does not block: try again a little later.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function outputError(error: unknown, code: string | undefined): CairnError {
  const why = code === "ENOSPC" ? "the disk is full" : (error as Error).message;
  return new CairnError("io", `Cannot write output: ${why}`, {
    ...(code === undefined ? {} : { reason: code }),
    cause: error,
  });
}
