import { assertEquals, assertThrows } from "@std/assert";
import {
  CairnError,
  encodeText,
  equal,
  Filter,
  filterFields,
  notEqual,
  test,
  timeRange,
} from "@cairn/core";

Deno.test("equal() takes text as UTF-8, and empty as no value", () => {
  const value = encodeText("é");
  assertEquals(equal("f", "é"), {
    kind: "equal",
    field: "f",
    value,
    negated: false,
  });
  assertEquals(notEqual("f", value).negated, true);
  for (const none of [null, "", new Uint8Array(0)]) {
    assertEquals(equal("f", none).value, null);
    assertEquals(notEqual("f", none).value, null);
  }
});

Deno.test("timeRange() refuses a range without time", () => {
  assertEquals(timeRange(1, 2), { kind: "time", from: 1, to: 2 });
  timeRange(-Infinity, Infinity);
  for (const [from, to] of [[1, 1], [2, 1], [NaN, 1], [1, NaN]] as const) {
    const error = assertThrows(() => timeRange(from, to), CairnError);
    assertEquals(error.code, "invalid-input");
  }
});

Deno.test("Filter knows when its shape alone decides", () => {
  assertEquals([Filter.all.matchesAll, Filter.all.matchesNone], [true, false]);
  assertEquals([Filter.none.matchesAll, Filter.none.matchesNone], [
    false,
    true,
  ]);
  const some = new Filter([[equal("a", "1")]]);
  assertEquals([some.matchesAll, some.matchesNone], [false, false]);
  assertEquals(some.and(Filter.all).clauses, some.clauses);
  assertEquals(some.and(Filter.none).matchesNone, true);
});

Deno.test("filterFields() names each field once, and no time", () => {
  const filter = new Filter([
    [equal("b", "1"), timeRange(0, 1)],
    [notEqual("a", "1"), test("b", "any", () => true)],
  ]);
  assertEquals(filterFields(filter), ["b", "a"]);
  assertEquals(filterFields(Filter.all), []);
});
