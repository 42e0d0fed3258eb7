/**
 * Random events and random queries, for tests.
 *
 * @module
 */
import {
  encodeText,
  type IndexField,
  parseInteger,
  type Period,
} from "@cairn/core";
import fc from "fast-check";
import type { QueryValue } from "../answer.ts";
import type { ModelEvent, ModelTrail } from "./model_store.ts";
import { type Cell, type RowsModel, sortValues } from "./rows_model.ts";
import type {
  ConditionNode,
  ExpressionNode,
  QueryNode,
  ValueNode,
} from "../language/tree.ts";

const PAGES = ["", "a", "ab", "abc", "abcd", "b", "xabc", "日本語", "A"];
const PRICES = [
  "",
  "0",
  "1",
  "2",
  "7",
  "007",
  "15",
  "-3",
  "x",
  "9007199254740993",
];
const DAYS = [0, 86_399, 86_400, 31 * 86_400, 365 * 86_400, 1_367_366_400];

/** Fields as a query sees them. */
const MODEL_FIELDS: readonly IndexField[] = [
  { name: "page", kind: "set", of: "string", quantum: "YMD" },
  { name: "price", kind: "set", of: "uint", quantum: "YMD" },
  { name: "spent", kind: "counter", of: "uint", quantum: "YMD" },
  { name: ".events", kind: "counter", of: "uint", quantum: "YMD" },
];

/** A key of 16 bytes, which every codec takes. */
function keyText(i: number): string {
  return `trail-${i}`.padEnd(16, ".");
}

/** Trails with events in order of time. */
export const trailsArbitrary: fc.Arbitrary<ModelTrail[]> = fc.array(
  fc.array(
    fc.record({
      time: fc.constantFrom(...DAYS),
      values: fc.tuple(
        fc.constantFrom(...PAGES).map(toValue),
        fc.constantFrom(...PRICES).map(toValue),
      ),
    }),
    { minLength: 1, maxLength: 7 },
  ),
  { maxLength: 12 },
).map((trails) =>
  trails.map((events, i): ModelTrail => ({
    key: encodeText(keyText(i)),
    events: events.sort((a, b) => a.time - b.time),
  }))
);

/** Makes the plain model of random trails. */
export function modelOfTrails(trails: readonly ModelTrail[]): RowsModel {
  return {
    fields: MODEL_FIELDS,
    keyParts: ["key"],
    keyType: "bytes",
    rows: trails.map(({ key, events }) => ({
      key,
      id: [key],
      cell: (field, period) => cellOf(field, period, events),
    })),
  };
}

function cellOf(
  field: string,
  period: Period | undefined,
  events: readonly ModelEvent[],
): Cell | undefined {
  const inside = events.filter(({ time }) => isInside(time, period));
  if (field === ".events") {
    return inside.length === 0
      ? undefined
      : { total: BigInt(inside.length), values: [] };
  }
  const texts = inside.flatMap(({ values }) =>
    values[field === "page" ? 0 : 1] ?? []
  );
  const numbers = texts.flatMap((text) => {
    const number = parseInteger(text);
    return number === undefined || number < 0n ? [] : [number];
  });
  if (field === "spent") {
    return numbers.length === 0
      ? undefined
      : { total: numbers.reduce((a, b) => a + b, 0n), values: [] };
  }
  if (texts.length === 0) return undefined;
  const values: QueryValue[] = field === "page" ? texts : numbers;
  return { total: 0n, values: sortValues(values) };
}

function isInside(time: number, period: Period | undefined): boolean {
  if (period === undefined) return true;
  const date = new Date(time * 1000);
  return date.getUTCFullYear() === period.year &&
    (period.month === undefined || date.getUTCMonth() + 1 === period.month) &&
    (period.day === undefined || date.getUTCDate() === period.day);
}

const view = (field: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    "",
    "",
    "_1970",
    "_1970_01",
    "_1970_01_01",
    "_2013_05",
    "_2013_05_01",
  )
    .map((ending) => field + ending);

const counterView = fc.constantFrom("spent", ".events").chain(view);
const anyView = fc.constantFrom("page", "price", "spent", ".events").chain(
  view,
);
const string: fc.Arbitrary<ValueNode> = fc.constantFrom(...PAGES, "zz")
  .map((s) => ({ s }));
const number: fc.Arbitrary<{ u: string }> = fc.constantFrom(
  "0",
  "1",
  "2",
  "3",
  "7",
  "15",
  "20",
  "9007199254740993",
  "18446744073709551616",
).map((u) => ({ u }));
const PATTERNS = [
  "abc",
  ".*abc.*",
  "a.*",
  "(?i)a",
  "[a-b]+",
  "(abc|日本語)d?",
  "",
  "x?abc{1,2}",
  "日.{2}",
];

const stringCondition: fc.Arbitrary<ConditionNode> = fc.oneof(
  string.map((v): ConditionNode => ({ c: "=", v })),
  fc.array(string, { minLength: 1, maxLength: 3 })
    .map((vs): ConditionNode => ({ c: "in", vs })),
  string.map((v): ConditionNode => ({ c: "prefix", v })),
  fc.constantFrom(...PATTERNS)
    .map((pattern): ConditionNode => ({ c: "regex", pattern })),
);
const numberCondition: fc.Arbitrary<ConditionNode> = fc.oneof(
  number.map((v): ConditionNode => ({ c: "=", v })),
  fc.array(number, { minLength: 1, maxLength: 3 })
    .map((vs): ConditionNode => ({ c: "in", vs })),
  fc.tuple(
    fc.constantFrom<">" | ">=" | "<" | "<=">(">", ">=", "<", "<="),
    number,
  )
    .map(([c, v]): ConditionNode => ({ c, v })),
  fc.tuple(
    fc.constantFrom<"range" | "between">("range", "between"),
    number,
    number,
  )
    .map(([c, a, b]): ConditionNode => ({ c, a, b })),
);

const slice: fc.Arbitrary<ExpressionNode> = anyView.chain((field) =>
  fc.array(field.startsWith("page") ? stringCondition : numberCondition, {
    maxLength: 2,
  }).map((conds): ExpressionNode => ({ op: "slice", field, conds }))
);

/** Segments. */
export const expressionArbitrary: fc.Arbitrary<ExpressionNode> = fc.letrec<
  { node: ExpressionNode; list: ExpressionNode }
>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: "node" },
    slice,
    tie("list"),
    slice,
    fc.constant<ExpressionNode>({ op: "all" }),
    fc.nat(14).map((i): ExpressionNode => ({
      op: "row",
      id: [{ s: keyText(i) }],
    })),
  ),
  list: fc.oneof(
    fc.tuple(
      fc.constantFrom<"and" | "or" | "xor">("and", "or", "xor"),
      fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
    ).map(([op, args]): ExpressionNode => ({ op, args })),
    tie("node").map((arg): ExpressionNode => ({ op: "not", arg })),
  ),
})).node;

const argument = fc.option(expressionArbitrary, { nil: null });

/** Whole queries. */
export const queryArbitrary: fc.Arbitrary<QueryNode> = fc.oneof(
  expressionArbitrary,
  expressionArbitrary.map((arg): QueryNode => ({ op: "count", arg })),
  fc.tuple(
    fc.constantFrom<"sum" | "min" | "max">("sum", "min", "max"),
    counterView,
    argument,
  ).map(([op, field, arg]): QueryNode => ({ op, field, arg })),
  fc.tuple(anyView, fc.integer({ min: 1, max: 5 }), argument)
    .map(([field, n, arg]): QueryNode => ({ op: "top-n", field, n, arg })),
  fc.record({
    op: fc.constant("group-by" as const),
    field: anyView,
    sum: fc.option(counterView, { nil: null }),
    limit: fc.option(fc.nat(4), { nil: null }),
    arg: argument,
  }),
  fc.record({
    op: fc.constant("select" as const),
    fields: fc.oneof(
      fc.constant("*" as const),
      fc.uniqueArray(anyView, { maxLength: 3 }),
    ),
    order: fc.array(
      fc.record({
        field: counterView,
        dir: fc.constantFrom<"asc" | "desc">("asc", "desc"),
      }),
      { maxLength: 2 },
    ),
    limit: fc.option(fc.nat(5), { nil: null }),
    offset: fc.nat(3),
    arg: expressionArbitrary,
  }),
);

function toValue(text: string): Uint8Array | null {
  return text === "" ? null : encodeText(text);
}
