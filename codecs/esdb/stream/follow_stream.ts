/**
 * Waiting for what another process appends.
 *
 * @module
 */
import { type AbortOptions, CairnError, throwIfAborted } from "@cairn/core";
import { assertStreamHeader, findClosedStream } from "./_closed_stream.ts";
import { scanLog } from "./_event_log.ts";
import { signalOf } from "./_event_reading.ts";
import { KeyChain } from "./_key_chain.ts";
import {
  openStreamFile,
  type StreamFile,
  streamSource,
} from "./_stream_file.ts";
import type { StreamBatch } from "./stream_batch.ts";
import { STREAM_START } from "./layout.ts";

/** What to follow, and how. */
export interface FollowStreamOptions extends AbortOptions {
  /**
   * Offset of the event to begin with, as a batch's `end`; the first if left
   * out. `end`: what is there already is passed over.
   */
  readonly from?: number | "end";
  /** Milliseconds between two looks at the file; 200 if left out. */
  readonly pollMs?: number;
}

/**
 * Reads the events of a stream, and then waits for more. Ends behind the last
 * event when the stream is closed for good, and with `aborted` when the signal
 * fires; otherwise never.
 *
 * Only whole events are handed out. A crash of the writer, and its next start,
 * go by unseen. Without a number for `from`, the events are checked against
 * each other from the first one on.
 *
 * @example Follow until a signal
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText } from "@cairn/core";
 * import { createStream, followStream } from "@cairn/esdb/stream";
 *
 * const folder = await Deno.makeTempDir();
 * await using writer = await createStream(`${folder}/a.stream`);
 * await writer.append(encodeText("hi"), { user: "ann" });
 * for await (const batch of followStream(`${folder}/a.stream`)) {
 *   assertEquals(batch.count, 1);
 *   break; // or go on, and wait
 * }
 * await Deno.remove(folder, { recursive: true });
 * ```
 * @param path The stream.
 * @param options Where to begin, how often to look.
 * @throws {CairnError} `not-found`; `corrupt` for damage, or a file that has
 * become shorter than what was read; `unsupported`; `aborted`; `io`.
 */
export async function* followStream(
  path: string,
  options: FollowStreamOptions = {},
): AsyncGenerator<StreamBatch, void, undefined> {
  const file = await openStreamFile(path, "read");
  try {
    yield* followFile(file, options);
  } finally {
    await file.close();
  }
}

async function* followFile(
  file: StreamFile,
  options: FollowStreamOptions,
): AsyncGenerator<StreamBatch, void, undefined> {
  const { from, signal, pollMs = 200 } = options;
  const reads = signalOf(options);
  const chain = typeof from === "number" ? undefined : new KeyChain();
  let at = typeof from === "number" ? from : STREAM_START;
  let silent = from === "end";
  let first = true;
  while (true) {
    throwIfAborted(signal);
    const size = await file.size();
    if (size < at) throw cutError(file, at, size);
    const source = streamSource(file, size);
    if (first) await assertStreamHeader(source, reads);
    first = false;
    // A cut event may be replaced by another of its length: size tells nothing.
    if (size > at) {
      const scan = scanLog(file, { from: at, limit: size, chain, ...reads });
      let step = await scan.next();
      for (; step.done !== true; step = await scan.next()) {
        at = step.value.end;
        if (!silent) yield step.value;
      }
      const { stop, error } = step.value;
      if (error !== undefined) throw error;
      if (stop === "mark") {
        const closed = await findClosedStream(source, reads);
        if (closed?.end === at) return;
      }
    }
    silent = false;
    await wait(pollMs, signal);
  }
}

function cutError(file: StreamFile, at: number, size: number): CairnError {
  return new CairnError(
    "corrupt",
    `Cannot follow stream: it has ${size} bytes, ${at} were read already`,
    { where: { file: file.name, part: "events", offset: size } },
  );
}

/** Waits, at most until the signal fires. */
async function wait(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const onAbort = () => resolve();
  if (signal?.aborted) resolve();
  signal?.addEventListener("abort", onAbort, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
}
