/**
 * A store of events, open for reading.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  createSchema,
  type EventBatch,
  type Field,
  type FieldType,
  type Finding,
  getField,
  type Index,
  type Lexicon,
  type OrdinalRange,
  type ScanOptions,
  type Schema,
  SharedLoad,
  type Store,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import { type CborMap, CborRecord } from "../_cbor.ts";
import type { ChunkReader } from "../chunk_store.ts";
import { type EventExtents, loadExtents } from "./event_extents.ts";
import { EventIndex } from "./event_index.ts";
import {
  FIELDS_MEMBER,
  TIME_BASE_MEMBER,
  TIME_LAST_MEMBER,
} from "./event_layout.ts";
import { EventLexicon } from "./event_lexicon.ts";
import { scanEvents, type ScanParts } from "./event_scan.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";
import { findKeyspaceField } from "../keyspace_schema.ts";
import { findRow, readRowKeys } from "../row_keys.ts";
import { loadDictionary } from "../value_dictionary.ts";
import { verifyStore } from "../verify.ts";
import { verifyEvents } from "./verify_events.ts";

/** What a store of events is made of. */
export interface EventStoreParts {
  /** The keyspace of trails. */
  readonly trails: KeyspaceReader;
  /** The keyspace of events; its rows are known to be 0, 1, 2 and so on. */
  readonly events: KeyspaceReader;
  /** All keys; closed with the store. */
  readonly reader: ChunkReader;
}

/** Events, trails, and the index of both, in one file. */
export class EventStore implements Store {
  /** Name of the codec. */
  readonly codec = "bitmap";
  /** The event fields. */
  readonly schema: Schema;
  readonly #parts: EventStoreParts;
  readonly #times:
    | { readonly first: number; readonly last: number }
    | undefined;
  readonly #lexicons = new Map<string, SharedLoad<EventLexicon>>();
  readonly #index: EventIndex;
  readonly #extents: SharedLoad<EventExtents> = new SharedLoad((options) =>
    loadExtents(this.#parts.trails, this.#parts.events, options)
  );
  #closed = false;

  /**
   * Makes a store.
   *
   * @param parts What it is made of.
   * @throws {CairnError} `corrupt` when the schema has not what it must.
   */
  constructor(parts: EventStoreParts) {
    this.#parts = parts;
    const extra = new CborRecord(parts.events.schema.extra, "schema");
    this.schema = readFields(extra);
    this.#times = readTimes(extra);
    if ((this.#times === undefined) !== (parts.events.state.rows === 0)) {
      throw extra.corrupt("times are stated without events, or the reverse");
    }
    this.#index = new EventIndex({
      schema: this.schema,
      trails: parts.trails,
      events: parts.events,
      timeBase: this.#times?.first ?? 0,
      lexicon: (field, options) => this.#lexicon(field, options),
    });
  }

  /** Gives what the file states: free. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    const { trails, events } = this.#open(options);
    return {
      trails: trails.state.rows,
      events: events.state.rows,
      minTimestamp: this.#times?.first,
      maxTimestamp: this.#times?.last,
    };
  }

  /** Finds a trail by its key. */
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    return await findRow(this.#open(options).trails, trailKey, options);
  }

  /** Gets the keys of a run of trails. */
  async keys(
    range: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    return await readRowKeys(this.#open(options).trails, range, options);
  }

  /** Loads the lexicon of a field: commonest values first. */
  async lexicon(
    field: string,
    options: AbortOptions = {},
  ): Promise<Lexicon | undefined> {
    this.#open(options);
    getField(this.schema, field);
    return await this.#lexicon(field, options);
  }

  /** Scans events. Ascending costs no less than descending. */
  scan(options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    this.#open();
    return this.#guarded(scanEvents(this.#scanParts(), options), options);
  }

  /** Gets the index of trails and events. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async index(options: AbortOptions = {}): Promise<Index> {
    this.#open(options);
    return this.#index;
  }

  /** Makes all checks of the format, and that trails and events agree. */
  async *verify(
    options: AbortOptions = {},
  ): AsyncGenerator<Finding, void, undefined> {
    const { reader, trails, events } = this.#open(options);
    let sound = true;
    for await (const finding of verifyStore(reader, options)) {
      sound = false;
      yield finding;
    }
    if (!sound) return;
    const { schema } = this;
    const scan = (fields: readonly string[]) =>
      this.scan({ ...options, fields });
    const parts = { schema, trails, events, scan, times: this.#times };
    yield* verifyEvents(parts, options);
  }

  /** Closes the store and what it reads from. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.trails.close();
    this.#parts.events.close();
    await this.#parts.reader.close();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A scan under way ends with an error once the store is closed. */
  async *#guarded(
    batches: AsyncGenerator<EventBatch, void, undefined>,
    options: AbortOptions,
  ): AsyncGenerator<EventBatch, void, undefined> {
    try {
      while (true) {
        this.#open();
        throwIfAborted(options.signal);
        const { done, value } = await batches.next();
        if (done) return;
        yield value;
      }
    } finally {
      await batches.return();
    }
  }

  #scanParts(): ScanParts {
    return {
      schema: this.schema,
      events: this.#parts.events,
      timeBase: this.#times?.first ?? 0,
      extents: (options) => this.#loadExtents(options),
      lexicon: (field, options) => this.#lexicon(field, options),
    };
  }

  #loadExtents(options: AbortOptions): Promise<EventExtents> {
    return this.#extents.get(options);
  }

  #lexicon(field: string, options: AbortOptions): Promise<EventLexicon> {
    let lexicon = this.#lexicons.get(field);
    if (lexicon === undefined) {
      const { trails, events } = this.#parts;
      // A field that is no set of trails has its dictionary with the events.
      const kept = findKeyspaceField(trails.schema, field);
      const keyspace = kept?.type === "set" ? trails : events;
      const all = { start: 0, end: Infinity };
      lexicon = new SharedLoad(async (options) =>
        new EventLexicon(await loadDictionary(keyspace, field, all, options))
      );
      this.#lexicons.set(field, lexicon);
    }
    return lexicon.get(options);
  }

  #open(options: AbortOptions = {}): EventStoreParts {
    if (this.#closed) throw new TypeError("Cannot use store: it is closed");
    throwIfAborted(options.signal);
    return this.#parts;
  }
}

/** Tells whether a schema is of the events of a store of events. @param extra Its own members. */
export function isEventSchema(extra: CborMap | undefined): boolean {
  return extra?.has(FIELDS_MEMBER) ?? false;
}

function readFields(extra: CborRecord): Schema {
  const fields = extra.array(FIELDS_MEMBER).map((value): Field => {
    const field = new CborRecord(value, "schema");
    const types: FieldType[] = ["bytes", "text", "integer"];
    return { name: field.text("name"), type: field.word("type", types) };
  });
  try {
    return createSchema(fields);
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    throw extra.corrupt(error.detail);
  }
}

function readTimes(
  extra: CborRecord,
): { first: number; last: number } | undefined {
  if (!extra.map.has(TIME_BASE_MEMBER)) return undefined;
  const first = extra.integer(TIME_BASE_MEMBER, 0);
  return { first, last: extra.integer(TIME_LAST_MEMBER, first) };
}
