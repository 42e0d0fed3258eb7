import { assertEquals } from "@std/assert";
import { createSchema } from "@cairn/core";
import { mergeSchemas } from "./merge_schemas.ts";

const names = (lists: string[][]) =>
  mergeSchemas(lists.map((list) => createSchema(list))).fields
    .map(({ name }) => name);

Deno.test("mergeSchemas() keeps the order where all agree", () => {
  assertEquals(names([["b", "a"]]), ["b", "a"]);
  assertEquals(names([["b", "a"], ["b", "a"]]), ["b", "a"]);
});

Deno.test("mergeSchemas() sorts the union by bytes where they differ", () => {
  assertEquals(names([["b", "a"], ["a", "b"]]), ["a", "b"]);
  assertEquals(names([["b", "a"], ["Z", "_q"]]), ["Z", "_q", "a", "b"]);
  assertEquals(names([[], ["a"]]), ["a"]);
});

Deno.test("mergeSchemas() keeps a type that all agree on", () => {
  const integer = createSchema([{ name: "a", type: "integer" }, "b"]);
  const text = createSchema([{ name: "a", type: "text" }, "b"]);
  assertEquals(mergeSchemas([integer, integer]), integer);
  assertEquals(mergeSchemas([integer, text]), createSchema(["a", "b"]));
});
