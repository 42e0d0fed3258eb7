/**
 * Flags of the commands that run queries.
 *
 * @module
 */
import type { Command } from "commander";
import { CairnError } from "@cairn/core";
import { type CounterSpec, openQuery, type QueryEngine } from "@cairn/query";
import type { CommandContext } from "./command_context.ts";
import type { OpenedStore } from "./open_store.ts";
import { type AnswerFormat, formatAnswer } from "./output/answer_text.ts";
import { formatPlan } from "./output/plan_text.ts";
import { oneOf } from "./text/flag_value.ts";
import type { KeyStyle } from "./text/key_text.ts";
import { QueryTextError } from "./query_text_error.ts";
import { markPlace } from "./text/mark_place.ts";
import { UsageError } from "./usage_error.ts";

/** The flags as they were given. */
export interface QueryFlags {
  /** `--counter`. */
  readonly counter?: readonly string[];
  /** `--time-unit`. */
  readonly timeUnit?: string;
  /** `--index`, `--no-index`. */
  readonly index?: string | false;
}

/**
 * Adds the flags.
 *
 * @param command The command.
 */
export function addQueryFlags(command: Command): Command {
  return command
    .option(
      "--counter <name=field>",
      "let a query use the sum of a field as a counter; may be given again",
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option(
      "--time-unit <unit>",
      "what the store's times count since 1970, for periods such as visit_2013_05: s, ms or us",
    );
}

/**
 * Makes a store ready for queries.
 *
 * @param opened The store.
 * @param flags The flags.
 * @param signal Stops it.
 * @throws {UsageError} For values that make no sense.
 */
export async function openQueries(
  { store }: OpenedStore,
  flags: QueryFlags,
  signal: AbortSignal,
): Promise<QueryEngine> {
  const counters: Record<string, CounterSpec> = {};
  for (const text of flags.counter ?? []) {
    const split = text.indexOf("=");
    if (split <= 0) {
      throw new UsageError(`Cannot use --counter "${text}": NAME=FIELD wanted`);
    }
    counters[text.slice(0, split)] = { sum: text.slice(split + 1) };
  }
  return await openQuery(store, {
    counters,
    signal,
    ...(flags.index === false ? { indexes: [] } : {}),
    ...(flags.timeUnit === undefined ? {} : {
      timeUnit: oneOf("--time-unit", flags.timeUnit, ["s", "ms", "us"]),
    }),
  });
}

/** How to answer one query. */
export interface AnswerOptions {
  /** How the answer is written. */
  readonly format: AnswerFormat;
  /** How keys are written. */
  readonly keyStyle: KeyStyle;
  /** Whether the plan is shown too. */
  readonly explain: boolean;
}

/**
 * Runs a query and prints the answer; a query that makes no sense is shown
 * with a mark under the place.
 *
 * @param context Where to print.
 * @param engine Runs the query.
 * @param query Its text.
 * @param options How to answer.
 * @throws {CairnError} What the query throws.
 */
export async function answerQuery(
  context: CommandContext,
  engine: QueryEngine,
  query: string,
  options: AnswerOptions,
): Promise<void> {
  const { signal } = context.io;
  let result;
  try {
    result = await engine.run(query, { signal });
  } catch (error) {
    throw markError(error, query);
  }
  const { keyParts } = engine.schema;
  // Stores of events have one part without a name of its own.
  const named = keyParts.length === 1 && keyParts[0] === "key"
    ? ["trail"]
    : keyParts;
  const { format, keyStyle } = options;
  await context.print(
    await formatAnswer(result.answer, format, { keyParts: named, keyStyle }),
  );
  if (options.explain) {
    await context.say((await formatPlan(result.plan)).trimEnd());
  }
}

function markError(error: unknown, query: string): unknown {
  if (!(error instanceof CairnError) || error.code !== "invalid-input") {
    return error;
  }
  const { line, column } = error.where;
  if (line === undefined || column === undefined) return error;
  return new QueryTextError(error, markPlace(query, line, column));
}
