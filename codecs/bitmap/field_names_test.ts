import { assertEquals } from "@std/assert";
import { fieldNameProblem } from "./keyspace_schema.ts";

Deno.test("fieldNameProblem() allows names up to 65,524 bytes of Unicode text", () => {
  for (const name of ["a", "x".repeat(65_524), "ä".repeat(32_762)]) {
    assertEquals(fieldNameProblem(name), undefined);
  }
  for (
    const name of [
      "",
      "\ud800",
      "x".repeat(65_525),
      "ä".repeat(32_763),
      "page_2013_05",
    ]
  ) assertEquals(typeof fieldNameProblem(name), "string", name.slice(0, 20));
});
