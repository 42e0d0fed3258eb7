/**
 * One range of a remote file: asked for, checked, and asked for again.
 *
 * @module
 */
import { CairnError } from "./errors.ts";

/** What is known of the file from its first answer. */
export interface HttpIdentity {
  /** Its length in bytes. */
  readonly size: number;
  /** Its entity tag, if the server gives one. */
  readonly etag: string | undefined;
  /** When it changed last, in the server's words. */
  readonly lastModified: string | undefined;
}

/** Whom to ask, and how. */
export interface HttpTarget {
  /** The address. */
  readonly url: string;
  /** The address without secrets, for errors. */
  readonly name: string;
  /** Sent with every request. */
  readonly headers: Headers;
  /** How to ask. */
  readonly fetch: typeof fetch;
  /** Times to ask again. */
  readonly retries: number;
  /** Milliseconds before asking again; doubled each time. */
  readonly retryDelayMs: number;
  /** Milliseconds without a byte after which an answer is given up. */
  readonly timeoutMs: number;
}

/** What to ask for. */
export interface HttpRange {
  /** Offset of the first byte. */
  readonly offset: number;
  /** How many bytes, 1 or more. */
  readonly length: number;
  /** What the file must still be; `undefined` for the first answer. */
  readonly identity: HttpIdentity | undefined;
  /** Stops asking. */
  readonly signal: AbortSignal;
  /** Takes the bytes in order, as they arrive. */
  readonly take: (bytes: Uint8Array) => void;
}

/** A failure that may pass. */
class Passing extends Error {
  readonly failure: CairnError;

  constructor(failure: CairnError) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * Asks for a range until all of it has come. What came before a connection
 * broke is not asked for again.
 *
 * @param target Whom to ask.
 * @param range What to ask for; the file's end may cut the first answer short.
 * @returns What the server said of the file.
 * @throws {CairnError} `io`, `not-found`, `unsupported`.
 */
export async function requestRange(
  target: HttpTarget,
  range: HttpRange,
): Promise<HttpIdentity> {
  let taken = 0;
  let identity = range.identity;
  for (let attempt = 0;; attempt++) {
    try {
      return await askOnce(target, {
        ...range,
        offset: range.offset + taken,
        length: range.length - taken,
        identity,
        take: (bytes) => {
          taken += bytes.length;
          range.take(bytes);
        },
      }, (known) => identity = known);
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      if (attempt >= target.retries) throw error.failure;
      await wait(target.retryDelayMs * 2 ** attempt, range.signal);
    }
  }
}

async function askOnce(
  target: HttpTarget,
  range: HttpRange,
  known: (identity: HttpIdentity) => void,
): Promise<HttpIdentity> {
  const idle = new IdleTimer(target.timeoutMs, range.signal);
  try {
    let response: Response;
    try {
      response = await target.fetch(target.url, {
        headers: requestHeaders(target, range),
        signal: idle.signal,
      });
    } catch (error) {
      throw passing(target, "no answer", "network", error);
    }
    const reader = response.body?.getReader();
    try {
      const answer = checkAnswer(target, range, response);
      known(answer.identity);
      await readBody(target, range, answer.length, reader, idle);
      return answer.identity;
    } finally {
      // Cancelling a body that was read to its end does nothing.
      await reader?.cancel().catch(() => {});
    }
  } catch (error) {
    // The caller's word comes before whatever it led to.
    if (range.signal.aborted) throw abortedError(target, range.signal);
    throw error;
  } finally {
    idle.stop();
  }
}

function requestHeaders(target: HttpTarget, range: HttpRange): Headers {
  const headers = new Headers(target.headers);
  headers.set(
    "range",
    `bytes=${range.offset}-${range.offset + range.length - 1}`,
  );
  // Offsets count bytes of the file, not of a compressed answer.
  headers.set("accept-encoding", "identity");
  const etag = range.identity?.etag;
  // A weak tag never matches here; it is compared with the answer's instead.
  if (etag !== undefined && !etag.startsWith("W/")) {
    headers.set("if-match", etag);
  }
  return headers;
}

/** Looks at everything but the body. */
function checkAnswer(
  target: HttpTarget,
  range: HttpRange,
  response: Response,
): { readonly identity: HttpIdentity; readonly length: number } {
  const { status, headers } = response;
  const contentRange = headers.get("content-range") ?? "";
  const first = range.identity === undefined;
  if (first && isEmptyFile(response, contentRange)) {
    return { identity: readIdentity(headers, 0), length: 0 };
  }
  if (status !== 206) throw statusError(target, range, response);
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    throw refusal(
      target,
      "unsupported",
      "content-encoding",
      `an answer in ${encoding}`,
    );
  }
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(
    contentRange,
  );
  if (match === null) {
    throw refusal(
      target,
      "io",
      "wrong-range",
      `content-range "${contentRange}"`,
    );
  }
  const [start, last] = [Number(match[1]), Number(match[2])];
  if (match[3] === "*") {
    throw refusal(
      target,
      "unsupported",
      "no-length",
      "a length that is not told",
    );
  }
  const identity = readIdentity(headers, Number(match[3]));
  if (range.identity !== undefined) {
    assertSame(target, range.identity, identity);
  }
  const length = Math.min(range.length, identity.size - range.offset);
  if (start !== range.offset || last - start + 1 !== length) {
    throw refusal(
      target,
      "io",
      "wrong-range",
      `bytes ${start} to ${last}, asked for ${length} at ${range.offset}`,
    );
  }
  return { identity, length };
}

/** A range of an empty file cannot be given, so servers answer in other ways. */
function isEmptyFile(response: Response, contentRange: string): boolean {
  return response.status === 416 && contentRange === "bytes */0" ||
    response.status === 200 && response.headers.get("content-length") === "0";
}

function readIdentity(headers: Headers, size: number): HttpIdentity {
  return {
    size,
    etag: headers.get("etag") ?? undefined,
    lastModified: headers.get("last-modified") ?? undefined,
  };
}

function assertSame(
  target: HttpTarget,
  before: HttpIdentity,
  now: HttpIdentity,
): void {
  const same = before.size === now.size && before.etag === now.etag &&
    before.lastModified === now.lastModified;
  if (!same) throw changedError(target);
}

function statusError(
  target: HttpTarget,
  range: HttpRange,
  response: Response,
): Error {
  const { status } = response;
  if (status >= 500 || status === 408 || status === 429) {
    return passing(target, `status ${status}`, `status-${status}`);
  }
  // After the first answer the file was longer than what is asked for now.
  if (range.identity !== undefined && (status === 412 || status === 416)) {
    return changedError(target);
  }
  if (status === 404 || status === 410) {
    return refusal(target, "not-found", `status-${status}`, `status ${status}`);
  }
  if (status === 200) {
    const why = "all of the file, a range was asked for";
    return refusal(target, "unsupported", "no-ranges", why);
  }
  return refusal(target, "io", `status-${status}`, `status ${status}`);
}

async function readBody(
  target: HttpTarget,
  range: HttpRange,
  length: number,
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  idle: IdleTimer,
): Promise<void> {
  let count = 0;
  while (reader !== undefined) {
    let result: ReadableStreamReadResult<Uint8Array>;
    try {
      result = await reader.read();
    } catch (error) {
      // All of it is here; how the connection ended is of no interest.
      if (count === length) break;
      throw passing(target, "the connection broke", "network", error);
    }
    if (result.done) break;
    idle.touch();
    if (result.value.length > length - count) {
      throw refusal(
        target,
        "io",
        "long",
        `more than the ${length} bytes asked for`,
      );
    }
    count += result.value.length;
    range.take(result.value);
  }
  if (count < length) {
    throw passing(target, `${count} bytes of ${length}`, "short");
  }
}

function refusal(
  target: HttpTarget,
  code: "io" | "unsupported" | "not-found",
  reason: string,
  state: string,
): CairnError {
  return new CairnError(code, `Cannot read over HTTP: ${state}`, {
    where: { file: target.name },
    reason,
  });
}

function changedError(target: HttpTarget): CairnError {
  const state = "the file has changed since it was opened";
  return refusal(target, "io", "changed", state);
}

function passing(
  target: HttpTarget,
  state: string,
  reason: string,
  cause?: unknown,
): Passing {
  return new Passing(
    new CairnError("io", `Cannot read over HTTP: ${state}`, {
      where: { file: target.name },
      reason,
      ...(cause === undefined ? {} : { cause }),
    }),
  );
}

function abortedError(target: HttpTarget, signal: AbortSignal): CairnError {
  return new CairnError("aborted", "Cannot go on: aborted by the caller", {
    where: { file: target.name },
    cause: signal.reason,
  });
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
}

/** Fires when nothing has come for a while, or when the caller says stop. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  readonly #outer: AbortSignal;
  readonly #onAbort: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number, outer: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.#outer = outer;
    this.#onAbort = () => this.#controller.abort(outer.reason);
    if (outer.aborted) this.#onAbort();
    outer.addEventListener("abort", this.#onAbort, { once: true });
    this.touch();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#controller.abort(new Error("no byte in time")),
      this.#milliseconds,
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#onAbort);
  }
}
