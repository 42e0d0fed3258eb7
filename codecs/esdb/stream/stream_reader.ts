/**
 * Streams, read from any source.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type Finding,
  type ReadOptions,
  type Source,
} from "@cairn/core";
import { entryKey, entryValue } from "@cairn/sstable";
import {
  assertStreamHeader,
  type ClosedStream,
  decodeTail,
  findClosedStream,
} from "./_closed_stream.ts";
import { scanLog } from "./_event_log.ts";
import {
  type LogState,
  readEvent,
  scanKnown,
  scanLinks,
  signalOf,
} from "./_event_reading.ts";
import { KeyChain } from "./_key_chain.ts";
import { findLaterEvent } from "./_later_event.ts";
import { type LoadedEvents, loadEvents } from "./_load_events.ts";
import { verifyStream } from "./_verify_stream.ts";
import type {
  EventStream,
  StreamExtent,
  StreamIndexOptions,
  StreamScanOptions,
  StreamTail,
} from "./event_stream.ts";
import type { StreamBatch, StreamEvent } from "./stream_batch.ts";
import {
  joinStreamKey,
  keyBytes,
  keyText,
  type TextOrBytes,
} from "./stream_key.ts";
import { STREAM_START } from "./layout.ts";

/** How to open a stream to read. */
export interface OpenStreamOptions extends AbortOptions {
  /**
   * Whether damage in an open stream ends it, as a cut event does, with what
   * is whole before it; it is a `corrupt` error if left out.
   */
  readonly recover?: boolean;
}

/**
 * A stream, open for reading. Any number of calls may run at once.
 *
 * Of an open stream it shows what the source holds at the time of opening; for
 * what comes later see `followStream`. Bytes behind the events that only look
 * like events are never handed out.
 */
export class StreamReader implements EventStream, AsyncDisposable {
  /** Name for messages, such as a path. */
  readonly name: string;
  /** Whether the stream is closed. */
  readonly closed: boolean;
  readonly #source: Source;
  readonly #closedStream: ClosedStream | undefined;
  readonly #recover: boolean;
  #loaded: LoadedEvents | undefined;
  #damage: CairnError | undefined;

  /** Not for callers: see {@linkcode openStream}. */
  constructor(
    source: Source,
    closedStream: ClosedStream | undefined,
    recover: boolean,
  ) {
    this.name = source.name;
    this.closed = closedStream !== undefined;
    this.#source = source;
    this.#closedStream = closedStream;
    this.#recover = recover;
  }

  /** Tells where the events lie. See {@linkcode EventStream.extent}. */
  async extent(options: AbortOptions = {}): Promise<StreamExtent> {
    return (await this.#state(options)).extent;
  }

  /** Finds a key's newest event. See {@linkcode EventStream.first}. */
  async first(
    name: TextOrBytes,
    value: TextOrBytes,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    const state = await this.#state(options);
    const offset = await state.tail(
      joinStreamKey(name, value),
      signalOf(options),
    );
    return offset === 0 ? undefined : offset;
  }

  /** Reads one event. See {@linkcode EventStream.event}. */
  async event(
    offset: number,
    options: AbortOptions = {},
  ): Promise<StreamEvent> {
    const state = await this.#state(options);
    return await readEvent(this.#source, state, offset, options);
  }

  /** Reads events, oldest first. See {@linkcode EventStream.scan}. */
  async *scan(
    options: StreamScanOptions = {},
  ): AsyncGenerator<StreamBatch, void, undefined> {
    const fromStart = (options.from ?? STREAM_START) === STREAM_START;
    if (this.closed || this.#loaded !== undefined || !fromStart) {
      yield* scanKnown(this.#source, await this.#state(options), options);
      return;
    }
    // Read once, not twice: the pass itself checks what it hands out.
    if (!(options.limit === undefined || options.limit > 0)) return;
    const { size } = this.#source;
    const chain = new KeyChain();
    const last = yield* scanLog(this.#source, {
      from: STREAM_START,
      limit: size,
      chain,
      eventsMax: options.limit,
      batchEvents: options.batchEvents,
      ...signalOf(options),
    });
    if (last.stop === "full" || this.#recover) return;
    const end = { offset: last.offset, size, chain };
    const error = last.error ??
      await findLaterEvent(this.#source, end, signalOf(options));
    if (error !== undefined) throw error;
  }

  /** Reads the events of a key. See {@linkcode EventStream.scanIndex}. */
  async *scanIndex(
    name: TextOrBytes,
    value: TextOrBytes,
    options: StreamIndexOptions = {},
  ): AsyncGenerator<StreamBatch, void, undefined> {
    const state = await this.#state(options);
    const key = joinStreamKey(name, value);
    yield* scanLinks(this.#source, state, key, options);
  }

  /** Lists all keys, in bytewise order. See {@linkcode EventStream.keys}. */
  async *keys(
    options: AbortOptions = {},
  ): AsyncGenerator<StreamTail, void, undefined> {
    const closed = this.#closedStream;
    if (closed === undefined) {
      const { chain } = await this.#load(options);
      for (const text of chain.sorted()) {
        yield { key: keyBytes(text), offset: chain.last(text) };
      }
      return;
    }
    for await (const batch of closed.table.entries(signalOf(options))) {
      for (let row = 0; row < batch.count; row++) {
        const value = entryValue(batch, row);
        yield {
          key: entryKey(batch, row),
          offset: decodeTail(value, closed, this.name),
        };
      }
    }
  }

  /**
   * Looks at everything and reports what is wrong: events that do not hold
   * together or contradict each other, tails that are not those of the events.
   * What a crash leaves behind the events of an open stream is a note.
   */
  verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    return verifyStream(this.#source, this.#closedStream, signalOf(options));
  }

  /** Closes the source. May be called twice. */
  close(): Promise<void> {
    return this.#source.close();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #state(options: AbortOptions): Promise<LogState> {
    const closed = this.#closedStream;
    if (closed !== undefined) {
      return {
        extent: { start: STREAM_START, end: closed.end, rest: undefined },
        marks: undefined,
        tail: async (key, options) => {
          const value = await closed.table.get(key, options);
          return value === undefined ? 0 : decodeTail(value, closed, this.name);
        },
      };
    }
    const { extent, marks, chain } = await this.#load(options);
    return {
      extent,
      marks,
      tail: (key) => chain.last(keyText(key, 0, key.length)),
    };
  }

  async #load(options: AbortOptions): Promise<LoadedEvents> {
    if (this.#damage !== undefined) throw this.#damage;
    // A caller's signal stops its own pass only, so passes are not shared.
    const loaded = this.#loaded ??
      await loadEvents(this.#source, this.#source.size, signalOf(options));
    if (loaded.error !== undefined && !this.#recover) {
      this.#damage = loaded.error;
      throw loaded.error;
    }
    this.#loaded = loaded;
    return loaded;
  }
}

/**
 * Opens a stream to read, from any source: a file, a remote one, bytes.
 *
 * Of a closed stream the tail table is read; an open one is read through by
 * the first call that needs its end or its tails. The reader owns the source
 * and closes it, also when opening fails.
 *
 * @example Read a key's events, newest first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeText, encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { createClosedStream, openStream } from "@cairn/esdb/stream";
 *
 * const sink = new MemorySink();
 * const writer = await createClosedStream(sink);
 * await writer.append(encodeText("hi"), { type: "greeting" });
 * await writer.finish();
 *
 * await using stream = await openStream(new MemorySource(sink.bytes()));
 * for await (const batch of stream.scanIndex("type", "greeting")) {
 *   for (const event of batch.events()) assertEquals(decodeText(event.data), "hi");
 * }
 * ```
 * @param source The file.
 * @param options Whether to recover.
 * @returns The stream, to be closed.
 * @throws {CairnError} `corrupt` for another header; `unsupported` for those
 * of before 2 October 2014; `io`; `aborted`.
 */
export async function openStream(
  source: Source,
  options: OpenStreamOptions = {},
): Promise<StreamReader> {
  const reads: ReadOptions = signalOf(options);
  try {
    await assertStreamHeader(source, reads);
    const closed = await findClosedStream(source, reads);
    return new StreamReader(source, closed, options.recover ?? false);
  } catch (error) {
    // The first error wins.
    await source.close().catch(() => {});
    throw error instanceof CairnError ? error.within(source.name) : error;
  }
}
