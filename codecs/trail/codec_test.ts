import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  createSchema,
  MemorySink,
  MemorySource,
  packSpans,
} from "@cairn/core";
import { TRAIL_CAPABILITIES } from "./capabilities.ts";
import { trailCodec } from "./codec.ts";
import { createTrailStore } from "./write/trail_writer.ts";

const KEY = new Uint8Array(16).fill(3);
const { max } = trailCodec.capabilities.timestamps;

Deno.test("trailCodec states the capabilities that the package states", () => {
  assertEquals(trailCodec.capabilities, TRAIL_CAPABILITIES);
});

Deno.test("trailCodec.create() takes the times it states and refuses later ones at once", async () => {
  const sink = new MemorySink();
  await using writer = await trailCodec.create(sink, createSchema([]));
  await writer.add(KEY, 0, []);
  await writer.add(KEY, max, []);
  const error = assertThrows(() => writer.add(KEY, max + 1, []), CairnError);
  assertEquals([error.code, error.reason], ["limit", "timestamp"]);
  const late = await assertRejects(
    () =>
      writer.addBatch({
        count: 2,
        trailKeys: packSpans([KEY, KEY]),
        timestamps: Float64Array.of(1, max + 1),
        columns: [],
      }),
    CairnError,
  );
  assertEquals([late.code, late.where.line], ["limit", 1]);
  await writer.finish();
  await using store = await trailCodec.open(new MemorySource(sink.bytes()));
  const { events, maxTimestamp } = await store.stats();
  assertEquals([events, maxTimestamp], [2, max]);
});

Deno.test("createTrailStore() takes later times where no step is too large", async () => {
  const times = [max, max + 5, 2 * max];
  const sink = new MemorySink();
  await using writer = await createTrailStore(sink, createSchema([]));
  for (const time of times) await writer.add(KEY, time, []);
  await writer.finish();
  await using store = await trailCodec.open(new MemorySource(sink.bytes()));
  for await (const batch of store.scan()) {
    assertEquals([...batch.timestamps], times);
  }
});

Deno.test("trailCodec.create() takes later times where it is told to", async () => {
  const sink = new MemorySink();
  await using writer = await trailCodec.create(sink, createSchema([]), {
    lateTimes: true,
  });
  await writer.add(KEY, max, []);
  await writer.add(KEY, max + 5, []);
  await writer.finish();
  await using store = await trailCodec.open(new MemorySource(sink.bytes()));
  assertEquals((await store.stats()).maxTimestamp, max + 5);
});

Deno.test("trailCodec.create() with later times refuses steps that are too large", async () => {
  await using writer = await trailCodec.create(
    new MemorySink(),
    createSchema([]),
    { lateTimes: true },
  );
  await writer.add(KEY, 0, []);
  await writer.add(KEY, max + 1, []);
  const error = await assertRejects(() => writer.finish(), CairnError);
  assertEquals([error.code, error.reason], ["limit", "timestamp"]);
});
