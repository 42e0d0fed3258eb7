import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import { readGoldenJson } from "../testdata/golden.ts";
import { PatternMatcher } from "./matcher.ts";

interface Cases {
  readonly values: readonly string[];
  readonly patterns: readonly {
    readonly pattern: string;
    readonly matches: readonly string[];
  }[];
  readonly refused: readonly string[];
}

Deno.test("PatternMatcher matches what the golden cases say", () => {
  const { values, patterns } = readGoldenJson<Cases>("bitmap/regex-cases.json");
  for (const { pattern, matches } of patterns) {
    const matcher = new PatternMatcher(pattern);
    assertEquals(
      values.filter((value) => matcher.matches(encodeText(value))),
      [...matches],
      pattern,
    );
  }
});

Deno.test("PatternMatcher refuses what the golden cases say", () => {
  for (
    const pattern of readGoldenJson<Cases>("bitmap/regex-cases.json").refused
  ) {
    const error = assertThrows(() => new PatternMatcher(pattern), CairnError);
    assertEquals(error.reason, "bad-regex", pattern);
  }
});
