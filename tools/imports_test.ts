import { assertEquals } from "@std/assert";
import { findCircles, findReached, readImports } from "./imports.ts";

const MODULES = new Map([
  ["a/mod.ts", 'export { b } from "./b.ts";\n/**\n * import "./c.ts";\n */\n'],
  ["a/b.ts", 'import type { D } from "../d.ts";\nimport "npm:e";\n'],
  ["a/c.ts", 'new Worker(new URL("./b.ts", import.meta.url));\n'],
  ["d.ts", 'const b = await import("./a/b.ts");\n'],
]);

Deno.test("readImports() gives modules by path, without those in comments", () => {
  assertEquals([...readImports(MODULES)], [
    ["a/mod.ts", ["a/b.ts"]],
    ["a/b.ts", ["d.ts"]],
    ["a/c.ts", ["a/b.ts"]],
    ["d.ts", ["a/b.ts"]],
  ]);
});

Deno.test("findReached() gives what some modules lead to", () => {
  const reached = findReached(readImports(MODULES), ["a/mod.ts"]);
  assertEquals([...reached], ["a/mod.ts", "a/b.ts", "d.ts"]);
});

Deno.test("findCircles() gives modules that need each other, and no others", () => {
  assertEquals(findCircles(readImports(MODULES)), [["a/b.ts", "d.ts"]]);
});
