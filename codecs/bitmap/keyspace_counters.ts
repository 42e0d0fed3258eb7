/**
 * What counters of a keyspace answer.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  CairnError,
  CHUNK_BITS,
  CHUNK_WORDS,
  type CounterExtreme,
  type CounterIndex,
  type CounterOptions,
  type Period,
} from "@cairn/core";
import { SliceWalker } from "./compare_slices.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { findKeyspaceField, type KeyspaceField } from "./keyspace_schema.ts";
import { KIND } from "./layout.ts";
import {
  extremeOfSlices,
  groupsOfSlices,
  sumSlices,
  topOfSlices,
} from "./slice_totals.ts";
import { slotToBigint } from "./slot.ts";
import { viewName } from "./view_name.ts";

/** A counter, perhaps within a period. */
export interface CounterView {
  /** The field's name. */
  readonly field: string;
  /** Only events of this period count. */
  readonly period?: Period;
}

/** A total and the rows that have it. */
export interface TotalRows {
  /** The total, or the value of a set of numbers. */
  readonly value: bigint;
  /** The rows. */
  readonly rows: Bitmap;
}

/** Answers about the counters of one keyspace. */
export class KeyspaceCounters implements CounterIndex {
  readonly #keyspace: KeyspaceReader;

  /** Makes the answers. @param keyspace Where bitmaps are read. */
  constructor(keyspace: KeyspaceReader) {
    this.#keyspace = keyspace;
  }

  /** Tells whether there is such a counter and view. @param counter Which. */
  has(counter: CounterView): boolean {
    const field = findKeyspaceField(this.#keyspace.schema, counter.field);
    return field?.type === "counter" &&
      viewName(field, counter.period) !== undefined;
  }

  /**
   * Loads a counter and gives the function that totals it over rows.
   *
   * @param counter Which.
   */
  async totaller(
    counter: CounterView,
    options: AbortOptions,
  ): Promise<(rows: Bitmap) => bigint> {
    const { field, view } = this.#view(counter.field, counter);
    if (field.encoding === "bitslice") {
      const { slices } = await this.#keyspace.slices(view, options);
      return (rows) => sumSlices(rows, slices);
    }
    const totals: TotalRows[] = [];
    for await (const total of this.groups(field, view, options)) {
      totals.push(total);
    }
    return (rows) =>
      totals.reduce(
        (sum, total) => sum + total.value * BigInt(total.rows.countAnd(rows)),
        0n,
      );
  }

  /**
   * Walks over the distinct totals of a counter, or the values of a set of
   * numbers, ascending.
   */
  async *groups(
    field: KeyspaceField,
    view: string,
    options: CounterOptions,
  ): AsyncGenerator<TotalRows, void, undefined> {
    if (field.type === "counter" && field.encoding === "bitslice") {
      const rows = await this.#rows(view, options);
      const { slices } = await this.#keyspace.slices(view, options);
      yield* groupsOfSlices(rows, slices);
      return;
    }
    const scan = this.#keyspace.bitmaps(KIND.equality, view, options);
    for await (const { slot, bitmap } of scan) {
      const rows = options.trails === undefined
        ? bitmap
        : bitmap.and(options.trails);
      if (!rows.isEmpty) yield { value: slotToBigint(slot), rows };
    }
  }

  /** Totals a counter. */
  async sum(
    name: string,
    options: CounterOptions = {},
  ): Promise<{ readonly sum: bigint; readonly count: number }> {
    const { view } = this.#view(name, options);
    const rows = await this.#rows(view, options);
    const total = await this.totaller({ field: name, ...options }, options);
    return { sum: total(rows), count: rows.count() };
  }

  /** Finds the least total. */
  min(name: string, options: CounterOptions = {}): Promise<CounterExtreme> {
    return this.#extreme(name, options, "min");
  }

  /** Finds the greatest total. */
  max(name: string, options: CounterOptions = {}): Promise<CounterExtreme> {
    return this.#extreme(name, options, "max");
  }

  /** Finds the rows with the greatest totals. */
  async top(
    name: string,
    count: number,
    options: CounterOptions = {},
  ): Promise<readonly { readonly trail: number; readonly value: bigint }[]> {
    const { field, view } = this.#view(name, options);
    const groups: TotalRows[] = [];
    if (field.encoding === "bitslice") {
      const { slices } = await this.#keyspace.slices(view, options);
      const rows = await this.#rows(view, options);
      const { sure, tied } = topOfSlices(rows, slices, count);
      const few = tied.toArray().slice(0, count - sure.count());
      groups.push(
        ...groupsOfSlices(Bitmap.from(few), slices),
        ...groupsOfSlices(sure, slices),
      );
    } else {
      for await (const group of this.groups(field, view, options)) {
        groups.push(group);
      }
    }
    const top: { trail: number; value: bigint }[] = [];
    for (const { value, rows } of groups.reverse()) {
      for (const trail of rows) {
        if (top.length >= count) return top;
        top.push({ trail, value });
      }
    }
    return top;
  }

  /** Gets the totals of given rows. */
  async totals(
    name: string,
    trails: readonly number[],
    options: CounterOptions = {},
  ): Promise<(bigint | undefined)[]> {
    const { field, view } = this.#view(name, options);
    const totals: (bigint | undefined)[] = trails.map(() => undefined);
    const asked = new Map(trails.map((trail, i) => [trail, i]));
    const wanted = Bitmap.from(trails);
    const rows = (await this.#rows(view, options)).and(wanted);
    if (field.encoding === "bitslice") {
      const { slices } = await this.#keyspace.slices(view, options);
      for (const [trail, total] of sliceTotals(rows, slices)) {
        totals[asked.get(trail)!] = total;
      }
      return totals;
    }
    const groups = this.groups(field, view, { ...options, trails: rows });
    for await (const { value, rows } of groups) {
      for (const trail of rows) totals[asked.get(trail)!] = value;
    }
    return totals;
  }

  async #extreme(
    name: string,
    options: CounterOptions,
    which: "min" | "max",
  ): Promise<CounterExtreme> {
    const { field, view } = this.#view(name, options);
    if (field.encoding === "bitslice") {
      const rows = await this.#rows(view, options);
      const { slices } = await this.#keyspace.slices(view, options);
      const found = extremeOfSlices(rows, slices, which);
      return { value: found?.value, count: found?.rows.count() ?? 0 };
    }
    let found: TotalRows | undefined;
    for await (const group of this.groups(field, view, options)) {
      found = group;
      if (which === "min") break;
    }
    return { value: found?.value, count: found?.rows.count() ?? 0 };
  }

  /** The rows asked about that have the counter. */
  async #rows(view: string, options: CounterOptions): Promise<Bitmap> {
    const { bitmap } = await this.#keyspace.presence(view, options);
    return options.trails === undefined ? bitmap : bitmap.and(options.trails);
  }

  #view(name: string, options: { readonly period?: Period }): {
    field: Extract<KeyspaceField, { type: "counter" }>;
    view: string;
  } {
    const field = findKeyspaceField(this.#keyspace.schema, name);
    const view = field && viewName(field, options.period);
    if (field?.type !== "counter" || view === undefined) {
      throw new CairnError(
        "not-found",
        field?.type === "counter"
          ? `Cannot find counter "${name}" of that period`
          : `Cannot find counter "${name}"`,
      );
    }
    return { field, view };
  }
}

/** Reads the totals of rows, chunk by chunk, ascending. */
function* sliceTotals(
  rows: Bitmap,
  slices: readonly Bitmap[],
): Generator<[trail: number, total: bigint]> {
  const words = new Uint32Array((slices.length + 1) * CHUNK_WORDS);
  const walker = new SliceWalker(slices);
  for (let c = 0; c < rows.chunks.length; c++) {
    const chunk = rows.chunks[c]!;
    rows.readChunk(c, words, 0);
    walker.read(chunk, words, CHUNK_WORDS);
    for (let bit = 0; bit < CHUNK_BITS; bit++) {
      const word = bit >>> 5;
      if ((words[word]! >>> (bit & 31) & 1) === 0) continue;
      let total = 0n;
      for (let i = slices.length - 1; i >= 0; i--) {
        const digit = words[(i + 1) * CHUNK_WORDS + word]! >>> (bit & 31) & 1;
        total = total << 1n | BigInt(digit);
      }
      yield [chunk * CHUNK_BITS + bit, total];
    }
  }
}
