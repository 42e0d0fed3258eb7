/**
 * Streams written at once, closed from the beginning of their lives.
 *
 * @module
 */
import { ByteWriter, type FinishOptions, type Sink } from "@cairn/core";
import {
  encodeEvent,
  eventBytesMax,
  type EventParts,
  writeStreamEnd,
} from "./_encode_event.ts";
import { KeyChain } from "./_key_chain.ts";
import { ChecksumBuilder } from "./stream_checksums.ts";
import {
  assertKeyTexts,
  indexTexts,
  keyText,
  type StreamIndexes,
} from "./stream_key.ts";
import { STREAM_HEADER, STREAM_START } from "./layout.ts";
import type { CloseStreamOptions } from "./stream_sync.ts";

/** Events are gathered up to so many bytes before they go to the sink. */
const GATHER_BYTES: number = 2 ** 18;

/** What a finished stream tells. */
export interface ClosedStreamSummary {
  /** Number of events. */
  readonly events: number;
  /** Number of distinct keys. */
  readonly keys: number;
  /** Bytes of the stream. */
  readonly byteLength: number;
}

/**
 * Writes a closed stream into a sink: nothing is there before `finish`, all of
 * it afterwards. Given the events and the order of their keys, the bytes are
 * those of Go, unless checksums are added. Calls come one after the other: a caller awaits each.
 */
export class ClosedStreamWriter implements AsyncDisposable {
  readonly #sink: Sink;
  readonly #bytes = new ByteWriter(GATHER_BYTES);
  readonly #chain = new KeyChain();
  readonly #checksums: ChecksumBuilder | undefined;
  #end = STREAM_START;
  #events = 0;

  /** Not for callers: see {@linkcode createClosedStream}. */
  constructor(sink: Sink, options: CloseStreamOptions) {
    this.#sink = sink;
    this.#checksums = options.checksums ? new ChecksumBuilder() : undefined;
    this.#bytes.bytes(STREAM_HEADER);
  }

  /**
   * Appends an event.
   *
   * @param data Its data; may be empty.
   * @param indexes Its indexes; none if left out.
   * @returns Where the event begins.
   * @throws {CairnError} `invalid-input` as `encodeStreamKeys`; `limit`; `io`.
   */
  async append(
    data: Uint8Array,
    indexes: StreamIndexes = {},
  ): Promise<number> {
    return await this.#append(data, indexTexts(indexes));
  }

  /**
   * Appends an event with whole keys, as they come from another stream.
   *
   * @param data Its data; may be empty.
   * @param keys Its keys; each has a colon, none comes twice.
   * @returns Where the event begins.
   */
  async appendKeys(
    data: Uint8Array,
    keys: readonly Uint8Array[],
  ): Promise<number> {
    const texts = keys.map((key) => keyText(key, 0, key.length));
    return await this.#append(data, texts);
  }

  /**
   * Closes the stream and makes it appear.
   *
   * @param options Stops before that.
   * @throws {CairnError} What the sink throws.
   */
  async finish(options: FinishOptions = {}): Promise<ClosedStreamSummary> {
    await this.#flush();
    const checksums = this.#checksums?.encode(this.#events);
    await writeStreamEnd(
      { chain: this.#chain, checksums },
      (bytes) => this.#sink.write(bytes),
    );
    const { byteLength } = this.#sink;
    await this.#sink.finish(options);
    return { events: this.#events, keys: this.#chain.size, byteLength };
  }

  /** Leaves nothing behind. Does nothing after `finish`; may be called twice. */
  abort(): Promise<void> {
    return this.#sink.abort();
  }

  /** Aborts what is not finished. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.abort();
  }

  async #append(data: Uint8Array, keys: readonly string[]): Promise<number> {
    assertKeyTexts(keys);
    const event: EventParts = { data, keys };
    const most = eventBytesMax(event);
    if (this.#bytes.byteLength + most > GATHER_BYTES) await this.#flush();
    const before = this.#bytes.byteLength;
    const offset = this.#end;
    encodeEvent(event, offset, { bytes: this.#bytes, tails: this.#chain });
    this.#end += this.#bytes.byteLength - before;
    this.#events++;
    return offset;
  }

  async #flush(): Promise<void> {
    if (this.#bytes.byteLength === 0) return;
    this.#checksums?.add(this.#bytes.view());
    await this.#sink.write(this.#bytes.view());
    this.#bytes.clear();
  }
}

/**
 * Begins a closed stream. For one that grows see `createStream`.
 *
 * @param sink Where it goes; the writer owns it.
 * @param options Whether to add checksums.
 * @returns A writer, to be finished or aborted.
 */
export function createClosedStream(
  sink: Sink,
  options: CloseStreamOptions = {},
): ClosedStreamWriter {
  return new ClosedStreamWriter(sink, options);
}
