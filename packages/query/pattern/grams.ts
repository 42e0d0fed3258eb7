/**
 * What a value must contain to match a pattern.
 *
 * @module
 */
import type { Grams } from "@cairn/core";
import { parsePattern, type Pattern, type PatternNode } from "./pattern.ts";

/** Code points of a gram. */
const GRAM_POINTS = 3;
/** Most grams of one condition; more narrow no further and cost reading. */
const GRAMS_MAX = 64;

const ANY: Grams = { kind: "any" };

/**
 * Derives what every match of a pattern contains.
 *
 * The condition only narrows: a value that meets it need not match. It follows
 * the pattern's tree: runs of literal characters give their grams, sequences
 * all of their parts' conditions, alternatives one of theirs.
 *
 * @example Of alternatives, one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patternGrams } from "@cairn/query";
 *
 * assertEquals(patternGrams("(foo|bar).*"), {
 *   kind: "some",
 *   of: [{ kind: "gram", gram: "foo" }, { kind: "gram", gram: "bar" }],
 * });
 * ```
 * @param pattern In the dialect of the query language.
 * @returns A condition; `any` when nothing is known.
 * @throws {CairnError} `invalid-input` with reason `bad-regex`.
 */
export function patternGrams(pattern: string): Grams {
  const parsed: Pattern = parsePattern(pattern);
  return parsed.ignoreCase ? ANY : nodeGrams(parsed.root);
}

function nodeGrams(node: PatternNode): Grams {
  switch (node.kind) {
    case "alt":
      return someOf(node.branches.map(nodeGrams));
    case "repeat":
    case "seq": {
      const collector = new Collector();
      collector.add(node);
      return collector.finish();
    }
    default:
      return ANY;
  }
}

/** Joins literal characters into runs while a sequence is walked. */
class Collector {
  readonly #grams = new Set<string>();
  readonly #others: Grams[] = [];
  #run: number[] = [];

  add(node: PatternNode): void {
    const literal = toLiteral(node);
    if (literal !== undefined) {
      this.#run.push(...literal);
    } else if (node.kind === "seq") {
      for (const part of node.parts) this.add(part);
    } else if (node.kind === "start" || node.kind === "end") {
      // They take no character: what stands beside them stays together.
    } else {
      this.#endRun();
      const isThere = node.kind === "alt" ||
        (node.kind === "repeat" && node.min > 0);
      if (!isThere) return;
      const grams = nodeGrams(node.kind === "repeat" ? node.part : node);
      if (grams.kind !== "any") this.#others.push(grams);
    }
  }

  finish(): Grams {
    this.#endRun();
    const of = [...this.#grams].slice(0, GRAMS_MAX)
      .map((gram): Grams => ({ kind: "gram", gram }));
    of.push(...this.#others.slice(0, GRAMS_MAX));
    if (of.length === 0) return ANY;
    return of.length === 1 ? of[0]! : { kind: "all", of };
  }

  #endRun(): void {
    for (let i = 0; i + GRAM_POINTS <= this.#run.length; i++) {
      this.#grams.add(String.fromCodePoint(
        ...this.#run.slice(i, i + GRAM_POINTS),
      ));
    }
    this.#run = [];
  }
}

/** The characters that a node always is, if it is a character so many times. */
function toLiteral(node: PatternNode): number[] | undefined {
  if (node.kind === "repeat" && node.min === node.max) {
    const one = toLiteral(node.part);
    return one?.length === 1 ? Array(node.min).fill(one[0]!) : undefined;
  }
  if (node.kind === "seq" && node.parts.length === 1) {
    return toLiteral(node.parts[0]!);
  }
  if (node.kind !== "set") return undefined;
  const [low, high] = node.ranges;
  return node.ranges.length === 2 && low === high ? [low!] : undefined;
}

function someOf(of: readonly Grams[]): Grams {
  if (of.length > GRAMS_MAX || of.some((grams) => grams.kind === "any")) {
    return ANY;
  }
  return { kind: "some", of };
}
