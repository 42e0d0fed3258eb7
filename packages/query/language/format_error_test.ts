import { assertEquals, assertThrows } from "@std/assert";
import { CairnError } from "@cairn/core";
import { formatError } from "./format_error.ts";
import { parseQuery } from "./parser.ts";

function shown(query: string): string[] {
  const error = assertThrows(() => parseQuery(query), CairnError);
  return formatError(query, error).split("\n").slice(1);
}

Deno.test("formatError() marks the place in its line", () => {
  assertEquals(shown('(and (all)\n  (sice "a"))'), [
    '    (sice "a"))',
    "     ^",
  ]);
  assertEquals(shown("(slice \t5)"), ["  (slice  5)", "          ^"]);
  assertEquals(shown("(all) \u0007"), ["  (all) .", "        ^"]);
  assertEquals(shown("(all"), ["  (all", "      ^"]);
});

Deno.test("formatError() cuts a long line around the place", () => {
  const query = `(or ${"(all) ".repeat(100)}5)`;
  const [line, mark] = shown(query);
  assertEquals(line![mark!.indexOf("^")], "5");
  assertEquals(line!.length < 120, true);
});

Deno.test("formatError() gives the message of other errors", () => {
  assertEquals(formatError("(all)", new Error("other")), "Error: other");
  const error = new CairnError("corrupt", "Cannot read");
  assertEquals(formatError("(all)", error), error.message);
});
