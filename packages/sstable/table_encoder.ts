/**
 * Encoding of tables, synchronously.
 *
 * @module
 */
import { ByteWriter, CairnError, compareBytes, EMPTY_BYTES } from "@cairn/core";
import { BlockBuilder } from "./_block_builder.ts";
import { crc32c, maskCrc } from "./crc32c.ts";
import {
  BLOCK_BYTES,
  FOOTER_MAGIC_OFFSET,
  INDEX_RESTART_INTERVAL,
  MAGIC,
  RESTART_INTERVAL,
  TYPE_NONE,
  TYPE_SNAPPY,
} from "./layout.ts";
import { separatorKey, successorKey } from "./separator.ts";
import {
  createSnappyTable,
  packSnappyInto,
  snappyPackedMax,
} from "./snappy_pack.ts";

/** How a table is laid out. The defaults are those of LevelDB, unpacked. */
export interface TableEncoderOptions {
  /** A data block ends once it has so many bytes, restarts included; 4,096 if left out. */
  readonly blockBytes?: number;
  /** Entries to a restart in data blocks; 16 if left out. */
  readonly restartInterval?: number;
  /** Entries to a restart in the index block; 1 if left out. */
  readonly indexRestartInterval?: number;
  /**
   * How data and index blocks are packed; `none` if left out. With `snappy` a
   * block is packed where that saves an eighth of it, as LevelDB does.
   */
  readonly compression?: "none" | "snappy";
}

/** Content of a named block, or what makes it from the entries of each data block. */
export type MetaBlock =
  | Uint8Array
  | ((blockCounts: readonly number[]) => Uint8Array);

/**
 * Encodes a table into memory: keys in strictly ascending bytewise order.
 *
 * What is ready can be taken at any time, so a table need not fit in memory;
 * `TableWriter` does that. After `finish` and `take` the encoder begins anew,
 * so that thousands of small tables share one.
 *
 * @example A table of two keys
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText } from "@cairn/core";
 * import { decodeTable, TableEncoder } from "@cairn/sstable";
 *
 * const encoder = new TableEncoder();
 * encoder.add(encodeText("a"), Uint8Array.of(1));
 * encoder.add(encodeText("b"), Uint8Array.of(2));
 * encoder.finish();
 * const entries = decodeTable(encoder.take(), { part: "table" });
 * assertEquals(entries.count, 2);
 * ```
 */
export class TableEncoder {
  readonly #blockBytes: number;
  readonly #compression: "none" | "snappy";
  readonly #data: BlockBuilder;
  readonly #index: BlockBuilder;
  readonly #out = new ByteWriter(1024);
  readonly #handle = new ByteWriter(16);
  readonly #metaBlocks = new Map<string, MetaBlock>();
  #packed: Uint8Array = EMPTY_BYTES;
  #snappyTable: Uint16Array | undefined;
  /** Bytes taken before those in `#out`. */
  #taken = 0;
  #pendingKey: Uint8Array | undefined;
  #pendingOffset = 0;
  #pendingLength = 0;
  #count = 0;
  #blockCounts: number[] = [];
  #finished = false;

  /** Makes an encoder. @param options The layout. */
  constructor(options: TableEncoderOptions = {}) {
    this.#blockBytes = positive(options.blockBytes ?? BLOCK_BYTES);
    this.#compression = options.compression ?? "none";
    this.#data = new BlockBuilder(
      positive(options.restartInterval ?? RESTART_INTERVAL),
    );
    this.#index = new BlockBuilder(
      positive(options.indexRestartInterval ?? INDEX_RESTART_INTERVAL),
    );
  }

  /** Entries added. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that `take` would give. */
  get readyBytes(): number {
    return this.#out.byteLength;
  }

  /** Entries of each data block that is finished, in order; all after `finish`. */
  get blockCounts(): readonly number[] {
    return this.#blockCounts;
  }

  /**
   * Adds an entry. Bytes are copied.
   *
   * @param key Greater than all keys before it, as unsigned bytes.
   * @param value Any bytes.
   * @throws {CairnError} `invalid-input` when the key is out of order.
   */
  add(key: Uint8Array, value: Uint8Array): void {
    this.#assertOpen();
    const shared = this.#data.count > 0 ? this.#data.sharedWith(key) : 0;
    const isBehind = this.#data.count > 0
      ? this.#data.isBehindLast(key, shared)
      : this.#pendingKey === undefined ||
        compareBytes(this.#pendingKey, key) < 0;
    if (!isBehind) {
      throw new CairnError(
        "invalid-input",
        "Cannot add key: it is not after the key before it",
      );
    }
    if (this.#pendingKey !== undefined) {
      this.#addHandle(separatorKey(this.#pendingKey, key));
    }
    this.#data.add(key, value, shared);
    this.#count++;
    if (this.#data.finishedLength >= this.#blockBytes) this.#endDataBlock();
  }

  /**
   * Adds a block that readers find by name; LevelDB passes over it. Blocks lie
   * in the order in which they are added, the last one nearest to the end.
   *
   * @param name Any text, once.
   * @param bytes Its content; not copied, must not change before `finish`. A
   * function is called when all data blocks are finished.
   * @throws {CairnError} `exists` when the name was given before.
   */
  addMetaBlock(name: string, bytes: MetaBlock): void {
    this.#assertOpen();
    if (this.#metaBlocks.has(name)) {
      throw new CairnError(
        "exists",
        `Cannot add meta block "${name}": there is one`,
      );
    }
    this.#metaBlocks.set(name, bytes);
  }

  /** Ends the table. What is left is then ready to be taken. */
  finish(): void {
    this.#assertOpen();
    this.#finished = true;
    if (this.#data.count > 0 || this.#count === 0) this.#endDataBlock();
    this.#addHandle(successorKey(this.#pendingKey!));
    const meta = this.#metaIndex();
    meta.finish();
    const metaOffset = this.#position;
    this.#writeBlock(meta.bytes, meta.byteLength, TYPE_NONE);
    this.#index.finish();
    const indexOffset = this.#position;
    const indexLength = this.#pack(this.#index);
    const start = this.#out.byteLength;
    this.#out.uvarint(metaOffset);
    this.#out.uvarint(meta.byteLength);
    this.#out.uvarint(indexOffset);
    this.#out.uvarint(indexLength);
    while (this.#out.byteLength - start < FOOTER_MAGIC_OFFSET) this.#out.u8(0);
    this.#out.bytes(MAGIC);
  }

  /**
   * Hands out the bytes that are ready, in order.
   *
   * @returns A view, valid until the next call of any method.
   */
  take(): Uint8Array {
    const taken = this.#out.view();
    if (this.#finished) {
      this.#taken = 0;
      this.#count = 0;
      this.#blockCounts = [];
      this.#metaBlocks.clear();
      this.#index.reset();
      this.#finished = false;
    } else {
      this.#taken += taken.length;
    }
    this.#out.clear();
    return taken;
  }

  get #position(): number {
    return this.#taken + this.#out.byteLength;
  }

  #assertOpen(): void {
    if (this.#finished) {
      throw new TypeError("Cannot add to table: finished, and not taken yet");
    }
  }

  #endDataBlock(): void {
    this.#data.finish();
    this.#pendingKey = this.#data.lastKey();
    this.#pendingOffset = this.#position;
    this.#blockCounts.push(this.#data.count);
    this.#pendingLength = this.#pack(this.#data);
    this.#data.reset();
  }

  #addHandle(key: Uint8Array): void {
    this.#handle.uvarint(this.#pendingOffset);
    this.#handle.uvarint(this.#pendingLength);
    this.#index.add(key, this.#handle.view(), this.#index.sharedWith(key));
    this.#handle.clear();
    this.#pendingKey = undefined;
  }

  /** Writes the named blocks as they were added; their names come sorted. */
  #metaIndex(): BlockBuilder {
    const encoder = new TextEncoder();
    const entries: { name: Uint8Array; handle: Uint8Array }[] = [];
    for (const [name, given] of this.#metaBlocks) {
      const bytes = typeof given === "function"
        ? given(this.#blockCounts)
        : given;
      this.#handle.uvarint(this.#position);
      this.#handle.uvarint(bytes.length);
      const handle = this.#handle.take();
      entries.push({ name: encoder.encode(name), handle });
      this.#writeBlock(bytes, bytes.length, TYPE_NONE);
    }
    const meta = new BlockBuilder(1);
    entries.sort((a, b) => compareBytes(a.name, b.name));
    for (const { name, handle } of entries) {
      meta.add(name, handle, meta.sharedWith(name));
    }
    return meta;
  }

  /** Writes a finished block, packed if that pays. @returns Its stored length. */
  #pack(block: BlockBuilder): number {
    const { bytes, byteLength } = block;
    if (this.#compression === "snappy") {
      const most = snappyPackedMax(byteLength);
      if (this.#packed.length < most) this.#packed = new Uint8Array(2 * most);
      this.#snappyTable ??= createSnappyTable();
      const packedLength = packSnappyInto(
        bytes,
        0,
        byteLength,
        this.#packed,
        0,
        this.#snappyTable,
      );
      if (packedLength < byteLength - Math.floor(byteLength / 8)) {
        this.#writeBlock(this.#packed, packedLength, TYPE_SNAPPY);
        return packedLength;
      }
    }
    this.#writeBlock(bytes, byteLength, TYPE_NONE);
    return byteLength;
  }

  #writeBlock(bytes: Uint8Array, byteLength: number, type: number): void {
    const out = this.#out;
    out.bytes(bytes.subarray(0, byteLength));
    out.u8(type);
    const written = out.view();
    const from = written.length - byteLength - 1;
    out.u32(maskCrc(crc32c(written, from, written.length)));
  }
}

function positive(value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`Cannot lay out table: ${value}, 1 or more wanted`);
  }
  return value;
}
