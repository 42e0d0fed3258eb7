import { assert, assertEquals, assertThrows } from "@std/assert";
import { bitmapCodec, openSealed } from "@cairn/bitmap";
import { CountingSource } from "@cairn/conformance";
import {
  CairnError,
  createSchema,
  encodeText,
  equal,
  Filter,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { GOLDEN } from "./testdata/golden.ts";

Deno.test("openSealed() reads one range a bitmap and one a counter", async () => {
  const bytes = await Deno.readFile(new URL("sealed-main.sst", GOLDEN));
  const source = new CountingSource(bytes);
  await using store = await openSealed(source);
  const index = (await store.index())!;
  await index.all();
  const reads = async (ask: () => Promise<unknown>) => {
    const before = source.reads;
    await ask();
    return source.reads - before;
  };
  const month = { year: 2013, month: 5 };
  assertEquals(
    await reads(() => index.trails({ field: "visit", period: month })),
    1,
  );
  // Its presence is known by now; all slices lie side by side.
  const condition = { kind: "between", low: 7n, high: 999n } as const;
  assertEquals(
    await reads(() =>
      index.trails({ field: "visit", period: month, condition })
    ),
    1,
  );
  assertEquals(
    await reads(() =>
      index.trails({ field: "visit", period: month, condition })
    ),
    0,
  );
});

Deno.test("a scan of one trail reads little of a store", async () => {
  const sink = new MemorySink();
  const writer = await bitmapCodec.create(
    sink,
    createSchema(["page"]),
    { compression: "none", blockBytes: 1024 },
  );
  for (let event = 0; event < 60_000; event++) {
    const trail = encodeText(`trail${event % 600}`);
    await writer.add(trail, event, [encodeText(`p${event * 7919 % 900}`)]);
  }
  await writer.finish();
  const bytes = sink.bytes();
  const source = new CountingSource(bytes);
  await using store = await bitmapCodec.open(source);
  const trail = (await store.find(encodeText("trail77")))!;
  let events = 0;
  for await (
    const batch of store.scan({ trails: { start: trail, end: trail + 1 } })
  ) events += batch.count;
  assertEquals(events, 100);
  assert(
    source.bytesRead < bytes.length / 2,
    `${source.bytesRead} of ${bytes.length} bytes`,
  );
});

Deno.test("bitmapCodec keeps sets, counters and views as it is told", async () => {
  const sink = new MemorySink();
  const schema = createSchema([
    "type",
    { name: "price", type: "integer" },
    "note",
  ]);
  const writer = await bitmapCodec.create(sink, schema, {
    sets: ["type"],
    counters: { revenue: "price" },
    quantum: { type: "YM", revenue: "Y" },
    equalityValues: 2,
  });
  const day = 86_400;
  const rows: [string, number, string, string][] = [
    ["ann", 0, "view", ""],
    ["ann", 40 * day, "buy", "12"],
    ["bob", 41 * day, "buy", "30"],
    ["bob", 400 * day, "buy", "no number"],
  ];
  for (const [trail, time, type, price] of rows) {
    const values = [type, price, `note ${time}`].map(encodeText);
    await writer.add(encodeText(trail), time, values);
  }
  await writer.finish();
  await using store = await bitmapCodec.open(new MemorySource(sink.bytes()));
  const index = (await store.index())!;
  const trails = async (month: number) => {
    const values = [encodeText("buy")];
    const found = await index.trails({
      field: "type",
      period: { year: 1970, month },
      condition: { kind: "in", values },
    });
    return [...found!.bitmap];
  };
  assertEquals([await trails(1), await trails(2)], [[], [0, 1]]);
  assertEquals(await index.counters!.sum("revenue"), { sum: 42n, count: 2 });
  const year = { period: { year: 1971 } };
  assertEquals(await index.counters!.sum("revenue", year), {
    sum: 0n,
    count: 0,
  });
  assertEquals(await index.trails({ field: "note" }), undefined);
  const notes = await index.events!({
    field: "note",
    condition: { kind: "prefix", prefix: encodeText("note 3") },
  });
  assertEquals([...notes!.bitmap], [1, 2, 3].slice(0, notes!.bitmap.count()));
  const filter = new Filter([[equal("note", "note 0"), equal("type", "buy")]]);
  const times: number[] = [];
  for await (const { timestamps } of store.scan({ fields: [], filter })) {
    times.push(...timestamps);
  }
  assertEquals(times, [0, 40 * day, 41 * day, 400 * day]);
  for await (const finding of store.verify()) throw new Error(finding.detail);
});

Deno.test("bitmapCodec refuses an amount that its counter cannot add", async () => {
  const schema = createSchema(["price"]);
  const writer = await bitmapCodec.create(new MemorySink(), schema, {
    counters: { revenue: "price" },
  });
  const add = () => writer.add(encodeText("a"), 1, [encodeText("-5")]);
  const error = assertThrows(add, CairnError);
  assertEquals([error.code, error.reason], ["invalid-input", "value"]);
  await writer.abort();
});
