/**
 * Bytes out of packed blocks.
 *
 * @module
 */
import {
  type AbortOptions,
  assertRange,
  ByteReader,
  type ByteReaderPlace,
  CairnError,
  concatBytes,
  EMPTY_BYTES,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { unpackSnappy } from "@cairn/sstable";
import {
  BLOCK_STREAM_BYTES,
  BLOCK_STREAM_BYTES_MAX,
  blockLengthBytes,
  ENCODING_BYTES,
} from "./block_stream_head.ts";
import type { BlockPlace, BlockStreamOptions } from "./block_stream_writer.ts";
import { ENCODING_NONE, ENCODING_SNAPPY } from "../layout.ts";

/** One block. */
export interface StreamBlock {
  /** Offset of its head from the start of the stream. */
  readonly offset: number;
  /** Offset of the next head. */
  readonly end: number;
  /** Its content; valid until the source is closed. */
  readonly content: Uint8Array;
}

/** What to read of the blocks. */
export interface ScanBlocksOptions extends AbortOptions {
  /** Offset of the head to begin with; 0 if left out. */
  readonly from?: number;
}

/** Bytes read at once, and one piece ahead. */
const PIECE_BYTES: number = 2 ** 20;

/**
 * Reads a block stream: as bytes from the current place on, or block by block.
 * While the caller is busy the next piece of the source is read. Blocks of any
 * content length are read; empty ones are passed over.
 *
 * The reader owns the source. Calls to `read`, `peek` and `seek` come one
 * after the other.
 */
export class BlockStreamReader implements AsyncDisposable {
  readonly #source: Source;
  readonly #lengthBytes: 2 | 4 | 8;
  #blocks: AsyncGenerator<StreamBlock, void, undefined> | undefined;
  #parts: Uint8Array[] = [];
  #buffered = 0;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  /**
   * Makes a reader at the first byte.
   *
   * @param source The stream, whole: for a part of a file, a `SliceSource`.
   * @param options The block size that it was written with.
   * @throws {RangeError} For a block size that is none.
   */
  constructor(source: Source, options: BlockStreamOptions = {}) {
    this.#source = source;
    const { blockBytes = BLOCK_STREAM_BYTES } = options;
    this.#lengthBytes = blockLengthBytes(blockBytes);
  }

  /**
   * Reads bytes and moves behind them.
   *
   * @param byteLength How many; fewer come only at the end of the stream.
   * @param options Stops reading; the place is then as it was.
   * @returns The bytes; empty at the end.
   * @throws {CairnError} `corrupt` for a block that is cut, of an unknown
   * encoding, or no Snappy stream; `limit`; `aborted`; `io`.
   */
  async read(
    byteLength: number,
    options: AbortOptions = {},
  ): Promise<Uint8Array> {
    const bytes = await this.peek(byteLength, options);
    this.#skip(bytes.length);
    return bytes;
  }

  /** Reads bytes and stays before them. As `read` otherwise. */
  async peek(
    byteLength: number,
    options: AbortOptions = {},
  ): Promise<Uint8Array> {
    this.#assertOpen();
    throwIfAborted(options.signal);
    while (this.#buffered < byteLength) {
      const block = await this.#nextBlock();
      if (block === undefined) break;
      // Kept before the signal is looked at: the next call needs it.
      this.#parts.push(block.content);
      this.#buffered += block.content.length;
      throwIfAborted(options.signal);
    }
    const first = this.#parts[0] ?? EMPTY_BYTES;
    if (first.length >= byteLength) return first.subarray(0, byteLength);
    // Joined once, so that many short reads do not join again.
    const joined = concatBytes(this.#parts);
    this.#parts = [joined];
    return joined.subarray(0, byteLength);
  }

  /** Reads one byte; `undefined` at the end. */
  async readByte(options: AbortOptions = {}): Promise<number | undefined> {
    return (await this.read(1, options))[0];
  }

  /**
   * Moves to a place, as the writer told it.
   *
   * @param place A block's head, and an offset in its content.
   * @throws {RangeError} When the head is not inside the stream.
   * @throws {CairnError} `not-found` when the content ends before the offset;
   * as `read` otherwise.
   */
  async seek(place: BlockPlace, options: AbortOptions = {}): Promise<void> {
    this.#assertOpen();
    assertRange(this.#source.size, place.blockOffset, 0);
    await this.#blocks?.return();
    this.#blocks = this.scan({ from: place.blockOffset });
    this.#failure = undefined;
    this.#parts = [];
    this.#buffered = 0;
    const skipped = await this.read(place.offsetInBlock, options);
    if (skipped.length === place.offsetInBlock) return;
    throw new CairnError("not-found", "Cannot seek: the stream ends before", {
      where: { file: this.#source.name, offset: place.blockOffset },
    });
  }

  /**
   * Reads block by block, without moving the place of `read`.
   *
   * @param options Where to begin; must be a block's head.
   * @throws {RangeError} When that is not inside the stream.
   * @throws {CairnError} As `read`.
   */
  async *scan(
    options: ScanBlocksOptions = {},
  ): AsyncGenerator<StreamBlock, void, undefined> {
    this.#assertOpen();
    const { from = 0, signal } = options;
    assertRange(this.#source.size, from, 0);
    const stopper = new AbortController();
    const stops = signal === undefined
      ? stopper.signal
      : AbortSignal.any([signal, stopper.signal]);
    const read = (offset: number, atLeast: number): Promise<Uint8Array> => {
      const left = this.#source.size - offset;
      const length = Math.min(left, Math.max(PIECE_BYTES, atLeast));
      const promise = this.#source.read(offset, length, { signal: stops });
      // Who leaves early does not wait for it.
      promise.catch(() => {});
      return promise;
    };
    let offset = from;
    let next = read(offset, 0);
    try {
      while (offset < this.#source.size) {
        const piece = await next;
        const { blocks, needs } = this.#cut(piece, offset);
        offset = blocks.at(-1)?.end ?? offset;
        if (offset < this.#source.size) next = read(offset, needs);
        for (const block of blocks) {
          throwIfAborted(signal);
          const { offset, end } = block;
          const content = this.#unpack(block);
          if (content.length > 0) yield { offset, end, content };
        }
      }
    } finally {
      stopper.abort();
    }
  }

  /** Closes the source. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#blocks?.return();
    await this.#source.close();
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Finds the blocks that lie whole in a piece of the source. */
  #cut(
    piece: Uint8Array,
    offset: number,
  ): { blocks: StoredBlock[]; needs: number } {
    const reader = new ByteReader(piece, this.#place(offset));
    const blocks: StoredBlock[] = [];
    const headBytes = this.#lengthBytes + ENCODING_BYTES;
    while (reader.remaining > 0) {
      const start = reader.position;
      const at = offset + start;
      const left = this.#source.size - at;
      if (left < headBytes) {
        throw reader.corrupt("Cannot read block: it is cut");
      }
      if (reader.remaining < headBytes) return { blocks, needs: headBytes };
      const length = this.#lengthBytes === 2
        ? reader.u16("block length")
        : this.#lengthBytes === 4
        ? reader.u32("block length")
        : reader.u64("block length");
      const encoding = reader.u8("block encoding");
      const whole = headBytes + length;
      if (whole > left) {
        throw reader.corrupt(
          `Cannot read block: ${length} bytes, ${left - headBytes} are left`,
          start,
        );
      }
      if (encoding !== ENCODING_NONE && encoding !== ENCODING_SNAPPY) {
        throw reader.corrupt(`Cannot read block: encoding ${encoding}`, start);
      }
      if (length > BLOCK_STREAM_BYTES_MAX) throw this.#tooLong(at, length);
      if (whole > piece.length - start) return { blocks, needs: whole };
      const stored = reader.bytes(length, "block");
      blocks.push({ offset: at, end: at + whole, encoding, stored });
    }
    return { blocks, needs: 0 };
  }

  #unpack({ offset, end, encoding, stored }: StoredBlock): Uint8Array {
    if (encoding === ENCODING_NONE || stored.length === 0) return stored;
    const content = unpackSnappy(stored, this.#place(end - stored.length));
    if (content.length <= BLOCK_STREAM_BYTES_MAX) return content;
    throw this.#tooLong(offset, content.length);
  }

  /** The next block of `read`; what it fails with, all later calls fail with. */
  async #nextBlock(): Promise<StreamBlock | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#blocks ??= this.scan();
    try {
      const step = await this.#blocks.next();
      return step.done === true ? undefined : step.value;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #skip(byteLength: number): void {
    if (byteLength === 0) return;
    // What was peeked lies in the first part.
    const rest = this.#parts[0]!.subarray(byteLength);
    if (rest.length > 0) this.#parts[0] = rest;
    else this.#parts.shift();
    this.#buffered -= byteLength;
  }

  #tooLong(offset: number, byteLength: number): CairnError {
    return new CairnError(
      "limit",
      `Cannot read block: ${byteLength} bytes, at most ${BLOCK_STREAM_BYTES_MAX} wanted`,
      { where: this.#place(offset) },
    );
  }

  #place(offset: number): ByteReaderPlace {
    return { file: this.#source.name, part: "blocks", offset };
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(
        `Cannot read "${this.#source.name}": the reader is closed`,
      );
    }
  }
}

interface StoredBlock {
  readonly offset: number;
  readonly end: number;
  readonly encoding: number;
  readonly stored: Uint8Array;
}
