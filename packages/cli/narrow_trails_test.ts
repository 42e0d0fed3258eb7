import { assertEquals } from "@std/assert";
import {
  Bitmap,
  decodeText,
  equal,
  Filter,
  type Index,
  notEqual,
  timeRange,
} from "@cairn/core";
import { narrowTrails } from "./narrow_trails.ts";

/** Knows two fields; says nothing about the value `?`. */
const index: Index = {
  fields: [
    { name: "a", kind: "set", of: "string", quantum: "" },
    { name: "b", kind: "set", of: "string", quantum: "" },
  ],
  keyParts: ["trail"],
  all: () => Promise.resolve(Bitmap.range(0, 10)),
  trails: ({ field, condition }) => {
    const known: Record<string, number[]> = {
      a1: [1, 2],
      a2: [2, 3],
      b1: [2, 9],
    };
    if (condition?.kind !== "in") return Promise.resolve(undefined);
    const names = condition.values.map((value) => field + decodeText(value));
    if (names.includes("a?")) return Promise.resolve(undefined);
    const bitmap = Bitmap.from(names.flatMap((name) => known[name] ?? []));
    return Promise.resolve({ bitmap, exact: true });
  },
};

async function narrowed(clauses: Filter["clauses"], within?: Bitmap) {
  const trails = await narrowTrails(index, new Filter(clauses), within);
  return trails && [...trails];
}

Deno.test("narrowTrails() unites alternatives and intersects clauses", async () => {
  assertEquals(await narrowed([[equal("a", "1")]]), [1, 2]);
  assertEquals(await narrowed([[equal("a", "1"), equal("a", "2")]]), [1, 2, 3]);
  assertEquals(await narrowed([[equal("a", "2"), equal("b", "1")]]), [2, 3, 9]);
  assertEquals(await narrowed([[equal("a", "1")], [equal("b", "1")]]), [2]);
  assertEquals(await narrowed([[equal("a", "7")], [equal("b", "1")]]), []);
  assertEquals(await narrowed([[equal("a", "1")]], Bitmap.from([1, 5])), [1]);
});

Deno.test("narrowTrails() says nothing where the index cannot", async () => {
  assertEquals(await narrowed([]), undefined);
  for (
    const term of [
      notEqual("a", "1"),
      equal("a", null),
      equal("a", "?"),
      equal("c", "1"),
      timeRange(1, 2),
    ]
  ) {
    assertEquals(await narrowed([[term]]), undefined);
    assertEquals(await narrowed([[equal("a", "1"), term]]), undefined);
    assertEquals(await narrowed([[equal("a", "1")], [term]]), [1, 2]);
  }
});

Deno.test("narrowTrails() finds no trail for an empty clause", async () => {
  assertEquals(await narrowed([[]]), []);
});
