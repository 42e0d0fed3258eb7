import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  equal,
  equalBytes,
  Filter,
  formatUuid,
  MemorySink,
  MemorySource,
  notEqual,
  type Store,
} from "@cairn/core";
import * as fc from "fast-check";
import { extractTrails, mergeTrails } from "./merge_trails.ts";
import { openTrailStore } from "./open_trail.ts";
import { createTrailStore } from "./write/trail_writer.ts";
import type { TrailCreateOptions } from "./create_options.ts";
import {
  dumpEvents,
  goldenEntry,
  goldenEvents,
  readGolden,
} from "./testdata/golden_input.ts";
import {
  arbitraryInput,
  dumpModel,
  type ModelEvent,
  type ModelInput,
  sortEvents,
} from "./testdata/model.ts";

/** What the original does. */
const LIKE_TDB: TrailCreateOptions = {
  additions: false,
  equalTimes: "reversed",
};

function openGolden(name: string): Promise<Store> {
  return openTrailStore(new MemorySource(readGolden(`${name}.tdb`)));
}

async function merge(
  sources: readonly Store[],
  options: Parameters<typeof mergeTrails>[2],
): Promise<Uint8Array> {
  const sink = new MemorySink();
  await mergeTrails(sources, sink, options);
  for (const source of sources) await source.close();
  return sink.bytes();
}

async function writeModel(
  input: ModelInput,
  options: TrailCreateOptions = {},
): Promise<Store> {
  const sink = new MemorySink();
  const schema = createSchema(input.fields);
  await using writer = await createTrailStore(sink, schema, options);
  for (const { uuid, time, values } of input.events) {
    await writer.add(Uint8Array.fromHex(uuid), time, values.map(encodeText));
  }
  await writer.finish();
  return await openTrailStore(new MemorySource(sink.bytes()));
}

async function readModel(store: Store): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  const decoder = new TextDecoder();
  const { trails } = await store.stats();
  const keys = await store.keys({ start: 0, end: trails });
  for await (const batch of store.scan()) {
    for (const { trail, timestamp, values } of batch.events()) {
      events.push({
        uuid: formatUuid(
          keys.bytes.subarray(keys.starts[trail]!, keys.ends[trail]!),
        ),
        time: timestamp,
        values: values.map((value) =>
          value === null ? "" : decoder.decode(value)
        ),
      });
    }
  }
  return events;
}

Deno.test("mergeTrails() writes merge-equal as the original does", async () => {
  const sources = [
    await openGolden("merge-equal.source-a"),
    await openGolden("merge-equal.source-b"),
  ];
  const merged = await merge(sources, LIKE_TDB);
  assert(equalBytes(merged, readGolden("merge-equal.tdb")));
});

Deno.test("mergeTrails() writes merge-filter as the original does", async () => {
  const sources = [
    await openGolden("merge-equal.source-a"),
    await openGolden("merge-equal.source-b"),
  ];
  const filter = new Filter([
    [equal("k", "q"), equal("k", "s")],
    [notEqual("v", "v6")],
  ]);
  const merged = await merge(sources, { ...LIKE_TDB, filter });
  assert(equalBytes(merged, readGolden("merge-filter.tdb")));
});

Deno.test("mergeTrails() writes merge-mismatch as the original does", async () => {
  const sources = await Promise.all(
    ["a", "b", "c"].map((letter) =>
      openGolden(`merge-mismatch.source-${letter}`)
    ),
  );
  const merged = await merge(sources, LIKE_TDB);
  assert(equalBytes(merged, readGolden("merge-mismatch.tdb")));
});

Deno.test("mergeTrails() numbers values as events come where fields differ, as the original does", async () => {
  const event = (trail: string, ...values: string[]): ModelEvent => ({
    uuid: trail.repeat(32),
    time: 0,
    values,
  });
  const merged = await merge([
    await writeModel({ fields: [], events: [event("3")] }),
    await writeModel({
      fields: ["a"],
      events: [event("9", "x"), event("1", "y"), event("5", "z")],
    }),
  ], LIKE_TDB);
  await using store = await openTrailStore(new MemorySource(merged));
  const lexicon = await store.lexicon("a");
  assertEquals(
    [1, 2, 3].map((id) => new TextDecoder().decode(lexicon!.value(id))),
    ["y", "z", "x"],
  );
});

Deno.test("createTrailStore() writes append-only-diff as the original does, fed with differences", async () => {
  // The original appends stored differences as if they were events; append
  // here gives whole events, so the differences are added one by one.
  const { fields } = goldenEntry("only-diff");
  const sink = new MemorySink();
  await using writer = await createTrailStore(
    sink,
    createSchema(fields),
    LIKE_TDB,
  );
  for (
    const { uuid, time, values } of dumpEvents(
      "only-diff.expected-diff.ndjson",
      fields,
    )
  ) await writer.add(uuid, Number(time), values);
  await writer.finish();
  assert(equalBytes(sink.bytes(), readGolden("append-only-diff.tdb")));
});

Deno.test("TrailWriter.append() takes all values of a whole trail store, and of a part only what it needs", async () => {
  const events = [
    { uuid: "01".repeat(16), time: 1, values: ["x"] },
    { uuid: "02".repeat(16), time: 1, values: ["y"] },
  ];
  const part = new Filter([[equal("a", "y")]]);
  // A store with a value that no event has: its own lexicon, and a filter.
  const unused = new MemorySink();
  await using writer = await createTrailStore(unused, createSchema(["a"]));
  await using source = await writeModel({ fields: ["a"], events });
  const lexicon = (await source.lexicon("a"))!;
  const extra: Store = Object.assign(Object.create(source), {
    codec: "trail",
    schema: source.schema,
    lexicon: () => Promise.resolve(lexicon),
    scan: () => source.scan({ filter: part }),
    keys: (range: { start: number; end: number }) => source.keys(range),
  });
  await writer.append(extra);
  assertEquals((await writer.finish()).events, 1);
  for (const [filter, values] of [[Filter.all, 2], [part, 1]] as const) {
    await using store = await openTrailStore(new MemorySource(unused.bytes()));
    const target = new MemorySink();
    await using again = await createTrailStore(target, createSchema(["a"]));
    await again.append(store, { filter });
    assertEquals((await again.finish()).events, 1);
    await using made = await openTrailStore(new MemorySource(target.bytes()));
    assertEquals((await made.lexicon("a"))!.size, values + 1);
  }
});

Deno.test("TrailWriter.append() writes a store again byte for byte, equal times and all", async () => {
  const entry = goldenEntry("equal-times");
  const once = new MemorySink();
  await using writer = await createTrailStore(
    once,
    createSchema(entry.fields),
    { ...LIKE_TDB, equalTimes: "input" },
  );
  for (const { uuid, time, values } of goldenEvents(entry)) {
    await writer.add(uuid, Number(time), values);
  }
  await writer.finish();
  const again = await merge(
    [await openTrailStore(new MemorySource(once.bytes()))],
    { ...LIKE_TDB, equalTimes: "input" },
  );
  assert(equalBytes(again, once.bytes()));
});

Deno.test("mergeTrails() gives the events of all sources, earlier sources first at equal times", async () => {
  const orders = fc.constantFrom("input" as const, "reversed" as const);
  await fc.assert(
    fc.asyncProperty(
      arbitraryInput(),
      arbitraryInput(),
      orders,
      async (a, b, equalTimes) => {
        fc.pre(a.fields.length === b.fields.length);
        const sources = [await writeModel(a), await writeModel(b)];
        const merged = await merge(sources, { equalTimes });
        await using store = await openTrailStore(new MemorySource(merged));
        const added = [
          ...sortEvents(a.events, "input"),
          ...sortEvents(b.events, "input"),
        ];
        assertEquals(
          dumpModel(await readModel(store)),
          dumpModel(sortEvents(added, equalTimes)),
        );
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("mergeTrails() takes only the trails that are named", async () => {
  const events = ["01", "02", "03"].map((byte, i) => ({
    uuid: byte.repeat(16),
    time: i,
    values: [`v${i}`],
  }));
  const source = await writeModel({ fields: ["a"], events });
  const trailKeys = ["03", "09", "01"].map((byte) =>
    Uint8Array.fromHex(byte.repeat(16))
  );
  const merged = await merge([source], { trailKeys });
  await using store = await openTrailStore(new MemorySource(merged));
  assertEquals(await readModel(store), [events[0]!, events[2]!]);
  assertEquals((await store.lexicon("a"))!.size, 3);
  const none = await merge(
    [await writeModel({ fields: ["a"], events })],
    { trailKeys: [] },
  );
  await using empty = await openTrailStore(new MemorySource(none));
  assertEquals((await empty.stats()).trails, 0);
});

Deno.test("extractTrails() refuses fields that the writer lacks", async () => {
  await using source = await writeModel({
    fields: ["a", "b"],
    events: [{ uuid: "01".repeat(16), time: 1, values: ["x", "y"] }],
  });
  await using writer = await createTrailStore(
    new MemorySink(),
    createSchema(["a"]),
  );
  const error = await assertRejects(
    () => extractTrails(source, writer),
    CairnError,
  );
  assertEquals(error.code, "invalid-input");
});

Deno.test("createTrailStore() gives back the events that were added", async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryInput(),
      fc.record({
        equalTimes: fc.constantFrom("input" as const, "reversed" as const),
        bigrams: fc.boolean(),
        additions: fc.boolean(),
        memoryBytes: fc.constantFrom(4096, 2 ** 30),
      }),
      async (input, options) => {
        await using store = await writeModel(input, options);
        assertEquals(
          dumpModel(await readModel(store)),
          dumpModel(sortEvents(input.events, options.equalTimes)),
        );
        for await (const finding of store.verify()) {
          assert(finding.severity !== "corrupt", finding.detail);
        }
      },
    ),
    { numRuns: 60 },
  );
});
