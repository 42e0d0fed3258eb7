/**
 * The dialect of regular expressions: what RE2 and ECMAScript agree on.
 *
 * @module
 */
import { CairnError } from "@cairn/core";

/** A part of a pattern. Groups leave no trace. */
export type PatternNode =
  /** One code point of some ranges: `[low, high, low, high, ...]`, ascending. */
  | { readonly kind: "set"; readonly ranges: readonly number[] }
  /** All of these, one behind the other. */
  | { readonly kind: "seq"; readonly parts: readonly PatternNode[] }
  /** One of these. */
  | { readonly kind: "alt"; readonly branches: readonly PatternNode[] }
  /** A part, `min` to `max` times; `max` may be `Infinity`. */
  | {
    readonly kind: "repeat";
    readonly part: PatternNode;
    readonly min: number;
    readonly max: number;
  }
  /** The start or the end of the value. */
  | { readonly kind: "start" | "end" };

/** A pattern, parsed. */
export interface Pattern {
  /** Its tree, letters in both cases already where case does not count. */
  readonly root: PatternNode;
  /** Whether it began with `(?i)`. */
  readonly ignoreCase: boolean;
}

/** Most nodes of a pattern, repeated parts counted as often. */
const PATTERN_NODES_MAX = 10_000;
/** Most groups one inside the other. */
const PATTERN_DEPTH_MAX = 100;
/** Highest count of a repetition. */
const PATTERN_REPEAT_MAX = 1000;

const POINT_MAX = 0x10ffff;
const DIGIT: readonly number[] = [0x30, 0x39];
const WORD: readonly number[] = [
  0x30,
  0x39,
  0x41,
  0x5a,
  0x5f,
  0x5f,
  0x61,
  0x7a,
];
const SPACE: readonly number[] = [0x09, 0x0d, 0x20, 0x20];
const CLASSES: Readonly<Record<string, readonly number[]>> = {
  d: DIGIT,
  D: negate(DIGIT),
  w: WORD,
  W: negate(WORD),
  s: SPACE,
  S: negate(SPACE),
};
const ANY = negate([0x0a, 0x0a]);
const CONTROLS: Readonly<Record<string, number>> = {
  t: 0x09,
  n: 0x0a,
  r: 0x0d,
  f: 0x0c,
  v: 0x0b,
};
const PUNCTUATION = "\\^$.|?*+()[]{}-/";
const SPECIAL = "()[]{}*+?|.^$\\";

/**
 * Parses a pattern.
 *
 * @param pattern The pattern, as the query's string says it.
 * @returns Its tree.
 * @throws {CairnError} `invalid-input` with reason `bad-regex`.
 */
export function parsePattern(pattern: string): Pattern {
  return new PatternParser(pattern).parse();
}

/** A node and how many it counts as. */
interface Sized {
  readonly node: PatternNode;
  readonly size: number;
  /** Whether a repetition may follow. */
  readonly isRepeatable: boolean;
}

class PatternParser {
  readonly #pattern: string;
  #offset = 0;
  #depth = 0;
  #ignoreCase = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  parse(): Pattern {
    if (!this.#pattern.isWellFormed()) this.#fail("a character is cut in two");
    this.#ignoreCase = this.#take("(?i)");
    const { node, size } = this.#alternatives();
    if (this.#offset < this.#pattern.length) {
      this.#fail("a closing parenthesis has no opening one");
    }
    if (size > PATTERN_NODES_MAX) {
      this.#fail(`it has more than ${PATTERN_NODES_MAX} nodes`);
    }
    return { root: node, ignoreCase: this.#ignoreCase };
  }

  #alternatives(): Sized {
    const branches: PatternNode[] = [];
    let size = 0;
    do {
      const branch = this.#sequence();
      branches.push(branch.node);
      size += branch.size;
    } while (this.#take("|"));
    if (branches.length === 1) {
      return { node: branches[0]!, size, isRepeatable: true };
    }
    return {
      node: { kind: "alt", branches },
      size: size + 1,
      isRepeatable: true,
    };
  }

  #sequence(): Sized {
    const parts: PatternNode[] = [];
    let size = 1;
    while (this.#offset < this.#pattern.length) {
      const next = this.#pattern[this.#offset];
      if (next === "|" || next === ")") break;
      const part = this.#repeated(this.#atom());
      parts.push(part.node);
      size = Math.min(size + part.size, PATTERN_NODES_MAX + 1);
    }
    return { node: { kind: "seq", parts }, size, isRepeatable: true };
  }

  #repeated(atom: Sized): Sized {
    const counts = this.#counts();
    if (counts === undefined) return atom;
    if (!atom.isRepeatable) this.#fail("^ and $ cannot be repeated");
    this.#take("?");
    const { min, max } = counts;
    const times = Math.max(1, max === Infinity ? min : max);
    if (this.#counts() !== undefined) {
      this.#fail("a repetition cannot be repeated");
    }
    return {
      node: { kind: "repeat", part: atom.node, min, max },
      size: 1 + Math.min(atom.size * times, PATTERN_NODES_MAX + 1),
      isRepeatable: false,
    };
  }

  #counts(): { min: number; max: number } | undefined {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    if (this.#pattern[this.#offset] !== "{") return undefined;
    const match = /^\{(0|[1-9]\d{0,3})(,(0|[1-9]\d{0,3})?)?\}/.exec(
      this.#pattern.slice(this.#offset, this.#offset + 12),
    );
    if (match === null) this.#fail("a count is {n}, {n,} or {n,m}");
    this.#offset += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined
      ? min
      : match[3] === undefined
      ? Infinity
      : Number(match[3]);
    if (
      min > PATTERN_REPEAT_MAX || (max > PATTERN_REPEAT_MAX && max !== Infinity)
    ) {
      this.#fail(`a count is at most ${PATTERN_REPEAT_MAX}`);
    }
    if (min > max) this.#fail("counts are the wrong way round");
    return { min, max };
  }

  #atom(): Sized {
    const point = this.#point();
    const char = String.fromCodePoint(point);
    switch (char) {
      case ".":
        return this.#one(ANY);
      case "^":
        return { node: { kind: "start" }, size: 1, isRepeatable: false };
      case "$":
        return { node: { kind: "end" }, size: 1, isRepeatable: false };
      case "[":
        return this.#one(this.#class());
      case "(":
        return this.#group();
      case "\\": {
        const escape = this.#escape();
        return this.#one(
          typeof escape === "number" ? this.#fold([escape, escape]) : escape,
        );
      }
    }
    if (SPECIAL.includes(char)) this.#fail(`"${char}" must be escaped here`);
    return this.#one(this.#fold([point, point]));
  }

  #one(ranges: readonly number[]): Sized {
    return { node: { kind: "set", ranges }, size: 1, isRepeatable: true };
  }

  #group(): Sized {
    if (this.#depth === PATTERN_DEPTH_MAX) {
      this.#fail(`groups are nested more than ${PATTERN_DEPTH_MAX} deep`);
    }
    if (this.#pattern[this.#offset] === "?" && !this.#take("?:")) {
      this.#fail("of groups with a question mark there is only (?:");
    }
    this.#depth++;
    const inner = this.#alternatives();
    this.#depth--;
    if (!this.#take(")")) this.#fail("a group is not closed");
    return inner;
  }

  /** A code point, or the ranges of a class such as `\d`. */
  #escape(): number | readonly number[] {
    const char = String.fromCodePoint(this.#point());
    const ranges = CLASSES[char];
    if (ranges !== undefined) return ranges;
    const control = CONTROLS[char];
    if (control !== undefined) return control;
    if (PUNCTUATION.includes(char)) return char.codePointAt(0)!;
    const rest = this.#pattern.slice(this.#offset);
    const match = char === "x"
      ? /^([0-9a-fA-F]{2})/.exec(rest)
      : char === "u"
      ? /^\{([0-9a-fA-F]+)\}/.exec(rest)
      : null;
    const point = match === null ? Infinity : parseInt(match[1]!, 16);
    if (match === null || point > POINT_MAX || (point >> 11) === 0x1b) {
      this.#fail("the escape is not one of the dialect");
    }
    this.#offset += match[0].length;
    return point;
  }

  #class(): readonly number[] {
    const isNegated = this.#take("^");
    const ranges: number[] = [];
    let isFirst = true;
    for (; !this.#take("]"); isFirst = false) {
      const low = this.#classItem(isFirst);
      if (typeof low !== "number") {
        if (this.#isRange()) this.#fail("a class such as \\d ends no range");
        ranges.push(...low);
        continue;
      }
      let high: number | readonly number[] = low;
      if (this.#isRange()) {
        this.#offset++;
        high = this.#classItem(true);
        if (typeof high !== "number") {
          this.#fail("a class such as \\d ends no range");
        }
        if (high < low) this.#fail("a range is the wrong way round");
        if (this.#isRange()) this.#fail("a range begins where one ends");
      }
      ranges.push(low, high);
    }
    if (isFirst) this.#fail("a class is empty");
    const folded = this.#fold(ranges);
    return isNegated ? negate(folded) : folded;
  }

  /** Whether a `-` follows that is not the last of its class. */
  #isRange(): boolean {
    return this.#pattern[this.#offset] === "-" &&
      this.#pattern[this.#offset + 1] !== "]";
  }

  #classItem(isHyphenAllowed: boolean): number | readonly number[] {
    const point = this.#point();
    const char = String.fromCodePoint(point);
    if (char === "\\") return this.#escape();
    if (char === "[" || char === "]") {
      this.#fail(`"${char}" must be escaped in a class`);
    }
    if (
      char === "-" && !isHyphenAllowed && this.#pattern[this.#offset] !== "]"
    ) {
      this.#fail("a hyphen must be escaped here");
    }
    return point;
  }

  #fold(ranges: readonly number[]): readonly number[] {
    if (!this.#ignoreCase) return normalize(ranges);
    const folded = [...ranges];
    for (let i = 0; i < ranges.length; i += 2) {
      addShifted(folded, ranges[i]!, ranges[i + 1]!, 0x41, 0x5a, 32);
      addShifted(folded, ranges[i]!, ranges[i + 1]!, 0x61, 0x7a, -32);
    }
    return normalize(folded);
  }

  #point(): number {
    const point = this.#pattern.codePointAt(this.#offset);
    if (point === undefined) this.#fail("it ends too early");
    this.#offset += point > 0xffff ? 2 : 1;
    return point;
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#offset)) return false;
    this.#offset += text.length;
    return true;
  }

  #fail(message: string): never {
    throw new CairnError(
      "invalid-input",
      `Cannot read pattern: ${message} (at character ${
        [...this.#pattern.slice(0, this.#offset)].length
      })`,
      { reason: "bad-regex" },
    );
  }
}

function addShifted(
  ranges: number[],
  low: number,
  high: number,
  from: number,
  to: number,
  shift: number,
): void {
  const start = Math.max(low, from);
  const end = Math.min(high, to);
  if (start <= end) ranges.push(start + shift, end + shift);
}

/** Sorts ranges and joins those that touch. */
function normalize(ranges: readonly number[]): readonly number[] {
  if (ranges.length <= 2) return ranges;
  const order: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) order.push(i);
  order.sort((a, b) => ranges[a]! - ranges[b]!);
  const joined: number[] = [];
  for (const i of order) {
    const low = ranges[i]!;
    const high = ranges[i + 1]!;
    const last = joined.length - 1;
    if (last > 0 && low <= joined[last]! + 1) {
      joined[last] = Math.max(joined[last]!, high);
    } else {
      joined.push(low, high);
    }
  }
  return joined;
}

function negate(ranges: readonly number[]): readonly number[] {
  const others: number[] = [];
  let from = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > from) others.push(from, ranges[i]! - 1);
    from = ranges[i + 1]! + 1;
  }
  if (from <= POINT_MAX) others.push(from, POINT_MAX);
  return others;
}
