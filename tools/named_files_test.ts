import { assertEquals } from "@std/assert";
import { namedFiles } from "./named_files.ts";

Deno.test("namedFiles() gives links and paths from the root, without placeholders", () => {
  const text = [
    "[guide](../docs/guide.md#part), [code](sort/), [site](https://a.b/c.md)",
    "`packages/core/errors.ts`, `NAME_test.ts`, codecs/esdb/NAME_test.ts",
  ].join("\n");
  const named = ["docs/guide.md", "core/sort", "packages/core/errors.ts"];
  assertEquals(namedFiles("core/README.md", text), named);
  assertEquals(namedFiles("core/mod.ts", text), ["docs/guide.md", named[2]!]);
});
