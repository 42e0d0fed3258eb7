/**
 * Streams that end when a signal fires, even while nothing comes.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/**
 * Passes on what a stream gives, and fails as soon as a signal fires: a read
 * under way is left to itself.
 *
 * @param stream The stream.
 * @param signal The signal.
 * @throws {CairnError} `aborted`, with the signal's reason as `cause`.
 */
export async function* untilAborted<T>(
  stream: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () =>
    aborted.reject(
      new CairnError("aborted", "Cannot go on: interrupted", {
        cause: signal.reason,
      }),
    );
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const iterator = stream[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (true) {
      const next = iterator.next();
      next.catch(() => {});
      const { done, value } = await Promise.race([next, aborted.promise]);
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Who waits for a read that never ends waits for ever.
    if (!ended && !signal.aborted) await iterator.return?.();
  }
}
