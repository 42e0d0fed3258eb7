import { assertEquals } from "@std/assert";
import type { IndexField } from "@cairn/core";
import { dayLength, periodRange } from "./time_range.ts";
import { findView } from "./view.ts";

function fields(...specs: [string, IndexField["quantum"]][]) {
  return new Map(specs.map(([name, quantum]): [string, IndexField] => [
    name,
    { name, kind: "set", of: "string", quantum },
  ]));
}

function show(name: string, known: ReadonlyMap<string, IndexField>): unknown {
  const found = findView(name, known);
  return typeof found === "string" ? found : [found.field.name, found.period];
}

Deno.test("findView() takes a field before a view", () => {
  const known = fields(["a", "YMD"], ["a_2013", "YM"], ["a_2013_05", ""]);
  assertEquals(show("a_2013", known), ["a_2013", undefined]);
  assertEquals(show("a_2013_05", known), ["a_2013_05", undefined]);
  assertEquals(show("a_2013_06", known), ["a", { year: 2013, month: 6 }]);
  assertEquals(show("a_2013_2014", known), ["a_2013", { year: 2014 }]);
  assertEquals(show("a_2013_2014_05_04", known), "no-view");
  assertEquals(show("a_2013_05_2014", known), "no-view");
});

Deno.test("findView() tells dates that are none from views that are not kept", () => {
  const known = fields(["a", "YMD"], ["b", "Y"], ["c", ""]);
  const cases: Record<string, unknown> = {
    a_2012_02_29: ["a", { year: 2012, month: 2, day: 29 }],
    a_2013_02_29: "bad-view",
    a_1900_02_29: "bad-view",
    a_2000_02_29: ["a", { year: 2000, month: 2, day: 29 }],
    a_2013_00: "bad-view",
    a_2013_04_31: "bad-view",
    a_2013_04_00: "bad-view",
    a_0000: "bad-view",
    a_0001: ["a", { year: 1 }],
    a_9999_12_31: ["a", { year: 9999, month: 12, day: 31 }],
    b_2013: ["b", { year: 2013 }],
    b_2013_05: "no-view",
    c_2013: "no-view",
    d_2013: "unknown-field",
    a_13: "unknown-field",
    a_20130: "unknown-field",
    _2013: "unknown-field",
    "a_٢٠١٣": "unknown-field",
  };
  for (const [name, expected] of Object.entries(cases)) {
    assertEquals(show(name, known), expected, name);
  }
});

Deno.test("periodRange() ends where the next period begins", () => {
  const may = { year: 2013, month: 5 };
  assertEquals(periodRange(may, "s"), { from: 1367366400, to: 1370044800 });
  assertEquals(periodRange(may, "ms").from, 1367366400_000);
  assertEquals(periodRange({ year: 1970 }, "us"), {
    from: 0,
    to: 31_536_000_000_000,
  });
  assertEquals(
    periodRange({ year: 2012, month: 2, day: 29 }, "s").to,
    periodRange({ year: 2012, month: 3 }, "s").from,
  );
  assertEquals(
    periodRange({ year: 50 }, "s").to,
    periodRange({ year: 51 }, "s").from,
  );
  assertEquals(dayLength("us"), 86_400_000_000);
});
