/**
 * Reading the bitmaps of one keyspace.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  CairnError,
  encodeText,
  SharedLoad,
  throwIfAborted,
} from "@cairn/core";
import {
  type AddressSpace,
  DenseSpace,
  SparseSpaceBuilder,
} from "./address_space.ts";
import { BitmapCache } from "./_bitmap_cache.ts";
import type { ChunkEntries, ChunkReader } from "./chunk_store.ts";
import { namePrefix, prefixEnd, slotPrefix } from "./key.ts";
import type { KeyspaceRecords } from "./keyspace_records.ts";
import type { KeyspaceSchema } from "./keyspace_schema.ts";
import type { KeyspaceState } from "./keyspace_state.ts";
import type { LongValueReader, LongValues } from "./long_values.ts";
import { KIND, type Kind, SLOT_BITS, SLOT_BYTES } from "./layout.ts";
import { slotOf, slotText, slotToNumber } from "./slot.ts";
import { type SlotCount, SlotCounter } from "./slot_counter.ts";

/** A bitmap of ordinals as it was read. */
export interface ReadBitmap {
  /** The set. */
  readonly bitmap: Bitmap;
  /** How many stored chunks it came from. */
  readonly chunks: number;
}

/** A bitmap and the slot it belongs to. */
export interface SlotBitmap extends ReadBitmap {
  /** A value, or the number of a slice; a copy. */
  readonly slot: Uint8Array;
}

/** The slices of a counter, lowest first; missing ones are empty. */
export interface ReadSlices {
  /** One bitmap a binary digit. */
  readonly slices: readonly Bitmap[];
  /** How many stored chunks they came from. */
  readonly chunks: number;
}

/** Which bitmaps of a view to walk over. */
export interface SlotRange extends AbortOptions {
  /** The first slot; 0 if left out. */
  readonly from?: Uint8Array;
  /** The last slot, inclusive; the largest if left out. */
  readonly last?: Uint8Array;
  /** What bits stand for; the rows if left out. */
  readonly space?: AddressSpace;
}

const NO_VALUES: LongValues = new Map();
const NO_NAME = new Uint8Array(0);
const LAST_SLOT = new Uint8Array(SLOT_BYTES).fill(0xff);

/** Reads bitmaps of a keyspace as sets of ordinals, and keeps those used last. */
export class KeyspaceReader {
  /** Where keys are read from. */
  readonly reader: ChunkReader;
  /** The keyspace's number. */
  readonly keyspace: number;
  /** Its schema. */
  readonly schema: KeyspaceSchema;
  /** Its state. */
  readonly state: KeyspaceState;
  readonly #cache: BitmapCache;
  readonly #identity: boolean;
  readonly #long: LongValueReader | undefined;
  readonly #space: SharedLoad<AddressSpace> = new SharedLoad((options) =>
    this.#loadSpace(options)
  );
  #closed = false;

  /**
   * Makes a reader of one keyspace.
   *
   * @param reader Where keys are read from; one state of the store.
   * @param records The keyspace.
   * @param options Bytes of bitmaps to keep; whether numbered rows are known to be 0, 1, 2 and so on; where values are that do not fit a key.
   */
  constructor(
    reader: ChunkReader,
    records: KeyspaceRecords,
    options: {
      readonly cacheBytes: number;
      readonly numbered?: boolean;
      readonly long?: LongValueReader;
    },
  ) {
    this.reader = reader;
    this.keyspace = records.keyspace;
    this.schema = records.schema;
    this.state = records.state;
    this.#cache = new BitmapCache(options.cacheBytes);
    this.#long = options.long;
    this.#identity = records.schema.rows === "dense" ||
      options.numbered === true;
  }

  /** Gets the values of a field that do not fit a key, by ordinal. @param field Its name. */
  async longValues(
    field: string,
    options: AbortOptions = {},
  ): Promise<LongValues> {
    return await this.#long?.of(field, options) ?? NO_VALUES;
  }

  /** Gets the rows by address. In explicit modes the existence bitmap is read once. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async space(options: AbortOptions = {}): Promise<AddressSpace> {
    this.assertOpen(options);
    return this.#space.get(options);
  }

  /** Ends all answers, also from what is kept; `reader` is its owner's to close. */
  close(): void {
    this.#closed = true;
  }

  /** Fails after `close`, and when a signal says so. @throws {TypeError} */
  assertOpen(options: AbortOptions = {}): void {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.reader.name}": it is closed`);
    }
    throwIfAborted(options.signal);
  }

  /** All rows: the existence bitmap, since the state is but a claim. */
  async all(options: AbortOptions = {}): Promise<Bitmap> {
    return (await this.presence("", options)).bitmap;
  }

  /** Rows with an event of a field or view. @param view Its name. */
  async presence(
    view: string,
    options: AbortOptions = {},
  ): Promise<ReadBitmap> {
    return await this.#single(KIND.presence, view, slotOf(0), options);
  }

  /** Rows that hold a value. @param view Name of a field or view. @param slot The value. */
  async value(
    view: string,
    slot: Uint8Array,
    options: AbortOptions = {},
  ): Promise<ReadBitmap> {
    return await this.#single(KIND.equality, view, slot, options);
  }

  /** The slices of a counter, in one run of reads. @param view Name of a field or view. */
  async slices(view: string, options: AbortOptions = {}): Promise<ReadSlices> {
    this.assertOpen(options);
    const name = `slices ${view}`;
    const kept = this.#cache.get<ReadSlices>(name);
    if (kept !== undefined) return kept;
    const slices: Bitmap[] = [];
    let chunks = 0;
    for await (const found of this.bitmaps(KIND.slice, view, options)) {
      const bit = slotToNumber(found.slot);
      if (bit === undefined || bit >= SLOT_BITS) {
        throw new CairnError(
          "corrupt",
          `Cannot read counter "${view}": a slice of more than 128`,
          {
            where: { file: this.reader.name, part: "slices" },
          },
        );
      }
      while (slices.length < bit) slices.push(Bitmap.empty);
      slices.push(found.bitmap);
      chunks += found.chunks;
    }
    const read = { slices, chunks };
    this.#cache.put(name, read, slices);
    return read;
  }

  /**
   * Walks over the bitmaps of a view by slot, each once, in one run of reads.
   *
   * @param kind Equality or slice.
   * @param view Name of a field or view.
   * @param range Which slots.
   */
  async *bitmaps(
    kind: Kind,
    view: string,
    range: SlotRange = {},
  ): AsyncGenerator<SlotBitmap, void, undefined> {
    const prefix = namePrefix(this.keyspace, kind, encodeText(view));
    const from = range.from ?? slotOf(0);
    const last = range.last ?? LAST_SLOT;
    yield* this.#scan(
      prefix,
      {
        from: slotPrefix(prefix, from),
        to: prefixEnd(slotPrefix(prefix, last)),
      },
      range.space ?? await this.space(range),
      range,
    );
  }

  /**
   * Counts the rows of each value of a view by slot, without making bitmaps
   * where rows lie as they are numbered.
   *
   * @param view Name of a field or view.
   * @param options Only rows of `trails` count.
   */
  async *counts(
    view: string,
    options: AbortOptions & { readonly trails?: Bitmap },
  ): AsyncGenerator<SlotCount, void, undefined> {
    if (!this.#identity) {
      for await (
        const { slot, bitmap } of this.bitmaps(KIND.equality, view, options)
      ) {
        const { trails } = options;
        yield {
          slot,
          count: trails ? bitmap.countAnd(trails) : bitmap.count(),
        };
      }
      return;
    }
    const prefix = namePrefix(this.keyspace, KIND.equality, encodeText(view));
    const range = { from: prefix, to: prefixEnd(prefix) };
    const counter = new SlotCounter(
      this.state.rows,
      prefix.length,
      options.trails,
    );
    for await (const entries of this.reader.range(range, options)) {
      throwIfAborted(options.signal);
      for (let row = 0; row < entries.count; row++) {
        this.#checkKey(entries, row, prefix.length + 2 * SLOT_BYTES);
      }
      const counted = counter.take(entries);
      yield* counted;
    }
    yield* counter.finish();
  }

  /**
   * Gets the bitmap of a trigram, over value ordinals.
   *
   * @param field Name of the base field.
   * @param slot The trigram.
   */
  async trigram(
    field: string,
    slot: Uint8Array,
    options: AbortOptions = {},
  ): Promise<ReadBitmap> {
    const prefix = namePrefix(this.keyspace, KIND.trigram, encodeText(field));
    const space = new DenseSpace(this.state.fields.get(field)?.values ?? 0);
    return await this.#one(slotPrefix(prefix, slot), space, options);
  }

  async #single(
    kind: Kind,
    view: string,
    slot: Uint8Array,
    options: AbortOptions,
  ): Promise<ReadBitmap> {
    this.assertOpen(options);
    const name = `${kind} ${slotText(slot)} ${view}`;
    const kept = this.#cache.get<ReadBitmap>(name);
    if (kept !== undefined) return kept;
    const prefix = namePrefix(this.keyspace, kind, encodeText(view));
    const read = await this.#one(
      slotPrefix(prefix, slot),
      await this.space(options),
      options,
    );
    this.#cache.put(name, read, [read.bitmap]);
    return read;
  }

  async #one(
    prefix: Uint8Array,
    space: AddressSpace,
    options: AbortOptions,
  ): Promise<ReadBitmap> {
    const collector = space.collector();
    const range = { from: prefix, to: prefixEnd(prefix) };
    await this.#named(async () => {
      for await (const entries of this.reader.range(range, options)) {
        throwIfAborted(options.signal);
        for (let row = 0; row < entries.count; row++) {
          this.#checkKey(entries, row, prefix.length + SLOT_BYTES);
          collector.add(entries, row);
        }
      }
    });
    return { bitmap: collector.finish(), chunks: collector.chunks };
  }

  async *#scan(
    prefix: Uint8Array,
    range: { from: Uint8Array; to: Uint8Array },
    space: AddressSpace,
    options: AbortOptions,
  ): AsyncGenerator<SlotBitmap, void, undefined> {
    let slot: Uint8Array | undefined;
    let collector = space.collector();
    for await (const entries of this.reader.range(range, options)) {
      throwIfAborted(options.signal);
      const { bytes, starts } = entries.keys;
      for (let row = 0; row < entries.count; row++) {
        this.#checkKey(entries, row, prefix.length + 2 * SLOT_BYTES);
        const at = starts[row]! + prefix.length;
        if (slot === undefined || !isAt(slot, bytes, at)) {
          if (slot !== undefined && collector.chunks > 0) {
            yield {
              slot,
              bitmap: collector.finish(),
              chunks: collector.chunks,
            };
          }
          slot = bytes.slice(at, at + SLOT_BYTES);
          collector = space.collector();
        }
        try {
          collector.add(entries, row);
        } catch (error) {
          throw this.#within(error);
        }
      }
    }
    if (slot !== undefined && collector.chunks > 0) {
      yield { slot, bitmap: collector.finish(), chunks: collector.chunks };
    }
  }

  async #loadSpace(options: AbortOptions): Promise<AddressSpace> {
    if (this.#identity) return new DenseSpace(this.state.rows);
    const builder = new SparseSpaceBuilder();
    const prefix = slotPrefix(
      namePrefix(this.keyspace, KIND.presence, NO_NAME),
      0,
    );
    const range = { from: prefix, to: prefixEnd(prefix) };
    await this.#named(async () => {
      for await (const entries of this.reader.range(range, options)) {
        throwIfAborted(options.signal);
        for (let row = 0; row < entries.count; row++) {
          this.#checkKey(entries, row, prefix.length + SLOT_BYTES);
          builder.add(entries, row);
        }
      }
    });
    return builder.finish();
  }

  #checkKey(entries: ChunkEntries, row: number, byteLength: number): void {
    const { starts, ends } = entries.keys;
    if (ends[row]! - starts[row]! === byteLength) return;
    throw new CairnError(
      "corrupt",
      `Cannot read key: ${
        ends[row]! - starts[row]!
      } bytes, ${byteLength} wanted`,
      { where: { file: this.reader.name, part: "keys" } },
    );
  }

  #within(error: unknown): unknown {
    return error instanceof CairnError ? error.within(this.reader.name) : error;
  }

  async #named(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw this.#within(error);
    }
  }
}

function isAt(slot: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = SLOT_BYTES - 1; i >= 0; i--) {
    if (slot[i] !== bytes[at + i]) return false;
  }
  return true;
}
