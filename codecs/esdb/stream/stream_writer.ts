/**
 * Streams that grow.
 *
 * @module
 */
import { type AbortOptions, CairnError } from "@cairn/core";
import { eventBytesMax } from "./_encode_event.ts";
import {
  type LogState,
  readEvent,
  scanKnown,
  scanLinks,
} from "./_event_reading.ts";
import type { LoadedEvents } from "./_load_events.ts";
import { StreamAppender, type WaitingEvent } from "./_stream_appender.ts";
import type { StreamFile } from "./_stream_file.ts";
import type { StreamLock } from "./_stream_lock.ts";
import { TaskQueue } from "./_task_queue.ts";
import type {
  EventStream,
  StreamExtent,
  StreamIndexOptions,
  StreamRest,
  StreamScanOptions,
  StreamTail,
} from "./event_stream.ts";
import type { StreamBatch, StreamEvent } from "./stream_batch.ts";
import {
  assertKeyTexts,
  indexTexts,
  joinStreamKey,
  keyBytes,
  keyText,
  type StreamIndexes,
  type TextOrBytes,
} from "./stream_key.ts";
import { STREAM_START } from "./layout.ts";
import type {
  AppendedEvent,
  CloseStreamOptions,
  StreamSync,
} from "./stream_sync.ts";

/** What to follow. */
export interface FollowOptions extends AbortOptions {
  /** Offset of the event to begin with; the first if left out. */
  readonly from?: number;
}

/** What a writer is made of. */
export interface StreamWriterParts {
  /** The file, cut at the end of its events. */
  readonly file: StreamFile;
  /** The lock, unless the caller wanted none. */
  readonly lock: StreamLock | undefined;
  /** What was found in the file. */
  readonly loaded: LoadedEvents;
  /** When to sync. */
  readonly sync: StreamSync;
}

/**
 * A stream, open for appending. Appends may come from anywhere in the process
 * at once: they are written in the order of the calls. Reading shows what was
 * confirmed, while appends go on.
 *
 * A write that fails, as on a full disk, rejects the appends concerned, is
 * taken back, and leaves the stream as it was; later appends try again. When a
 * sync fails, nobody knows what is on the disk: the writer then refuses all
 * further appends, and the stream must be opened anew.
 */
export class StreamWriter implements EventStream, AsyncDisposable {
  /** The file's path. */
  readonly name: string;
  /** What was cut off when the stream was opened, if anything. */
  readonly recovered: StreamRest | undefined;
  readonly #file: StreamFile;
  readonly #lock: StreamLock | undefined;
  readonly #loaded: LoadedEvents;
  readonly #appender: StreamAppender;
  readonly #tasks = new TaskQueue();
  #waiting: WaitingEvent[] = [];
  #sealed = false;
  #closed = false;
  #sealing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Not for callers: see `createStream` and `reopenStream`. */
  constructor(parts: StreamWriterParts) {
    this.name = parts.file.name;
    this.recovered = parts.loaded.extent.rest;
    this.#file = parts.file;
    this.#lock = parts.lock;
    this.#loaded = parts.loaded;
    this.#appender = new StreamAppender({
      ...parts,
      onSyncDue: () => {
        // A failure shows with the next append.
        this.#tasks.run(() => this.#appender.syncNow()).catch(() => {});
      },
    });
  }

  /** Whether the stream was closed for good, by `seal`. */
  get closed(): boolean {
    return this.#sealed || this.#sealing !== undefined;
  }

  /** Where the next event will begin. */
  get end(): number {
    return this.#appender.end;
  }

  /**
   * Appends an event. Its bytes are copied at once.
   *
   * @param data Its data; may be empty.
   * @param indexes Its indexes; none if left out.
   * @returns Where it lies, once it is written and, by policy, on the disk.
   * @throws {CairnError} `invalid-input` as `encodeStreamKeys`; `limit`;
   * `immutable` after `seal`; `io`.
   */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async append(
    data: Uint8Array,
    indexes: StreamIndexes = {},
  ): Promise<AppendedEvent> {
    return this.#enqueue(data, indexTexts(indexes));
  }

  /**
   * Appends an event with whole keys, as they come from another stream.
   *
   * @param data Its data; may be empty.
   * @param keys Its keys; each has a colon, none comes twice.
   * @returns As `append`.
   */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async appendKeys(
    data: Uint8Array,
    keys: readonly Uint8Array[],
  ): Promise<AppendedEvent> {
    const texts = keys.map((key) => keyText(key, 0, key.length));
    return this.#enqueue(data, texts);
  }

  /** Waits until all appends so far are written, and puts them onto the disk. */
  async flush(): Promise<void> {
    this.#assertOpen();
    await this.#tasks.run(() => this.#appender.syncNow());
  }

  /**
   * Closes the stream for good, behind all appends so far: writes the tails of
   * all keys and the footer. Reading goes on. May be called twice.
   *
   * A process killed meanwhile leaves an open stream with all its events.
   *
   * @param options Whether to add checksums, for which the file is read once.
   * @throws {CairnError} `io`; the stream is then still open.
   */
  async seal(options: CloseStreamOptions = {}): Promise<void> {
    this.#assertOpen();
    if (this.#sealed) return;
    this.#sealing ??= this.#tasks.run(() => this.#seal(options));
    try {
      await this.#sealing;
    } finally {
      this.#sealing = undefined;
    }
  }

  /**
   * Lets go of the stream, behind all appends so far; it stays open for the
   * next writer unless it was sealed. May be called twice.
   */
  close(): Promise<void> {
    this.#closing ??= this.#tasks.run(() => this.#close());
    return this.#closing;
  }

  /** Closes the writer. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Tells where the events lie. See {@linkcode EventStream.extent}. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async extent(): Promise<StreamExtent> {
    return { ...this.#view().extent };
  }

  /** Finds a key's newest event. See {@linkcode EventStream.first}. */
  async first(
    name: TextOrBytes,
    value: TextOrBytes,
  ): Promise<number | undefined> {
    const offset = await this.#view().tail(joinStreamKey(name, value), {});
    return offset === 0 ? undefined : offset;
  }

  /** Reads one event. See {@linkcode EventStream.event}. */
  async event(
    offset: number,
    options: AbortOptions = {},
  ): Promise<StreamEvent> {
    return await readEvent(this.#file, this.#view(), offset, options);
  }

  /** Reads what is there by now. See {@linkcode EventStream.scan}. */
  async *scan(
    options: StreamScanOptions = {},
  ): AsyncGenerator<StreamBatch, void, undefined> {
    yield* scanKnown(this.#file, this.#view(), options);
  }

  /** Reads a key's events. See {@linkcode EventStream.scanIndex}. */
  async *scanIndex(
    name: TextOrBytes,
    value: TextOrBytes,
    options: StreamIndexOptions = {},
  ): AsyncGenerator<StreamBatch, void, undefined> {
    const key = joinStreamKey(name, value);
    yield* scanLinks(this.#file, this.#view(), key, options);
  }

  /** Lists all keys by now. See {@linkcode EventStream.keys}. */
  async *keys(): AsyncGenerator<StreamTail, void, undefined> {
    this.#assertOpen();
    const { chain } = this.#loaded;
    for (const text of chain.sorted()) {
      yield { key: keyBytes(text), offset: chain.last(text) };
    }
  }

  /**
   * Reads events, and then waits for those that this writer appends. Ends
   * behind the last event when the stream is sealed. It ends too when the
   * writer is closed, which does not wait for events to be taken.
   *
   * @throws {CairnError} As `scan`; `aborted`.
   */
  async *follow(
    options: FollowOptions = {},
  ): AsyncGenerator<StreamBatch, void, undefined> {
    let from = options.from ?? STREAM_START;
    while (true) {
      // Taken before looking, so that no change falls between.
      const changed = this.#changed.promise;
      const done = this.#sealed || this.#closed;
      if (!this.#closed) {
        for await (const batch of this.scan({ ...options, from })) {
          from = batch.end;
          yield batch;
        }
      }
      if (done) return;
      await orAborted(changed, options.signal);
    }
  }

  /** What a reader sees: the confirmed events, also those to come. */
  #view(): LogState {
    this.#assertOpen();
    const appender = this.#appender;
    const { marks, chain } = this.#loaded;
    return {
      extent: {
        start: STREAM_START,
        get end() {
          return appender.end;
        },
        rest: undefined,
      },
      marks,
      tail: (key) => chain.last(keyText(key, 0, key.length)),
    };
  }

  #enqueue(data: Uint8Array, keys: readonly string[]): Promise<AppendedEvent> {
    this.#assertWritable();
    assertKeyTexts(keys);
    const bytesMax = eventBytesMax({ data, keys });
    const { promise, resolve, reject } = Promise.withResolvers<AppendedEvent>();
    this.#waiting.push({ data: data.slice(), keys, bytesMax, resolve, reject });
    if (this.#waiting.length === 1) this.#tasks.run(() => this.#drain());
    return promise;
  }

  /** Writes all that waits; what comes meanwhile too. Never fails. */
  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const count = await this.#appender.writeSome(this.#waiting);
        this.#waiting = this.#waiting.slice(count);
        this.#notify();
      }
    } catch (error) {
      // Nothing that is foreseen; nobody must wait for ever all the same.
      for (const event of this.#waiting) event.reject(error);
      this.#waiting = [];
    }
  }

  async #seal(options: CloseStreamOptions): Promise<void> {
    if (this.#sealed) return;
    await this.#appender.seal(options);
    this.#sealed = true;
    this.#notify();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#appender.close();
    } finally {
      this.#lock?.release();
      this.#notify();
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot use "${this.name}": the stream is closed`);
    }
  }

  #assertWritable(): void {
    if (this.#closing !== undefined) {
      throw new TypeError(`Cannot append to "${this.name}": it is closed`);
    }
    if (this.closed) {
      throw new CairnError(
        "immutable",
        "Cannot append event: the stream has been closed",
        { where: { file: this.name } },
      );
    }
    if (this.#appender.failure !== undefined) throw this.#appender.failure;
  }
}

/** Waits for a promise, or fails as soon as the signal fires. */
async function orAborted(
  promise: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal === undefined) return await promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () =>
    reject(
      new CairnError("aborted", "Cannot go on: aborted by the caller", {
        cause: signal.reason,
      }),
    );
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
