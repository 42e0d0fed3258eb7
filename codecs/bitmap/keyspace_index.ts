/**
 * The index of a keyspace: every term answered by bitmaps.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  compareBytes,
  type Condition,
  type CounterIndex,
  encodeText,
  type Index,
  type IndexField,
  type Postings,
  type Term,
  throwIfAborted,
  type TimeUnit,
  type ValueCount,
  type ValuesOfOptions,
  type ValuesOptions,
} from "@cairn/core";
import { compareSlices } from "./compare_slices.ts";
import { KeyspaceCounters } from "./keyspace_counters.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { findKeyspaceField, type KeyspaceField } from "./keyspace_schema.ts";
import { viewName } from "./view_name.ts";
import { KIND } from "./layout.ts";
import { slotText, slotToBigint } from "./slot.ts";
import { groupsOfSlices } from "./slice_totals.ts";
import {
  conditionRanges,
  conditionTest,
  FieldValues,
  rangeSlots,
} from "./field_values.ts";

/** Values that are read one by one; more are, as long as they are a small part of all. */
const SINGLE_MAX = 64;
/** That part: one of so many. More of them are found in one pass over the view. */
const SINGLE_PART = 4;
/** Bitmaps read at once. */
const READS_AT_ONCE = 8;

/** Answers terms over the rows of one keyspace. */
export class KeyspaceIndex implements Index {
  /** What it keeps, in schema order. */
  readonly fields: readonly IndexField[];
  /** Names of the parts of a row id. */
  readonly keyParts: readonly string[];
  /** Whether rows are numbered. */
  readonly keyType: "bytes" | "uint";
  /** What only counters answer. */
  readonly counters: CounterIndex;
  readonly #keyspace: KeyspaceReader;
  readonly #counters: KeyspaceCounters;
  readonly #values = new Map<string, FieldValues>();

  /** True where the events are not kept. */
  readonly rowsOnly: boolean;
  /** Unit of the times that views were made of. */
  readonly timeUnit: TimeUnit;

  /**
   * Makes the index.
   *
   * @param keyspace Where bitmaps are read.
   * @param options Whether the events are not kept.
   */
  constructor(
    keyspace: KeyspaceReader,
    options: { readonly rowsOnly: boolean },
  ) {
    const { schema } = keyspace;
    this.rowsOnly = options.rowsOnly;
    this.timeUnit = schema.time;
    this.#keyspace = keyspace;
    this.fields = schema.fields.map((field) => ({
      name: field.name,
      kind: field.type,
      of: field.type === "set" ? field.of : "uint",
      quantum: field.quantum,
    }));
    this.keyParts = schema.rowId;
    this.keyType = schema.rows === "uint" ? "uint" : "bytes";
    this.#counters = new KeyspaceCounters(keyspace);
    this.counters = this.#counters;
  }

  /** All rows. */
  async all(options: AbortOptions = {}): Promise<Bitmap> {
    return await this.#keyspace.all(options);
  }

  /** Finds the rows of a term; exact. `undefined` where it is not kept. */
  async trails(
    term: Term,
    options: AbortOptions = {},
  ): Promise<Postings | undefined> {
    this.#keyspace.assertOpen(options);
    const field = findKeyspaceField(this.#keyspace.schema, term.field);
    const view = field && viewName(field, term.period);
    if (field === undefined || view === undefined) return undefined;
    const { condition } = term;
    if (condition === undefined) {
      return exact(await this.#keyspace.presence(view, options));
    }
    if (field.type === "flag") return undefined;
    if (field.type === "set" && field.of === "string") {
      const values = this.#fieldValues(field.name);
      const slots = await values.slots(condition, options);
      const { values: known = 0 } =
        this.#keyspace.state.fields.get(field.name) ?? {};
      const single = slots.length <= SINGLE_MAX ||
        slots.length * SINGLE_PART <= known;
      return exact(await this.#union(view, { slots, single }, options));
    }
    return exact(await this.#numbers(field, view, condition, options));
  }

  /** Lists the values of a set or the totals of a counter, in value order. */
  values(
    field: string,
    options: ValuesOptions = {},
  ): AsyncIterableIterator<ValueCount> | undefined {
    const found = findKeyspaceField(this.#keyspace.schema, field);
    const view = found && viewName(found, options.period);
    if (found === undefined || view === undefined || found.type === "flag") {
      return undefined;
    }
    if (options.sum !== undefined && !this.#counters.has(options.sum)) {
      return undefined;
    }
    return limited(this.#listed(found, view, options), options.limit);
  }

  /** Gets the values of a set that given rows have. */
  async valuesOf(
    field: string,
    trails: readonly number[],
    options: ValuesOfOptions = {},
  ): Promise<(readonly (Uint8Array | bigint)[])[]> {
    const found = findKeyspaceField(this.#keyspace.schema, field);
    const view = found && viewName(found, options.period);
    const lists: (Uint8Array | bigint)[][] = trails.map(() => []);
    if (found?.type !== "set" || view === undefined) return lists;
    const places = new Map(trails.map((trail, i) => [trail, i]));
    const wanted = Bitmap.from(trails);
    const bySlot = found.of === "string"
      ? await this.#valueBytes(found.name, options)
      : undefined;
    const scan = this.#keyspace.bitmaps(KIND.equality, view, options);
    for await (const { slot, bitmap } of scan) {
      for (const trail of bitmap.and(wanted).toArray()) {
        const value = bySlot === undefined
          ? slotToBigint(slot)
          : bySlot.get(slotText(slot));
        if (value !== undefined) lists[places.get(trail)!]!.push(value);
      }
    }
    if (bySlot !== undefined) {
      for (const list of lists as Uint8Array[][]) list.sort(compareBytes);
    }
    return lists;
  }

  /** The values of a field of strings. */
  #fieldValues(field: string): FieldValues {
    let values = this.#values.get(field);
    if (values === undefined) {
      values = new FieldValues(this.#keyspace, field);
      this.#values.set(field, values);
    }
    return values;
  }

  /** Bytes of all values of a field, by slot. */
  async #valueBytes(
    field: string,
    options: AbortOptions,
  ): Promise<Map<string, Uint8Array>> {
    const dictionary = await this.#fieldValues(field).dictionary(options);
    const bytes = new Map<string, Uint8Array>();
    for (let i = 0; i < dictionary.count; i++) {
      bytes.set(slotText(dictionary.slot(i)), dictionary.value(i));
    }
    return bytes;
  }

  /** Rows that hold one of some values. */
  async #union(
    view: string,
    { slots, single }: { slots: readonly Uint8Array[]; single: boolean },
    options: AbortOptions,
  ): Promise<{ bitmap: Bitmap; chunks: number }> {
    const bitmaps: Bitmap[] = [];
    let chunks = 0;
    if (!single) {
      const wanted = new Set(slots.map(slotText));
      const scan = this.#keyspace.bitmaps(KIND.equality, view, options);
      for await (const found of scan) {
        if (!wanted.has(slotText(found.slot))) continue;
        bitmaps.push(found.bitmap);
        chunks += found.chunks;
      }
    } else {
      for (let i = 0; i < slots.length; i += READS_AT_ONCE) {
        const found = await Promise.all(
          slots.slice(i, i + READS_AT_ONCE).map((slot) =>
            this.#keyspace.value(view, slot, options)
          ),
        );
        for (const { bitmap, chunks: read } of found) {
          bitmaps.push(bitmap);
          chunks += read;
        }
      }
    }
    return { bitmap: Bitmap.union(bitmaps), chunks };
  }

  /** Rows of a counter or a set of numbers that meet a condition. */
  async #numbers(
    field: KeyspaceField,
    view: string,
    condition: Condition,
    options: AbortOptions,
  ): Promise<{ bitmap: Bitmap; chunks: number }> {
    const ranges = conditionRanges(condition);
    const sliced = field.type === "counter" && field.encoding === "bitslice";
    if (!sliced) return await this.#ofValues(view, condition, options);
    const rows = await this.#keyspace.presence(view, options);
    const { slices, chunks } = await this.#keyspace.slices(view, options);
    let found: Bitmap = Bitmap.empty;
    if (ranges !== undefined) {
      for (const range of ranges) {
        found = found.or(compareSlices(rows.bitmap, slices, range));
      }
    } else {
      const test = conditionTest(condition);
      const met: Bitmap[] = [];
      for (const group of groupsOfSlices(rows.bitmap, slices)) {
        if (test(encodeText(String(group.value)))) met.push(group.rows);
      }
      found = Bitmap.union(met);
    }
    return { bitmap: found, chunks: chunks + rows.chunks };
  }

  /** Rows of the bitmaps whose number meets a condition. */
  async #ofValues(
    view: string,
    condition: Condition,
    options: AbortOptions,
  ): Promise<{ bitmap: Bitmap; chunks: number }> {
    const bitmaps: Bitmap[] = [];
    let chunks = 0;
    const ranges = conditionRanges(condition);
    const test = ranges === undefined ? conditionTest(condition) : undefined;
    for (const range of ranges ?? [undefined]) {
      const slots = range === undefined ? {} : rangeSlots(range);
      if (slots === undefined) continue;
      const scan = this.#keyspace.bitmaps(KIND.equality, view, {
        ...options,
        ...slots,
      });
      for await (const found of scan) {
        chunks += found.chunks;
        const number = () => encodeText(String(slotToBigint(found.slot)));
        if (test === undefined || test(number())) bitmaps.push(found.bitmap);
      }
    }
    return { bitmap: Bitmap.union(bitmaps), chunks };
  }

  async *#listed(
    field: KeyspaceField,
    view: string,
    options: ValuesOptions,
  ): AsyncGenerator<ValueCount, void, undefined> {
    const sums = options.sum === undefined
      ? undefined
      : await this.#counters.totaller(options.sum, options);
    const counted = (
      value: Uint8Array | bigint,
      rows: Bitmap,
    ): ValueCount | undefined => {
      if (sums === undefined) {
        const count = options.trails === undefined
          ? rows.count()
          : rows.countAnd(options.trails);
        return count === 0 ? undefined : { value, count };
      }
      const left = options.trails === undefined
        ? rows
        : rows.and(options.trails);
      if (left.isEmpty) return undefined;
      return { value, count: left.count(), sum: sums(left) };
    };
    if (field.type === "set" && field.of === "string") {
      yield* this.#listedStrings(field.name, view, counted, options);
      return;
    }
    for await (
      const { value, rows } of this.#counters.groups(field, view, options)
    ) {
      throwIfAborted(options.signal);
      const found = counted(value, rows);
      if (found !== undefined) yield found;
    }
  }

  /** Slots are in the order of hashes, so all are counted before any is given. */
  async *#listedStrings(
    field: string,
    view: string,
    counted: (
      value: Uint8Array | bigint,
      rows: Bitmap,
    ) => ValueCount | undefined,
    options: ValuesOptions,
  ): AsyncGenerator<ValueCount, void, undefined> {
    const bySlot = await this.#valueBytes(field, options);
    const found: ValueCount[] = [];
    if (options.sum === undefined) {
      for await (
        const { slot, count } of this.#keyspace.counts(view, options)
      ) {
        const value = bySlot.get(slotText(slot));
        if (value !== undefined && count > 0) found.push({ value, count });
      }
    } else {
      const scan = this.#keyspace.bitmaps(KIND.equality, view, options);
      for await (const { slot, bitmap } of scan) {
        const value = bySlot.get(slotText(slot));
        const count = value && counted(value, bitmap);
        if (count !== undefined) found.push(count);
      }
    }
    found.sort((a, b) =>
      compareBytes(a.value as Uint8Array, b.value as Uint8Array)
    );
    yield* found;
  }
}

function exact(read: { bitmap: Bitmap; chunks: number }): Postings {
  return { bitmap: read.bitmap, exact: true, chunks: read.chunks };
}

async function* limited<T>(
  items: AsyncIterable<T>,
  limit: number | undefined,
): AsyncGenerator<T, void, undefined> {
  if (limit === 0) return;
  let given = 0;
  for await (const item of items) {
    yield item;
    if (++given === limit) return;
  }
}
