/**
 * The keyspace of events of a store of events, written.
 *
 * @module
 */
import {
  type AbortOptions,
  bitLength,
  encodeText,
  throwIfAborted,
} from "@cairn/core";
import { type BitmapOutput, wordsFor } from "./_bitmap_output.ts";
import { sortByName, writeDictionaries } from "./_write_dictionary.ts";
import type { EventInput } from "./_write_trails.ts";
import {
  EQUAL_PREFIX,
  EVENTS,
  FIELDS_MEMBER,
  LONG_MEMBER,
  START_FIELD,
  TIME_BASE_MEMBER,
  TIME_FIELD,
  TIME_LAST_MEMBER,
  VALUE_PREFIX,
} from "./event_layout.ts";
import { metaKey, namePrefix, slotPrefix } from "../key.ts";
import {
  encodeSchema,
  type KeyspaceField,
  type KeyspaceSchema,
} from "../keyspace_schema.ts";
import { encodeState, type FieldState } from "../keyspace_state.ts";
import { KIND, SCHEMA_NAME, SLOT_BITS, STATE_NAME } from "../layout.ts";

/** A column of numbers, one an event; 0 and absent are told apart by presence. */
interface NumberColumn {
  /** Name of the counter. */
  readonly name: string;
  /** Ordinal of the event field; none for the time. */
  readonly field: number | undefined;
  /** Slices of the largest number. */
  readonly bits: number;
}

/** Writes all keys of the keyspace, in order. */
export async function writeEvents(
  output: BitmapOutput,
  input: EventInput,
  options: AbortOptions,
): Promise<void> {
  const work = new EventsWork(output, input, options);
  await work.meta();
  await work.presence();
  await work.equality();
  await work.slices();
  await work.dictionaries();
}

class EventsWork {
  readonly #output: BitmapOutput;
  readonly #input: EventInput;
  readonly #options: AbortOptions;
  readonly #events: number;
  readonly #base: number;
  readonly #columns: NumberColumn[];
  readonly #equal: number[];

  constructor(output: BitmapOutput, input: EventInput, options: AbortOptions) {
    const { plan, facts, sorted } = input;
    const { events, minTimestamp = 0, maxTimestamp = 0 } = sorted.stats;
    this.#output = output;
    this.#input = input;
    this.#options = options;
    this.#events = events;
    this.#base = minTimestamp;
    this.#columns = [
      {
        name: TIME_FIELD,
        field: undefined,
        bits: bitsOf(maxTimestamp - minTimestamp),
      },
      ...plan.schema.fields.map(({ name }, field) => ({
        name: VALUE_PREFIX + name,
        field,
        bits: bitsOf(facts.values[field]!.count),
      })),
    ];
    this.#equal = plan.schema.fields.map((_, field) => field).filter((field) =>
      facts.values[field]!.count <= plan.equalityValues
    );
  }

  async meta(): Promise<void> {
    const schema = this.#schema();
    const state = {
      position: this.#events,
      rows: this.#events,
      fields: this.#fieldStates(),
    };
    await this.#output.entry(
      metaKey(EVENTS.number, STATE_NAME),
      encodeState(state, schema),
    );
    await this.#output.entry(
      metaKey(EVENTS.number, SCHEMA_NAME),
      encodeSchema(schema),
    );
  }

  #schema(): KeyspaceSchema {
    const { plan } = this.#input;
    const fields: KeyspaceField[] = [
      { name: START_FIELD, type: "flag", quantum: "" },
      ...this.#columns.map(({ name }): KeyspaceField => ({
        name,
        type: "counter",
        quantum: "",
        encoding: "bitslice",
      })),
      ...this.#equal.map((field): KeyspaceField => ({
        name: EQUAL_PREFIX + plan.schema.fields[field]!.name,
        type: "set",
        quantum: "",
        of: "uint",
        trigram: false,
      })),
      ...this.#ownDictionaries().map(({ name }): KeyspaceField => ({
        name,
        type: "set",
        quantum: "",
        of: "string",
        trigram: false,
      })),
    ];
    return {
      name: EVENTS.name,
      rowId: ["event"],
      rows: "uint",
      hashBits: SLOT_BITS,
      time: plan.timeUnit,
      fields,
      extra: this.#extraMembers(),
    };
  }

  /** What only a schema of events has. */
  #extraMembers(): Map<string, unknown> {
    const { plan, facts, sorted } = this.#input;
    const { minTimestamp, maxTimestamp } = sorted.stats;
    const { fields } = plan.schema;
    const extra = new Map<string, unknown>([
      [FIELDS_MEMBER, fields.map(({ name, type }) => ({ name, type }))],
    ]);
    if (minTimestamp !== undefined) {
      extra.set(TIME_BASE_MEMBER, minTimestamp);
      extra.set(TIME_LAST_MEMBER, maxTimestamp);
    }
    const long = fields.filter((_, field) =>
      facts.values[field]!.long().size > 0
    );
    if (long.length > 0) extra.set(LONG_MEMBER, long.map(({ name }) => name));
    return extra;
  }

  #fieldStates(): Map<string, FieldState> {
    const { plan, facts } = this.#input;
    const states = new Map<string, FieldState>();
    for (const { name, bits } of this.#columns) {
      states.set(name, { bits, values: 0 });
    }
    plan.schema.fields.forEach(({ name }, field) => {
      if (!plan.sets.has(field)) {
        states.set(name, { bits: 0, values: facts.values[field]!.count });
      }
    });
    return states;
  }

  async presence(): Promise<void> {
    const { plan } = this.#input;
    const jobs: {
      name: string;
      make: () => Promise<Uint32Array> | Uint32Array;
    }[] = [
      { name: "", make: () => this.#everyEvent() },
      { name: START_FIELD, make: () => this.#starts() },
      { name: TIME_FIELD, make: () => this.#everyEvent() },
    ];
    plan.schema.fields.forEach(({ name }, field) => {
      const make = () => this.#having(field);
      jobs.push({ name: VALUE_PREFIX + name, make });
      if (this.#equal.includes(field)) {
        jobs.push({ name: EQUAL_PREFIX + name, make });
      }
    });
    for (const { name, make } of sortByName(jobs)) {
      const prefix = namePrefix(EVENTS.number, KIND.presence, encodeText(name));
      await this.#output.words(slotPrefix(prefix, 0), await make());
    }
  }

  /** Bitmaps of the values of fields with few. */
  async equality(): Promise<void> {
    const { plan, facts, sorted } = this.#input;
    const fields = this.#equal.map((field) => ({
      field,
      name: EQUAL_PREFIX + plan.schema.fields[field]!.name,
    }));
    for (const { field, name } of sortByName(fields)) {
      const prefix = namePrefix(EVENTS.number, KIND.equality, encodeText(name));
      const { count, ids } = facts.values[field]!;
      const perPass = this.#bitmapsPerPass();
      for (let first = 1; first <= count; first += perPass) {
        const end = Math.min(count + 1, first + perPass);
        const bitmaps = Array.from(
          { length: end - first },
          () => wordsFor(this.#events),
        );
        let event = 0;
        for await (
          const batch of sorted.scan({ ...this.#options, columns: [field] })
        ) {
          throwIfAborted(this.#options.signal);
          const column = batch.columns[0] as Uint32Array;
          for (let row = 0; row < column.length; row++, event++) {
            const id = ids[column[row]!]!;
            if (id >= first && id < end) {
              bitmaps[id - first]![event >>> 5]! |= 1 << (event & 31);
            }
          }
        }
        for (let id = first; id < end; id++) {
          await this.#output.words(
            slotPrefix(prefix, id),
            bitmaps[id - first]!,
          );
        }
      }
    }
  }

  /** Binary digits of times and value ids. */
  async slices(): Promise<void> {
    for (const column of sortByName(this.#columns)) {
      const prefix = namePrefix(
        EVENTS.number,
        KIND.slice,
        encodeText(column.name),
      );
      const perPass = this.#bitmapsPerPass();
      for (let first = 0; first < column.bits; first += perPass) {
        const count = Math.min(column.bits - first, perPass);
        const slices = await this.#slicesOf(column, first, count);
        for (let i = 0; i < count; i++) {
          await this.#output.words(slotPrefix(prefix, first + i), slices[i]!);
        }
      }
    }
  }

  /** Dictionaries of fields that are no sets of trails. */
  async dictionaries(): Promise<void> {
    await writeDictionaries(
      this.#output,
      EVENTS.number,
      this.#ownDictionaries(),
    );
  }

  async #slicesOf(
    column: NumberColumn,
    first: number,
    count: number,
  ): Promise<Uint32Array[]> {
    const { facts, sorted } = this.#input;
    const slices = Array.from({ length: count }, () => wordsFor(this.#events));
    const { field } = column;
    const scale = 2 ** first;
    const columns = field === undefined ? [] : [field];
    let event = 0;
    for await (const batch of sorted.scan({ ...this.#options, columns })) {
      throwIfAborted(this.#options.signal);
      for (let row = 0; row < batch.count; row++, event++) {
        const number = field === undefined
          ? batch.timestamps[row]! - this.#base
          : facts.values[field]!.ids[(batch.columns[0] as Uint32Array)[row]!]!;
        let digits = first === 0 ? number : Math.floor(number / scale);
        for (let i = 0; digits > 0 && i < count; i++) {
          if (digits % 2 === 1) {
            slices[i]![event >>> 5]! |= 1 << (event & 31);
          }
          digits = digits < 0x8000_0000 ? digits >>> 1 : Math.floor(digits / 2);
        }
      }
    }
    return slices;
  }

  #everyEvent(): Uint32Array {
    const words = wordsFor(this.#events);
    const whole = this.#events >>> 5;
    words.fill(0xffff_ffff, 0, whole);
    const rest = this.#events & 31;
    if (rest !== 0) words[whole] = 2 ** rest - 1;
    return words;
  }

  async #starts(): Promise<Uint32Array> {
    const words = wordsFor(this.#events);
    let event = 0;
    const scan = this.#input.sorted.scan({ ...this.#options, columns: [] });
    for await (const { continued, trailOffsets, count } of scan) {
      throwIfAborted(this.#options.signal);
      for (let t = continued ? 1 : 0; t + 1 < trailOffsets.length; t++) {
        const at = event + trailOffsets[t]!;
        words[at >>> 5]! |= 1 << (at & 31);
      }
      event += count;
    }
    return words;
  }

  async #having(field: number): Promise<Uint32Array> {
    const words = wordsFor(this.#events);
    let event = 0;
    const scan = this.#input.sorted.scan({
      ...this.#options,
      columns: [field],
    });
    for await (const batch of scan) {
      throwIfAborted(this.#options.signal);
      const column = batch.columns[0] as Uint32Array;
      for (let row = 0; row < column.length; row++, event++) {
        if (column[row] !== 0) words[event >>> 5]! |= 1 << (event & 31);
      }
    }
    return words;
  }

  #ownDictionaries() {
    const { plan, facts } = this.#input;
    return plan.schema.fields.map(({ name }, field) => ({
      name,
      field,
      values: facts.values[field]!,
    })).filter(({ field }) => !plan.sets.has(field));
  }

  #bitmapsPerPass(): number {
    const bytes = Math.max(256, this.#events / 8);
    return Math.max(1, Math.floor(this.#input.memoryBytes / bytes));
  }
}

function bitsOf(most: number): number {
  return most === 0 ? 0 : bitLength(most);
}
