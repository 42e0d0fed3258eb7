/**
 * Bytes cut into blocks and packed.
 *
 * @module
 */
import { ByteWriter, CairnError } from "@cairn/core";
import { packSnappy } from "@cairn/sstable";
import {
  BLOCK_STREAM_BYTES,
  BLOCK_STREAM_BYTES_MAX,
  blockLengthBytes,
} from "./block_stream_head.ts";
import { ENCODING_NONE, ENCODING_SNAPPY } from "../layout.ts";

/** How to cut. */
export interface BlockStreamOptions {
  /** Most bytes of content in a block; 4,096 if left out. A reader must know it. */
  readonly blockBytes?: number;
}

/** Where a byte is: in which block, and where in its content. */
export interface BlockPlace {
  /** Offset of the block's head from the start of the stream. */
  readonly blockOffset: number;
  /** Offset in the block's content; that of a full block is its end. */
  readonly offsetInBlock: number;
}

/**
 * Writes a byte stream as blocks, each packed with Snappy where that is not
 * longer. There is no end mark. The bytes are those of Go's `blocks.Writer`
 * when the writes are the same.
 *
 * @example Pack bytes and read them back
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemorySink, MemorySource } from "@cairn/core";
 * import { BlockStreamReader, BlockStreamWriter } from "@cairn/esdb/stream";
 *
 * const sink = new MemorySink();
 * const writer = new BlockStreamWriter((bytes) => sink.write(bytes));
 * await writer.write(new Uint8Array(10_000));
 * await writer.flush();
 * await sink.finish();
 * assertEquals(writer.blocks, 3);
 *
 * await using reader = new BlockStreamReader(new MemorySource(sink.bytes()));
 * assertEquals((await reader.read(20_000)).length, 10_000);
 * ```
 */
export class BlockStreamWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void> | void;
  readonly #blockBytes: number;
  readonly #lengthBytes: 2 | 4 | 8;
  #buffer: Uint8Array = new Uint8Array(0);
  #buffered = 0;
  #byteLength = 0;
  #blocks = 0;

  /**
   * Begins a stream.
   *
   * @param write Takes the stream's bytes in order; it must have copied them
   * when it returns, or when its promise resolves.
   * @param options The block size.
   * @throws {RangeError} For a block size that is none.
   */
  constructor(
    write: (bytes: Uint8Array) => Promise<void> | void,
    options: BlockStreamOptions = {},
  ) {
    this.#write = write;
    this.#blockBytes = options.blockBytes ?? BLOCK_STREAM_BYTES;
    this.#lengthBytes = blockLengthBytes(this.#blockBytes);
  }

  /** Bytes of the stream so far, without those that wait for their block. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Blocks so far. */
  get blocks(): number {
    return this.#blocks;
  }

  /** Bytes of content that wait for their block to fill. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Where the next byte goes, to be sought later. */
  get place(): BlockPlace {
    return { blockOffset: this.#byteLength, offsetInBlock: this.#buffered };
  }

  /**
   * Takes bytes. A block is cut when more than its bytes are there, so that a
   * full one waits for the next write.
   *
   * @param bytes Copied.
   * @throws {CairnError} `limit` when a block gets longer than 1 GiB; what the
   * caller's function throws.
   */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#buffered === this.#blockBytes) await this.#cut();
      const count = Math.min(
        bytes.length - at,
        this.#blockBytes - this.#buffered,
      );
      this.#reserve(this.#buffered + count);
      this.#buffer.set(bytes.subarray(at, at + count), this.#buffered);
      this.#buffered += count;
      at += count;
    }
  }

  /** Cuts a last, shorter block from what waits. Writing can go on. */
  async flush(): Promise<void> {
    if (this.#buffered > 0) await this.#cut();
  }

  async #cut(): Promise<void> {
    const content = this.#buffer.subarray(0, this.#buffered);
    const packed = packSnappy(content);
    const isPacked = packed.length <= content.length;
    const stored = isPacked ? packed : content;
    const block = new ByteWriter(stored.length + 9);
    if (this.#lengthBytes === 2) block.u16(stored.length);
    else if (this.#lengthBytes === 4) block.u32(stored.length);
    else block.u64(stored.length);
    block.u8(isPacked ? ENCODING_SNAPPY : ENCODING_NONE);
    block.bytes(stored);
    await this.#write(block.view());
    this.#byteLength += block.byteLength;
    this.#blocks++;
    this.#buffered = 0;
  }

  #reserve(byteLength: number): void {
    if (byteLength <= this.#buffer.length) return;
    if (byteLength > BLOCK_STREAM_BYTES_MAX) {
      throw new CairnError(
        "limit",
        `Cannot write block: ${byteLength} bytes, at most ${BLOCK_STREAM_BYTES_MAX} wanted`,
      );
    }
    const room = Math.max(byteLength, 2 * this.#buffer.length, 4096);
    const grown = new Uint8Array(Math.min(room, this.#blockBytes));
    grown.set(this.#buffer.subarray(0, this.#buffered));
    this.#buffer = grown;
  }
}
