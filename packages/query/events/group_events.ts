/**
 * Events grouped by a field's value or by the calendar.
 *
 * @module
 */
import {
  type EventBatch,
  type Filter,
  getField,
  parseInteger,
  type Store,
  type TimeUnit,
} from "@cairn/core";
import type { BatchIds } from "../batch_ids.ts";
import { type EventOptions, scanEvents } from "./event_options.ts";
import { ExactSums } from "./exact_sums.ts";
import { compareQueryValues } from "../groups.ts";
import { IdNumbers, NO_NUMBER } from "../id_tests.ts";
import { dayLength } from "../time_range.ts";

/** What events are grouped by. */
export type EventKey =
  /** The value of a field. */
  | { readonly field: string }
  /** The year, month or day in UTC. */
  | { readonly period: "year" | "month" | "day" };

/** How to group. */
export interface GroupEventsOptions extends EventOptions {
  /** Which events; all if left out. */
  readonly where?: Filter;
  /** Also sum this field; what is no integer adds nothing. */
  readonly sum?: string;
  /** Unit of the store's times; seconds if left out. */
  readonly timeUnit?: TimeUnit;
}

/** One group. */
export interface EventGroup {
  /** The value; `null` for no value; of a period such text as `2013-05`. */
  readonly key: Uint8Array | string | null;
  /** How many events. */
  readonly count: number;
  /** Total of the field asked for. */
  readonly sum?: bigint;
}

/**
 * Groups events.
 *
 * @param store The store.
 * @param by What they are grouped by.
 * @param options Filter, sum, trails and signal.
 * @returns Groups in order of their keys: no value first, values by their
 * bytes, periods by time.
 * @throws {CairnError} `not-found` for an unknown field.
 */
export async function groupEvents(
  store: Store,
  by: EventKey,
  options: GroupEventsOptions = {},
): Promise<EventGroup[]> {
  const { where, sum, timeUnit = "s" } = options;
  const fields = new Set<string>();
  if ("field" in by) fields.add(by.field);
  if (sum !== undefined) fields.add(sum);
  for (const field of fields) getField(store.schema, field);
  const groups = "field" in by
    ? new FieldGroups(by.field)
    : new PeriodGroups(by.period, timeUnit);
  const totals = sum === undefined ? undefined : new GroupTotals(sum);
  await scanEvents(
    store,
    { fields: [...fields], filter: where },
    options,
    (batch, ids) => {
      const numbers = groups.visit(batch, ids);
      totals?.visit(batch, ids, numbers);
    },
  );
  return groups.finish(totals);
}

/** Numbers events by group and counts them. */
interface Groups {
  /** A group's number for each row; a view, valid until the next call. */
  visit(batch: EventBatch, ids: BatchIds): Uint32Array;
  finish(totals: GroupTotals | undefined): EventGroup[];
}

class FieldGroups implements Groups {
  readonly #field: string;
  #counts = new Float64Array(64);
  #value: (id: number) => Uint8Array = () => new Uint8Array(0);

  constructor(field: string) {
    this.#field = field;
  }

  visit(batch: EventBatch, batchIds: BatchIds): Uint32Array {
    const { ids, lexicon } = batchIds.rows(this.#field);
    if (this.#counts.length < lexicon.size) {
      const grown = new Float64Array(2 * lexicon.size);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#value = (id) => lexicon.value(id);
    const counts = this.#counts;
    const { count } = batch;
    for (let row = 0; row < count; row++) counts[ids[row]!]!++;
    return ids;
  }

  finish(totals: GroupTotals | undefined): EventGroup[] {
    const groups: EventGroup[] = [];
    for (let id = 1; id < this.#counts.length; id++) {
      const count = this.#counts[id]!;
      if (count === 0) continue;
      groups.push(makeGroup(this.#value(id).slice(), count, id, totals));
    }
    groups.sort((a, b) =>
      compareQueryValues(a.key as Uint8Array, b.key as Uint8Array)
    );
    const none = this.#counts[0]!;
    return none === 0 ? groups : [makeGroup(null, none, 0, totals), ...groups];
  }
}

/** Characters of a timestamp's text that name its period. */
const PERIOD_CHARS = { year: 4, month: 7, day: 10 } as const;

class PeriodGroups implements Groups {
  readonly #chars: number;
  readonly #unit: TimeUnit;
  readonly #numberOfDay = new Map<number, number>();
  readonly #numberOfKey = new Map<string, number>();
  readonly #counts: number[] = [];
  #numbers = new Uint32Array(0);

  constructor(period: keyof typeof PERIOD_CHARS, unit: TimeUnit) {
    this.#chars = PERIOD_CHARS[period];
    this.#unit = unit;
  }

  visit({ timestamps, count }: EventBatch): Uint32Array {
    if (this.#numbers.length < count) this.#numbers = new Uint32Array(count);
    const length = dayLength(this.#unit);
    let lastDay = NaN;
    let number = 0;
    for (let row = 0; row < count; row++) {
      const day = Math.floor(timestamps[row]! / length);
      if (day !== lastDay) {
        number = this.#numberOfDay.get(day) ?? this.#add(day);
        lastDay = day;
      }
      this.#numbers[row] = number;
      this.#counts[number]!++;
    }
    return this.#numbers;
  }

  finish(totals: GroupTotals | undefined): EventGroup[] {
    return [...this.#numberOfKey]
      .map(([key, at]) => makeGroup(key, this.#counts[at]!, at, totals))
      .sort((a, b) => compareKeys(a.key as string, b.key as string));
  }

  #add(day: number): number {
    const key = dayText(day).slice(0, this.#chars - 10 || undefined);
    let number = this.#numberOfKey.get(key);
    if (number === undefined) {
      number = this.#counts.push(0) - 1;
      this.#numberOfKey.set(key, number);
    }
    this.#numberOfDay.set(day, number);
    return number;
  }
}

/** `2013-05-04`, with more digits for years after 9999. */
function dayText(day: number): string {
  const date = new Date(day * dayLength("ms"));
  // Beyond what dates hold, the day's number is as good as any name.
  if (Number.isNaN(date.getTime())) return `day ${day}-00-00`;
  return date.toISOString().split("T")[0]!;
}

function compareKeys(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sums a field by group. */
class GroupTotals {
  readonly #field: string;
  readonly #numbers = new IdNumbers(parseInteger);
  readonly #sums = new ExactSums();

  constructor(field: string) {
    this.#field = field;
  }

  visit(batch: EventBatch, batchIds: BatchIds, groups: Uint32Array): void {
    const { ids, lexicon } = batchIds.rows(this.#field);
    const numbers = this.#numbers.numbers(lexicon);
    const { count } = batch;
    for (let row = 0; row < count; row++) {
      const id = ids[row]!;
      let number = numbers[id]!;
      if (number !== number) number = this.#numbers.decide(id);
      if (number === NO_NUMBER) continue;
      if (Number.isFinite(number)) this.#sums.add(groups[row]!, number);
      else this.#sums.addLarge(groups[row]!, this.#numbers.large(id));
    }
  }

  sum(group: number): bigint {
    return this.#sums.sum(group);
  }
}

function makeGroup(
  key: EventGroup["key"],
  count: number,
  number: number,
  totals: GroupTotals | undefined,
): EventGroup {
  return {
    key,
    count,
    ...(totals === undefined ? {} : { sum: totals.sum(number) }),
  };
}
