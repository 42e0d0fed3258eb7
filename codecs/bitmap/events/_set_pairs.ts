/**
 * Which trails have which values: one column turned on its side.
 *
 * @module
 */
import { type AbortOptions, throwIfAborted } from "@cairn/core";
import type { SortedBatch, SortedEvents } from "@cairn/core/sort";
import { ViewsOfTime } from "./_event_facts.ts";
import type { ValueIds } from "./_value_ids.ts";
import type { Quantum } from "../calendar.ts";

/** A set, or a view of one, to collect. */
export interface PairsOf {
  /** Ordinal of the field. */
  readonly field: number;
  /** Ending of the view's name; empty for the set itself. */
  readonly suffix: string;
  /** Views of the field. */
  readonly quantum: Quantum;
  /** Unit of the timestamps. */
  readonly timeUnit: "s" | "ms" | "us";
  /** Its values. */
  readonly values: ValueIds;
  /** Most memory for pairs, in bytes. */
  readonly memoryBytes: number;
}

/** Bytes of a pair: the trail and the next pair of the same value. */
const PAIR_BYTES = 8;
const PAIRS_MIN = 1 << 12;

/**
 * Gives the trails of each value in the order of slots. One pass over the
 * column where the pairs fit in memory, else one for each part of the values.
 */
export async function* trailsByValue(
  sorted: SortedEvents,
  of: PairsOf,
  options: AbortOptions,
): AsyncGenerator<{ readonly id: number; readonly trails: Iterable<number> }> {
  const order = of.values.bySlot();
  const places = new Uint32Array(order.length + 1);
  order.forEach((id, place) => places[id] = place);
  const pairsMax = Math.max(PAIRS_MIN, of.memoryBytes / PAIR_BYTES);
  for (let start = 0; start < order.length;) {
    let end = order.length;
    let pairs: Pairs | undefined;
    while (pairs === undefined) {
      // One value alone must fit: it has a pair a trail at most.
      const limit = end - start === 1 ? Infinity : pairsMax;
      pairs = await collect(sorted, of, { places, start, end, limit }, options);
      if (pairs === undefined) end = start + ((end - start) >>> 1);
    }
    for (let place = start; place < end; place++) {
      const trails = pairs.trails(place - start);
      if (trails !== undefined) yield { id: order[place]!, trails };
    }
    start = end;
  }
}

async function collect(
  sorted: SortedEvents,
  of: PairsOf,
  range: { places: Uint32Array; start: number; end: number; limit: number },
  options: AbortOptions,
): Promise<Pairs | undefined> {
  const pairs = new Pairs(range.end - range.start);
  const times = new ViewsOfTime(of.quantum, of.timeUnit);
  const scan = sorted.scan({ ...options, columns: [of.field] });
  for await (const batch of scan) {
    throwIfAborted(options.signal);
    takeBatch(pairs, batch, of, times, range);
    if (pairs.count > range.limit) return undefined;
  }
  return pairs;
}

function takeBatch(
  pairs: Pairs,
  batch: SortedBatch,
  of: PairsOf,
  times: ViewsOfTime,
  range: { places: Uint32Array; start: number; end: number },
): void {
  const ids = batch.columns[0] as Uint32Array;
  const { trailOffsets, firstTrail, timestamps } = batch;
  const { places, start, end } = range;
  const ofIds = of.values.ids;
  const whole = of.suffix === "";
  for (let t = 0; t + 1 < trailOffsets.length; t++) {
    const trail = firstTrail + t;
    const last = trailOffsets[t + 1]!;
    for (let row = trailOffsets[t]!; row < last; row++) {
      if (ids[row] === 0) continue;
      const place = places[ofIds[ids[row]!]!]!;
      if (place < start || place >= end) continue;
      if (whole || times.suffixes(timestamps[row]!).includes(of.suffix)) {
        pairs.add(place - start, trail);
      }
    }
  }
}

/** Lists of ascending trails, one a value, as chains through two arrays. */
class Pairs {
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  #trails = new Uint32Array(1024);
  #next = new Uint32Array(1024);
  /** Pair 0 is none. */
  count = 1;

  constructor(values: number) {
    this.#first = new Uint32Array(values);
    this.#last = new Uint32Array(values);
  }

  add(value: number, trail: number): void {
    const last = this.#last[value]!;
    if (last !== 0 && this.#trails[last] === trail) return;
    if (this.count === this.#trails.length) this.#grow();
    const pair = this.count++;
    this.#trails[pair] = trail;
    if (last === 0) this.#first[value] = pair;
    else this.#next[last] = pair;
    this.#last[value] = pair;
  }

  trails(value: number): Iterable<number> | undefined {
    const first = this.#first[value]!;
    return first === 0 ? undefined : this.#walk(first);
  }

  *#walk(pair: number): Generator<number> {
    for (; pair !== 0; pair = this.#next[pair]!) yield this.#trails[pair]!;
  }

  #grow(): void {
    const trails = new Uint32Array(2 * this.count);
    const next = new Uint32Array(2 * this.count);
    trails.set(this.#trails);
    next.set(this.#next);
    this.#trails = trails;
    this.#next = next;
  }
}
