/**
 * A keyspace of rows as a store: keys and an index, no events.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  createSchema,
  type EventBatch,
  type Finding,
  getField,
  type Index,
  type Lexicon,
  type OrdinalRange,
  type ScanOptions,
  type Schema,
  type Store,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import type { ChunkReader } from "./chunk_store.ts";
import { KeyspaceIndex } from "./keyspace_index.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { findRow, readRowKeys } from "./row_keys.ts";
import { verifyStore } from "./verify.ts";

/** What a store of rows is made of. */
export interface RowStoreParts {
  /** The keyspace that is asked. */
  readonly keyspace: KeyspaceReader;
  /** All keys; closed with the store. */
  readonly reader: ChunkReader;
  /** Closes what lies behind the reader. */
  readonly close: () => Promise<void>;
}

/**
 * Rows and what is kept of them. The single events are gone, so `scan` is
 * `unsupported`; everything else of the contract holds. A trail is a row; its
 * key is the row id: the bare part, or encoded parts, or a number as decimal
 * text. `stats().events` counts the events applied.
 */
export class RowStore implements Store {
  /** Name of the codec. */
  readonly codec = "bitmap";
  /** The fields: counters and sets of numbers are of type `integer`. */
  readonly schema: Schema;
  readonly #parts: RowStoreParts;
  readonly #index: KeyspaceIndex;
  #closed = false;

  /** Makes a store. @param parts What it is made of. */
  constructor(parts: RowStoreParts) {
    this.#parts = parts;
    this.#index = new KeyspaceIndex(parts.keyspace, { rowsOnly: true });
    this.schema = createSchema(
      parts.keyspace.schema.fields.map((field) => ({
        name: field.name,
        type: field.type === "counter" ||
            field.type === "set" && field.of === "uint"
          ? "integer"
          : "bytes",
      })),
    );
  }

  /** Gives the number of rows and of events applied; times are not kept. */
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    const { keyspace } = this.#open(options);
    const { count } = await keyspace.space(options);
    return {
      trails: count,
      events: keyspace.state.position,
      minTimestamp: undefined,
      maxTimestamp: undefined,
    };
  }

  /** Finds a row by its id. */
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    return await findRow(this.#open(options).keyspace, trailKey, options);
  }

  /** Gets the ids of a run of rows. */
  async keys(
    range: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    return await readRowKeys(this.#open(options).keyspace, range, options);
  }

  /** There is none: values belong to rows, not to events. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async lexicon(
    field: string,
    options: AbortOptions = {},
  ): Promise<Lexicon | undefined> {
    this.#open(options);
    getField(this.schema, field);
    return undefined;
  }

  /** Refuses: the events are not kept. @throws {CairnError} `unsupported`. */
  scan(_options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    this.#open();
    return refuse(this.#parts.reader.name);
  }

  /** Gets the index of the rows. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async index(options: AbortOptions = {}): Promise<Index> {
    this.#open(options);
    return this.#index;
  }

  /** Makes all checks of the format. */
  async *verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    yield* verifyStore(this.#open(options).reader, options);
  }

  /** Closes the store and what it reads from. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.keyspace.close();
    await this.#parts.reader.close();
    await this.#parts.close();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(options: AbortOptions = {}): RowStoreParts {
    if (this.#closed) throw new TypeError("Cannot use store: it is closed");
    throwIfAborted(options.signal);
    return this.#parts;
  }
}

// deno-lint-ignore require-yield -- it has nothing to give
async function* refuse(
  file: string,
): AsyncGenerator<EventBatch, void, undefined> {
  throw await Promise.resolve(
    new CairnError(
      "unsupported",
      "Cannot scan events: a store of rows keeps counters, sets and flags, not the events",
      { where: { file }, reason: "rows-only" },
    ),
  );
}
