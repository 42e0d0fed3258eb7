import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { typeFields } from "./field_types.ts";

Deno.test("typeFields() gives each field its type", () => {
  assertEquals(typeFields(["a", "b:c"], "b:c:integer"), [
    { name: "a", type: "bytes" },
    { name: "b:c", type: "integer" },
  ]);
  assertEquals(typeFields(["a"], undefined), [{ name: "a", type: "bytes" }]);
  assertEquals(typeFields(["a"], ""), [{ name: "a", type: "bytes" }]);
});

Deno.test("typeFields() refuses unknown fields, types, and repetition", () => {
  for (const text of ["b:text", "a:number", "a", "a:text,a:integer", ","]) {
    assertThrows(() => typeFields(["a"], text), UsageError);
  }
});
