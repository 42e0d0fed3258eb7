import { assertEquals } from "@std/assert";
import { BitmapIndex } from "./bitmap_index.ts";
import { importLines } from "./import_lines.ts";
import {
  goldenListing,
  goldenSmallSchemas,
  goldenText,
  listKeys,
} from "./testdata/golden.ts";
import { parseKeyspaceSchema } from "./keyspace_schema.ts";

Deno.test("importLines() gives the keys and values of the golden main listing", async () => {
  const wanted = await goldenListing("main");
  await using index = await BitmapIndex.open();
  await index.createKeyspace(
    parseKeyspaceSchema(JSON.parse(await goldenText("schema.json"))),
  );
  const lines = (await goldenText("rows.ndjson")).split("\n");
  await importLines(index, lines, { batchLines: 1000 });
  const found = await listKeys(await index.snapshot());
  assertEquals(found.size, wanted.size);
  assertEquals([...found], [...wanted]);
});

Deno.test("importLines() gives the keys and values of the golden small listing, whatever the batches", async () => {
  const wanted = await goldenListing("small");
  const schemas = await goldenSmallSchemas();
  const lines = (await goldenText("small-events.ndjson")).split("\n");
  for (const batchLines of [1, 7, 1000]) {
    await using index = await BitmapIndex.open();
    for (const schema of schemas) await index.createKeyspace(schema);
    await importLines(index, lines, { batchLines });
    assertEquals(
      [...await listKeys(await index.snapshot())],
      [...wanted],
    );
  }
});
