/**
 * Segments of trails by what their events are, beyond the query language.
 *
 * @module
 */
import {
  Bitmap,
  BitmapBuilder,
  CairnError,
  type EventBatch,
  Filter,
  findField,
  parseInteger,
  type Store,
} from "@cairn/core";
import type { BatchIds } from "../batch_ids.ts";
import { EventMatcher, FILTERS_MAX } from "./event_matcher.ts";
import { type EventOptions, goesOn, scanEvents } from "./event_options.ts";
import { IdNumbers, NO_NUMBER } from "../id_tests.ts";
import { SequenceWalker } from "./sequence.ts";

/** Which trails are meant. */
export type TrailSegment =
  /** The number of events that pass is above a number, 0 if left out. */
  | { readonly op: "has"; readonly where: Filter; readonly moreThan?: number }
  /** The sum of an integer field over events that pass is above a number. */
  | {
    readonly op: "sum";
    readonly field: string;
    readonly where: Filter;
    readonly moreThan: number | bigint;
  }
  /** All steps are reached, as `findSequence` has it. */
  | {
    readonly op: "sequence";
    readonly steps: readonly Filter[];
    readonly within?: number;
  }
  /** Trails in all, some, or an odd number of these. */
  | { readonly op: "and" | "or" | "xor"; readonly of: readonly TrailSegment[] }
  /** All other trails. */
  | { readonly op: "not"; readonly of: TrailSegment };

/** Deepest nesting of a segment. */
const SEGMENT_DEPTH_MAX = 256;

/**
 * Finds the trails of a segment, in one pass over the events for up to 31
 * filters, more passes for more.
 *
 * @example Many tests, no documentation
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { equal, Filter } from "@cairn/core";
 * import type { TrailSegment } from "@cairn/query";
 *
 * const area = (name: string) => new Filter([[equal("area", name)]]);
 * const segment: TrailSegment = {
 *   op: "and",
 *   of: [
 *     { op: "has", where: area("t"), moreThan: 200 },
 *     { op: "not", of: { op: "has", where: area("Documentation") } },
 *   ],
 * };
 * // const trails = await findTrails(store, segment);
 * assertEquals(segment.of.length, 2);
 * ```
 * @param store The store.
 * @param segment Which trails.
 * @param options Trails and signal.
 * @returns Ordinals.
 * @throws {CairnError} `limit` for a sequence of more than 31 steps or a
 * segment nested more than 256 deep; `not-found` for an unknown field to sum.
 */
export async function findTrails(
  store: Store,
  segment: TrailSegment,
  options: EventOptions = {},
): Promise<Bitmap> {
  const leaves: Leaf[] = [];
  collectLeaves(segment, 0, leaves);
  const { signal, trails } = options;
  const all = trails ??
    Bitmap.range(0, (await store.stats(signal ? { signal } : {})).trails);
  const found = new Map<Leaf, Bitmap>();
  for (const pass of toPasses(leaves)) {
    const decided = await runLeaves(store, pass, all, options);
    for (const [leaf, of] of decided) found.set(leaf, of);
  }
  return combine(segment, found, all).and(all);
}

/** A part that events decide. */
type Leaf = TrailSegment & { op: "has" | "sum" | "sequence" };

function collectLeaves(
  segment: TrailSegment,
  depth: number,
  leaves: Leaf[],
): void {
  if (depth > SEGMENT_DEPTH_MAX) {
    throw new CairnError(
      "limit",
      `Cannot find trails: nested more than ${SEGMENT_DEPTH_MAX} deep`,
    );
  }
  switch (segment.op) {
    case "not":
      collectLeaves(segment.of, depth + 1, leaves);
      return;
    case "and":
    case "or":
    case "xor":
      for (const part of segment.of) collectLeaves(part, depth + 1, leaves);
      return;
    default:
      leaves.push(segment);
  }
}

function combine(
  segment: TrailSegment,
  found: ReadonlyMap<Leaf, Bitmap>,
  all: Bitmap,
): Bitmap {
  switch (segment.op) {
    case "not":
      return all.andNot(combine(segment.of, found, all));
    case "and":
      return segment.of.reduce(
        (a, part) => a.and(combine(part, found, all)),
        all,
      );
    case "or":
    case "xor": {
      const { op } = segment;
      return segment.of.reduce(
        (a, part) => a[op](combine(part, found, all)),
        Bitmap.empty,
      );
    }
    default:
      return found.get(segment)!;
  }
}

/** Parts whose filters fit one matcher go together. */
function toPasses(leaves: readonly Leaf[]): Leaf[][] {
  const passes: Leaf[][] = [];
  let filters = Infinity;
  for (const leaf of leaves) {
    const more = filtersOf(leaf).length;
    if (more > FILTERS_MAX || more === 0) {
      throw new CairnError(
        more === 0 ? "invalid-input" : "limit",
        `Cannot follow a sequence of ${more} steps: 1 to ${FILTERS_MAX} wanted`,
      );
    }
    if (filters + more > FILTERS_MAX) {
      passes.push([]);
      filters = 0;
    }
    passes.at(-1)!.push(leaf);
    filters += more;
  }
  return passes;
}

function filtersOf(leaf: Leaf): readonly Filter[] {
  return leaf.op === "sequence" ? leaf.steps : [leaf.where];
}

async function runLeaves(
  store: Store,
  leaves: readonly Leaf[],
  all: Bitmap,
  options: EventOptions,
): Promise<Map<Leaf, Bitmap>> {
  const filters = leaves.flatMap(filtersOf);
  const matcher = new EventMatcher(filters, store.schema);
  const fields = new Set(matcher.fields);
  let shift = 0;
  const jobs = leaves.map((leaf): LeafJob => {
    const job = makeJob(store, leaf, shift);
    shift += filtersOf(leaf).length;
    if (leaf.op === "sum") fields.add(leaf.field);
    return job;
  });
  // An index narrows by what one part needs; of several, each needs its own.
  const needs = leaves.length === 1
    ? new Filter(filters.flatMap(({ clauses }) => clauses))
    : undefined;
  await scanEvents(
    store,
    { fields: [...fields], needs },
    options,
    (batch, ids) => {
      const masks = matcher.match(batch, ids);
      for (const job of jobs) job.visit(batch, masks, ids);
    },
  );
  return new Map(leaves.map((leaf, i) => [leaf, jobs[i]!.finish(all)]));
}

function makeJob(store: Store, leaf: Leaf, shift: number): LeafJob {
  if (leaf.op === "sequence") return new SequenceJob(leaf, shift);
  if (leaf.op === "has") {
    return new TotalJob(shift, undefined, leaf.moreThan ?? 0);
  }
  if (findField(store.schema, leaf.field) < 0) {
    throw new CairnError(
      "not-found",
      `Cannot sum field "${leaf.field}": the store has no such field`,
    );
  }
  return new TotalJob(shift, leaf.field, leaf.moreThan);
}

/** Decides one part while batches go by. */
interface LeafJob {
  visit(batch: EventBatch, masks: Uint32Array, ids: BatchIds): void;
  finish(all: Bitmap): Bitmap;
}

class SequenceJob implements LeafJob {
  readonly #trails = new BitmapBuilder();
  readonly #walker: SequenceWalker;
  readonly #shift: number;

  constructor({ steps, within }: Leaf & { op: "sequence" }, shift: number) {
    this.#shift = shift;
    this.#walker = new SequenceWalker(
      steps.length,
      within ?? Infinity,
      (trail, depth) => {
        if (depth === steps.length) this.#trails.add(trail);
      },
    );
  }

  visit(batch: EventBatch, masks: Uint32Array): void {
    this.#walker.visit(batch, masks, this.#shift);
  }

  finish(): Bitmap {
    this.#walker.finish();
    return this.#trails.finish();
  }
}

/** Counts events that pass, or sums a field over them, and compares. */
class TotalJob implements LeafJob {
  readonly #shift: number;
  readonly #field: string | undefined;
  readonly #moreThan: number | bigint;
  readonly #numbers = new IdNumbers(parseInteger);
  /** Trails above the number; or, if 0 is above it, those that are not. */
  readonly #trails = new BitmapBuilder();
  #trail = -1;
  #total = 0;
  #carried = 0n;

  constructor(
    shift: number,
    field: string | undefined,
    moreThan: number | bigint,
  ) {
    this.#shift = shift;
    this.#field = field;
    this.#moreThan = moreThan;
  }

  visit(batch: EventBatch, masks: Uint32Array, ids: BatchIds): void {
    const rows = this.#field === undefined ? undefined : ids.rows(this.#field);
    const numbers = rows && this.#numbers.numbers(rows.lexicon);
    const { trailOrdinals, trailOffsets } = batch;
    for (let t = 0; t < trailOrdinals.length; t++) {
      if (t > 0 || !goesOn(batch, this.#trail)) {
        this.#flush();
        this.#trail = trailOrdinals[t]!;
      }
      const start = trailOffsets[t]!;
      const end = trailOffsets[t + 1]!;
      if (rows === undefined) {
        this.#total += countRows(masks, this.#shift, start, end);
      } else {
        this.#sumRows(masks, rows.ids, numbers!, start, end);
      }
    }
  }

  finish(all: Bitmap): Bitmap {
    this.#flush();
    const trails = this.#trails.finish();
    return 0 > this.#moreThan ? all.andNot(trails) : trails;
  }

  #sumRows(
    masks: Uint32Array,
    ids: Uint32Array,
    numbers: Float64Array,
    start: number,
    end: number,
  ): void {
    for (let row = start; row < end; row++) {
      if ((masks[row]! >>> this.#shift & 1) === 0) continue;
      const id = ids[row]!;
      let number = numbers[id]!;
      if (number !== number) number = this.#numbers.decide(id);
      if (number === NO_NUMBER) continue;
      const total = this.#total + number;
      if (Math.abs(total) <= Number.MAX_SAFE_INTEGER) {
        this.#total = total;
        continue;
      }
      this.#carried += Number.isFinite(number)
        ? BigInt(number)
        : this.#numbers.large(id);
    }
  }

  /** Compares the total of the trail under way. */
  #flush(): void {
    if (this.#trail < 0) return;
    const isAbove = this.#carried === 0n
      ? this.#total > this.#moreThan
      : BigInt(this.#total) + this.#carried > this.#moreThan;
    if (isAbove !== 0 > this.#moreThan) this.#trails.add(this.#trail);
    this.#total = 0;
    this.#carried = 0n;
    this.#trail = -1;
  }
}

/** A kernel: how many rows have a bit. */
function countRows(
  masks: Uint32Array,
  shift: number,
  start: number,
  end: number,
): number {
  let count = 0;
  for (let row = start; row < end; row++) count += masks[row]! >>> shift & 1;
  return count;
}
