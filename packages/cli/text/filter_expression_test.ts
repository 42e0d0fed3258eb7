import { assertEquals, assertThrows } from "@std/assert";
import { CairnError, encodeText } from "@cairn/core";
import fc from "fast-check";
import { parseFilterExpression } from "./filter_expression.ts";

/** A filter as plain lists: [name, value, negated]. */
function plain(text: string, files: Record<string, string> = {}) {
  const filter = parseFilterExpression(
    text,
    (path) => encodeText(files[path]!),
  );
  return filter.clauses.map((clause) =>
    clause.map((term) => {
      if (term.kind !== "equal") throw new Error("only equal terms here");
      const value = term.value === null
        ? ""
        : new TextDecoder().decode(term.value);
      return [term.field, value, term.negated];
    })
  );
}

Deno.test("parseFilterExpression() reads terms, alternatives and clauses", () => {
  assertEquals(plain("a=1"), [[["a", "1", false]]]);
  assertEquals(plain("a=1 a=2 & b!=3"), [
    [["a", "1", false], ["a", "2", false]],
    [["b", "3", true]],
  ]);
  assertEquals(plain("a=red\ta=blue\n&\nb="), [
    [["a", "red", false], ["a", "blue", false]],
    [["b", "", false]],
  ]);
});

Deno.test("parseFilterExpression() splits at the first = and one ! before it", () => {
  assertEquals(plain("a==b"), [[["a", "=b", false]]]);
  assertEquals(plain("a!!=b"), [[["a!", "b", true]]]);
  assertEquals(plain("=red"), [[["", "red", false]]]);
  assertEquals(plain("!=red"), [[["", "red", true]]]);
  assertEquals(plain("a=x&y=z"), [[["a", "x&y=z", false]]]);
  assertEquals(plain("a=&z"), [[["a", "&z", false]]]);
});

Deno.test("parseFilterExpression() makes an empty clause of nothing between &", () => {
  for (
    const text of ["", " ", "&", "& a=1", "a=1 &", "a=1 & & b=2", "a=1 &b=2"]
  ) {
    assertEquals(parseFilterExpression(text).matchesNone, true, text);
  }
});

Deno.test("parseFilterExpression() takes a value from a file, byte for byte", () => {
  const files = { "f.ab": "a b", "f.empty": "", "f.nl": "red\n" };
  assertEquals(plain("a=@f.ab", files), [[["a", "a b", false]]]);
  assertEquals(plain("a!=@f.empty", files), [[["a", "", true]]]);
  assertEquals(plain("a=@f.nl", files), [[["a", "red\n", false]]]);
  assertEquals(plain("a=b@f.nl", files), [[["a", "b@f.nl", false]]]);
});

Deno.test("parseFilterExpression() refuses a token without =", () => {
  for (
    const [text, column] of [["a", 1], ["a=1 b", 5], ["😀=1 ! a=2", 5]] as const
  ) {
    const error = assertThrows(() => parseFilterExpression(text), CairnError);
    assertEquals(error.code, "invalid-input");
    assertEquals(error.where.column, column);
  }
});

Deno.test("parseFilterExpression() refuses files where it cannot read any", () => {
  const error = assertThrows(() => parseFilterExpression("a=@b"), CairnError);
  assertEquals(error.code, "unsupported");
});

Deno.test("parseFilterExpression() reads back what was written", () => {
  const name = fc.string().filter((s) =>
    !/[ \t\n=]/.test(s) && !s.startsWith("&") && !s.endsWith("!")
  );
  const value = fc.string().filter((s) =>
    !/[ \t\n]/.test(s) && !s.startsWith("@")
  );
  const term = fc.tuple(name, value, fc.boolean());
  const clauses = fc.array(fc.array(term, { minLength: 1 }), { minLength: 1 });
  const blank = fc.constantFrom(" ", "\t", "\n", "  ");
  fc.assert(fc.property(clauses, blank, (wanted, gap) => {
    const text = wanted
      .map((clause) =>
        clause.map(([n, v, not]) => `${n}${not ? "!=" : "="}${v}`).join(gap)
      )
      .join(`${gap}&${gap}`);
    assertEquals(plain(text), wanted);
  }));
});
