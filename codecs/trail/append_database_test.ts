import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  createSchema,
  equal,
  equalBytes,
  Filter,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { appendDatabase } from "./append_database.ts";
import { readGolden } from "./testdata/golden_input.ts";
import { mergeTrails } from "./merge_trails.ts";
import { openTrailStore } from "./open_trail.ts";
import { TrailDatabase } from "./trail_database.ts";
import { createTrailStore } from "./write/trail_writer.ts";

const LIKE_TDB = { additions: false, equalTimes: "reversed" } as const;

function openGolden(name: string): Promise<TrailDatabase> {
  return TrailDatabase.open(new MemorySource(readGolden(`${name}.tdb`)));
}

async function rewrite(
  database: TrailDatabase,
  exactTimes: boolean,
): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = await createTrailStore(sink, database.store.schema, {
    ...LIKE_TDB,
    exactTimes,
  });
  await appendDatabase(database, writer);
  await writer.finish();
  return sink.bytes();
}

Deno.test("appendDatabase() gives back files byte for byte, times above 2^53 too", async () => {
  for (const name of ["time-chain", "multi", "zero-events", "nulls"]) {
    await using database = await openGolden(name);
    const bytes = await rewrite(database, name === "time-chain");
    assert(equalBytes(bytes, readGolden(`${name}.tdb`)), name);
  }
});

Deno.test("appendDatabase() refuses times above 2^53 unless the writer takes them", async () => {
  await using database = await openGolden("time-chain");
  const error = await assertRejects(() => rewrite(database, false), CairnError);
  assertEquals(error.code, "unsupported");
});

Deno.test("appendDatabase() takes what the filter shows, as a filtered merge does", async () => {
  await using database = await openGolden("merge-equal");
  const filter = new Filter([[equal("k", "q"), equal("k", "s")]]);
  database.filter = await database.bindFilter(filter);
  const appended = await rewrite(database, false);
  const sink = new MemorySink();
  await using source = await openTrailStore(
    new MemorySource(readGolden("merge-equal.tdb")),
  );
  await mergeTrails([source], sink, { ...LIKE_TDB, filter });
  assert(equalBytes(appended, sink.bytes()));
});

Deno.test("appendDatabase() takes only the trails of a view", async () => {
  await using database = await openGolden("multi");
  database.setView({ allow: [3, 5] });
  const bytes = await rewrite(database, false);
  await using made = await openTrailStore(new MemorySource(bytes));
  assertEquals((await made.stats()).trails, 2);
  assertEquals(await made.find(await database.uuid(5)), 1);
});

Deno.test("appendDatabase() refuses a field that the writer lacks", async () => {
  await using database = await openGolden("multi");
  await using writer = await createTrailStore(
    new MemorySink(),
    createSchema(["type"]),
  );
  const error = await assertRejects(
    () => appendDatabase(database, writer),
    CairnError,
  );
  assertEquals(error.code, "invalid-input");
});
