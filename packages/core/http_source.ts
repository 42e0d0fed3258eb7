/**
 * A source over a remote file.
 *
 * @module
 */
import { BlockCache } from "./_block_cache.ts";
import {
  type HttpIdentity,
  type HttpTarget,
  requestRange,
} from "./_http_range.ts";
import { concatBytes, EMPTY_BYTES } from "./bytes.ts";
import { CairnError, throwIfAborted } from "./errors.ts";
import { assertRange, type ReadOptions, type Source } from "./source.ts";

/** How to read over HTTP. */
export interface OpenHttpOptions {
  /** Sent with every request, such as a password. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes asked for at least, and kept together; 65,536 if left out. */
  readonly blockBytes?: number;
  /** Most bytes kept of what was read; 32 MiB if left out. */
  readonly cacheBytes?: number;
  /** Most bytes of one request; 8 MiB if left out. */
  readonly requestBytes?: number;
  /** Largest gap between two reads that is read too, to save a request; `blockBytes` if left out. */
  readonly gapBytes?: number;
  /** Most requests at once; 6 if left out. */
  readonly requestsMax?: number;
  /** Times to ask again after 5xx, 408, 429 or a broken connection; 3 if left out. */
  readonly retries?: number;
  /** Milliseconds before asking again, doubled each time; 250 if left out. */
  readonly retryDelayMs?: number;
  /** Milliseconds without a byte after which an answer is given up; 30,000 if left out. */
  readonly timeoutMs?: number;
  /** How to ask; the global `fetch` if left out. */
  readonly fetch?: typeof fetch;
  /** Stops opening. */
  readonly signal?: AbortSignal;
}

/** A read is put together from pieces, so that no file's word makes us allocate. */
const WINDOW_BYTES = 32 * 2 ** 20;

/**
 * Serves ranges of a remote file, block by block, through a bounded cache.
 *
 * Reads that come at the same time share requests. The server must know
 * ranges. A file that changes while it is open is an error, from then on for
 * every read: what the server says of it (entity tag, date, length) is looked
 * at in each answer.
 */
export class HttpSource implements Source {
  /** The address without user, password and query. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  readonly #blockBytes: number;
  readonly #prefetchBytes: number;
  readonly #cache: BlockCache;
  #failure: CairnError | undefined;
  #closed = false;

  /**
   * Makes a source. Use {@linkcode openHttp}.
   *
   * @param target Whom to ask.
   * @param identity What the file is.
   * @param options How to ask.
   */
  constructor(
    target: HttpTarget,
    identity: HttpIdentity,
    options: HttpSourceOptions,
  ) {
    this.name = target.name;
    this.size = identity.size;
    this.#blockBytes = options.blockBytes;
    this.#prefetchBytes = Math.floor(options.cacheBytes / 2);
    this.#cache = new BlockCache({
      size: identity.size,
      blockBytes: options.blockBytes,
      cacheBytes: options.cacheBytes,
      runBytes: options.requestBytes,
      gapBytes: options.gapBytes,
      runsMax: options.requestsMax,
      load: async (run) => {
        try {
          await requestRange(target, { ...run, identity });
        } catch (error) {
          const failure = asReadFailure(error);
          if (failure instanceof CairnError && failure.reason === "changed") {
            this.#failure ??= failure;
          }
          throw failure;
        }
      },
    });
    if (options.head.length > 0) this.#cache.put(0, options.head);
  }

  /** Reads a range. See {@linkcode Source.read}. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    const { signal } = options;
    this.#assertOpen();
    throwIfAborted(signal);
    assertRange(this.size, offset, length);
    const parts: Uint8Array[] = [];
    const end = offset + length;
    for (let start = offset; start < end;) {
      const stop = Math.min(end, start + WINDOW_BYTES);
      parts.push(...await this.#readBlocks(start, stop, signal));
      this.#assertOpen();
      start = stop;
    }
    if (parts.length === 0) return EMPTY_BYTES;
    return parts.length === 1 ? parts[0]! : concatBytes(parts);
  }

  /** Loads blocks ahead, or forgets them. See {@linkcode Source.advise}. */
  advise(offset: number, length: number, need: "soon" | "no-more"): void {
    if (this.#closed || !(offset >= 0 && length > 0 && offset < this.size)) {
      return;
    }
    const end = Math.min(this.size, offset + length);
    const blockBytes = this.#blockBytes;
    if (need === "no-more") {
      const behind = end === this.size
        ? Math.ceil(end / blockBytes)
        : Math.floor(end / blockBytes);
      this.#cache.forget(Math.ceil(offset / blockBytes), behind);
      return;
    }
    const first = Math.floor(offset / blockBytes);
    const blocks = Math.floor(this.#prefetchBytes / blockBytes);
    const behind = Math.min(Math.ceil(end / blockBytes), first + blocks);
    // A hint never fails; the read that needs the bytes asks again and says why.
    this.#cache.get(first, behind).catch(() => {});
  }

  /** Stops what is under way and forgets what was read. */
  close(): Promise<void> {
    this.#closed = true;
    this.#cache.close(this.#closedError());
    return Promise.resolve();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readBlocks(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array[]> {
    const first = Math.floor(start / this.#blockBytes);
    const behind = Math.ceil(end / this.#blockBytes);
    const blocks = await this.#cache.get(first, behind, signal);
    return blocks.map((bytes, i) => {
      const blockStart = (first + i) * this.#blockBytes;
      return bytes.subarray(Math.max(0, start - blockStart), end - blockStart);
    });
  }

  #assertOpen(): void {
    if (this.#closed) throw this.#closedError();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #closedError(): TypeError {
    return new TypeError(`Cannot read "${this.name}": the source is closed`);
  }
}

/** What the source needs of the options, filled in. */
export interface HttpSourceOptions {
  /** Bytes of a block. */
  readonly blockBytes: number;
  /** Most bytes kept. */
  readonly cacheBytes: number;
  /** Most bytes of one request. */
  readonly requestBytes: number;
  /** Largest gap that is read too. */
  readonly gapBytes: number;
  /** Most requests at once. */
  readonly requestsMax: number;
  /** The first block, which came with the first answer. */
  readonly head: Uint8Array;
}

/**
 * Opens a remote file, by asking for its first block.
 *
 * @param url The address.
 * @param options How to read.
 * @returns A source, to be closed.
 * @throws {CairnError} `not-found`; `unsupported` when the server knows no
 * ranges (reason `no-ranges`), does not tell the length (`no-length`) or
 * compresses (`content-encoding`); `io`; `aborted`.
 */
export async function openHttp(
  url: string | URL,
  options: OpenHttpOptions = {},
): Promise<HttpSource> {
  const blockBytes = atLeast(1, options.blockBytes ?? 65_536, "blockBytes");
  const limits = {
    blockBytes,
    cacheBytes: atLeast(0, options.cacheBytes ?? 32 * 2 ** 20, "cacheBytes"),
    requestBytes: atLeast(
      1,
      options.requestBytes ?? 8 * 2 ** 20,
      "requestBytes",
    ),
    gapBytes: atLeast(0, options.gapBytes ?? blockBytes, "gapBytes"),
    requestsMax: atLeast(1, options.requestsMax ?? 6, "requestsMax"),
  };
  const target = httpTarget(new URL(url), options);
  throwIfAborted(options.signal);
  const head: Uint8Array[] = [];
  const identity = await requestRange(target, {
    offset: 0,
    length: blockBytes,
    identity: undefined,
    signal: options.signal ?? new AbortController().signal,
    take: (bytes) => head.push(bytes.slice()),
  });
  return new HttpSource(target, identity, {
    ...limits,
    head: concatBytes(head),
  });
}

/**
 * The file was there when it was opened, and the server knew ranges: what says
 * otherwise later is a failure to read, not a fact about the file.
 */
function asReadFailure(error: unknown): unknown {
  if (
    !(error instanceof CairnError) ||
    error.code !== "not-found" && error.code !== "unsupported"
  ) return error;
  return new CairnError("io", error.detail, {
    where: error.where,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    cause: error,
  });
}

function atLeast(least: number, value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(
    `Cannot open over HTTP: ${name} is ${value}, an integer from ${least} wanted`,
  );
}

function httpTarget(url: URL, options: OpenHttpOptions): HttpTarget {
  const ask = options.fetch ?? globalThis.fetch;
  return {
    url: url.href,
    // Passwords and signed queries do not belong into messages.
    name: url.origin + url.pathname,
    headers: new Headers(options.headers),
    fetch: (...request) => ask(...request),
    retries: atLeast(0, options.retries ?? 3, "retries"),
    retryDelayMs: atLeast(0, options.retryDelayMs ?? 250, "retryDelayMs"),
    timeoutMs: atLeast(1, options.timeoutMs ?? 30_000, "timeoutMs"),
  };
}
