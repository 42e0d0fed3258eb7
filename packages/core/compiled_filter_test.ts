import { assertEquals } from "@std/assert";
import {
  type Column,
  compileFilter,
  createSchema,
  encodeText,
  equal,
  equalBytes,
  Filter,
  type FilterTerm,
  type Lexicon,
  notEqual,
  packSpans,
  selectRows,
  test,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { listLexicon } from "./testdata/list_lexicon.ts";

/** One event of the model: time, then a text or nothing for `a` and `b`. */
type Row = readonly [number, string | null, string | null];

const SCHEMA = createSchema(["a", "b"]);
const WORDS = ["x", "y", "zz"];

const word = fc.option(fc.constantFrom("x", "y", "zz", "nowhere"));
const field = fc.constantFrom("a", "b", "no such field");
const cell = fc.option(fc.constantFrom("x", "y", "zz"));
const row: fc.Arbitrary<Row> = fc.tuple(
  fc.nat(9),
  cell,
  cell,
);
const TESTS = {
  any: () => true,
  never: () => false,
  none: (value: Uint8Array | null) => value === null,
  long: (value: Uint8Array | null) => value !== null && value.length > 1,
};
const term: fc.Arbitrary<FilterTerm> = fc.oneof(
  fc.tuple(field, word).map(([f, w]) => equal(f, w)),
  fc.tuple(field, word).map(([f, w]) => notEqual(f, w)),
  fc.tuple(fc.nat(9), fc.nat(3)).map(([t, n]) => timeRange(t, t + 1 + n)),
  fc.tuple(
    field,
    fc.constantFrom(...Object.keys(TESTS) as (keyof typeof TESTS)[]),
  )
    .map(([f, name]) => test(f, name, TESTS[name])),
);
const filter = fc.array(fc.array(term, { maxLength: 3 }), { maxLength: 3 })
  .map((clauses) => new Filter(clauses));

/** What the words of `Filter` say, event by event. */
function holds(term: FilterTerm, [time, a, b]: Row): boolean {
  if (term.kind === "time") return term.from <= time && time < term.to;
  const known = term.field === "a" || term.field === "b";
  if (!known) return term.kind === "equal" && term.negated;
  const text = term.field === "a" ? a : b;
  const value = text === null ? null : encodeText(text);
  if (term.kind === "test") return term.test(value);
  const same = value === null || term.value === null
    ? value === term.value
    : equalBytes(value, term.value);
  return same !== term.negated;
}

/** A column of either kind, and its lexicon if it has one. */
function columnOf(
  texts: readonly (string | null)[],
  kind: "ids" | "bytes",
): [Column, Lexicon | undefined] {
  if (kind === "bytes") {
    const values = texts.map((text) => text === null ? null : encodeText(text));
    return [{ kind, ...packSpans(values) }, undefined];
  }
  const lexicon = listLexicon(WORDS);
  const ids = texts.map((text) => text === null ? 0 : WORDS.indexOf(text) + 1);
  return [{ kind, ids: Uint32Array.from(ids), lexicon }, lexicon];
}

Deno.test("compileFilter() and selectRows() keep what a naive evaluator keeps", () => {
  const kind = fc.constantFrom("ids" as const, "bytes" as const);
  fc.assert(
    fc.property(filter, fc.array(row), kind, kind, (filter, rows, ka, kb) => {
      const wanted = rows.flatMap((row, i) =>
        filter.clauses.every((clause) => clause.some((t) => holds(t, row)))
          ? [i]
          : []
      );
      const [a, lexiconA] = columnOf(rows.map((row) => row[1]), ka);
      const [b, lexiconB] = columnOf(rows.map((row) => row[2]), kb);
      const compiled = compileFilter(filter, SCHEMA, [lexiconA, lexiconB]);
      // Columns that the compiled form does not name are not looked at.
      const columns = [a, b].map((column, i) =>
        compiled.fields.includes(i) ? column : undefined
      );
      const times = Float64Array.from(rows, (row) => row[0]);
      const kept = compiled.verdict === "all"
        ? rows.map((_, i) => i)
        : compiled.verdict === "none"
        ? []
        : [...selectRows(compiled, columns, times, rows.length)];
      assertEquals(kept, wanted);
      if (compiled.verdict !== "some") assertEquals(compiled.clauses, []);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("compileFilter() settles unknown fields and values for free", () => {
  const lexicons = [listLexicon(WORDS), undefined];
  const verdict = (...terms: FilterTerm[]) =>
    compileFilter(new Filter([terms]), SCHEMA, lexicons).verdict;
  assertEquals(verdict(), "none");
  assertEquals(verdict(equal("no such field", "x")), "none");
  assertEquals(verdict(notEqual("no such field", "x")), "all");
  assertEquals(verdict(equal("a", "nowhere")), "none");
  assertEquals(verdict(notEqual("a", "nowhere")), "all");
  assertEquals(verdict(test("a", "any", () => true)), "all");
  assertEquals(verdict(test("a", "never", () => false)), "none");
  assertEquals(verdict(equal("b", "nowhere")), "some");
  assertEquals(verdict(equal("a", "nowhere"), timeRange(0, 1)), "some");
  assertEquals(compileFilter(Filter.all, SCHEMA, lexicons).verdict, "all");
  assertEquals(compileFilter(Filter.none, SCHEMA, lexicons).verdict, "none");
});

Deno.test("compileFilter() tells the fields and the single id it needs", () => {
  const lexicons = [listLexicon(WORDS), listLexicon(WORDS)];
  const compiled = compileFilter(
    new Filter([[notEqual("b", "y")], [equal("a", null), timeRange(0, 1)]]),
    SCHEMA,
    lexicons,
  );
  assertEquals(compiled.fields, [0, 1]);
  const [[first], [second]] = compiled.clauses as [[unknown], [unknown]];
  const single = (term: unknown) => (term as { single: unknown }).single;
  assertEquals(single(first), { id: 2, negated: true });
  assertEquals(single(second), { id: 0, negated: false });
});

Deno.test("compileFilter() asks a test once for each distinct value", () => {
  const asked: (string | null)[] = [];
  const filter = new Filter([[
    test("a", "log", (value) => {
      asked.push(value === null ? null : new TextDecoder().decode(value));
      return value === null;
    }),
  ]]);
  const [column, lexicon] = columnOf(["x", "x", null, "y"], "ids");
  const compiled = compileFilter(filter, SCHEMA, [lexicon, undefined]);
  const times = new Float64Array(4);
  assertEquals([...selectRows(compiled, [column], times, 4)], [2]);
  assertEquals(asked, [null, ...WORDS]);
});
