/**
 * A store over events in memory, for codecs that read whole files, for tests
 * and for small data.
 *
 * @module
 */
import type { AbortOptions } from "./abort_options.ts";
import type { Bitmap } from "./bitmap.ts";
import { compareBytes } from "./bytes.ts";
import { type BytesColumn, type ByteSpans, packSpans } from "./column.ts";
import {
  type CompiledFilter,
  compileFilter,
  selectRows,
} from "./compiled_filter.ts";
import { throwIfAborted } from "./errors.ts";
import { EventBatch } from "./event_batch.ts";
import { Filter } from "./filter.ts";
import type { Finding } from "./finding.ts";
import { getField, type Schema } from "./schema.ts";
import type { Source } from "./source.ts";
import {
  BATCH_EVENTS,
  type OrdinalRange,
  type ScanOptions,
  type Store,
  type StoreStats,
} from "./store.ts";

/** One event in memory. */
export interface MemoryEvent {
  /** Its time. */
  readonly timestamp: number;
  /** A value for each field of the schema; `null` for none, never empty. */
  readonly values: readonly (Uint8Array | null)[];
}

/** One trail in memory. */
export interface MemoryTrail {
  /** Its key; no other trail has it. */
  readonly key: Uint8Array;
  /** Its events, at least one, by time. */
  readonly events: readonly MemoryEvent[];
}

/** What a store in memory is made of. */
export interface MemoryStoreParts {
  /** Name of the codec that it belongs to. */
  readonly codec: string;
  /** The fields. */
  readonly schema: Schema;
  /** The trails, in the order of their ordinals. Checked by the caller. */
  readonly trails: readonly MemoryTrail[];
  /** Closed with the store. */
  readonly source?: Source;
}

/**
 * Answers everything from arrays, the plain way: columns of bytes, no index,
 * nothing for `verify` to find, since whoever parsed the file has checked it.
 *
 * @example Two events
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemoryStore } from "@cairn/core";
 *
 * await using store = new MemoryStore({
 *   codec: "memory",
 *   schema: createSchema(["page"]),
 *   trails: [{
 *     key: encodeText("ann"),
 *     events: [{ timestamp: 10, values: [encodeText("/")] }],
 *   }],
 * });
 * assertEquals(await store.find(encodeText("ann")), 0);
 * ```
 */
export class MemoryStore implements Store {
  /** Name of the codec. */
  readonly codec: string;
  /** The fields. */
  readonly schema: Schema;
  readonly #trails: readonly MemoryTrail[];
  readonly #source: Source | undefined;
  #closed = false;

  /** Makes a store. @param parts What it holds; not copied. */
  constructor(parts: MemoryStoreParts) {
    this.codec = parts.codec;
    this.schema = parts.schema;
    this.#trails = parts.trails;
    this.#source = parts.source;
  }

  /** Counts. See {@linkcode Store.stats}. */
  async stats(options: AbortOptions = {}): Promise<StoreStats> {
    await this.#check(options.signal);
    let [events, least, most] = [0, Infinity, -Infinity];
    for (const trail of this.#trails) {
      events += trail.events.length;
      least = Math.min(least, trail.events[0]!.timestamp);
      most = Math.max(most, trail.events.at(-1)!.timestamp);
    }
    return {
      trails: this.#trails.length,
      events,
      minTimestamp: events === 0 ? undefined : least,
      maxTimestamp: events === 0 ? undefined : most,
    };
  }

  /** Finds a trail by looking at all. See {@linkcode Store.find}. */
  async find(
    trailKey: Uint8Array,
    options: AbortOptions = {},
  ): Promise<number | undefined> {
    await this.#check(options.signal);
    const ordinal = this.#trails.findIndex((trail) =>
      compareBytes(trail.key, trailKey) === 0
    );
    return ordinal < 0 ? undefined : ordinal;
  }

  /** Gets keys. See {@linkcode Store.keys}. */
  async keys(
    { start, end }: OrdinalRange,
    options: AbortOptions = {},
  ): Promise<ByteSpans> {
    await this.#check(options.signal);
    if (!(start >= 0 && start <= end && end <= this.#trails.length)) {
      throw new RangeError(
        `Cannot give keys ${start} to ${end}: there are ${this.#trails.length} trails`,
      );
    }
    return packSpans(this.#trails.slice(start, end).map((trail) => trail.key));
  }

  /** There is none. See {@linkcode Store.lexicon}. */
  async lexicon(
    field: string,
    options: AbortOptions = {},
  ): Promise<undefined> {
    await this.#check(options.signal);
    getField(this.schema, field);
    return undefined;
  }

  /** Scans, a batch a trail or less. See {@linkcode Store.scan}. */
  async *scan(options: ScanOptions = {}): AsyncIterableIterator<EventBatch> {
    await this.#check(options.signal);
    const batchEvents = options.batchEvents ?? BATCH_EVENTS;
    if (!Number.isSafeInteger(batchEvents) || batchEvents < 1) {
      throw new RangeError(
        `Cannot scan: ${batchEvents} events in a batch, 1 or more wanted`,
      );
    }
    const fields = options.fields ?? this.schema.fields.map(({ name }) => name);
    const places = fields.map((name) => getField(this.schema, name));
    const filter = compileFilter(options.filter ?? Filter.all, this.schema, []);
    if (filter.verdict === "none") return;
    for (const ordinal of selectTrails(options.trails, this.#trails.length)) {
      const kept = this.#keep(this.#trails[ordinal]!.events, filter);
      if (options.order === "descending") kept.reverse();
      for (let at = 0; at < kept.length; at += batchEvents) {
        const events = kept.slice(at, at + batchEvents);
        yield new EventBatch({
          trailOrdinals: Uint32Array.of(ordinal),
          trailOffsets: Uint32Array.of(0, events.length),
          timestamps: Float64Array.from(events, (event) => event.timestamp),
          columns: places.map((field) => toColumn(events, field)),
        });
        await this.#check(options.signal);
      }
    }
  }

  /** There is none. See {@linkcode Store.index}. */
  index(options: AbortOptions = {}): Promise<undefined> {
    return this.#check(options.signal);
  }

  /** Nothing is left to find. See {@linkcode Store.verify}. */
  // deno-lint-ignore require-yield -- whoever made the store has checked it
  async *verify(options: AbortOptions = {}): AsyncIterableIterator<Finding> {
    await this.#check(options.signal);
  }

  /** Closes the store and its source. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#source?.close();
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #keep(
    events: readonly MemoryEvent[],
    filter: CompiledFilter,
  ): MemoryEvent[] {
    if (filter.verdict === "all") return [...events];
    const columns: BytesColumn[] = [];
    for (const field of filter.fields) columns[field] = toColumn(events, field);
    const times = Float64Array.from(events, (event) => event.timestamp);
    const rows = selectRows(filter, columns, times, events.length);
    return Array.from(rows, (row) => events[row]!);
  }

  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async #check(signal: AbortSignal | undefined): Promise<undefined> {
    if (this.#closed) {
      throw new TypeError("Cannot read the store: it is closed");
    }
    throwIfAborted(signal);
    return undefined;
  }
}

function toColumn(events: readonly MemoryEvent[], field: number): BytesColumn {
  return {
    kind: "bytes",
    ...packSpans(events.map((event) => event.values[field]!)),
  };
}

function* selectTrails(
  trails: OrdinalRange | Bitmap | undefined,
  count: number,
): Generator<number> {
  if (trails !== undefined && "chunks" in trails) {
    for (const ordinal of trails) if (ordinal < count) yield ordinal;
    return;
  }
  const end = Math.min(count, trails?.end ?? count);
  for (let at = Math.max(0, trails?.start ?? 0); at < end; at++) yield at;
}
