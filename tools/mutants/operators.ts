/**
 * Ways to break a line of code: off by one, a dropped check, a wrong order.
 *
 * @module
 */

/** One way to break a line. */
export interface Operator {
  /** What it does, in words. */
  readonly name: string;
  /** What it looks for. */
  readonly pattern: RegExp;
  /** What it puts in its place. */
  readonly replacement: string;
}

/** A place where an operator fits. */
export interface Mutant {
  /** The file, relative to the codec. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** The operator. */
  readonly operator: string;
  /** The line as it was. */
  readonly before: string;
  /** The line as it is now. */
  readonly after: string;
}

/** The operators. */
export const OPERATORS: readonly Operator[] = [
  { name: "a bound moves by one", pattern: / < /, replacement: " <= " },
  { name: "a bound moves by one", pattern: / <= /, replacement: " < " },
  { name: "a bound moves by one", pattern: / > (?!\()/, replacement: " >= " },
  { name: "a bound moves by one", pattern: / >= /, replacement: " > " },
  { name: "one too many", pattern: / \+ 1\b/, replacement: " + 2" },
  { name: "one too few", pattern: / - 1\b/, replacement: "" },
  {
    name: "a condition is turned round",
    pattern: / === /,
    replacement: " !== ",
  },
  {
    name: "a condition is turned round",
    pattern: / !== /,
    replacement: " === ",
  },
  { name: "both becomes either", pattern: / && /, replacement: " || " },
  { name: "either becomes both", pattern: / \|\| /, replacement: " && " },
  { name: "a sum becomes a difference", pattern: / \+= /, replacement: " -= " },
  {
    name: "a check is dropped",
    pattern: /^(\s*)if \((.*)\) throw /,
    replacement: "$1if (false) throw ",
  },
  {
    name: "a check is dropped",
    pattern: /^(\s*)if \((.*)\) \{$/,
    replacement: "$1if (false) {",
  },
  {
    name: "an order is turned round",
    pattern: /\ba - b\b/,
    replacement: "b - a",
  },
  {
    name: "an order is turned round",
    pattern: /\.reverse\(\)/,
    replacement: "",
  },
  {
    name: "a wait is forgotten",
    pattern: /^(\s*)await (.*);$/,
    replacement: "$1void 0;",
  },
];

/**
 * Finds every place where an operator fits.
 *
 * @param file The file's name.
 * @param text Its text.
 */
export function findMutants(file: string, text: string): Mutant[] {
  const mutants: Mutant[] = [];
  let comment = false;
  for (const [index, before] of text.split("\n").entries()) {
    if (/^\s*\/\*/.test(before)) comment = true;
    const code = !comment &&
      !/^\s*(\/\/|\*|import|export (type|interface)|readonly)/.test(before);
    if (before.includes("*/")) comment = false;
    if (!code) continue;
    for (const { name, pattern, replacement } of OPERATORS) {
      if (!pattern.test(before)) continue;
      const after = before.replace(pattern, replacement);
      mutants.push({ file, line: index + 1, operator: name, before, after });
    }
  }
  return mutants;
}
