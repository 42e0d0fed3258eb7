import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CairnError,
  createSchema,
  FIELDS_MAX,
  findField,
  getField,
} from "@cairn/core";

function codeOf(run: () => unknown): string {
  return assertThrows(run, CairnError).code;
}

Deno.test("createSchema() keeps order and types, and freezes", () => {
  const spec = { name: "price", type: "integer" as const };
  const schema = createSchema(["page", spec]);
  assertEquals(schema.fields, [{ name: "page", type: "bytes" }, spec]);
  assert(Object.isFrozen(schema) && Object.isFrozen(schema.fields));
  assert(schema.fields.every((field) => Object.isFrozen(field)));
  assertEquals(createSchema([]).fields, []);
});

Deno.test("createSchema() refuses empty and repeated names", () => {
  assertEquals(codeOf(() => createSchema([""])), "invalid-input");
  assertEquals(codeOf(() => createSchema(["a", "b", "a"])), "invalid-input");
  createSchema(["a", "A", " a", "__proto__", "constructor"]);
});

Deno.test("createSchema() takes as many fields as any store can, and no more", () => {
  const names = Array.from({ length: FIELDS_MAX }, (_, i) => `f${i}`);
  assertEquals(createSchema(names).fields.length, FIELDS_MAX);
  assertEquals(codeOf(() => createSchema([...names, "one more"])), "limit");
});

Deno.test("findField() and getField() find by name", () => {
  const schema = createSchema(["a", "b"]);
  assertEquals([findField(schema, "b"), getField(schema, "b")], [1, 1]);
  assertEquals(findField(schema, "c"), -1);
  assertEquals(codeOf(() => getField(schema, "c")), "not-found");
  assertEquals(codeOf(() => getField(createSchema([]), "c")), "not-found");
});
