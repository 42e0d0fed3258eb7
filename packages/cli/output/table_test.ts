import { assertEquals } from "@std/assert";
import { formatTable } from "./table.ts";

Deno.test("formatTable() lines columns up", async () => {
  assertEquals(
    await formatTable([["name", "n"], ["a", "1"], ["long", "100"]], {
      right: [1],
    }),
    "name    n\na       1\nlong  100\n",
  );
  assertEquals(await formatTable([]), "");
});

Deno.test("formatTable() counts characters, shows control characters, cuts long cells", async () => {
  assertEquals(
    await formatTable([["😀b", "x"], ["a\n\x1b", "y"], ["abcdefghij", "z"]], {
      cellMax: 6,
    }),
    "😀b      x\na\\n\\x…  y\nabcde…  z\n",
  );
});

Deno.test("formatTable() goes on behind the rows that it measured", async () => {
  const rows = Array.from({ length: 1500 }, (_, i) => [String(i), "x"]);
  const lines = (await formatTable(rows)).split("\n");
  assertEquals(lines.length, 1501);
  assertEquals(lines[0], "0    x");
  assertEquals(lines[1499], "1499  x");
});
