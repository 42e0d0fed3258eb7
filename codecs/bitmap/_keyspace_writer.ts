/**
 * Turns batches of events into changes of keys, for one keyspace.
 *
 * @module
 */
import { encodeText } from "@cairn/core";
import { ChunkEdits } from "./_chunk_edits.ts";
import { type RowPlace, rowPlace } from "./_row_place.ts";
import { type RowBatch, totalTooLarge, type ViewDelta } from "./_row_batch.ts";
import type { ChunkChange, ChunkReader } from "./chunk_store.ts";
import { IdSlots, type KeyspaceBefore } from "./_id_slots.ts";
import {
  decodeKey,
  entryKey,
  metaKey,
  namePrefix,
  prefixEnd,
  slotPrefix,
} from "./key.ts";
import { encodeSchema } from "./keyspace_schema.ts";
import {
  encodeState,
  type FieldState,
  type KeyspaceState,
} from "./keyspace_state.ts";
import { COUNTER_MAX, KIND, SCHEMA_NAME, STATE_NAME } from "./layout.ts";
import { slotOf, slotText, slotToBigint, splitAddress } from "./slot.ts";
import { valueTrigrams } from "./trigrams.ts";

/** What a batch makes of a keyspace. */
export interface KeyspaceOutcome {
  /** The keys to change, each once. */
  readonly changes: ChunkChange[];
  /** The state afterwards. */
  readonly state: KeyspaceState;
  /** Addresses of rows that were looked up, for the cache. */
  readonly found: ReadonlyMap<string, Uint8Array>;
}

/**
 * Works out what a batch changes. Nothing is written.
 *
 * @param before The keyspace.
 * @param batch The events, summed up.
 * @param reader The stored keys.
 * @throws {CairnError} `limit` when a total or a dictionary is full.
 */
export async function applyRowBatch(
  before: KeyspaceBefore,
  batch: RowBatch,
  reader: ChunkReader,
): Promise<KeyspaceOutcome> {
  const work = new BatchWork(before, reader);
  const places = await work.rows(batch);
  await work.existence(places);
  for (const view of batch.views.values()) await work.view(view, batch, places);
  return work.finish(batch.count);
}

class BatchWork {
  readonly #before: KeyspaceBefore;
  readonly #reader: ChunkReader;
  readonly #edits: ChunkEdits;
  readonly #entries: ChunkChange[] = [];
  readonly #ids: IdSlots;
  readonly #fields = new Map<string, { bits: number; values: number }>();
  /** Slots of the values of a batch, by field. */
  readonly #slots = new Map<string, Uint8Array[]>();
  #rows: number;

  constructor(before: KeyspaceBefore, reader: ChunkReader) {
    this.#before = before;
    this.#reader = reader;
    this.#edits = new ChunkEdits(reader);
    this.#ids = new IdSlots(before, reader, this.#entries);
    this.#rows = before.state.rows;
    for (const field of before.schema.fields) {
      const state = before.state.fields.get(field.name);
      this.#fields.set(field.name, {
        bits: state?.bits ?? 0,
        values: state?.values ?? 0,
      });
    }
  }

  /** Gets the bit of every row; new rows get theirs. */
  async rows(batch: RowBatch): Promise<RowPlace[]> {
    const { schema, keyspace } = this.#before;
    if (schema.rows === "uint") {
      return batch.rows.map((row) => rowPlace(slotOf(row as bigint)));
    }
    const rows = batch.rows as Uint8Array[];
    const table = encodeText(schema.name);
    const byAddress = namePrefix(keyspace, KIND.row, table);
    if (schema.rows === "hashed") {
      return (await this.#ids.probe(byAddress, rows)).slots.map(rowPlace);
    }
    const byId = namePrefix(keyspace, KIND.rowLookup, table);
    const addresses = await this.#ids.numbers(byId, byAddress, rows);
    this.#rows += addresses.added;
    return addresses.slots.map(rowPlace);
  }

  /** Marks the rows as known to the keyspace; counts the new ones. */
  async existence(places: readonly RowPlace[]): Promise<void> {
    const prefix = slotPrefix(
      namePrefix(this.#before.keyspace, KIND.presence, EMPTY),
      0,
    );
    const chunks = await this.#chunksOf(prefix, places);
    places.forEach(({ bit }, i) => {
      if (!this.#edits.has(chunks[i]!, bit)) {
        if (this.#before.schema.rows !== "dense") this.#rows++;
        this.#edits.set(chunks[i]!, bit, true);
      }
    });
  }

  /** Loads the chunk of each row, once a chunk; gives their numbers. */
  async #chunksOf(
    prefix: Uint8Array,
    places: readonly RowPlace[],
  ): Promise<number[]> {
    const offsets = new Map<string, Uint8Array>();
    for (const { offsetText, offset } of places) {
      offsets.set(offsetText, offset);
    }
    const numbers = await this.#edits.load(
      Array.from(offsets.values(), (offset) => slotPrefix(prefix, offset)),
    );
    const byOffset = new Map(
      Array.from(offsets.keys(), (text, i) => [text, numbers[i]!]),
    );
    return places.map(({ offsetText }) => byOffset.get(offsetText)!);
  }

  /** Applies what the batch does to one view. */
  async view(
    view: ViewDelta,
    batch: RowBatch,
    places: readonly RowPlace[],
  ): Promise<void> {
    const { keyspace } = this.#before;
    const rows = [...view.amounts.keys()];
    const prefix = slotPrefix(
      namePrefix(keyspace, KIND.presence, view.name),
      0,
    );
    const chunks = await this.#chunksOf(
      prefix,
      rows.map((row) => places[row]!),
    );
    const { field } = view;
    const present = rows.map((row, i) =>
      this.#edits.has(chunks[i]!, places[row]!.bit)
    );
    if (field.type === "set") await this.#set(view, batch, places);
    else if (field.type === "counter") {
      if (field.encoding === "bitslice") await this.#slices(view, places);
      else {await this.#totals(
          view,
          places,
          new Set(rows.filter((_, i) => present[i])),
        );}
    }
    rows.forEach((row, i) =>
      this.#edits.set(chunks[i]!, places[row]!.bit, true)
    );
  }

  async #set(
    view: ViewDelta,
    batch: RowBatch,
    places: readonly RowPlace[],
  ): Promise<void> {
    const slots = await this.#valueSlots(view, batch);
    const prefix = namePrefix(this.#before.keyspace, KIND.equality, view.name);
    const keys: Uint8Array[] = [];
    const bits: number[] = [];
    for (const [value, rows] of view.rows) {
      const valuePrefix = slotPrefix(prefix, slots[value]!);
      for (const row of rows) {
        const { offset, bit } = places[row]!;
        keys.push(slotPrefix(valuePrefix, offset));
        bits.push(bit);
      }
    }
    await this.#setAll(keys, bits);
  }

  async #setAll(
    keys: readonly Uint8Array[],
    bits: readonly number[],
  ): Promise<void> {
    const chunks = await this.#edits.load(keys);
    chunks.forEach((chunk, i) => this.#edits.set(chunk, bits[i]!, true));
  }

  /** Slots of all values that the batch has of a field; new ones get theirs. */
  async #valueSlots(view: ViewDelta, batch: RowBatch): Promise<Uint8Array[]> {
    const { field } = view;
    let slots = this.#slots.get(field.name);
    if (slots !== undefined) return slots;
    const { values } = batch.values.get(field.name)!;
    if (field.type !== "set" || field.of === "uint") {
      slots = values.map((value) => slotOf(value as bigint));
    } else {
      const name = encodeText(field.name);
      const { keyspace } = this.#before;
      const probed = await this.#ids.probe(
        namePrefix(keyspace, KIND.value, name),
        values as Uint8Array[],
      );
      slots = probed.slots;
      const byOrdinal = namePrefix(keyspace, KIND.valueOrdinal, name);
      const gramKeys: Uint8Array[] = [];
      const gramBits: number[] = [];
      const gramPrefix = namePrefix(keyspace, KIND.trigram, name);
      for (const { id, slot } of probed.added) {
        const ordinal = this.#fields.get(field.name)!.values++;
        this.#entries.push({
          key: entryKey(slotPrefix(byOrdinal, ordinal), id),
          value: slot,
        });
        if (!field.trigram) continue;
        const { offset, bit } = splitAddress(slotOf(ordinal));
        for (const gram of valueTrigrams(id)) {
          gramKeys.push(slotPrefix(slotPrefix(gramPrefix, gram), offset));
          gramBits.push(bit);
        }
      }
      await this.#setAll(gramKeys, gramBits);
    }
    this.#slots.set(field.name, slots);
    return slots;
  }

  /** Adds to bit-sliced totals: reads each row's column of bits and writes it back. */
  async #slices(view: ViewDelta, places: readonly RowPlace[]): Promise<void> {
    const prefix = namePrefix(this.#before.keyspace, KIND.slice, view.name);
    const state = this.#fields.get(view.field.name)!;
    const stored = state.bits;
    const added = [...view.amounts].filter(([, amount]) => amount > 0n);
    const chunks = new Map<string, Uint8Array>();
    for (const [row] of added) {
      chunks.set(places[row]!.offsetText, places[row]!.offset);
    }
    const slices = Array.from(
      { length: stored },
      (_, i) => slotPrefix(prefix, i),
    );
    const numbers = await this.#edits.load(
      [...chunks.values()].flatMap((offset) =>
        slices.map((slice) => slotPrefix(slice, offset))
      ),
    );
    const slicesOf = new Map(
      Array.from(chunks.keys(), (
        text,
        i,
      ) => [text, numbers.slice(i * stored, (i + 1) * stored)]),
    );
    for (const [row, amount] of added) {
      const { offset, offsetText, bit } = places[row]!;
      const digits = slicesOf.get(offsetText)!;
      let total = amount;
      for (let i = 0; i < stored; i++) {
        if (this.#edits.has(digits[i]!, bit)) total += 1n << BigInt(i);
      }
      if (total > COUNTER_MAX) throw totalTooLarge(view.field.name);
      let left = total;
      for (let i = 0; i < digits.length || left > 0n; i++) {
        if (i >= digits.length) {
          // A slice that no view had before the batch: nothing is stored of it.
          const key = slotPrefix(slotPrefix(prefix, i), offset);
          digits.push(this.#edits.put(key, undefined));
          state.bits = Math.max(state.bits, i + 1);
        }
        this.#edits.set(digits[i]!, bit, (left & 1n) === 1n);
        left >>= 1n;
      }
    }
  }

  /** Moves rows from the bitmap of their old total to that of the new one. */
  async #totals(
    view: ViewDelta,
    places: readonly RowPlace[],
    present: ReadonlySet<number>,
  ): Promise<void> {
    const prefix = namePrefix(this.#before.keyspace, KIND.equality, view.name);
    const byChunk = new Map<string, Set<number>>();
    for (const row of view.amounts.keys()) {
      if (!present.has(row)) continue;
      const { offsetText } = places[row]!;
      const rows = byChunk.get(offsetText);
      if (rows === undefined) byChunk.set(offsetText, new Set([row]));
      else rows.add(row);
    }
    const old = new Map<number, bigint>();
    const range = { from: prefix, to: prefixEnd(prefix) };
    if (byChunk.size > 0) {
      for await (const { count, keys, values } of this.#reader.range(range)) {
        for (let n = 0; n < count; n++) {
          const bytes = keys.bytes.slice(keys.starts[n], keys.ends[n]);
          const key = decodeKey(bytes);
          if (key.layout !== "chunk") continue;
          const rows = byChunk.get(slotText(key.offset));
          if (rows === undefined) continue;
          const chunk = this.#edits.put(
            bytes,
            values.bytes.subarray(values.starts[n], values.ends[n]),
          );
          for (const row of rows) {
            if (!this.#edits.has(chunk, places[row]!.bit)) continue;
            old.set(row, slotToBigint(key.slot));
            rows.delete(row);
          }
        }
      }
    }
    for (const [row, amount] of view.amounts) {
      const before = old.get(row);
      const total = (before ?? 0n) + amount;
      if (total === before) continue;
      if (total > COUNTER_MAX) throw totalTooLarge(view.field.name);
      const { offset, bit } = places[row]!;
      const move = async (value: bigint, to: boolean) => {
        const key = slotPrefix(slotPrefix(prefix, slotOf(value)), offset);
        const [chunk] = await this.#edits.load([key]);
        this.#edits.set(chunk!, bit, to);
      };
      if (before !== undefined) await move(before, false);
      await move(total, true);
    }
  }

  finish(count: number): KeyspaceOutcome {
    const { keyspace, schema, schemaChanged } = this.#before;
    const state: KeyspaceState = {
      position: this.#before.state.position + count,
      rows: this.#rows,
      fields: this.#fields as ReadonlyMap<string, FieldState>,
    };
    const changes = [...this.#entries, ...this.#edits.changes(), {
      key: metaKey(keyspace, STATE_NAME),
      value: encodeState(state, schema),
    }];
    if (schemaChanged) {
      changes.push({
        key: metaKey(keyspace, SCHEMA_NAME),
        value: encodeSchema(schema),
      });
    }
    return { changes, state, found: this.#ids.found };
  }
}

const EMPTY = new Uint8Array(0);
