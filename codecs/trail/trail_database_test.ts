import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Bitmap,
  CairnError,
  createSchema,
  encodeText,
  equal,
  Filter,
  formatUuid,
  MemorySink,
  MemorySource,
  parseUuid,
  type Source,
  test,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { GOLDEN, readGolden } from "./testdata/golden.ts";
import { dumpDatabase } from "./testdata/normal_dump.ts";
import { EventFilter } from "./event_filter.ts";
import { isItem32, itemField, itemValue, makeItem } from "./items.ts";
import { MultiCursor } from "./multi_cursor.ts";
import { openTrailStore } from "./open_trail.ts";
import {
  findItemIndex,
  openTrailDirectory,
  openTrailPath,
} from "./open_trail_path.ts";
import { TrailDatabase } from "./trail_database.ts";
import { decodeLexicon } from "./trail_lexicon.ts";
import { createTrailStore } from "./write/trail_writer.ts";
import { xxh64Words } from "./xxh64.ts";

async function openMulti(): Promise<TrailDatabase> {
  const db = await TrailDatabase.open(
    new MemorySource(readGolden("multi.tdb")),
  );
  await db.loadLexicons();
  return db;
}

async function makeDatabase(
  events: readonly (readonly [number, number, string])[],
): Promise<TrailDatabase> {
  const sink = new MemorySink();
  await using writer = await createTrailStore(sink, createSchema(["v"]));
  for (const [trail, time, value] of events) {
    const key = new Uint8Array(16);
    key[15] = trail;
    await writer.add(key, time, [encodeText(value)]);
  }
  await writer.finish();
  const db = await TrailDatabase.open(new MemorySource(sink.bytes()));
  await db.loadLexicons();
  return db;
}

Deno.test("makeItem() packs as the format says, and back", () => {
  assertEquals(makeItem(127, 2 ** 24 - 1), 0xffff_ff7fn);
  assertEquals(makeItem(128, 5), 0x0000_0000_0005_0180n);
  assertEquals(makeItem(0, 2 ** 24), 0x0000_0100_0000_0080n);
  fc.assert(fc.property(fc.nat(16_383), fc.nat(2 ** 30), (field, value) => {
    const item = makeItem(field, value * 257);
    assertEquals([itemField(item), itemValue(item)], [field, value * 257]);
    assertEquals(isItem32(item), field < 128 && value * 257 < 2 ** 24);
  }));
  assertThrows(() => makeItem(16_384, 0), RangeError);
});

Deno.test("xxh64Words() gives the checksum of the specification", () => {
  assertEquals(
    xxh64Words([3n, 9n, 3n, 1n, 12n, 1n], 2016n),
    0x804a2b1d0b5f938bn,
  );
});

Deno.test("TrailDatabase answers what the C library answers about fields and items", async () => {
  await using db = await openMulti();
  assertEquals(db.fieldCount, 5);
  assertEquals([db.fieldName(0), db.fieldName(1), db.fieldName(5)], [
    "time",
    "type",
    undefined,
  ]);
  assertEquals([db.field("time"), db.field("amount")], [0, 4]);
  assertEquals(assertThrows(() => db.field("x"), CairnError).code, "not-found");
  assertEquals([db.lexiconSize(0), db.lexiconSize(1), db.lexiconSize(9)], [
    0,
    4,
    0,
  ]);
  const item = db.item(1, "buy");
  assertEquals([itemField(item), db.itemText(item)], [1, "buy"]);
  assertEquals([db.item(1, "none"), db.item(0, "x"), db.item(9, "x")], [
    0n,
    0n,
    0n,
  ]);
  assertEquals(db.item(2, ""), 2n);
  assertEquals(db.value(1, 0), new Uint8Array(0));
  assertEquals([db.value(1, 4), db.value(0, 1)], [undefined, undefined]);
  for (let trail = 0; trail < db.trailCount; trail++) {
    const uuid = await db.uuid(trail);
    assertEquals(await db.findTrail(uuid), trail);
    assertEquals(parseUuid(formatUuid(uuid)), uuid);
  }
  assertEquals(await db.findTrail(new Uint8Array(16)), undefined);
  await assertRejects(() => db.uuid(12), RangeError);
  db.willNeed();
  db.dontNeed();
});

Deno.test("a new EventFilter matches nothing, and shows its terms", () => {
  const filter = new EventFilter();
  assertEquals([filter.matchesNone, filter.clauseCount, filter.termCount(0)], [
    true,
    1,
    0,
  ]);
  filter.addTerm(makeItem(1, 2), { negated: true });
  filter.addTimeRange(5, 7n);
  assertEquals(filter.term(0, 0), {
    kind: "match",
    item: 0x201n,
    negated: true,
  });
  assertEquals(filter.term(0, 1), { kind: "time-range", start: 5n, end: 7n });
  for (
    const run of [
      () => filter.term(0, 2),
      () => filter.term(1, 0),
      () => filter.termCount(1),
    ]
  ) {
    const error = assertThrows(run, CairnError);
    assertEquals([error.code, error.reason], ["not-found", "no-such-item"]);
  }
  const error = assertThrows(() => filter.addTimeRange(7, 7), CairnError);
  assertEquals(error.reason, "invalid-range");
  assertEquals([filter.matches(5n, [0, 2]), filter.matches(7n, [0, 2])], [
    true,
    false,
  ]);
  const all = EventFilter.matchAll();
  all.addTerm(makeItem(1, 1));
  assertEquals(all.matches(0n, [0, 9]), true);
  const odd = new EventFilter();
  odd.addTerm(0n, { negated: true });
  odd.addClause();
  odd.addTerm(makeItem(77, 1), { negated: true });
  assertEquals(odd.matches(0n, [0, 1]), true);
});

Deno.test("TrailCursor peeks, counts what is left, and filters at once", async () => {
  await using db = await makeDatabase([[1, 1, "a"], [1, 2, "b"], [1, 3, "a"], [
    1,
    4,
    "b",
  ], [2, 9, "a"]]);
  const cursor = db.cursor();
  assertEquals([cursor.next(), cursor.peek(), cursor.countLeft()], [
    undefined,
    undefined,
    0,
  ]);
  await cursor.load(0);
  assertEquals(cursor.peek()?.time, 1n);
  assertEquals(cursor.next()?.time, 1n);
  assertEquals(cursor.peek()?.time, 2n);
  const onlyA = new EventFilter();
  onlyA.addTerm(db.item(1, "a"));
  cursor.setFilter(onlyA);
  assertEquals([...cursor].map(({ time }) => time), [3n]);
  await cursor.load(0);
  assertEquals(cursor.countLeft(), 2);
  cursor.unsetFilter();
  await cursor.load(0);
  cursor.next();
  assertEquals(cursor.countLeft(), 3);
  await assertRejects(() => cursor.load(2), RangeError);
  assertEquals([cursor.trail, cursor.next()], [undefined, undefined]);
});

Deno.test("filters of cursor, trail and database apply in this order", async () => {
  await using db = await makeDatabase([[1, 1, "a"], [1, 2, "b"], [2, 3, "a"], [
    3,
    4,
    "b",
  ]]);
  const times = async (cursor = db.cursor()): Promise<bigint[]> => {
    const found: bigint[] = [];
    for (let trail = 0; trail < db.trailCount; trail++) {
      await cursor.load(trail);
      for (const { time } of cursor) found.push(time);
    }
    return found;
  };
  db.filter = await db.bindFilter(new Filter([[equal("v", "b")]]));
  assertEquals(await times(), [2n, 4n]);
  const all = EventFilter.matchAll();
  db.setTrailFilter(1, all);
  assertEquals([db.trailFilter(0), db.trailFilter(1)], [undefined, all]);
  assertEquals(await times(), [2n, 3n, 4n]);
  assertEquals(await times(db.cursor({ filter: EventFilter.matchNone() })), []);
  db.filter = undefined;
  db.setView({ allow: [0, 2] });
  assertEquals(await times(), [1n, 2n, 4n]);
  db.setView({ deny: [0] });
  assertEquals(await times(), [3n, 4n]);
  db.setView({});
  assertEquals(await times(), [1n, 2n, 3n, 4n]);
  assertThrows(() => db.setView({ allow: [3] }), RangeError);
  const diff = db.cursor({ onlyDiffItems: true });
  db.setTrailFilter(0, EventFilter.matchAll());
  const error = await assertRejects(() => diff.load(0), CairnError);
  assertEquals(error.reason, "only-diff-filter");
  assertEquals(diff.next(), undefined);
  await diff.load(1);
  assertEquals(diff.countLeft(), 1);
});

Deno.test("bindFilter() turns names, tests and times to items", async () => {
  await using db = await openMulti();
  const filter = new Filter([
    [
      test("page", "short", (value) => value !== null && value.length < 6),
      equal("type", "buy"),
    ],
    [timeRange(1_400_500_000, Infinity)],
  ]);
  db.filter = await db.bindFilter(filter);
  const lines = await dumpDatabase(db);
  let count = 0;
  for await (const batch of db.store.scan({ filter })) count += batch.count;
  assertEquals(lines.length, count);
  assert(count > 0 && count < 240);
});

Deno.test("MultiCursor merges by time, then by cursor, over several files", async () => {
  const time = fc.nat(20);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.tuple(fc.nat(2), time), { minLength: 1, maxLength: 20 }),
        { minLength: 1, maxLength: 4 },
      ),
      fc.integer({ min: 1, max: 7 }),
      async (files, max) => {
        const cursors = [];
        const wanted: [bigint, number][] = [];
        for (const rows of files) {
          const db = await makeDatabase(
            rows.map(([trail, t]) => [trail, t, "x"]),
          );
          for (let trail = 0; trail < db.trailCount; trail++) {
            const cursor = db.cursor();
            await cursor.load(trail);
            for (const event of cursor) {
              wanted.push([event.time, cursors.length]);
            }
            await cursor.load(trail);
            cursors.push(cursor);
          }
        }
        wanted.sort((a, b) => Number(a[0] - b[0]) || a[1] - b[1]);
        const merged = new MultiCursor(cursors);
        const found: [bigint, number][] = [];
        for (
          let batch = merged.nextBatch(max);
          batch.length > 0;
          batch = merged.nextBatch(max)
        ) {
          for (const { event, cursor } of batch) {
            found.push([event.time, cursor]);
          }
          const next = merged.peek();
          if (next !== undefined) {
            assertEquals([next.event.time, next.cursor], wanted[found.length]!);
          }
        }
        assertEquals(found, wanted);
        await cursors[0]!.load(0);
        merged.reset();
        assertEquals(merged.next()?.cursor, 0);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("openTrailPath() finds packages, directories and indexes as tdb does", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/m.tdb`, readGolden("multi.tdb"));
    await Deno.writeFile(
      `${folder}/m.tdb.index`,
      readGolden("multi.tdb.index"),
    );
    for (const path of [`${folder}/m`, `${folder}/m.tdb`]) {
      assertEquals(await findItemIndex(path), `${folder}/m.tdb.index`);
      await using store = await openTrailPath(path, { index: "find" });
      const index = await store.index();
      const postings = await index!.trails({
        field: "type",
        condition: { kind: "in", values: [encodeText("buy")] },
      });
      assertEquals(postings?.exact, true);
      assertEquals((await index!.all()).count(), 12);
    }
    await Deno.writeFile(`${folder}/x.tdb`, readGolden("bigrams.tdb"));
    const error = await assertRejects(
      () =>
        openTrailPath(`${folder}/x`, {
          index: { path: `${folder}/m.tdb.index` },
        }),
      CairnError,
    );
    assertEquals([error.code, error.reason], [
      "invalid-input",
      "index-mismatch",
    ]);
    const missing = await assertRejects(
      () => openTrailPath(`${folder}/none`),
      CairnError,
    );
    assertEquals(missing.code, "not-found");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openTrailDirectory() reads a directory, and names the member that is bad", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (
      const entry of Deno.readDirSync(new URL("dir-format.tdbdir/", GOLDEN))
    ) {
      const member = entry.name.replace(/\.gz$/, "");
      await Deno.writeFile(
        `${folder}/${member}`,
        readGolden(`dir-format.tdbdir/${member}`),
      );
    }
    await Deno.writeTextFile(`${folder}/tmp.items.Xyz`, "left behind");
    {
      await using db = new TrailDatabase(await openTrailDirectory(folder));
      const lines = await dumpDatabase(db);
      const wanted = new TextDecoder().decode(
        readGolden("dir-format.expected.ndjson"),
      );
      assertEquals(lines.join("\n"), wanted.trimEnd());
      assertEquals(await Array.fromAsync(db.store.verify()), []);
    }
    await Deno.writeTextFile(`${folder}/info`, "1 2 3");
    const error = await assertRejects(
      () => openTrailDirectory(folder),
      CairnError,
    );
    assertEquals([error.code, error.where.part, error.where.file], [
      "corrupt",
      "info",
      `${folder}/info`,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openTrailStore() reads only small members, a scan only the trails asked for", async () => {
  const bytes = readGolden("many-trails.tdb");
  let read = 0;
  const counted = new MemorySource(bytes);
  const source: Source = {
    name: "counted",
    size: counted.size,
    read: (offset, length, options) => {
      read += length;
      return counted.read(offset, length, options);
    },
    close: () => counted.close(),
    [Symbol.asyncDispose]: () => counted.close(),
  };
  await using store = await openTrailStore(source);
  assert(read < 70_000, `${read} bytes`);
  await store.file.model();
  const before = read;
  for await (
    const batch of store.scan({ trails: Bitmap.from([7, 40_000]), fields: [] })
  ) {
    assertEquals(batch.count, 2);
  }
  // Two pieces of offsets of 64 KiB, and a few bytes of trails.
  assert(read - before < 140_000, `${read - before} bytes`);
});

Deno.test("decodeLexicon() reads offsets of 8 bytes", () => {
  const bytes = new Uint8Array(8 * 4 + 5);
  const view = new DataView(bytes.buffer);
  [2, 32, 34, 37].forEach((word, i) =>
    view.setBigUint64(8 * i, BigInt(word), true)
  );
  bytes.set(encodeText("abcde"), 32);
  const window = {
    name: "lexicon.x",
    source: new MemorySource(bytes),
    offset: 0,
    byteLength: bytes.length,
  };
  const lexicon = decodeLexicon(bytes, window, { wide: true });
  assertEquals([lexicon.size, lexicon.value(2)], [3, encodeText("cde")]);
  for (let i = 0; i < 6; i++) assertEquals(lexicon.find(encodeText("ab")), 1);
  assertEquals(lexicon.find(encodeText("abc")), undefined);
  view.setBigUint64(8, 2n ** 63n, true);
  assertThrows(() => decodeLexicon(bytes, window, { wide: true }), CairnError);
});
