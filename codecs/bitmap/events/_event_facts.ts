/**
 * What one pass over sorted events tells: counts, presence, totals.
 *
 * @module
 */
import {
  type AbortOptions,
  type Bitmap,
  BitmapBuilder,
  CairnError,
  parseInteger,
  throwIfAborted,
} from "@cairn/core";
import type { SortedBatch, SortedEvents } from "@cairn/core/sort";
import {
  dayFromNumber,
  type Quantum,
  UNITS_PER_DAY,
  viewSuffixes,
} from "../calendar.ts";
import type { EventPlan } from "../create_options.ts";
import { EVENTS_FIELD } from "./event_layout.ts";
import { COUNTER_MAX } from "../layout.ts";
import { ValueIds } from "./_value_ids.ts";

/** Totals of a counter's view: trails ascending, each once. */
export interface TotalList {
  /** The trails. */
  readonly trails: number[];
  /** Their totals. */
  readonly totals: (number | bigint)[];
}

/** What the first pass tells. */
export interface EventFacts {
  /** Values of each field. */
  readonly values: readonly ValueIds[];
  /** Trails with an event, by name of a set or its view. */
  readonly presence: ReadonlyMap<string, Bitmap>;
  /** Which set, by ordinal of the field, and which part of its name is the view. */
  readonly setViews: ReadonlyMap<
    string,
    { readonly field: number; readonly suffix: string }
  >;
  /** Totals, by name of a counter or its view. */
  readonly totals: ReadonlyMap<string, TotalList>;
}

/**
 * Makes the first pass.
 *
 * @param sorted The events.
 * @param plan What is kept.
 * @throws {CairnError} `limit` for a total above 2^128 - 1; `invalid-input` for
 * a time that views cannot name.
 */
export async function collectFacts(
  sorted: SortedEvents,
  plan: EventPlan,
  options: AbortOptions,
): Promise<EventFacts> {
  const collector = new FactCollector(sorted, plan);
  for await (const batch of sorted.scan(options)) {
    throwIfAborted(options.signal);
    collector.take(batch);
  }
  return collector.finish(sorted);
}

/** Finds the names of an event's views, quickly for the same day again. */
export class ViewsOfTime {
  readonly #unit: number;
  readonly #quantum: Quantum;
  #day = NaN;
  #suffixes: readonly string[] = [""];

  /** Makes it for one field. @param quantum Its views. @param timeUnit Of the times. */
  constructor(quantum: Quantum, timeUnit: "s" | "ms" | "us") {
    this.#quantum = quantum;
    this.#unit = UNITS_PER_DAY[timeUnit];
  }

  /** Gives the endings of the names, the empty one first. @param timestamp A time. */
  suffixes(timestamp: number): readonly string[] {
    if (this.#quantum === "") return this.#suffixes;
    const number = Math.floor(timestamp / this.#unit);
    if (number === this.#day) return this.#suffixes;
    const day = dayFromNumber(number);
    if (day.year > 9999) {
      throw new CairnError(
        "invalid-input",
        `Cannot write store: time ${timestamp} is of year ${day.year}, views have 1 to 9999`,
        { reason: "timestamp" },
      );
    }
    this.#day = number;
    this.#suffixes = ["", ...viewSuffixes(day, this.#quantum)];
    return this.#suffixes;
  }
}

class FactCollector {
  readonly #plan: EventPlan;
  readonly #events: Float64Array[];
  readonly #sets: SetPresence[] = [];
  readonly #counters: CounterTotals[] = [];

  constructor(sorted: SortedEvents, plan: EventPlan) {
    this.#plan = plan;
    this.#events = sorted.lexicons.map((lexicon) =>
      new Float64Array(lexicon!.count + 1)
    );
    for (const [field, quantum] of plan.sets) {
      const views = new ViewsOfTime(quantum, plan.timeUnit);
      const { name } = plan.schema.fields[field]!;
      this.#sets.push(new SetPresence(field, name, views));
    }
    for (const { name, field, quantum } of plan.counters) {
      const lexicon = sorted.lexicons[field]!;
      const amounts: (number | bigint | undefined)[] = [undefined];
      for (let id = 1; id <= lexicon.count; id++) {
        const value = parseInteger(
          lexicon.bytes.subarray(
            lexicon.offsets[id - 1]!,
            lexicon.offsets[id]!,
          ),
        );
        amounts.push(
          value === undefined || value < 0n ? undefined : narrow(value),
        );
      }
      const views = new ViewsOfTime(quantum, plan.timeUnit);
      this.#counters.push(new CounterTotals(name, field, views, amounts));
    }
    this.#counters.push(
      new CounterTotals(
        EVENTS_FIELD,
        undefined,
        new ViewsOfTime(plan.eventsQuantum, plan.timeUnit),
        [],
      ),
    );
  }

  take(batch: SortedBatch): void {
    batch.columns.forEach((column, field) => {
      const events = this.#events[field]!;
      const ids = column as Uint32Array;
      for (let i = 0; i < ids.length; i++) events[ids[i]!]!++;
    });
    const { trailOffsets, firstTrail, timestamps } = batch;
    for (let t = 0; t + 1 < trailOffsets.length; t++) {
      const trail = firstTrail + t;
      const end = trailOffsets[t + 1]!;
      for (const set of this.#sets) {
        const ids = batch.columns[set.field] as Uint32Array;
        for (let row = trailOffsets[t]!; row < end; row++) {
          if (ids[row] !== 0) set.add(trail, timestamps[row]!);
        }
      }
      for (const counter of this.#counters) {
        const ids = counter.field === undefined
          ? undefined
          : batch.columns[counter.field] as Uint32Array;
        for (let row = trailOffsets[t]!; row < end; row++) {
          const amount = ids === undefined ? 1 : counter.amounts[ids[row]!];
          if (amount !== undefined) {
            counter.add(trail, timestamps[row]!, amount);
          }
        }
      }
    }
  }

  finish(sorted: SortedEvents): EventFacts {
    const presence = new Map<string, Bitmap>();
    const setViews = new Map<string, { field: number; suffix: string }>();
    for (const set of this.#sets) {
      for (const [suffix, { builder }] of set.views) {
        presence.set(set.name + suffix, builder.finish());
        setViews.set(set.name + suffix, { field: set.field, suffix });
      }
    }
    const totals = new Map<string, TotalList>();
    for (const counter of this.#counters) {
      for (const [suffix, list] of counter.views) {
        if (list.totals.some((total) => total > COUNTER_MAX)) {
          throw new CairnError(
            "limit",
            `Cannot write store: a total of "${counter.name}" above 2^128 - 1`,
            { reason: "total" },
          );
        }
        totals.set(counter.name + suffix, list);
      }
    }
    const values = this.#plan.schema.fields.map((_, field) =>
      new ValueIds(sorted.lexicons[field]!, this.#events[field]!)
    );
    return { values, presence, setViews, totals };
  }
}

class SetPresence {
  readonly field: number;
  readonly name: string;
  readonly views = new Map<string, { builder: BitmapBuilder; last: number }>();
  readonly #times: ViewsOfTime;

  constructor(field: number, name: string, times: ViewsOfTime) {
    this.field = field;
    this.name = name;
    this.#times = times;
  }

  add(trail: number, timestamp: number): void {
    for (const suffix of this.#times.suffixes(timestamp)) {
      let view = this.views.get(suffix);
      if (view === undefined) {
        view = { builder: new BitmapBuilder(), last: -1 };
        this.views.set(suffix, view);
      }
      if (view.last === trail) continue;
      view.last = trail;
      view.builder.add(trail);
    }
  }
}

class CounterTotals {
  readonly name: string;
  readonly field: number | undefined;
  readonly amounts: readonly (number | bigint | undefined)[];
  readonly views = new Map<string, TotalList>();
  readonly #times: ViewsOfTime;

  constructor(
    name: string,
    field: number | undefined,
    times: ViewsOfTime,
    amounts: readonly (number | bigint | undefined)[],
  ) {
    this.name = name;
    this.field = field;
    this.amounts = amounts;
    this.#times = times;
  }

  add(trail: number, timestamp: number, amount: number | bigint): void {
    for (const suffix of this.#times.suffixes(timestamp)) {
      let view = this.views.get(suffix);
      if (view === undefined) {
        view = { trails: [], totals: [] };
        this.views.set(suffix, view);
      }
      const last = view.trails.length - 1;
      if (view.trails[last] === trail) {
        view.totals[last] = sum(view.totals[last]!, amount);
      } else {
        view.trails.push(trail);
        view.totals.push(amount);
      }
    }
  }
}

function sum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const total = a + b;
    if (total <= Number.MAX_SAFE_INTEGER) return total;
  }
  return BigInt(a) + BigInt(b);
}

function narrow(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
