/**
 * Works out which trails a segment names: by indexes as far as they go, then
 * by looking at the events of the trails that are left in doubt.
 *
 * @module
 */
import { Bitmap, throwIfAborted, type TrailsOptions } from "@cairn/core";
import type { BoundExpression, BoundSlice } from "./bound.ts";
import { askIndex } from "./index_terms.ts";
import { cannotAnswer, type QueryContext } from "./query_context.ts";
import { runScan } from "./run_scan.ts";
import type { ScanJob } from "./scan_job.ts";
import { sliceJob } from "./slice_job.ts";

/** What is known of a segment: it has all of `lower` and nothing outside `upper`. */
interface Bounds {
  readonly lower: Bitmap;
  readonly upper: Bitmap;
}

/** Trails of the first block when work may stop early; each block is larger. */
const BLOCK_TRAILS_MIN = 2048;
const BLOCK_GROWTH = 4;

/**
 * Finds the trails of a segment.
 *
 * @param context The store and its fields.
 * @param expression The segment.
 * @param wanted How many trails are enough, the first ones; all if left out.
 * @returns The trails; with `wanted`, perhaps only the first of them.
 */
export async function findSegment(
  context: QueryContext,
  expression: BoundExpression,
  wanted = Infinity,
): Promise<Bitmap> {
  const finder = new SegmentFinder(context, expression);
  return await finder.find(wanted);
}

class SegmentFinder {
  readonly #context: QueryContext;
  readonly #expression: BoundExpression;
  /** What indexes said of each slice, where they were asked. */
  readonly #known = new Map<BoundExpression, Bounds>();
  /** Slices of the same text, asked once without looking at where they stand. */
  readonly #shared = new Map<string, Bounds | undefined>();
  readonly #openSlices = new Set<BoundSlice>();

  constructor(context: QueryContext, expression: BoundExpression) {
    this.#context = context;
    this.#expression = expression;
    const seen = new Set<string>();
    forEachSlice(expression, ({ text }) => {
      if (seen.has(text)) this.#shared.set(text, undefined);
      seen.add(text);
    });
  }

  async find(wanted: number): Promise<Bitmap> {
    const { lower, upper } = await this.#bounds(
      this.#expression,
      this.#context.all,
    );
    const doubtful = lower === upper ? Bitmap.empty : upper.andNot(lower);
    return doubtful.isEmpty
      ? lower
      : lower.or(await this.#scan(doubtful, lower, wanted));
  }

  /** What indexes know of an expression, among the trails `within`. */
  async #bounds(node: BoundExpression, within: Bitmap): Promise<Bounds> {
    throwIfAborted(this.#context.signal);
    if (within.isEmpty || node.op === "none") return exactly(Bitmap.empty);
    switch (node.op) {
      case "all":
        return exactly(within);
      case "row": {
        const row = await this.#row(node);
        return exactly(row.and(within));
      }
      case "slice": {
        const bounds = await this.#sliceBounds(node, within);
        this.#known.set(node, bounds);
        if (bounds.lower !== bounds.upper) this.#openSlices.add(node);
        return bounds;
      }
      case "not": {
        const { lower, upper } = await this.#bounds(node.arg, within);
        const top = within.andNot(lower);
        return lower === upper
          ? exactly(top)
          : { lower: within.andNot(upper), upper: top };
      }
      case "and":
        return await this.#andBounds(node.args, within);
      case "or":
        return await this.#orBounds(node.args, within);
      case "xor":
        return await this.#xorBounds(node.args, within);
    }
  }

  async #andBounds(
    args: readonly BoundExpression[],
    within: Bitmap,
  ): Promise<Bounds> {
    let known: Bounds = exactly(within);
    for (const arg of this.#byCost(args)) {
      if (known.upper.isEmpty) break;
      // Trails that an argument before has ruled out need not be looked at.
      const bounds = await this.#bounds(arg, known.upper);
      known = known.lower === known.upper && bounds.lower === bounds.upper
        ? exactly(bounds.upper)
        : { lower: known.lower.and(bounds.lower), upper: bounds.upper };
    }
    return known;
  }

  async #orBounds(
    args: readonly BoundExpression[],
    within: Bitmap,
  ): Promise<Bounds> {
    let known: Bounds = exactly(Bitmap.empty);
    let left = within;
    for (const arg of this.#byCost(args)) {
      if (left.isEmpty) break;
      const bounds = await this.#bounds(arg, left);
      const lower = known.lower.or(bounds.lower);
      known = known.lower === known.upper && bounds.lower === bounds.upper
        ? exactly(lower)
        : { lower, upper: known.upper.or(bounds.upper) };
      left = left.andNot(bounds.lower);
    }
    return known;
  }

  async #xorBounds(
    args: readonly BoundExpression[],
    within: Bitmap,
  ): Promise<Bounds> {
    let known: Bounds = exactly(Bitmap.empty);
    for (const arg of args) {
      const bounds = await this.#bounds(arg, within);
      if (known.lower === known.upper && bounds.lower === bounds.upper) {
        known = exactly(known.lower.xor(bounds.lower));
        continue;
      }
      known = {
        lower: known.lower.andNot(bounds.upper)
          .or(bounds.lower.andNot(known.upper)),
        upper: known.upper.or(bounds.upper)
          .andNot(known.lower.and(bounds.lower)),
      };
    }
    return known;
  }

  /** What narrows at little cost first: rows, terms of an index, the rest. */
  #byCost(args: readonly BoundExpression[]): BoundExpression[] {
    const cost = (node: BoundExpression): number => {
      if (node.op === "none" || node.op === "row") return 0;
      if (node.op === "not") return 5;
      if (node.op !== "slice") return node.op === "all" ? 6 : 4;
      if (this.#context.fields.indexSources(node.view).length === 0) return 7;
      const { condition } = node;
      if (condition === undefined) return 2;
      return condition.of === "string" && condition.patterns.length > 0 ? 3 : 1;
    };
    return [...args].sort((a, b) => cost(a) - cost(b));
  }

  async #row(node: BoundExpression & { op: "row" }): Promise<Bitmap> {
    const known = this.#known.get(node);
    if (known !== undefined) return known.lower;
    const { store, signal } = this.#context;
    const ordinal = await store.find(node.key, signal ? { signal } : {});
    const row = ordinal === undefined ? Bitmap.empty : Bitmap.from([ordinal]);
    this.#known.set(node, exactly(row));
    return row;
  }

  async #sliceBounds(slice: BoundSlice, within: Bitmap): Promise<Bounds> {
    if (!this.#shared.has(slice.text)) return await this.#ask(slice, within);
    let shared = this.#shared.get(slice.text);
    if (shared === undefined) {
      shared = await this.#ask(slice, this.#context.all);
      this.#shared.set(slice.text, shared);
    }
    if (within === this.#context.all) return shared;
    return shared.lower === shared.upper
      ? exactly(shared.lower.and(within))
      : { lower: Bitmap.empty, upper: shared.upper.and(within) };
  }

  async #ask(slice: BoundSlice, within: Bitmap): Promise<Bounds> {
    const { fields, plan, signal, all } = this.#context;
    const options: TrailsOptions = {
      ...(signal === undefined ? {} : { signal }),
      ...(within === all ? {} : { within }),
    };
    const term = slice.text;
    for (const source of fields.indexSources(slice.view)) {
      const postings = await askIndex(source, slice, options);
      if (postings === undefined) continue;
      const { exact, chunks = 0 } = postings;
      const trails = within === all
        ? postings.bitmap
        : postings.bitmap.and(within);
      plan.terms.push({
        term,
        source: exact ? "index" : "index+scan",
        index: source.name,
        exact,
        chunks,
        trails: trails.count(),
      });
      return exact ? exactly(trails) : { lower: Bitmap.empty, upper: trails };
    }
    if (fields.scanSource(slice.view) === undefined) {
      throw cannotAnswer(slice.view);
    }
    plan.terms.push({
      term,
      source: "scan",
      exact: false,
      chunks: 0,
      trails: 0,
    });
    return { lower: Bitmap.empty, upper: within };
  }

  /** Decides about trails in doubt by their events; in blocks if a few are enough. */
  async #scan(
    doubtful: Bitmap,
    lower: Bitmap,
    wanted: number,
  ): Promise<Bitmap> {
    const { all, plan } = this.#context;
    if (wanted === Infinity) {
      return await this.#scanBlock(doubtful, doubtful.equals(all));
    }
    let found = Bitmap.empty;
    let start = doubtful.chunks[0]! * 2048;
    const last = (doubtful.chunks.at(-1)! + 1) * 2048;
    for (let size = BLOCK_TRAILS_MIN; start < last; size *= BLOCK_GROWTH) {
      const end = Math.min(start + size, last);
      const block = doubtful.and(Bitmap.range(start, end));
      if (!block.isEmpty) found = found.or(await this.#scanBlock(block, false));
      if (start + size < last) {
        const sure = lower.and(Bitmap.range(0, end)).count() + found.count();
        if (sure >= wanted) {
          plan.stoppedEarly = true;
          break;
        }
      }
      start = end;
    }
    return found;
  }

  async #scanBlock(block: Bitmap, isAll: boolean): Promise<Bitmap> {
    const jobs = new Map<string, [ScanJob, () => Bitmap]>();
    for (const slice of this.#openSlices) {
      if (jobs.has(slice.text)) continue;
      jobs.set(slice.text, sliceJob(this.#context, slice));
    }
    const { store, plan, signal } = this.#context;
    await runScan(store, [...jobs.values()].map(([job]) => job), {
      purpose: "segment",
      plan,
      trailCount: block.count(),
      ...(isAll ? {} : { trails: block }),
      ...(signal === undefined ? {} : { signal }),
    });
    const found = new Map<string, Bitmap>();
    for (const [text, [, trails]] of jobs) found.set(text, trails());
    return this.#value(this.#expression, block, found);
  }

  /** The expression among trails of a block, all slices being known. */
  #value(
    node: BoundExpression,
    block: Bitmap,
    found: ReadonlyMap<string, Bitmap>,
  ): Bitmap {
    switch (node.op) {
      case "none":
        return Bitmap.empty;
      case "all":
        return block;
      case "row":
        // What was never asked lies where nothing is in doubt.
        return this.#known.get(node)?.lower.and(block) ?? Bitmap.empty;
      case "slice":
        return this.#openSlices.has(node)
          ? found.get(node.text)!.and(block)
          : this.#known.get(node)?.lower.and(block) ?? Bitmap.empty;
      case "not":
        return block.andNot(this.#value(node.arg, block, found));
      default: {
        const { op } = node;
        const values = node.args.map((arg) => this.#value(arg, block, found));
        return values.reduce((a, b) => a[op](b));
      }
    }
  }
}

function exactly(trails: Bitmap): Bounds {
  return { lower: trails, upper: trails };
}

function forEachSlice(
  node: BoundExpression,
  visit: (slice: BoundSlice) => void,
): void {
  if (node.op === "slice") visit(node);
  else if (node.op === "not") forEachSlice(node.arg, visit);
  else if (node.op === "and" || node.op === "or" || node.op === "xor") {
    for (const arg of node.args) forEachSlice(arg, visit);
  }
}
