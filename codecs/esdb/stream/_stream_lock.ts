/**
 * One writer for a stream, among all processes of a machine.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** A lock that is held. */
export interface StreamLock {
  /** Lets go of it. */
  release(): void;
}

/**
 * Locks a stream for writing. The system lets go of the lock when the process
 * ends, however it ends: nothing is left that could keep the next one out.
 *
 * The lock is the stream file's own; on Windows, where a lock keeps even its
 * holder from writing through another handle, that of `NAME.lock` beside it.
 *
 * @param path The stream, which exists.
 * @throws {CairnError} `io` with reason `locked`; `unsupported` with reason
 * `no-locks` where the runtime has no file locks; `not-found`.
 */
export async function lockStream(path: string): Promise<StreamLock> {
  const runtime = (globalThis as { Deno?: typeof Deno }).Deno;
  if (runtime === undefined || !("FsFile" in runtime)) {
    throw new CairnError(
      "unsupported",
      "Cannot lock stream: this runtime has no file locks; the option `lock: false` does without",
      { where: { file: path }, reason: "no-locks" },
    );
  }
  const windows = runtime.build.os === "windows";
  const file = await openLockFile(runtime, windows ? `${path}.lock` : path, {
    read: true,
    write: true,
    create: windows,
  });
  const locked = await file.tryLock(true);
  if (locked) return { release: () => file.close() };
  file.close();
  throw new CairnError(
    "io",
    "Cannot write stream: another writer has it open",
    { where: { file: path }, reason: "locked" },
  );
}

async function openLockFile(
  runtime: typeof Deno,
  path: string,
  options: Deno.OpenOptions,
): Promise<Deno.FsFile> {
  try {
    return await runtime.open(path, options);
  } catch (error) {
    const missing = error instanceof runtime.errors.NotFound;
    throw new CairnError(
      missing ? "not-found" : "io",
      `Cannot open stream: ${
        missing ? "there is no such file or folder" : (error as Error).message
      }`,
      { where: { file: path }, cause: error },
    );
  }
}
