/**
 * The keyspace of trails of a store of events, written.
 *
 * @module
 */
import { type AbortOptions, encodeText, throwIfAborted } from "@cairn/core";
import type { SortedEvents } from "@cairn/core/sort";
import { type BitmapOutput, wordsFor } from "./_bitmap_output.ts";
import type { EventFacts, TotalList } from "./_event_facts.ts";
import { trailsByValue } from "./_set_pairs.ts";
import { compareSlots } from "./_value_ids.ts";
import {
  type NamedValues,
  sortByName,
  writeDictionaries,
  writeTrigrams,
} from "./_write_dictionary.ts";
import type { EventPlan } from "../create_options.ts";
import { homeSlot } from "../dictionary.ts";
import { EVENTS_FIELD, TRAILS } from "./event_layout.ts";
import { entryKey, metaKey, namePrefix, slotPrefix } from "../key.ts";
import {
  encodeSchema,
  type KeyspaceField,
  type KeyspaceSchema,
} from "../keyspace_schema.ts";
import { encodeState, type FieldState } from "../keyspace_state.ts";
import { KIND, SCHEMA_NAME, SLOT_BITS, STATE_NAME } from "../layout.ts";
import { encodeRowId } from "../row_event.ts";
import { slotOf } from "../slot.ts";

/** What a keyspace is written from. */
export interface EventInput {
  /** The events. */
  readonly sorted: SortedEvents;
  /** What is kept. */
  readonly plan: EventPlan;
  /** What the first pass told. */
  readonly facts: EventFacts;
  /** Memory for what is being turned on its side, in bytes. */
  readonly memoryBytes: number;
}

const EMPTY = new Uint8Array(0);

/** Writes all keys of the keyspace, in order. */
export async function writeTrails(
  output: BitmapOutput,
  input: EventInput,
  options: AbortOptions,
): Promise<void> {
  const { plan, facts } = input;
  const { number } = TRAILS;
  const schema = trailsSchema(plan);
  await output.entry(metaKey(number, STATE_NAME), trailsState(input, schema));
  await output.entry(metaKey(number, SCHEMA_NAME), encodeSchema(schema));
  await writePresence(output, input);
  await writeEquality(output, input, options);
  await writeSlices(output, facts.totals);
  const sets: NamedValues[] = [...plan.sets.keys()].map((field) => ({
    name: plan.schema.fields[field]!.name,
    values: facts.values[field]!,
  }));
  if (plan.trigram) await writeTrigrams(output, number, sets);
  await writeRows(output, input, schema, options);
  await writeDictionaries(output, number, sets);
}

function trailsSchema(plan: EventPlan): KeyspaceSchema {
  const fields: KeyspaceField[] = [...plan.sets].sort(([a], [b]) => a - b).map(
    ([field, quantum]) => ({
      name: plan.schema.fields[field]!.name,
      type: "set",
      quantum,
      of: "string",
      trigram: plan.trigram,
    }),
  );
  const counter = (name: string, quantum: KeyspaceField["quantum"]) =>
    fields.push({ name, type: "counter", quantum, encoding: "bitslice" });
  for (const { name, quantum } of plan.counters) counter(name, quantum);
  counter(EVENTS_FIELD, plan.eventsQuantum);
  return {
    name: TRAILS.name,
    rowId: ["key"],
    rows: "dense",
    hashBits: SLOT_BITS,
    time: plan.timeUnit,
    fields,
  };
}

function trailsState(input: EventInput, schema: KeyspaceSchema): Uint8Array {
  const { plan, facts, sorted } = input;
  const fields = new Map<string, FieldState>();
  for (const field of plan.sets.keys()) {
    fields.set(plan.schema.fields[field]!.name, {
      bits: 0,
      values: facts.values[field]!.count,
    });
  }
  for (const { name } of [...plan.counters, { name: EVENTS_FIELD }]) {
    // A field itself has the largest totals of all its views.
    const list = facts.totals.get(name);
    fields.set(name, {
      bits: list === undefined ? 0 : bitsOf(list),
      values: 0,
    });
  }
  const { trails, events } = sorted.stats;
  return encodeState({ position: events, rows: trails, fields }, schema);
}

async function writePresence(
  output: BitmapOutput,
  { facts, sorted }: EventInput,
): Promise<void> {
  const prefix = (name: string) =>
    slotPrefix(namePrefix(TRAILS.number, KIND.presence, encodeText(name)), 0);
  const all = wordsFor(sorted.stats.trails);
  for (let i = 0; i < sorted.stats.trails; i++) all[i >>> 5]! |= 1 << (i & 31);
  await output.words(prefix(""), all);
  const names = [...facts.presence.keys(), ...facts.totals.keys()];
  for (const { name } of sortByName(names.map((name) => ({ name })))) {
    const bitmap = facts.presence.get(name);
    if (bitmap !== undefined) await output.bitmap(prefix(name), bitmap);
    else {
      await output.ordinals(prefix(name), facts.totals.get(name)!.trails);
    }
  }
}

async function writeEquality(
  output: BitmapOutput,
  { sorted, plan, facts, memoryBytes }: EventInput,
  options: AbortOptions,
): Promise<void> {
  const views = [...facts.setViews].map(([name, view]) => ({ name, ...view }));
  for (const { name, field, suffix } of sortByName(views)) {
    const prefix = namePrefix(
      TRAILS.number,
      KIND.equality,
      encodeText(name),
    );
    const values = facts.values[field]!;
    const pairs = trailsByValue(sorted, {
      field,
      suffix,
      quantum: plan.sets.get(field)!,
      timeUnit: plan.timeUnit,
      values,
      memoryBytes,
    }, options);
    for await (const { id, trails } of pairs) {
      await output.ordinals(slotPrefix(prefix, values.slot(id)), trails);
    }
  }
}

async function writeSlices(
  output: BitmapOutput,
  totals: ReadonlyMap<string, TotalList>,
): Promise<void> {
  const lists = [...totals].map(([name, list]) => ({ name, list }));
  for (const { name, list } of sortByName(lists)) {
    const prefix = namePrefix(TRAILS.number, KIND.slice, encodeText(name));
    const bits = bitsOf(list);
    for (let bit = 0; bit < bits; bit++) {
      await output.ordinals(slotPrefix(prefix, bit), trailsWith(list, bit));
    }
  }
}

/** Trails whose total has a binary digit set. */
function* trailsWith(list: TotalList, bit: number): Generator<number> {
  const weight = 2 ** bit;
  const shift = BigInt(bit);
  for (let i = 0; i < list.trails.length; i++) {
    const total = list.totals[i]!;
    const digit = typeof total === "number"
      ? Math.floor(total / weight) % 2
      : Number(total >> shift & 1n);
    if (digit === 1) yield list.trails[i]!;
  }
}

/** Writes both dictionaries of trail keys. */
async function writeRows(
  output: BitmapOutput,
  { sorted }: EventInput,
  schema: KeyspaceSchema,
  options: AbortOptions,
): Promise<void> {
  const table = encodeText(TRAILS.name);
  const byAddress = namePrefix(TRAILS.number, KIND.row, table);
  const lookups: { hash: Uint8Array; id: Uint8Array; ordinal: number }[] = [];
  for await (const batch of sorted.scan({ ...options, columns: [] })) {
    throwIfAborted(options.signal);
    const { trailKeys, trailOffsets, firstTrail } = batch;
    for (let t = 0; t + 1 < trailOffsets.length; t++) {
      const ordinal = firstTrail + t;
      if (ordinal < lookups.length) continue; // a trail that goes on
      const key = trailKeys.bytes.subarray(
        trailKeys.starts[t]!,
        trailKeys.ends[t]!,
      );
      const id = encodeRowId(key, schema);
      lookups.push({ hash: homeSlot(id, SLOT_BITS), id, ordinal });
      await output.entry(entryKey(slotPrefix(byAddress, ordinal), id), EMPTY);
    }
  }
  const byId = namePrefix(TRAILS.number, KIND.rowLookup, table);
  lookups.sort((a, b) =>
    compareSlots(a.hash, b.hash) || compareSlots(a.id, b.id)
  );
  for (const { hash, id, ordinal } of lookups) {
    await output.entry(entryKey(slotPrefix(byId, hash), id), slotOf(ordinal));
  }
}

function bitsOf(list: TotalList): number {
  let most: number | bigint = 0;
  for (const total of list.totals) if (total > most) most = total;
  return most === 0 || most === 0n ? 0 : BigInt(most).toString(2).length;
}
