import { assert, assertEquals } from "@std/assert";
import {
  Bitmap,
  createSchema,
  encodeText,
  equal,
  Filter,
  MemorySink,
  MemorySource,
  notEqual,
  type ScanOptions,
  type Source,
} from "@cairn/core";
import { openFile } from "@cairn/core/file";
import { openHttp, type OpenHttpOptions } from "@cairn/core/http";
import { openMappedFile } from "@cairn/core/mmap";
import { readGolden } from "./testdata/golden.ts";
import { openTrailStore } from "./open_trail.ts";
import type { TrailStore } from "./trail_store.ts";
import { createTrailStore } from "./write/trail_writer.ts";

const NAMES: readonly string[] = [
  "multi.tdb",
  "bigrams.tdb",
  "long-trail.tdb",
  "nulls.tdb",
  "zero-events.tdb",
];
/** Small, so that a store is many blocks. */
const BLOCK = 1024;

/** Serves bytes by ranges, and tells which were asked for. */
async function withServer(
  bytes: Uint8Array<ArrayBuffer>,
  run: (
    open: (options?: OpenHttpOptions) => Promise<Source>,
    asked: [start: number, end: number][],
  ) => Promise<void>,
): Promise<void> {
  const asked: [start: number, end: number][] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const range = request.headers.get("range") ?? "";
      const [first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!.slice(1);
      const start = Number(first);
      const end = Math.min(Number(last) + 1, bytes.length);
      asked.push([start, end]);
      return new Response(bytes.slice(start, end), {
        status: 206,
        headers: {
          "content-range": `bytes ${start}-${end - 1}/${bytes.length}`,
          etag: '"1"',
        },
      });
    },
  );
  try {
    await run(
      (options) => openHttp(`http://127.0.0.1:${server.addr.port}/a`, options),
      asked,
    );
  } finally {
    await server.shutdown();
  }
}

/** Everything that a store answers, in a form that compares. */
async function answers(source: Source): Promise<unknown[]> {
  await using store = await openTrailStore(source);
  const { trails, events } = await store.stats();
  const keys = await store.keys({ start: 0, end: trails });
  // A mapped file takes its views back when it is closed.
  const all: unknown[] = [trails, events, keys.bytes.slice()];
  const fields = store.schema.fields.map(({ name }) => name);
  const scans: ScanOptions[] = [
    {},
    { order: "descending", batchEvents: 100 },
    { trails: { start: 1, end: 3 }, fields: fields.slice(0, 1) },
    { trails: Bitmap.from([0, 2, 3, 1000]) },
  ];
  if (fields.length > 0) {
    const lexicon = await store.lexicon(fields[0]!);
    const value = lexicon!.size > 1 ? lexicon!.value(1) : null;
    scans.push(
      { filter: new Filter([[equal(fields[0]!, value)]]) },
      { filter: new Filter([[notEqual(fields[0]!, value)]]), fields: [] },
    );
  }
  for (const options of scans) all.push(await rows(store, options));
  for (const ordinal of [0, trails - 1]) {
    if (ordinal < 0) continue;
    const key = keys.bytes.subarray(16 * ordinal, 16 * ordinal + 16);
    all.push(await store.find(key));
  }
  for await (const finding of store.verify()) all.push(finding.detail);
  return all;
}

/** Counts the events, and sums them up so that any change shows. */
async function rows(
  store: TrailStore,
  options: ScanOptions,
): Promise<{ events: number; sum: number }> {
  let [events, sum] = [0, 0];
  const add = (value: number) => sum = (Math.imul(sum, 31) + value) >>> 0;
  for await (const batch of store.scan(options)) {
    events += batch.count;
    for (const { trail, timestamp, values } of batch.events()) {
      add(trail);
      add(timestamp);
      for (const value of values) {
        add(value === null ? -1 : value.length);
        value?.forEach(add);
      }
    }
  }
  return { events, sum };
}

for (const name of NAMES) {
  Deno.test(`${name} answers the same from every source`, async () => {
    const bytes = readGolden(name);
    const wanted = await answers(new MemorySource(bytes));
    await withServer(bytes, async (open) => {
      assertEquals(await answers(await open()), wanted);
      const blocks = { blockBytes: 16 * BLOCK, cacheBytes: 64 * BLOCK };
      assertEquals(await answers(await open(blocks)), wanted);
    });
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeFile(path, bytes);
      assertEquals(await answers(await openFile(path)), wanted);
      if (Deno.build.os === "windows") {
        console.warn("mapped files: not on Windows");
      } else assertEquals(await answers(await openMappedFile(path)), wanted);
    } finally {
      await Deno.remove(path);
    }
  });
}

/** 2,000 trails of 10 events and two fields, most values distinct. */
async function manyTrails(): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  await using writer = await createTrailStore(
    sink,
    createSchema(["few", "many"]),
  );
  for (let i = 0; i < 20_000; i++) {
    const key = new Uint8Array(16);
    new DataView(key.buffer).setUint32(12, i % 2000, true);
    await writer.add(key, i, [
      encodeText(`f${i % 300}`),
      encodeText(`${Math.imul(i, 0x9e37_79b1) >>> 0}`),
    ]);
  }
  await writer.finish();
  return sink.bytes().slice();
}

Deno.test("openTrailStore() over HTTP fetches what is asked for alone", async () => {
  const bytes = await manyTrails();
  await withServer(bytes, async (open, asked) => {
    const source = await open({
      blockBytes: BLOCK,
      gapBytes: 0,
      requestBytes: 64 * BLOCK,
    });
    await using store = await openTrailStore(source);
    const fetched = (name: string) => {
      const { offset, byteLength } = store.file.members.find(name)!;
      let sum = 0;
      for (const [start, end] of asked) {
        sum += Math.max(
          0,
          Math.min(end, offset + byteLength) - Math.max(start, offset),
        );
      }
      return sum;
    };
    const opened = asked.reduce((sum, [start, end]) => sum + end - start, 0);
    // The first 64 KiB, the table of contents among them, and small members.
    assert(opened <= 72 * BLOCK, `opening fetched ${opened} bytes`);
    asked.length = 0;

    const options = { trails: { start: 700, end: 720 }, fields: ["few"] };
    const found = await rows(store, options);
    assertEquals(found.events, 200);
    const offsets = await store.file.toc.read(700, 720);
    const wanted = offsets[20]! - offsets[0]!;
    const data = fetched("trails.data");
    assert(data <= wanted + 4 * BLOCK, `${data} bytes for ${wanted}`);
    // Its first word says how many values there are, which literals need.
    assert(fetched("lexicon.many") <= 2 * BLOCK);
    const before = asked.length;
    assertEquals(await rows(store, options), found);
    assertEquals(asked.length, before, "what is kept is not asked for again");
  });
});
