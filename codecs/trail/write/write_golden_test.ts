import { assert, assertEquals } from "@std/assert";
import {
  createSchema,
  equalBytes,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { openTrailStore } from "../open_trail.ts";
import { createTrailDirectory, createTrailStore } from "./trail_writer.ts";
import {
  goldenEntries,
  goldenEntry,
  goldenEvents,
  readGolden,
} from "../testdata/golden_input.ts";
import type { TrailWriter } from "./trail_writer.ts";
import type { GoldenEntry } from "../testdata/golden_input.ts";

/** What the original does, option by option. */
function optionsOf(entry: GoldenEntry) {
  return {
    additions: false,
    equalTimes: "reversed",
    bigrams: !(entry.made.args ?? []).includes("--no-bigrams"),
    exactTimes: entry.name === "time-chain",
  } as const;
}

async function addAll(writer: TrailWriter, entry: GoldenEntry): Promise<void> {
  for (const { uuid, time, values } of goldenEvents(entry)) {
    if (time > BigInt(Number.MAX_SAFE_INTEGER)) {
      await writer.addExact(uuid, time, values);
    } else {
      await writer.add(uuid, Number(time), values);
    }
  }
}

/** Says where bytes differ first, since an assertion would print them all. */
function assertSameBytes(actual: Uint8Array, wanted: Uint8Array): void {
  if (equalBytes(actual, wanted)) return;
  const offset = actual.findIndex((byte, i) => byte !== wanted[i]);
  assertEquals(
    { byteLength: actual.length, firstDifference: offset },
    { byteLength: wanted.length, firstDifference: -1 },
  );
}

for (const entry of goldenEntries) {
  const { name, made, files } = entry;
  const isPackage = files.some(({ path }) => path.startsWith(`${name}.tdb`)) &&
    !files.some(({ path }) => path.includes(".tdbdir/"));
  const hasInput = files.some(({ path }) => path.startsWith(`${name}.input`));
  if (!isPackage || !hasInput) continue;
  Deno.test(`createTrailStore() writes ${name} as the original does`, async () => {
    const sink = new MemorySink();
    await using writer = await createTrailStore(
      sink,
      createSchema(entry.fields),
      optionsOf(entry),
    );
    await addAll(writer, entry);
    const summary = await writer.finish();
    assertSameBytes(sink.bytes(), readGolden(`${name}.tdb`));
    assertEquals(summary.byteLength, sink.byteLength);
    assert(made.with !== "");
  });
}

Deno.test("createTrailStore() with additions holds the same events where the original takes a sample, in no more room but the additions", async () => {
  const entry = goldenEntry("sampled");
  const golden = readGolden("sampled.tdb");
  const sink = new MemorySink();
  await using writer = await createTrailStore(
    sink,
    createSchema(entry.fields),
    { equalTimes: "reversed" },
  );
  await addAll(writer, entry);
  await writer.finish();
  // Three members with their headers, and a few bytes for each 64 KiB.
  assert(sink.bytes().length <= golden.length + 3 * 1024 + 512);
  await using ours = await openTrailStore(new MemorySource(sink.bytes()));
  await using theirs = await openTrailStore(new MemorySource(golden));
  assertEquals(await ours.stats(), await theirs.stats());
  const wanted = theirs.scan();
  for await (const batch of ours.scan()) {
    const other = (await wanted.next()).value!;
    assertEquals(batch.count, other.count);
    assert(sameNumbers(batch.timestamps, other.timestamps));
    for (const [c, column] of batch.columns.entries()) {
      const otherColumn = other.columns[c]!;
      assert(column.kind === "ids" && otherColumn.kind === "ids");
      assert(sameNumbers(column.ids, otherColumn.ids));
    }
  }
  assert((await wanted.next()).done);
});

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

Deno.test("createTrailDirectory() writes dir-format as the original does", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const entry = goldenEntry("dir-format");
    await using writer = await createTrailDirectory(
      `${folder}/dir`,
      createSchema(entry.fields),
      optionsOf(entry),
    );
    await addAll(writer, entry);
    await writer.finish();
    const names = [...Deno.readDirSync(`${folder}/dir`)].map(({ name }) =>
      name
    );
    const golden = entry.files.map(({ path }) => path)
      .filter((path) => path.includes(".tdbdir/"))
      .map((path) => path.split("/")[1]!.replace(/\.gz$/, ""));
    assertEquals(names.sort(), golden.sort());
    for (const name of names) {
      assertSameBytes(
        Deno.readFileSync(`${folder}/dir/${name}`),
        readGolden(`dir-format.tdbdir/${name}`),
      );
    }
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
