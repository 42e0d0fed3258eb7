/**
 * Beginning a stream, and going on with one.
 *
 * @module
 */
import { type AbortOptions, CairnError } from "@cairn/core";
import { assertStreamHeader, findClosedStream } from "./_closed_stream.ts";
import { signalOf } from "./_event_reading.ts";
import { loadEvents } from "./_load_events.ts";
import {
  openStreamFile,
  type StreamFile,
  streamSource,
} from "./_stream_file.ts";
import { lockStream, type StreamLock } from "./_stream_lock.ts";
import { STREAM_HEADER } from "./layout.ts";
import type { StreamSync } from "./stream_sync.ts";
import { StreamWriter } from "./stream_writer.ts";

/** How to write a stream. */
export interface WriteStreamOptions extends AbortOptions {
  /** When appended events are put onto the disk; `each` if left out. */
  readonly sync?: StreamSync;
  /**
   * Whether a second writer is kept out, in this process and in others on the
   * machine; it is if left out. Without, the caller must see to it.
   */
  readonly lock?: boolean;
}

/** How to begin a stream. */
export interface CreateStreamOptions extends WriteStreamOptions {
  /** Permission bits, less those that the process masks; 0o666 if left out. */
  readonly mode?: number;
}

/** How to go on with a stream. */
export interface ReopenStreamOptions extends WriteStreamOptions {
  /**
   * Whether damaged bytes, and all behind them, are cut off like a cut event;
   * they are a `corrupt` error if left out, and nothing is changed.
   */
  readonly recover?: boolean;
}

/**
 * Begins a stream.
 *
 * @param path The file to make; it appears at once, with its header.
 * @param options Sync policy, lock, permissions.
 * @returns A writer, to be closed.
 * @throws {CairnError} `exists`; `not-found` when there is no such folder;
 * `unsupported` where there are no file locks (reason `no-locks`); `io`.
 */
export async function createStream(
  path: string,
  options: CreateStreamOptions = {},
): Promise<StreamWriter> {
  const { createFile } = await import("@cairn/core/file");
  const { mode } = options;
  await using sink = await createFile(path, mode === undefined ? {} : { mode });
  await sink.write(STREAM_HEADER);
  await sink.finish(signalOf(options));
  return await reopenStream(path, options);
}

/**
 * Opens an open stream to append to it. What a crash has left is put in order:
 * a cut last event, or zeros, are cut off the file (`recovered` says what it
 * was), and the tails are rebuilt from the events.
 *
 * @param path The stream.
 * @param options Sync policy, lock, recovery.
 * @returns A writer, to be closed.
 * @throws {CairnError} `not-found`; `immutable` for a closed stream; `corrupt`
 * for damage; `unsupported` for older layouts, and where there are no file
 * locks; `io`, with reason `locked` when another writer is at work.
 */
export async function reopenStream(
  path: string,
  options: ReopenStreamOptions = {},
): Promise<StreamWriter> {
  const lock = options.lock === false ? undefined : await lockStream(path);
  try {
    const file = await openStreamFile(path, "write");
    return await openStreamWriter(file, lock, options);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Opens a file that is there and locked; closes it when that fails. */
export async function openStreamWriter(
  file: StreamFile,
  lock: StreamLock | undefined,
  options: ReopenStreamOptions = {},
): Promise<StreamWriter> {
  const reads = signalOf(options);
  try {
    const size = await file.size();
    const source = streamSource(file, size);
    await assertStreamHeader(source, reads);
    if (await findClosedStream(source, reads) !== undefined) {
      throw new CairnError(
        "immutable",
        "Cannot append to stream: it has been closed",
        { where: { file: file.name } },
      );
    }
    const loaded = await loadEvents(source, size, reads);
    if (loaded.error !== undefined && options.recover !== true) {
      throw loaded.error;
    }
    const sync = options.sync ?? "each";
    if (loaded.extent.rest !== undefined) {
      await file.truncate(loaded.extent.end);
      if (sync !== "none") await file.sync();
    }
    return new StreamWriter({ file, lock, loaded, sync });
  } catch (error) {
    // The first error wins.
    await file.close().catch(() => {});
    throw error instanceof CairnError ? error.within(file.name) : error;
  }
}
