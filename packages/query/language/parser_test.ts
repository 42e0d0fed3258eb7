import { assert, assertEquals, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import fc from "fast-check";
import { parseQuery } from "./parser.ts";
import { printQuery } from "./printer.ts";
import { queryArbitrary } from "../testdata/random_queries.ts";
import type { QueryNode } from "./tree.ts";

function faultOf(text: string): string {
  const error = assertThrows(() => parseQuery(text), CairnError);
  assertEquals(error.code, "invalid-input");
  const { line, column } = error.where;
  return `${error.reason} ${line}:${column}`;
}

function assertFaults(cases: Readonly<Record<string, string>>): void {
  for (const [text, fault] of Object.entries(cases)) {
    assertEquals(faultOf(text), fault, JSON.stringify(text));
  }
}

/** Members in one order, objects of one kind. */
function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map((
      [k, v],
    ) => [k, sortMembers(v)]),
  );
}

Deno.test("parseQuery() wants numbers to be whole, unsigned and in bounds", () => {
  assertFaults({
    '(slice "v" (= 00))': "bad-number 1:15",
    '(slice "v" (= +1))': "bad-number 1:15",
    '(slice "v" (= .5))': "bad-number 1:15",
    '(slice "v" (= 1e3))': "bad-number 1:15",
    '(slice "v" (= 1_000))': "bad-number 1:15",
    '(slice "v" (= 0x1g))': "bad-number 1:15",
    '(slice "v" (= 0x100000000000000000000000000000000))': "bad-number 1:15",
    '(top-n "v" 9007199254740992)': "bad-number 1:12",
    "(select (limit 9007199254740992) (all))": "bad-number 1:16",
    "(and 1.5)": "bad-number 1:6",
    "(slice 007)": "bad-number 1:8",
  });
  assertEquals(
    parseQuery('(slice "v" (= 0x000000000000000000000000000000000000000F))'),
    { op: "slice", field: "v", conds: [{ c: "=", v: { u: "15" } }] },
  );
  const most = parseQuery("(select (limit 9007199254740991) (offset 0) (all))");
  assertEquals((most as { limit: number }).limit, Number.MAX_SAFE_INTEGER);
});

Deno.test("parseQuery() reports the first error in reading order", () => {
  assertFaults({
    "(slices \u0007": "unknown-form 1:2",
    "(slices (": "unknown-form 1:2",
    '(and "a\\d")': "expected 1:6",
    '(not (all) "a\\d")': "arity 1:12",
    '(and "a': "unterminated-string 1:6",
    "(all) #6#": "bad-hex 1:7",
    "(all) \u0007": "bad-char 1:7",
    '(slice "a" (= #zz#))': "bad-hex 1:15",
    '(slice "a" (= #6d))': "bad-hex 1:15",
    '(slice "a\\': "unterminated-string 1:8",
    '(slice "a\\u{110000}")': "bad-escape 1:10",
    '(slice "a\\u{D800}")': "bad-escape 1:10",
    '(slice "a\\u{}")': "bad-escape 1:10",
    '(slice "a\\u{0000041}")': "bad-escape 1:10",
  });
});

Deno.test("parseQuery() tells misplaced operators from unknown ones", () => {
  assertFaults({
    "(select)": "arity 1:8",
    "(limit 3)": "misplaced 1:2",
    '(slice "a" (and))': "misplaced 1:13",
    '(slice "a" (sum "b"))': "misplaced 1:13",
    '(group-by "a" (fields "b"))': "misplaced 1:16",
    '(group-by "a" (sum "b") (sum "c"))': "duplicate 1:26",
    '(group-by "a" (all) (limit 1))': "arity 1:21",
    '(select (fields * "a") (all))': "arity 1:19",
    '(select (fields "a" *) (all))': "expected 1:21",
    "(select (order-by) (all))": "arity 1:18",
    "(select (order-by desc) (all))": "expected 1:19",
    '(select (fields "a") (fields "b") (all))': "duplicate 1:23",
    "(Slice)": "unknown-form 1:2",
    "(* 3)": "unknown-form 1:2",
    "(asc)": "unknown-form 1:2",
    "(5)": "expected 1:2",
    "((all))": "expected 1:2",
    ")": "expected 1:1",
    "(and (all)": "eof 1:11",
    "(": "eof 1:2",
    "(row)": "arity 1:5",
    "(row (all))": "expected 1:6",
    '(slice "a" (regex #61#))': "expected 1:19",
    '(slice "a" (prefix 5))': "expected 1:20",
  });
});

Deno.test("parseQuery() refuses what is not Unicode text", () => {
  assertFaults({
    '(slice "\ud800")': "bad-char 1:9",
    '(slice "\udc00\ud800")': "bad-char 1:9",
    "(slice \ud800)": "bad-char 1:8",
    "(sl\ud800ice)": "unknown-form 1:2",
    "(all)\u007f": "bad-char 1:6",
    '(slice "a\u0000b")': "bad-char 1:10",
  });
  assertEquals(
    parseQuery('(slice "a\tb\r\nc \u{85}")'),
    { op: "slice", field: "a\tb\r\nc \u{85}", conds: [] },
  );
});

Deno.test("parseQuery() counts columns in code points, lines by LF", () => {
  assertFaults({
    '(slice "😀😀" 5)': "expected 1:13",
    '(slice\r "a"\n 5)': "expected 2:2",
    "(slice ; 😀\n;x\n\t5)": "expected 3:2",
  });
});

Deno.test("parseQuery() bounds depth and length", () => {
  const nest = (depth: number): string =>
    "(not ".repeat(depth - 1) + "(all)" + ")".repeat(depth - 1);
  parseQuery(nest(256));
  assertEquals(faultOf(nest(257)), `too-deep 1:${256 * 5 + 1}`);
  assertEquals(faultOf("(".repeat(300_000)), "expected 1:2");
  assertEquals(faultOf("(not ".repeat(200_000)), `too-deep 1:${256 * 5 + 1}`);
  const blanks = " ".repeat(1_048_576 - 5);
  parseQuery(`(all)${blanks}`);
  assertEquals(faultOf(`(all)${blanks} `), "too-long 1:1");
  assertEquals(faultOf("é".repeat(524_289)), "too-long 1:1");
  assertEquals(faultOf(`"${"é".repeat(524_287)}"`), "expected 1:1");
});

Deno.test("parseQuery() takes large queries in little time", () => {
  const slices = '(slice "a" (= 1))'.repeat(60_000);
  const tree = parseQuery(`(or ${slices})`) as unknown as {
    args: unknown[];
  };
  assertEquals(tree.args.length, 60_000);
  const list = "1 ".repeat(500_000);
  parseQuery(`(slice "a" (in ${list}))`);
  assertEquals(faultOf(`(row ${"9".repeat(1_000_000)})`), "bad-number 1:6");
  assertEquals(faultOf(`(row ${"#".repeat(1_000_000)})`), "bad-hex 1:6");
});

Deno.test("printQuery() is undone by parseQuery()", () => {
  fc.assert(fc.property(queryArbitrary, (tree) => {
    const text = printQuery(tree);
    const again = parseQuery(text);
    assertEquals(sortMembers(again), sortMembers(tree));
    assertEquals(printQuery(again), text);
  }));
});

Deno.test("printQuery() keeps any string", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.uint8Array({ minLength: 1 }),
    (field, bytes) => {
      const tree: QueryNode = {
        op: "slice",
        field,
        conds: [{ c: "=", v: { b: bytes.toHex() } }],
      };
      if (field.isWellFormed()) {
        assertEquals(parseQuery(printQuery(tree)), tree);
      }
    },
  ));
});

Deno.test("printQuery() refuses trees that no text can be", () => {
  let tree: QueryNode = { op: "all" };
  for (let i = 0; i < 100_000; i++) tree = { op: "not", arg: tree };
  const deep = assertThrows(() => printQuery(tree), CairnError);
  assertEquals(deep.reason, "too-deep");
  const ring: { op: "and"; args: QueryNode[] } = { op: "and", args: [] };
  ring.args.push(ring as QueryNode);
  assertThrows(() => printQuery(ring as QueryNode), CairnError);
});

Deno.test("parseQuery() gives a tree or an error with a place for any text", () => {
  const word = fc.constantFrom(
    "(",
    ")",
    "and",
    "slice",
    "(slice",
    '"a"',
    "#61#",
    "5",
    "(=",
    "(in",
    "(all)",
    "select",
    "(fields",
    "*",
    "desc",
    ";",
    "\n",
    '"',
    "\\",
    "#",
    "\u0001",
    "é",
    "😀",
    "regex",
    '"a("',
    "count",
    "group-by",
    "(limit",
    "0x",
    "-",
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join(words.length % 2 === 0 ? " " : "");
      try {
        const tree = parseQuery(text);
        assertEquals(parseQuery(printQuery(tree)), tree);
      } catch (error) {
        assert(error instanceof CairnError);
        assertEquals(error.code, "invalid-input");
        const { line, column } = error.where;
        const lines = text.split("\n");
        assert(line! >= 1 && line! <= lines.length);
        assert(column! >= 1 && column! <= [...lines[line! - 1]!].length + 1);
      }
    }),
    { numRuns: 1000 },
  );
});
