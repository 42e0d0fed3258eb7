/**
 * The live index: takes events, keeps bitmaps.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { applyRowBatch, type KeyspaceOutcome } from "./_keyspace_writer.ts";
import type { KeyspaceBefore } from "./_id_slots.ts";
import { RowBatch } from "./_row_batch.ts";
import type { ChunkChange, ChunkReader, ChunkStore } from "./chunk_store.ts";
import { metaKey, SUPERBLOCK_KEY } from "./key.ts";
import {
  type KeyspaceRecords,
  readKeyspace,
  readSuperblock,
} from "./keyspace_records.ts";
import {
  encodeSchema,
  type KeyspaceField,
  type KeyspaceSchema,
} from "./keyspace_schema.ts";
import { EMPTY_STATE, encodeState } from "./keyspace_state.ts";
import { KEYSPACE_MAX, SCHEMA_NAME, STATE_NAME } from "./layout.ts";
import { openLevelChunkStore } from "./level_chunk_store.ts";
import { MemoryChunkStore } from "./memory_chunk_store.ts";
import {
  bindRowEvent,
  type BoundRowEvent,
  type RowEvent,
} from "./row_event.ts";
import { encodeSuperblock } from "./superblock.ts";

/** How to open a live index. */
export interface BitmapIndexOptions {
  /** Make the directory if there is none; true if left out. */
  readonly create?: boolean;
  /**
   * When a batch counts as written. True, the default: when it is on the disk;
   * a machine that stops loses nothing that was acknowledged. False: when the
   * system has it; a killed process loses nothing, a machine that stops may
   * lose the last batches, whole, and never one before a later one.
   */
  readonly sync?: boolean;
}

/** Row ids and values whose slots are remembered between batches. */
const KNOWN_MAX = 1 << 18;

/**
 * Opens a live index in a LevelDB directory.
 *
 * @example Two events, one row
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBitmapIndex, parseKeyspaceSchema } from "@cairn/bitmap";
 *
 * const path = await Deno.makeTempDir();
 * await using index = await openBitmapIndex(path);
 * await index.createKeyspace(parseKeyspaceSchema({
 *   name: "users",
 *   row_id: ["user"],
 *   fields: [{ name: "visit", type: "counter" }],
 * }));
 * await index.add([
 *   { row: ["ann"], add: { visit: 2 } },
 *   { row: ["ann"], add: { visit: 5 } },
 * ]);
 * assertEquals(index.keyspaces.get("users")!.state.position, 2);
 * ```
 * @param path The directory.
 * @param options Whether to make it, and when a batch counts as written.
 * @throws {CairnError} `not-found`, `io`, `corrupt`, `unsupported`.
 */
export async function openBitmapIndex(
  path: string,
  options: BitmapIndexOptions = {},
): Promise<BitmapIndex> {
  const store = await openLevelChunkStore(path, {
    create: options.create ?? true,
  });
  return await BitmapIndex.open(store, options);
}

/**
 * An index that grows, over any chunk store.
 *
 * A batch of events is applied whole or not at all, and each keyspace's
 * `position`, the number of events applied so far, moves with it: whoever
 * starts again skips that many events of the source.
 */
export class BitmapIndex implements AsyncDisposable {
  readonly #store: ChunkStore;
  readonly #sync: boolean;
  #keyspaces: ReadonlyMap<string, KeyspaceRecords>;
  readonly #known = new Map<string, Map<string, Uint8Array>>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(
    store: ChunkStore,
    sync: boolean,
    keyspaces: ReadonlyMap<string, KeyspaceRecords>,
  ) {
    this.#store = store;
    this.#sync = sync;
    this.#keyspaces = keyspaces;
  }

  /**
   * Opens an index over a chunk store, which it owns; an empty store becomes
   * an empty index.
   *
   * @param store Where keys are kept; in memory if left out.
   * @param options When a batch counts as written.
   */
  static async open(
    store: ChunkStore = new MemoryChunkStore(),
    options: BitmapIndexOptions = {},
  ): Promise<BitmapIndex> {
    try {
      const superblock = await readSuperblock(store);
      const keyspaces = new Map<string, KeyspaceRecords>();
      if (superblock === undefined) await assertEmpty(store);
      for (const entry of superblock?.keyspaces ?? []) {
        keyspaces.set(entry[0], await readKeyspace(store, entry));
      }
      return new BitmapIndex(store, options.sync ?? true, keyspaces);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Schema and state of each keyspace, by name, as of the last batch. */
  get keyspaces(): ReadonlyMap<string, KeyspaceRecords> {
    return this.#keyspaces;
  }

  /** Name of the store, for messages. */
  get name(): string {
    return this.#store.name;
  }

  /**
   * Makes a keyspace.
   *
   * @param schema Its schema.
   * @throws {CairnError} `exists`; `limit` after 4,095 keyspaces.
   */
  createKeyspace(schema: KeyspaceSchema): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#keyspaces.has(schema.name)) {
        throw new CairnError(
          "exists",
          `Cannot make keyspace "${schema.name}": there is one`,
        );
      }
      const numbers = [...this.#keyspaces.values()].map((k) => k.keyspace);
      const keyspace = Math.max(0, ...numbers) + 1;
      if (keyspace > KEYSPACE_MAX) {
        throw new CairnError(
          "limit",
          `Cannot make keyspace: at most ${KEYSPACE_MAX} wanted`,
        );
      }
      const made = new Map(this.#keyspaces);
      made.set(schema.name, { keyspace, schema, state: EMPTY_STATE });
      await this.#store.batch([
        { key: SUPERBLOCK_KEY, value: superblockOf(made) },
        { key: metaKey(keyspace, SCHEMA_NAME), value: encodeSchema(schema) },
        {
          key: metaKey(keyspace, STATE_NAME),
          value: encodeState(EMPTY_STATE, schema),
        },
      ], { sync: this.#sync });
      this.#keyspaces = made;
    });
  }

  /**
   * Adds events, all or none. Large batches cost less: each chunk is read and
   * written once a batch.
   *
   * @param events In the order of arrival.
   * @throws {CairnError} `invalid-input` or `limit`, with `where.line` the place
   * of the event in `events` from 1 where one event is to blame; nothing of
   * the batch is then written. `io` when it cannot be stored.
   */
  add(events: readonly RowEvent[]): Promise<void> {
    return this.#inTurn(() => this.#apply(events));
  }

  /** Gives a reader of the keys as they are now: whole batches. */
  snapshot(): Promise<ChunkReader> {
    this.#assertOpen();
    return this.#store.snapshot();
  }

  /** Waits for batches under way and closes the store. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last.catch(() => {});
    await this.#store.close();
  }

  /** Closes the index. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #apply(events: readonly RowEvent[]): Promise<void> {
    const batches = new Map<string, OpenBatch>();
    for (let i = 0; i < events.length; i++) {
      try {
        const name = this.#keyspaceOf(events[i]!);
        let batch = batches.get(name);
        if (batch === undefined) {
          batch = new OpenBatch(this.#keyspaces.get(name)!);
          batches.set(name, batch);
        }
        batch.add(events[i]!);
      } catch (error) {
        throw atLine(error, i + 1);
      }
    }
    const changes: ChunkChange[] = [];
    const outcomes = new Map<string, KeyspaceOutcome>();
    for (const [name, batch] of batches) {
      const known = this.#known.get(name) ?? new Map();
      const outcome = await applyRowBatch(
        { ...batch.before(), known },
        batch.batch,
        this.#store,
      );
      outcomes.set(name, outcome);
      for (const change of outcome.changes) changes.push(change);
    }
    if (changes.length === 0) return;
    await this.#store.batch(changes, { sync: this.#sync });
    this.#accept(batches, outcomes);
  }

  #accept(
    batches: ReadonlyMap<string, OpenBatch>,
    outcomes: ReadonlyMap<string, KeyspaceOutcome>,
  ): void {
    const keyspaces = new Map(this.#keyspaces);
    for (const [name, { state, found }] of outcomes) {
      const { keyspace, schema } = batches.get(name)!.before();
      keyspaces.set(name, { keyspace, schema, state });
      let known = this.#known.get(name);
      if (known === undefined || known.size + found.size > KNOWN_MAX) {
        known = new Map();
        this.#known.set(name, known);
      }
      for (const [id, slot] of found) known.set(id, slot);
    }
    this.#keyspaces = keyspaces;
  }

  #keyspaceOf(event: RowEvent): string {
    const name = event.keyspace ??
      (this.#keyspaces.size === 1
        ? this.#keyspaces.keys().next().value
        : undefined);
    if (name === undefined) {
      throw new CairnError(
        "invalid-input",
        `Cannot take event: it names no keyspace, of ${this.#keyspaces.size}`,
      );
    }
    if (!this.#keyspaces.has(name)) {
      throw new CairnError(
        "invalid-input",
        `Cannot take event: no keyspace "${name}"`,
      );
    }
    return name;
  }

  /** Runs one after the other: a batch builds on the one before. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new TypeError(`Cannot use index "${this.name}": it is closed`);
    }
  }
}

/** Events of one keyspace being collected. */
class OpenBatch {
  readonly batch = new RowBatch();
  readonly #records: KeyspaceRecords;
  #schema: KeyspaceSchema;

  constructor(records: KeyspaceRecords) {
    this.#records = records;
    this.#schema = records.schema;
  }

  add(event: RowEvent): void {
    const bound: BoundRowEvent = bindRowEvent(
      event,
      this.#schema,
      (name) => this.#openField(name),
    );
    this.batch.add(bound);
  }

  before(): Omit<KeyspaceBefore, "known"> {
    return {
      ...this.#records,
      schema: this.#schema,
      schemaChanged: this.#schema !== this.#records.schema,
    };
  }

  #openField(name: string): KeyspaceField {
    const field: KeyspaceField = { ...this.#schema.open!, name };
    this.#schema = {
      ...this.#schema,
      fields: [...this.#schema.fields, field],
    };
    return field;
  }
}

function superblockOf(
  keyspaces: ReadonlyMap<string, KeyspaceRecords>,
): Uint8Array {
  return encodeSuperblock({
    sealed: false,
    keyspaces: new Map(
      [...keyspaces].map(([name, { keyspace }]) => [name, keyspace]),
    ),
  });
}

/** A database of something else must not be written over. */
async function assertEmpty(store: ChunkStore): Promise<void> {
  const everything = { from: new Uint8Array(0), to: Uint8Array.of(0xff, 0xff) };
  for await (const { count } of store.range(everything)) {
    if (count === 0) continue;
    throw new CairnError(
      "unsupported",
      "Cannot open index: a database without a superblock, but with keys",
      { where: { file: store.name, part: "superblock" } },
    );
  }
}

function atLine(error: unknown, line: number): unknown {
  if (!(error instanceof CairnError)) return error;
  return new CairnError(error.code, error.detail, {
    where: { ...error.where, line },
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    cause: error,
  });
}
