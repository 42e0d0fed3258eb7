/**
 * Writing of tables of any size.
 *
 * @module
 */
import {
  type MetaBlock,
  TableEncoder,
  type TableEncoderOptions,
} from "./table_encoder.ts";

/** How a table is laid out and handed on. */
export interface TableWriterOptions extends TableEncoderOptions {
  /** Bytes are handed on in pieces of about this many; 262,144 if left out. */
  readonly pieceBytes?: number;
}

/** What a finished table tells. */
export interface TableSummary {
  /** Number of entries. */
  readonly count: number;
  /** Bytes of the table. */
  readonly byteLength: number;
  /** Entries of each data block, in order. */
  readonly blockCounts: readonly number[];
}

const PIECE_BYTES = 262_144;

/**
 * Writes a table: keys in strictly ascending bytewise order.
 *
 * Calls come one after the other; a promise, where there is one, is awaited
 * before the next call.
 *
 * @example Into a sink
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { openTable, TableWriter } from "@cairn/sstable";
 *
 * const sink = new MemorySink();
 * const writer = new TableWriter((bytes) => sink.write(bytes));
 * await writer.add(encodeText("key"), encodeText("value"));
 * await writer.finish();
 * await sink.finish();
 *
 * const table = await openTable(new MemorySource(sink.bytes()));
 * assertEquals(await table.get(encodeText("key")), encodeText("value"));
 * ```
 */
export class TableWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void> | void;
  readonly #encoder: TableEncoder;
  readonly #pieceBytes: number;
  #byteLength = 0;

  /**
   * Begins a table.
   *
   * @param write Takes the table's bytes in order; it must have copied them
   * when it returns, or when its promise resolves.
   * @param options Layout and size of the pieces.
   */
  constructor(
    write: (bytes: Uint8Array) => Promise<void> | void,
    options: TableWriterOptions = {},
  ) {
    this.#write = write;
    this.#encoder = new TableEncoder(options);
    this.#pieceBytes = options.pieceBytes ?? PIECE_BYTES;
  }

  /**
   * Adds an entry. Bytes are copied.
   *
   * @param key Greater than all keys before it, as unsigned bytes.
   * @param value Any bytes.
   * @returns A promise only when bytes were handed on.
   * @throws {CairnError} `invalid-input` when the key is out of order.
   */
  add(key: Uint8Array, value: Uint8Array): Promise<void> | undefined {
    this.#encoder.add(key, value);
    return this.#encoder.readyBytes >= this.#pieceBytes
      ? this.#handOn()
      : undefined;
  }

  /**
   * Adds a block that readers find by name.
   *
   * @param name Any text, once.
   * @param bytes Its content; not copied, must not change before `finish`. A
   * function is called when all data blocks are finished.
   */
  addMetaBlock(name: string, bytes: MetaBlock): void {
    this.#encoder.addMetaBlock(name, bytes);
  }

  /** Ends the table. @returns What it holds. */
  async finish(): Promise<TableSummary> {
    this.#encoder.finish();
    const { count, blockCounts } = this.#encoder;
    await this.#handOn();
    return { count, byteLength: this.#byteLength, blockCounts };
  }

  async #handOn(): Promise<void> {
    const bytes = this.#encoder.take();
    this.#byteLength += bytes.length;
    await this.#write(bytes);
  }
}
