/**
 * From a slice to the terms that an index is asked.
 *
 * @module
 */
import {
  Bitmap,
  type Condition,
  encodeText,
  type Grams,
  parseInteger,
  type Postings,
  type Term,
  type TrailsOptions,
} from "@cairn/core";
import type { BoundSlice } from "./bound.ts";
import type { IndexSource } from "./fields.ts";
import {
  holdsNumber,
  stringTest,
  type ValueCondition,
} from "./value_condition.ts";

/** Most terms for one slice; more are asked as one test of the values. */
const TERMS_MAX = 32;

/** Most values of one `in`; looking each up costs more than testing all there are. */
const VALUES_MAX = 1024;

const ANY: Grams = { kind: "any" };

/**
 * Asks an index about a slice.
 *
 * @param source The index and how it keeps the field.
 * @param slice The slice.
 * @param options Which trails will be looked at.
 * @returns The union over the slice's conditions; `undefined` when the index
 * cannot answer one of them.
 */
export async function askIndex(
  source: IndexSource,
  slice: BoundSlice,
  options: TrailsOptions,
): Promise<Postings | undefined> {
  const { period } = slice.view;
  const base: Term = {
    field: source.field.name,
    ...(period === undefined ? {} : { period }),
  };
  const terms: Term[] = slice.condition === undefined
    ? [base]
    : toConditions(slice.condition, source.field.of)
      .map((condition) => ({ ...base, condition }));
  let bitmap = Bitmap.empty;
  let exact = true;
  let chunks = 0;
  for (const term of terms) {
    const postings = await source.index.trails(term, options);
    if (postings === undefined) return undefined;
    bitmap = bitmap.isEmpty ? postings.bitmap : bitmap.or(postings.bitmap);
    exact &&= postings.exact;
    chunks += postings.chunks ?? postings.bitmap.chunks.length;
  }
  return { bitmap, exact, chunks };
}

function toConditions(
  condition: ValueCondition,
  kept: "string" | "uint",
): Condition[] {
  return condition.of === "uint"
    ? numberConditions(condition, kept)
    : stringConditions(condition);
}

function numberConditions(
  condition: ValueCondition & { of: "uint" },
  kept: "string" | "uint",
): Condition[] {
  const { intervals } = condition;
  const conditions: Condition[] = [];
  // Texts such as 007 are numbers too: among strings, one value is a range.
  const isValue = ({ low, high }: { low: bigint; high: bigint }): boolean =>
    low === high && kept === "uint";
  const values = intervals.filter(isValue);
  if (values.length > 0) {
    conditions.push({
      kind: "in",
      values: values.map(({ low }) => encodeText(low.toString())),
    });
  }
  for (const interval of intervals) {
    if (isValue(interval)) continue;
    conditions.push({
      kind: "between",
      low: interval.low,
      high: interval.high,
    });
  }
  if (conditions.length <= TERMS_MAX && values.length <= VALUES_MAX) {
    return conditions;
  }
  return [{
    kind: "test",
    label: `one of ${intervals.length} ranges`,
    test: (value) => {
      const number = parseInteger(value);
      return number !== undefined && holdsNumber(intervals, number);
    },
    grams: ANY,
  }];
}

function stringConditions(
  condition: ValueCondition & { of: "string" },
): Condition[] {
  const { values, prefixes, patterns } = condition;
  const conditions: Condition[] = [
    ...prefixes.map((prefix): Condition => ({ kind: "prefix", prefix })),
    ...patterns.map(({ pattern, matcher, grams }): Condition => ({
      kind: "test",
      label: `matches ${pattern}`,
      test: (value) => matcher.matches(value),
      grams,
    })),
  ];
  if (values.length > 0) conditions.push({ kind: "in", values });
  if (conditions.length <= TERMS_MAX && values.length <= VALUES_MAX) {
    return conditions;
  }
  return [{
    kind: "test",
    label: `one of ${
      prefixes.length + patterns.length + values.length
    } conditions`,
    test: stringTest(condition),
    grams: ANY,
  }];
}
