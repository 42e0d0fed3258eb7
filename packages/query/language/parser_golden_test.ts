import { assertEquals, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import { readGoldenJson } from "../testdata/golden.ts";
import { parseQuery } from "./parser.ts";
import { printQuery } from "./printer.ts";
import type { QueryNode } from "./tree.ts";

interface ParseCase {
  readonly query: string;
  readonly tree: QueryNode;
}

interface ErrorCase {
  readonly query: string;
  readonly reason: string;
  readonly line: number;
  readonly column: number;
}

Deno.test("parseQuery() gives the tree of each golden case", () => {
  for (
    const { query, tree } of readGoldenJson<ParseCase[]>(
      "bitmap/parse-cases.json",
    )
  ) {
    const parsed = parseQuery(query);
    assertEquals(parsed, tree, query);
    assertEquals(parseQuery(printQuery(parsed)), tree, query);
  }
});

Deno.test("parseQuery() places the error of each golden case", () => {
  for (
    const { query, reason, line, column } of readGoldenJson<ErrorCase[]>(
      "bitmap/parse-errors.json",
    )
  ) {
    const error = assertThrows(() => parseQuery(query), CairnError);
    assertEquals(error.code, "invalid-input", query);
    assertEquals({ reason: error.reason, ...error.where }, {
      reason,
      line,
      column,
    }, query);
  }
});
