import { assertEquals } from "@std/assert";
import { CLAUSES, STORAGE_CLAUSES } from "@cairn/conformance";

Deno.test("docs/contracts.md and the suite have the same clauses, in the same words", async () => {
  const text = await Deno.readTextFile(
    new URL("../docs/contracts.md", import.meta.url),
  );
  const clauses = [
    ...text.matchAll(/^- `([a-z]+\.[a-z-]+)`: ((?:.|\n {2})+)/gm),
  ]
    .map(([, id, words]) => [id!, words!.replace(/\n {2}/g, " ")] as const);
  const tested = [...CLAUSES, ...STORAGE_CLAUSES];
  assertEquals(
    clauses.map(([id]) => id).sort(),
    tested.map((clause) => clause.id as string).sort(),
  );
  const spoken = new Map(clauses);
  for (const { id, text } of tested) {
    const stem = text.replace(/[.]$/, "");
    assertEquals(spoken.get(id)!.slice(0, stem.length), stem, id);
  }
});
