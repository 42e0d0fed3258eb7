/**
 * Sequences of events within trails.
 *
 * @module
 */
import {
  type Bitmap,
  BitmapBuilder,
  CairnError,
  type EventBatch,
  Filter,
  type Store,
} from "@cairn/core";
import { EventMatcher, FILTERS_MAX } from "./event_matcher.ts";
import { type EventOptions, goesOn, scanEvents } from "./event_options.ts";

/** What a sequence is asked with. */
export interface SequenceOptions extends EventOptions {
  /**
   * Every later step must come no later than this after the first step's
   * event, in the store's unit of time; no bound if left out.
   */
  readonly within?: number;
}

/** How far trails come. */
export interface FunnelAnswer {
  /** For each step, how many trails reach it. */
  readonly counts: readonly number[];
}

/** Marks a step that no event has reached. */
const NOT_REACHED = -1;

/**
 * Counts how many trails reach each step of a sequence.
 *
 * A trail reaches the first step with an event that passes the first filter,
 * and a later step with an event that passes its filter, later in the trail's
 * order than the event of the step before (by time; equal times in the order
 * added), and no later than `within` after the event of the first step. Of all
 * events that could begin, the one that leads deepest counts.
 *
 * One pass: for each step the latest beginning that leads there is kept, since
 * no earlier one could lead further.
 *
 * @example Steps are filters
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { equal, Filter } from "@cairn/core";
 *
 * const steps = [
 *   new Filter([[equal("action", "visit")]]),
 *   new Filter([[equal("action", "buy")], [equal("shop", "a"), equal("shop", "b")]]),
 * ];
 * // const { counts } = await funnel(store, steps, { within: 7 * 86_400 });
 * assertEquals(steps.length, 2);
 * ```
 * @param store The store.
 * @param steps Filters, 1 to 31.
 * @param options Bound, trails and signal.
 * @returns Counts by step.
 * @throws {CairnError} `limit` for too many steps, `invalid-input` for none.
 */
export async function funnel(
  store: Store,
  steps: readonly Filter[],
  options: SequenceOptions = {},
): Promise<FunnelAnswer> {
  const counts = steps.map(() => 0);
  await walkSequences(store, steps, steps[0], options, (_, depth) => {
    for (let step = 0; step < depth; step++) counts[step]!++;
  });
  return { counts };
}

/**
 * Finds the trails that reach all steps of a sequence; steps as for
 * {@linkcode funnel}.
 *
 * @param store The store.
 * @param steps Filters, 1 to 31.
 * @param options Bound, trails and signal.
 * @returns Ordinals of the trails.
 * @throws {CairnError} `limit` for too many steps, `invalid-input` for none.
 */
export async function findSequence(
  store: Store,
  steps: readonly Filter[],
  options: SequenceOptions = {},
): Promise<Bitmap> {
  const trails = new BitmapBuilder();
  const needs = new Filter(steps.flatMap(({ clauses }) => clauses));
  await walkSequences(store, steps, needs, options, (trail, depth) => {
    if (depth === steps.length) trails.add(trail);
  });
  return trails.finish();
}

/**
 * Makes the walker of a sequence, for one pass over events.
 *
 * @param stepCount How many steps.
 * @param within Bound in units of time.
 * @param report Told of each trail that reaches a step, and how many.
 */
export class SequenceWalker {
  readonly #stepCount: number;
  readonly #within: number;
  readonly #report: (trail: number, depth: number) => void;
  /** For each step, the latest beginning of a sequence that reached it. */
  readonly #begins: Float64Array;
  #trail = -1;
  #depth = 0;

  /** Begins before the first trail. */
  constructor(
    stepCount: number,
    within: number,
    report: (trail: number, depth: number) => void,
  ) {
    this.#stepCount = stepCount;
    this.#within = within;
    this.#report = report;
    this.#begins = new Float64Array(stepCount).fill(NOT_REACHED);
  }

  /**
   * Walks over a batch.
   *
   * @param batch The batch.
   * @param masks For each row the steps whose filters it passes, from bit 0.
   * @param shift Where the steps' bits begin.
   */
  visit(batch: EventBatch, masks: Uint32Array, shift = 0): void {
    const { trailOrdinals, trailOffsets, timestamps } = batch;
    for (let t = 0; t < trailOrdinals.length; t++) {
      if (t > 0 || !goesOn(batch, this.#trail)) {
        this.finish();
        this.#trail = trailOrdinals[t]!;
      }
      if (this.#depth === this.#stepCount) continue;
      this.#depth = walkRows(
        masks,
        shift,
        timestamps,
        trailOffsets[t]!,
        trailOffsets[t + 1]!,
        this.#begins,
        this.#depth,
        this.#within,
      );
    }
  }

  /** Ends the trail under way. */
  finish(): void {
    if (this.#depth > 0) {
      this.#report(this.#trail, this.#depth);
      this.#begins.fill(NOT_REACHED);
      this.#depth = 0;
    }
    this.#trail = -1;
  }
}

/** A kernel: goes over rows of one trail; gives the steps reached by now. */
function walkRows(
  masks: Uint32Array,
  shift: number,
  times: Float64Array,
  start: number,
  end: number,
  begins: Float64Array,
  depth: number,
  within: number,
): number {
  const stepCount = begins.length;
  for (let row = start; row < end; row++) {
    const mask = masks[row]! >>> shift;
    // A row can take a trail no further than one step beyond where it is.
    if ((mask & (2 << depth) - 1) === 0) continue;
    const time = times[row]!;
    // Deepest first, so that one event is not two steps.
    for (
      let step = depth < stepCount ? depth : stepCount - 1;
      step > 0;
      step--
    ) {
      if ((mask >>> step & 1) === 0) continue;
      const begin = begins[step - 1]!;
      if (begin === NOT_REACHED || time - begin > within) continue;
      begins[step] = begin;
      if (step === depth) depth++;
    }
    if (depth === stepCount) return depth;
    if ((mask & 1) === 1) {
      begins[0] = time;
      if (depth === 0) depth = 1;
    }
    if (depth === stepCount) return depth;
  }
  return depth;
}

async function walkSequences(
  store: Store,
  steps: readonly Filter[],
  needs: Filter | undefined,
  options: SequenceOptions,
  report: (trail: number, depth: number) => void,
): Promise<void> {
  if (steps.length === 0 || steps.length > FILTERS_MAX) {
    throw new CairnError(
      steps.length === 0 ? "invalid-input" : "limit",
      `Cannot follow a sequence of ${steps.length} steps: 1 to ${FILTERS_MAX} wanted`,
    );
  }
  const matcher = new EventMatcher(steps, store.schema);
  const walker = new SequenceWalker(
    steps.length,
    options.within ?? Infinity,
    report,
  );
  await scanEvents(
    store,
    { fields: matcher.fields, needs },
    options,
    (batch, ids) => walker.visit(batch, matcher.match(batch, ids)),
  );
  walker.finish();
}
