/**
 * Whether the two keyspaces of a store of events say the same.
 *
 * @module
 */
import {
  type AbortOptions,
  BitmapBuilder,
  type EventBatch,
  type Finding,
  type IdColumn,
  type Schema,
} from "@cairn/core";
import { asFinding } from "../_as_finding.ts";
import { EQUAL_PREFIX, EVENTS_FIELD } from "./event_layout.ts";
import { KeyspaceCounters } from "../keyspace_counters.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";
import { findKeyspaceField } from "../keyspace_schema.ts";
import { KIND } from "../layout.ts";
import { slotText, slotToNumber } from "../slot.ts";
import { loadDictionary } from "../value_dictionary.ts";

/** What is held against each other. */
export interface VerifyEventsParts {
  /** The event fields. */
  readonly schema: Schema;
  /** The keyspace of trails. */
  readonly trails: KeyspaceReader;
  /** The keyspace of events. */
  readonly events: KeyspaceReader;
  /** Scans all events. */
  readonly scan: (
    fields: readonly string[],
  ) => AsyncIterableIterator<EventBatch>;
  /** Stated range of times. */
  readonly times: { readonly first: number; readonly last: number } | undefined;
}

/** Checks times, counts and the sets of every field. */
export async function* verifyEvents(
  parts: VerifyEventsParts,
  options: AbortOptions,
): AsyncGenerator<Finding, void, undefined> {
  const checks = [
    verifyTimes(parts, options),
    ...parts.schema.fields.map(({ name }) => verifyField(parts, name, options)),
  ];
  for (const check of checks) {
    try {
      for await (const detail of check) {
        const where = { file: parts.events.reader.name, part: "events" };
        yield { severity: "corrupt", detail, where };
      }
    } catch (error) {
      yield asFinding(error);
    }
  }
}

async function* verifyTimes(
  { scan, times, trails }: VerifyEventsParts,
  options: AbortOptions,
): AsyncGenerator<string, void, undefined> {
  let least = Infinity;
  let most = -Infinity;
  let trail = -1;
  let before = -1;
  const counts: number[] = [];
  for await (const batch of scan([])) {
    const { trailOrdinals, trailOffsets, timestamps } = batch;
    for (let t = 0; t < trailOrdinals.length; t++) {
      if (trailOrdinals[t] !== trail) before = -1;
      trail = trailOrdinals[t]!;
      for (let row = trailOffsets[t]!; row < trailOffsets[t + 1]!; row++) {
        const time = timestamps[row]!;
        if (time < before) yield `events of trail ${trail} are not in order`;
        before = time;
        if (time < least) least = time;
        if (time > most) most = time;
      }
      const length = trailOffsets[t + 1]! - trailOffsets[t]!;
      counts[trail] = (counts[trail] ?? 0) + length;
    }
  }
  if (times !== undefined && (least !== times.first || most !== times.last)) {
    yield `times from ${least} to ${most}, the schema says otherwise`;
  }
  const ordinals = counts.map((_, i) => i);
  const counters = new KeyspaceCounters(trails);
  const totals = await counters.totals(EVENTS_FIELD, ordinals, options);
  if (totals.some((total, i) => total !== BigInt(counts[i]!))) {
    yield `"${EVENTS_FIELD}" is not the number of events`;
  }
}

/** Compares a field's column with its bitmaps of trails and of events. */
async function* verifyField(
  parts: VerifyEventsParts,
  name: string,
  options: AbortOptions,
): AsyncGenerator<string, void, undefined> {
  const { trails, events, scan } = parts;
  const isSet = findKeyspaceField(trails.schema, name)?.type === "set";
  const equal = EQUAL_PREFIX + name;
  const isEqual = findKeyspaceField(events.schema, equal) !== undefined;
  if (!isSet && !isEqual) return;
  const trailsOf = new Map<number, BitmapBuilder>();
  const eventsOf = new Map<number, BitmapBuilder>();
  const add = (to: Map<number, BitmapBuilder>, id: number, ordinal: number) => {
    let builder = to.get(id);
    if (builder === undefined) to.set(id, builder = new BitmapBuilder());
    builder.add(ordinal);
  };
  let event = 0;
  for await (const batch of scan([name])) {
    const { ids } = batch.columns[0] as IdColumn;
    for (let t = 0; t < batch.trailCount; t++) {
      const end = batch.trailOffsets[t + 1]!;
      for (let row = batch.trailOffsets[t]!; row < end; row++, event++) {
        const id = ids[row]!;
        if (id === 0) continue;
        if (isSet) add(trailsOf, id, batch.trailOrdinals[t]!);
        if (isEqual) add(eventsOf, id, event);
      }
    }
  }
  if (isSet) {
    const all = { start: 0, end: Infinity };
    const dictionary = await loadDictionary(trails, name, all, options);
    const idOf = new Map<string, number>();
    for (let i = 0; i < dictionary.count; i++) {
      idOf.set(slotText(dictionary.slot(i)), i + 1);
    }
    const scan = trails.bitmaps(KIND.equality, name, options);
    for await (const { slot, bitmap } of scan) {
      const id = idOf.get(slotText(slot)) ?? 0;
      if (!trailsOf.get(id)?.finish().equals(bitmap)) {
        yield `a value of "${name}" names other trails than its events`;
      }
      trailsOf.delete(id);
    }
    if (trailsOf.size > 0) {
      yield `${trailsOf.size} values of "${name}" name no trails`;
    }
  }
  if (!isEqual) return;
  for await (
    const { slot, bitmap } of events.bitmaps(KIND.equality, equal, options)
  ) {
    const id = slotToNumber(slot) ?? 0;
    if (!eventsOf.get(id)?.finish().equals(bitmap)) {
      yield `value ${id} of "${equal}" names other events than the column`;
    }
    eventsOf.delete(id);
  }
  if (eventsOf.size > 0) {
    yield `${eventsOf.size} values of "${equal}" name no events`;
  }
}
