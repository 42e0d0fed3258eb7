/**
 * Where events are read from: files, standard input, or anything with bytes.
 *
 * @module
 */
import { open, stat } from "node:fs/promises";
import { CairnError } from "@cairn/core";

/** One input: a name for messages and its bytes. */
export interface InputFile {
  /** Its name, such as a path; `-` for standard input. */
  readonly name: string;
  /** Bytes to come, where known; for progress only. */
  readonly byteLength: number | undefined;

  /**
   * Opens it; called once. Pieces may be of any length, and are not used
   * after the next one has been asked for. Leaving the loop closes it.
   */
  open(): AsyncIterable<Uint8Array>;
}

/** Bytes read from a file at a time. */
const READ_BYTES = 1 << 20;

/**
 * Makes an input of a file on disk. It may also be a pipe or a device.
 *
 * @param path The file; must be there.
 * @returns The input, not opened yet.
 * @throws {CairnError} `not-found` or `io`.
 */
export async function fileInput(path: string): Promise<InputFile> {
  let byteLength: number | undefined;
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) {
      throw new CairnError(
        "invalid-input",
        "Cannot read input: it is a folder",
        {
          where: { file: path },
        },
      );
    }
    if (facts.isFile()) byteLength = facts.size;
  } catch (error) {
    throw inputError(error, path);
  }
  return { name: path, byteLength, open: () => readPieces(path) };
}

/**
 * Makes an input of a stream, such as standard input.
 *
 * @param name Its name for messages.
 * @param stream Its bytes.
 * @returns The input.
 */
export function streamInput(
  name: string,
  stream: () => AsyncIterable<Uint8Array>,
): InputFile {
  return { name, byteLength: undefined, open: stream };
}

async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw inputError(error, path);
  }
  try {
    const buffer = new Uint8Array(READ_BYTES);
    while (true) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw inputError(error, path);
  } finally {
    await handle.close();
  }
}

function inputError(error: unknown, path: string): CairnError {
  if (error instanceof CairnError) return error;
  const absent = error instanceof Error && "code" in error &&
    error.code === "ENOENT";
  return new CairnError(
    absent ? "not-found" : "io",
    absent
      ? "Cannot read input: there is no such file"
      : `Cannot read input: ${error instanceof Error ? error.message : error}`,
    { where: { file: path }, cause: error },
  );
}
