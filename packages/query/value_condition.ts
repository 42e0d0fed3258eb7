/**
 * The conditions of one slice, joined into one question about a value.
 *
 * @module
 */
import {
  compareBytes,
  encodeText,
  equalBytes,
  type Grams,
  parseHex,
} from "@cairn/core";
import { patternGrams } from "./pattern/grams.ts";
import { PatternMatcher } from "./pattern/matcher.ts";
import {
  type ConditionNode,
  NUMBER_MAX,
  type ValueNode,
} from "./language/tree.ts";

/** Numbers from `low` to `high`, both included; a `high` of 2^128 - 1 has no end. */
export interface Interval {
  /** The first. */
  readonly low: bigint;
  /** The last. */
  readonly high: bigint;
}

/** A pattern, ready to match. */
export interface PatternCondition {
  /** The pattern. */
  readonly pattern: string;
  /** Its matcher. */
  readonly matcher: PatternMatcher;
  /** What each match contains. */
  readonly grams: Grams;
}

/** What a value must meet: one of several alternatives. */
export type ValueCondition =
  /** A number in one of these; ascending, with gaps between. */
  | { readonly of: "uint"; readonly intervals: readonly Interval[] }
  /** A string that is one of, begins with one of, or matches one of these. */
  | {
    readonly of: "string";
    readonly values: readonly Uint8Array[];
    readonly prefixes: readonly Uint8Array[];
    readonly patterns: readonly PatternCondition[];
  };

/**
 * Tells whether a condition can be asked of values of a type.
 *
 * @param node The condition.
 * @param of What the values are.
 */
export function suits(node: ConditionNode, of: "string" | "uint"): boolean {
  switch (node.c) {
    case "=":
      return isOf(node.v, of);
    case "in":
      return node.vs.every((value) => isOf(value, of));
    case "prefix":
    case "regex":
      return of === "string";
    default:
      return of === "uint";
  }
}

/**
 * Joins conditions that suit the type.
 *
 * @param nodes At least one.
 * @param of What the values are.
 * @returns One condition; `undefined` when no value can meet it.
 */
export function joinConditions(
  nodes: readonly ConditionNode[],
  of: "string" | "uint",
): ValueCondition | undefined {
  if (of === "uint") {
    const intervals = joinIntervals(nodes.flatMap(toIntervals));
    return intervals.length === 0 ? undefined : { of, intervals };
  }
  const values: Uint8Array[] = [];
  const prefixes: Uint8Array[] = [];
  const patterns = new Map<string, PatternCondition>();
  for (const node of nodes) {
    if (node.c === "=") values.push(toBytes(node.v));
    else if (node.c === "in") {
      for (const v of node.vs) values.push(toBytes(v));
    } else if (node.c === "prefix") prefixes.push(toBytes(node.v));
    else if (node.c === "regex" && !patterns.has(node.pattern)) {
      patterns.set(node.pattern, {
        pattern: node.pattern,
        matcher: new PatternMatcher(node.pattern),
        grams: patternGrams(node.pattern),
      });
    }
  }
  return {
    of,
    values: distinct(values),
    prefixes: distinct(prefixes),
    patterns: [...patterns.values()],
  };
}

/**
 * Tells whether a number lies in one of some intervals.
 *
 * @param intervals Ascending, with gaps.
 * @param value The number.
 */
export function holdsNumber(
  intervals: readonly Interval[],
  value: bigint | number,
): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { high: last } = intervals[middle]!;
    if (last < value && last !== NUMBER_MAX) low = middle + 1;
    else high = middle;
  }
  return low < intervals.length && intervals[low]!.low <= value;
}

/**
 * Makes the test of a string condition.
 *
 * @param condition The condition.
 * @returns A function of the value's bytes.
 */
export function stringTest(
  condition: ValueCondition & { of: "string" },
): (value: Uint8Array) => boolean {
  const { values, prefixes, patterns } = condition;
  return (value) =>
    hasValue(values, value) ||
    prefixes.some((prefix) => startsWith(value, prefix)) ||
    patterns.some(({ matcher }) => matcher.matches(value));
}

/** Gives the bytes of a string or bytes value. @param value No number. */
export function toBytes(value: ValueNode): Uint8Array {
  if ("s" in value) return encodeText(value.s);
  return "b" in value ? parseHex(value.b) : encodeText(value.u);
}

function hasValue(sorted: readonly Uint8Array[], value: Uint8Array): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(sorted[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && equalBytes(sorted[low]!, value);
}

function startsWith(value: Uint8Array, prefix: Uint8Array): boolean {
  return value.length >= prefix.length &&
    equalBytes(value.subarray(0, prefix.length), prefix);
}

function distinct(values: Uint8Array[]): Uint8Array[] {
  values.sort(compareBytes);
  return values.filter((value, i) =>
    i === 0 || !equalBytes(value, values[i - 1]!)
  );
}

function isOf(value: ValueNode, of: "string" | "uint"): boolean {
  return ("u" in value) === (of === "uint");
}

function toIntervals(node: ConditionNode): Interval[] {
  switch (node.c) {
    case "range": {
      const end = BigInt(node.b.u);
      return [{
        low: BigInt(node.a.u) + 1n,
        high: end === 0n ? NUMBER_MAX : end - 1n,
      }];
    }
    case "between":
      return [{ low: BigInt(node.a.u), high: BigInt(node.b.u) }];
    case ">":
      return [{ low: BigInt(node.v.u) + 1n, high: NUMBER_MAX }];
    case ">=":
      return [{ low: BigInt(node.v.u), high: NUMBER_MAX }];
    case "<":
      return [{ low: 0n, high: BigInt(node.v.u) - 1n }];
    case "<=":
      return [{ low: 0n, high: BigInt(node.v.u) }];
    case "=":
      return [exactly(node.v)];
    case "in":
      return node.vs.map(exactly);
    default:
      return [];
  }
}

function exactly(value: ValueNode): Interval {
  const number = "u" in value ? BigInt(value.u) : -1n;
  return { low: number, high: number };
}

/** Sorts intervals, drops empty ones and joins those that touch. */
function joinIntervals(intervals: Interval[]): Interval[] {
  const sorted = intervals
    .filter(({ low, high }) => low <= high)
    .sort((a, b) => a.low < b.low ? -1 : a.low > b.low ? 1 : 0);
  const joined: Interval[] = [];
  for (const interval of sorted) {
    const last = joined.at(-1);
    if (last === undefined || interval.low > last.high + 1n) {
      joined.push(interval);
    } else if (interval.high > last.high) {
      joined[joined.length - 1] = { low: last.low, high: interval.high };
    }
  }
  return joined;
}
