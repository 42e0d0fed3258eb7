/**
 * The index of a store of events: trails and single events by term.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  CHUNK_BITS,
  CHUNK_WORDS,
  type Condition,
  findField,
  type Index,
  type Lexicon,
  type Period,
  type Postings,
  type Schema,
  type Term,
} from "@cairn/core";
import { isPeriod, periodRange } from "../calendar.ts";
import { compareSlices, SliceWalker } from "../compare_slices.ts";
import { EQUAL_PREFIX, TIME_FIELD, VALUE_PREFIX } from "./event_layout.ts";
import { conditionTest } from "../field_values.ts";
import { KeyspaceIndex } from "../keyspace_index.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";
import { slotOf } from "../slot.ts";
import { turnBits } from "@cairn/kernels";

/** What the index of events reads from. */
export interface EventIndexParts {
  /** The event fields. */
  readonly schema: Schema;
  /** The keyspace of trails. */
  readonly trails: KeyspaceReader;
  /** The keyspace of events. */
  readonly events: KeyspaceReader;
  /** The smallest time. */
  readonly timeBase: number;
  /** Loads the lexicon of a field. */
  readonly lexicon: (field: string, options: AbortOptions) => Promise<Lexicon>;
}

/** A value looked for on its own; more are found in one pass over the column. */
const SINGLE_MAX = 8;

/** Answers by trail as any keyspace of rows does, and by event. */
export class EventIndex extends KeyspaceIndex implements Index {
  readonly #parts: EventIndexParts;

  /** Makes the index. @param parts Where bitmaps are read. */
  constructor(parts: EventIndexParts) {
    super(parts.trails, { rowsOnly: false });
    this.#parts = parts;
  }

  /** Finds the events of a term; exact. `undefined` where it is not kept. */
  async events(
    term: Term,
    options: AbortOptions = {},
  ): Promise<Postings | undefined> {
    const { schema, events } = this.#parts;
    events.assertOpen(options);
    if (findField(schema, term.field) < 0) return undefined;
    if (term.period !== undefined && !isPeriod(term.period)) return undefined;
    let { bitmap, chunks } = term.condition === undefined
      ? await events.presence(VALUE_PREFIX + term.field, options)
      : await this.#meeting(term.field, term.condition, options);
    if (term.period !== undefined && !bitmap.isEmpty) {
      const within = await this.#within(bitmap, term.period, options);
      bitmap = within.bitmap;
      chunks += within.chunks;
    }
    return { bitmap, exact: true, chunks };
  }

  async #meeting(
    field: string,
    condition: Condition,
    options: AbortOptions,
  ): Promise<{ bitmap: Bitmap; chunks: number }> {
    const { events } = this.#parts;
    const lexicon = await this.#parts.lexicon(field, options);
    const ids = acceptedIds(lexicon, condition);
    const equal = EQUAL_PREFIX + field;
    const bitmaps: Bitmap[] = [];
    let chunks = 0;
    if (events.schema.fields.some(({ name }) => name === equal)) {
      for (const id of ids) {
        const found = await events.value(equal, slotOf(id), options);
        bitmaps.push(found.bitmap);
        chunks += found.chunks;
      }
      return { bitmap: Bitmap.union(bitmaps), chunks };
    }
    const name = VALUE_PREFIX + field;
    const { bitmap: rows } = await events.presence(name, options);
    const read = await events.slices(name, options);
    if (ids.length > SINGLE_MAX) {
      const accepts = new Uint8Array(lexicon.size);
      for (const id of ids) accepts[id] = 1;
      const bitmap = acceptedRows(rows, read.slices.slice(0, 32), accepts);
      return { bitmap, chunks: read.chunks };
    }
    for (const id of ids) {
      const low = BigInt(id);
      bitmaps.push(compareSlices(rows, read.slices, { low, high: low }));
    }
    return { bitmap: Bitmap.union(bitmaps), chunks: read.chunks };
  }

  async #within(
    rows: Bitmap,
    period: Period,
    options: AbortOptions,
  ): Promise<{ bitmap: Bitmap; chunks: number }> {
    const { events, timeBase } = this.#parts;
    const { slices, chunks } = await events.slices(TIME_FIELD, options);
    const { from, to } = periodRange(period, events.schema.time);
    const high = BigInt(to - 1 - timeBase);
    if (high < 0n) return { bitmap: Bitmap.empty, chunks };
    const low = BigInt(Math.max(0, from - timeBase));
    return { bitmap: compareSlices(rows, slices, { low, high }), chunks };
  }
}

/** Ids of the values that meet a condition; never 0. */
function acceptedIds(lexicon: Lexicon, condition: Condition): number[] {
  if (condition.kind === "in") {
    const ids = condition.values.map((value) => lexicon.find(value) ?? 0);
    return [...new Set(ids)].filter((id) => id > 0);
  }
  const test = conditionTest(condition);
  const ids: number[] = [];
  for (let id = 1; id < lexicon.size; id++) {
    if (test(lexicon.value(id))) ids.push(id);
  }
  return ids;
}

/** Rows whose number is accepted, by turning each chunk on its side. */
function acceptedRows(
  rows: Bitmap,
  slices: readonly Bitmap[],
  accepts: Uint8Array,
): Bitmap {
  const words = Array.from(
    { length: slices.length },
    () => new Uint32Array(CHUNK_WORDS),
  );
  const joined = new Uint32Array(slices.length * CHUNK_WORDS);
  const numbers = new Uint32Array(CHUNK_BITS);
  const walker = new SliceWalker(slices);
  const found: number[] = [];
  const kept: Uint32Array[] = [];
  const present = new Uint32Array(CHUNK_WORDS);
  for (let c = 0; c < rows.chunks.length; c++) {
    rows.readChunk(c, present, 0);
    walker.read(rows.chunks[c]!, joined, 0);
    words.forEach((slice, i) =>
      slice.set(joined.subarray(i * CHUNK_WORDS, (i + 1) * CHUNK_WORDS))
    );
    numbers.fill(0);
    turnBits(words, numbers);
    const chunk = new Uint32Array(CHUNK_WORDS);
    let any = 0;
    for (let bit = 0; bit < CHUNK_BITS; bit++) {
      const has = present[bit >>> 5]! >>> (bit & 31) & 1;
      if (has === 1 && accepts[numbers[bit]!] === 1) {
        chunk[bit >>> 5]! |= 1 << (bit & 31);
        any = 1;
      }
    }
    if (any === 0) continue;
    found.push(rows.chunks[c]!);
    kept.push(chunk);
  }
  const all = new Uint32Array(kept.length * CHUNK_WORDS);
  kept.forEach((chunk, i) => all.set(chunk, i * CHUNK_WORDS));
  return new Bitmap(Uint32Array.from(found), all).compact();
}
