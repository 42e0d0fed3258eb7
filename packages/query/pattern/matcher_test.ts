import { assert, assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText, type Grams } from "@cairn/core";
import fc from "fast-check";
import { patternGrams } from "./grams.ts";
import { PatternMatcher } from "./matcher.ts";
import { parsePattern, type PatternNode } from "./pattern.ts";
import { toRegExp } from "../testdata/brute_force.ts";

/** Patterns of the dialect on which ECMAScript agrees. */
const pattern: fc.Arbitrary<string> = fc.letrec<
  { alt: string; seq: string; atom: string }
>((tie) => ({
  alt: fc.array(tie("seq"), { minLength: 1, maxLength: 3 })
    .map((branches) => branches.join("|")),
  seq: fc.array(
    fc.tuple(
      tie("atom"),
      fc.constantFrom(
        "",
        "",
        "",
        "*",
        "+",
        "?",
        "{2}",
        "{1,2}",
        "{0}",
        "*?",
        "{2,}",
      ),
    ),
    { maxLength: 4 },
  ).map((parts) =>
    parts.map(([atom, times]) =>
      atom === "^" || atom === "$" ? atom : atom + times
    ).join("")
  ),
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      "a",
      "b",
      "ab",
      "abc",
      "é",
      "日",
      "😀",
      ".",
      "[ab]",
      "[^a]",
      "[a-c]",
      "\\d",
      "\\w",
      "\\W",
      "\\.",
      "\\x61",
      "\\u{65e5}",
      "[^\\n]",
      "^",
      "$",
    ),
    tie("alt").map((inner) => `(${inner})`),
    tie("alt").map((inner) => `(?:${inner})`),
  ),
})).alt.chain((body) => fc.constantFrom(body, `(?i)${body}`));

/** Patterns that no engine backtracks over for long. */
const plainPattern: fc.Arbitrary<string> = fc.tuple(
  fc.array(
    fc.tuple(
      fc.constantFrom(
        ...["a", "b", "é", "日", "😀", ".", "[ab]", "[^a]", "[a-c]", "\\d"],
        ...["\\w", "\\W", "\\.", "\\x61", "\\u{65e5}", "[^\\n]", "(a|ab)"],
        ...["(?:b|日|)", "[^\\d]", "[\\w日]", "(abc)", "[-a]", "[b-]"],
      ),
      fc.constantFrom(
        "",
        "",
        "*",
        "+",
        "?",
        "{2}",
        "{1,2}",
        "{0}",
        "*?",
        "{2,}",
      ),
    ).map((parts) => parts.join("")),
    { maxLength: 3 },
  ).map((parts) => parts.join("")),
  fc.constantFrom("", "(?i)"),
  fc.constantFrom("", "^", "a|", "b$|"),
).map(([body, flags, start]) => flags + start + body);

const value = fc.array(
  fc.constantFrom(
    "a",
    "b",
    "c",
    "A",
    "é",
    "日",
    "😀",
    "1",
    ".",
    "\n",
    "ab",
    "abc",
  ),
  { maxLength: 8 },
).map((chars) => chars.join(""));

function holds(grams: Grams, text: string): boolean {
  switch (grams.kind) {
    case "any":
      return true;
    case "gram":
      return text.includes(grams.gram);
    case "all":
      return grams.of.every((part) => holds(part, text));
    case "some":
      return grams.of.some((part) => holds(part, text));
  }
}

Deno.test("PatternMatcher matches what ECMAScript matches", () => {
  fc.assert(
    fc.property(
      plainPattern,
      fc.array(value, { maxLength: 6 }),
      (pattern, values) => {
        // In one class ignoring case reaches beyond ASCII there.
        fc.pre(
          !(pattern.startsWith("(?i)") && /[\\[é]/.test(pattern.slice(4))),
        );
        const matcher = new PatternMatcher(pattern);
        const expected = toRegExp(pattern);
        for (const text of values) {
          assertEquals(
            matcher.matches(encodeText(text)),
            expected.test(text),
            `${pattern} ${JSON.stringify(text)}`,
          );
        }
      },
    ),
    { numRuns: 1000 },
  );
});

/** For each node and beginning what was found. */
type Ends = Map<PatternNode, Map<number, Set<number>>>;

/** Where a match that begins somewhere can end, by the meaning of each node. */
function endsOf(
  ends: Ends,
  node: PatternNode,
  text: readonly number[],
  at: number,
): Set<number> {
  const known = ends.get(node) ?? new Map<number, Set<number>>();
  ends.set(node, known);
  const found = known.get(at) ?? endsIn(ends, node, text, at);
  known.set(at, found);
  return found;
}

function endsIn(
  memo: Ends,
  node: PatternNode,
  text: readonly number[],
  at: number,
): Set<number> {
  switch (node.kind) {
    case "start":
      return new Set(at === 0 ? [at] : []);
    case "end":
      return new Set(at === text.length ? [at] : []);
    case "set": {
      const { ranges } = node;
      const isIn = ranges.some((low, i) =>
        i % 2 === 0 && text[at]! >= low && text[at]! <= ranges[i + 1]!
      );
      return new Set(isIn ? [at + 1] : []);
    }
    case "alt":
      return new Set(
        node.branches.flatMap((part) => [...endsOf(memo, part, text, at)]),
      );
    case "seq":
      return node.parts.reduce(
        (ends, part) =>
          new Set(
            [...ends].flatMap((end) => [...endsOf(memo, part, text, end)]),
          ),
        new Set([at]),
      );
    case "repeat": {
      const all = new Set<number>(node.min === 0 ? [at] : []);
      let ends = new Set([at]);
      // As often as there are characters, and once more, is as often as can matter.
      const most = Math.min(node.max, node.min + text.length + 1);
      for (let times = 1; times <= most; times++) {
        ends = new Set(
          [...ends].flatMap((end) => [...endsOf(memo, node.part, text, end)]),
        );
        if (times >= node.min) { for (const end of ends) all.add(end); }
      }
      return all;
    }
  }
}

Deno.test("PatternMatcher matches what the pattern's tree means", () => {
  fc.assert(
    fc.property(
      pattern,
      fc.array(value, { maxLength: 6 }),
      (pattern, values) => {
        const matcher = new PatternMatcher(pattern);
        const { root } = parsePattern(pattern);
        for (const text of values) {
          const points = [...text].map((char) => char.codePointAt(0)!);
          assertEquals(
            matcher.matches(encodeText(text)),
            endsOf(new Map(), root, points, 0).has(points.length),
            `${pattern} ${JSON.stringify(text)}`,
          );
        }
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("patternGrams() holds of every value that matches", () => {
  fc.assert(
    fc.property(
      pattern,
      fc.array(value, { maxLength: 10 }),
      (pattern, values) => {
        const matcher = new PatternMatcher(pattern);
        const grams = patternGrams(pattern);
        for (const text of values) {
          if (matcher.matches(encodeText(text))) {
            assert(holds(grams, text), `${pattern} ${JSON.stringify(text)}`);
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("patternGrams() joins literals and keeps alternatives apart", () => {
  const gram = (gram: string): Grams => ({ kind: "gram", gram });
  const cases: [string, Grams][] = [
    ["mopub.*", { kind: "all", of: ["mop", "opu", "pub"].map(gram) }],
    ["(foo|bar)baz", {
      kind: "all",
      of: [gram("baz"), { kind: "some", of: [gram("foo"), gram("bar")] }],
    }],
    ["a(b)c", gram("abc")],
    ["a{3}", gram("aaa")],
    ["ab+c", { kind: "any" }],
    ["(abc)+", gram("abc")],
    ["(abc)*", { kind: "any" }],
    ["abc|.", { kind: "any" }],
    ["(?i)abc", { kind: "any" }],
    ["a^b$c", gram("abc")],
    ["日本語", gram("日本語")],
  ];
  for (const [pattern, grams] of cases) {
    assertEquals(patternGrams(pattern), grams, pattern);
  }
});

Deno.test("PatternMatcher matches nothing that is not UTF-8", () => {
  const matcher = new PatternMatcher("(.|\\n)*");
  const bad = [
    [0x80],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x80, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe6, 0x97],
    [0x61, 0xff],
    [0xc3, 0x28],
    [0xf0, 0x9f, 0x98],
  ];
  for (const bytes of bad) {
    assertEquals(matcher.matches(Uint8Array.from(bytes)), false, `${bytes}`);
  }
  for (
    const text of ["", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"]
  ) {
    assertEquals(matcher.matches(encodeText(text)), true);
  }
});

Deno.test("PatternMatcher agrees with the decoder on what UTF-8 is", () => {
  const matcher = new PatternMatcher("(.|\\n)*");
  fc.assert(fc.property(
    fc.array(
      fc.constantFrom(
        0x61,
        0x80,
        0xbf,
        0xc2,
        0xe0,
        0xa0,
        0xed,
        0x9f,
        0xf0,
        0x90,
        0xf4,
        0x8f,
      ),
    ),
    (bytes) => {
      const decoder = new TextDecoder("utf-8", { fatal: true });
      let isText = true;
      try {
        decoder.decode(Uint8Array.from(bytes));
      } catch {
        isText = false;
      }
      assertEquals(matcher.matches(Uint8Array.from(bytes)), isText);
    },
  ));
});

Deno.test("PatternMatcher takes linear time on patterns that make others backtrack", () => {
  const long = encodeText("a".repeat(50_000));
  for (
    const pattern of [
      "(a*)*b",
      "(a|aa)+b",
      "(a+)+$b",
      "(.*a){20}b",
      "((a?){50}a{50}){2}b",
    ]
  ) {
    assertEquals(new PatternMatcher(pattern).matches(long), false, pattern);
  }
  // Many states: they are forgotten and found again.
  const states = new PatternMatcher("(.|\\n)*a(.|\\n){14}b");
  const text = encodeText(
    Array.from({ length: 30_000 }, (_, i) => (i * i) % 7 < 3 ? "a" : "c").join(
      "",
    ),
  );
  assertEquals(states.matches(text), false);
});

Deno.test("PatternMatcher takes classes of many characters", () => {
  const chars = Array.from(
    { length: 5000 },
    (_, i) => String.fromCodePoint(0x4e00 + 2 * i),
  );
  const matcher = new PatternMatcher(`[${chars.join("")}]+x?`);
  assertEquals(matcher.matches(encodeText(chars.join(""))), true);
  assertEquals(matcher.matches(encodeText(`${chars[0]}x`)), true);
  assertEquals(matcher.matches(encodeText("\u4e01")), false);
  assertEquals(matcher.matches(encodeText("")), false);
});

Deno.test("PatternMatcher bounds what patterns cost", () => {
  const refused = [
    "((a{100}){100}){2}",
    "a{1000}{2}",
    `${"a".repeat(10_000)}`,
    "(".repeat(101) + "a" + ")".repeat(101),
    "(".repeat(100_000),
    "a{01}",
    "a{1,02}",
    "[\\d-a]",
    "[--\\d]",
    "\\u{00110000}",
  ];
  for (const pattern of refused) {
    const error = assertThrows(() => new PatternMatcher(pattern), CairnError);
    assertEquals(error.reason, "bad-regex", pattern.slice(0, 40));
  }
  for (
    const pattern of [
      "a".repeat(9_999),
      "(".repeat(100) + "a" + ")".repeat(100),
      "a{1000}",
      "(a{98}){99}",
      "[--a]",
      "[+--]",
      "[\\w-]",
      "[a-b-]",
      "\\u{000041}",
    ]
  ) new PatternMatcher(pattern);
});
