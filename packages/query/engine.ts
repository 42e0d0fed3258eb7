/**
 * Queries over a store.
 *
 * @module
 */
import {
  type AbortOptions,
  Bitmap,
  type Store,
  throwIfAborted,
  type TimeUnit,
} from "@cairn/core";
import { findExtreme, sumCounter, topRows } from "./aggregate.ts";
import type { QueryAnswer } from "./answer.ts";
import { type BindOptions, bindQuery, type QuerySchema } from "./binder.ts";
import type { BoundQuery } from "./bound.ts";
import { type CounterSpec, type NamedIndex, QueryFields } from "./fields.ts";
import { readGroups, topValues } from "./groups.ts";
import { PlanBuilder, type QueryPlan } from "./plan.ts";
import { printQuery } from "./language/printer.ts";
import type { QueryContext } from "./query_context.ts";
import { readRows } from "./row_ids.ts";
import { findSegment } from "./segment.ts";
import { selectRows } from "./select.ts";
import type { QueryNode } from "./language/tree.ts";

/** What queries over a store can name, and who answers them. */
export interface OpenQueryOptions extends BindOptions, AbortOptions {
  /**
   * Indexes that may answer, the best first; their ordinals are those of the
   * store. The store's own index, if there is one, when left out; with an
   * empty list everything is found by scanning.
   */
  readonly indexes?: readonly NamedIndex[];
  /** Counters made of fields: for each name, the field to sum. */
  readonly counters?: Readonly<Record<string, CounterSpec>>;
  /** Unit of the store's times; what an index says, else seconds, when left out. */
  readonly timeUnit?: TimeUnit;
}

/** An answer, and how it was found. */
export interface QueryResult {
  /** The answer. */
  readonly answer: QueryAnswer;
  /** How it was found. */
  readonly plan: QueryPlan;
}

/**
 * Makes a store ready for queries: looks for its index, once, and works out
 * what queries can name.
 *
 * @param store The store; it stays open and is not closed here.
 * @param options Indexes, counters, unit of time.
 * @returns What runs queries, any number at once.
 * @throws {CairnError} `not-found` when a counter sums an unknown field.
 */
export async function openQuery(
  store: Store,
  options: OpenQueryOptions = {},
): Promise<QueryEngine> {
  const { signal, counters = {}, timeUnit } = options;
  let indexes = options.indexes;
  if (indexes === undefined) {
    const index = await store.index(signal ? { signal } : {});
    indexes = index === undefined ? [] : [{ name: store.codec, index }];
  }
  const fields = new QueryFields(store, indexes, counters, timeUnit);
  return new QueryEngine(store, indexes, fields, options);
}

/**
 * Runs one query over a store.
 *
 * @example Over any store
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Store } from "@cairn/core";
 * import { answerToJson, runQuery } from "@cairn/query";
 *
 * async function countBuyers(store: Store): Promise<unknown> {
 *   const query = '(count (slice "type" (= "buy")))';
 *   const { answer } = await runQuery(store, query);
 *   return answerToJson(answer); // { count: 12 }
 * }
 * assertEquals(countBuyers.length, 1);
 * ```
 * @param store The store.
 * @param query Text or tree.
 * @param options Indexes, counters, unit of time.
 * @returns Answer and plan.
 * @throws {CairnError} `invalid-input` with reason and place when the query is
 * wrong; `unsupported` when nothing can answer; `aborted`; what the store throws.
 */
export async function runQuery(
  store: Store,
  query: string | QueryNode,
  options: OpenQueryOptions = {},
): Promise<QueryResult> {
  const { signal } = options;
  const engine = await openQuery(store, options);
  return await engine.run(query, signal ? { signal } : {});
}

/** Runs queries over one store. Made by {@linkcode openQuery}. */
export class QueryEngine {
  readonly #store: Store;
  readonly #indexes: readonly NamedIndex[];
  readonly #fields: QueryFields;
  readonly #bindOptions: BindOptions;
  #all: Bitmap | undefined;

  /**
   * Made by {@linkcode openQuery}.
   *
   * @param store The store.
   * @param indexes Its indexes.
   * @param fields What queries can name.
   * @param bindOptions How names are looked up.
   */
  constructor(
    store: Store,
    indexes: readonly NamedIndex[],
    fields: QueryFields,
    bindOptions: BindOptions,
  ) {
    this.#store = store;
    this.#indexes = indexes;
    this.#fields = fields;
    this.#bindOptions = bindOptions;
  }

  /** What queries can name. */
  get schema(): QuerySchema {
    return this.#fields.schema;
  }

  /**
   * Runs a query.
   *
   * @param query Text or tree.
   * @param options Signal.
   * @returns Answer and plan.
   * @throws {CairnError} As {@linkcode runQuery}.
   */
  async run(
    query: string | QueryNode,
    options: AbortOptions = {},
  ): Promise<QueryResult> {
    const bound = bindQuery(query, this.schema, this.#bindOptions);
    const context = await this.#context(options.signal);
    const answer = await answerQuery(context, bound);
    const text = typeof query === "string" ? query : printQuery(query);
    return { answer, plan: context.plan.finish(text) };
  }

  /**
   * Finds the trails of a query's segment, whatever the statement asks about it.
   *
   * @param query Text or tree.
   * @param options Signal.
   * @returns Ordinals, for `Store.scan` or other sets.
   * @throws {CairnError} As {@linkcode runQuery}.
   */
  async segment(
    query: string | QueryNode,
    options: AbortOptions = {},
  ): Promise<Bitmap> {
    const bound = bindQuery(query, this.schema, this.#bindOptions);
    return await findSegment(
      await this.#context(options.signal),
      bound.segment,
    );
  }

  async #context(signal: AbortSignal | undefined): Promise<QueryContext> {
    throwIfAborted(signal);
    const all = this.#all ??= await this.#findAll(signal);
    const plan = new PlanBuilder();
    plan.trailsTotal = all.count();
    return { store: this.#store, fields: this.#fields, plan, all, signal };
  }

  async #findAll(signal: AbortSignal | undefined): Promise<Bitmap> {
    const options = signal ? { signal } : {};
    const [first] = this.#indexes;
    if (first !== undefined) return await first.index.all(options);
    const { trails } = await this.#store.stats(options);
    return Bitmap.range(0, trails);
  }
}

async function answerQuery(
  context: QueryContext,
  { statement, segment }: BoundQuery,
): Promise<QueryAnswer> {
  if (statement.op === "select") {
    return await selectRows(context, statement, segment);
  }
  const trails = await findSegment(context, segment);
  context.plan.trailsFound = trails.count();
  switch (statement.op) {
    case "rows":
      return { kind: "rows", rows: await readRows(context, [...trails]) };
    case "count":
      return { kind: "count", count: trails.count() };
    case "sum":
      return statement.view === undefined
        ? { kind: "sum", sum: 0n, count: 0 }
        : await sumCounter(context, statement.view, trails);
    case "min":
    case "max":
      return statement.view === undefined
        ? { kind: statement.op, value: null, count: 0 }
        : await findExtreme(context, statement.op, statement.view, trails);
    case "top-n": {
      const { view, n } = statement;
      if (view === undefined) return { kind: "top-values", top: [] };
      return view.field.kind === "counter"
        ? await topRows(context, view, trails, n)
        : {
          kind: "top-values",
          top: await topValues(context, view, trails, n),
        };
    }
    case "group-by": {
      const { view, sum, hasSum, limit } = statement;
      if (view === undefined) return { kind: "groups", groups: [] };
      const groups = await readGroups(context, view, trails, {
        ...(sum === undefined ? {} : { sum }),
        ...(limit === undefined ? {} : { limit }),
      });
      return {
        kind: "groups",
        groups: hasSum && sum === undefined
          ? groups.map((group) => ({ ...group, sum: 0n }))
          : groups,
      };
    }
  }
}
