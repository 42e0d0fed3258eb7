import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  encodeText,
  MemorySink,
  MemorySource,
  type ReadOptions,
} from "@cairn/core";
import { openHttp } from "@cairn/core/http";
import {
  createClosedStream,
  openStream,
  type StreamReader,
} from "@cairn/esdb/stream";
import fc from "fast-check";
import { goldenStream } from "./testdata/golden_stream.ts";
import { contentOf, eventsOf, openBytes } from "./testdata/read_stream.ts";

/** A closed stream of many events, and where each begins. */
async function sample(
  count: number,
  dataBytes: number,
): Promise<{ bytes: Uint8Array; open: Uint8Array; offsets: number[] }> {
  const sink = new MemorySink();
  await using writer = createClosedStream(sink);
  const offsets: number[] = [];
  for (let i = 0; i < count; i++) {
    const data = encodeText(`${i} `.padEnd(dataBytes, "."));
    const keys = { mod: `${i % 3}`, all: "x" };
    // Every fourth event has no key that could prove where it begins.
    offsets.push(await writer.append(data, i % 4 === 3 ? {} : keys));
  }
  await writer.finish();
  const bytes = sink.bytes();
  await using stream = await openBytes(bytes);
  const { end } = await stream.extent();
  return { bytes, open: bytes.subarray(0, end), offsets };
}

async function rejectsWith(
  code: string,
  run: () => Promise<unknown>,
): Promise<CairnError> {
  const error = await assertRejects(run, CairnError);
  assertEquals(error.code, code, error.message);
  return error;
}

async function offsetsOf(
  batches: AsyncIterable<{ readonly offsets: Float64Array }>,
): Promise<number[]> {
  const offsets: number[] = [];
  for await (const batch of batches) offsets.push(...batch.offsets);
  return offsets;
}

Deno.test("StreamReader.scan() gives any run of events, in batches of any length", async () => {
  const { bytes, open, offsets } = await sample(50, 20);
  const options = fc.record({
    first: fc.nat(50),
    limit: fc.nat(60),
    batchEvents: fc.integer({ min: 1, max: 60 }),
    closed: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(options, async (options) => {
    const { first, limit, batchEvents } = options;
    await using stream = await openBytes(options.closed ? bytes : open);
    const { end } = await stream.extent();
    const from = offsets[first] ?? end;
    const seen: number[] = [];
    let next = from;
    for await (const batch of stream.scan({ from, limit, batchEvents })) {
      assertEquals(batch.offsets[0], next);
      assert(batch.count >= 1 && batch.count <= batchEvents);
      seen.push(...batch.offsets);
      next = batch.end;
    }
    assertEquals(seen, offsets.slice(first, first + limit));
    const rest = await offsetsOf(stream.scan({ from: next }));
    assertEquals(rest, offsets.slice(first + seen.length));
  }));
});

Deno.test("StreamReader.scan() reads on over the ends of pieces, whatever the sizes", async () => {
  for (const dataBytes of [1, 700_000, 1_048_560, 1_048_576, 2_500_000]) {
    const { bytes, offsets } = await sample(
      dataBytes === 1 ? 90_000 : 5,
      dataBytes,
    );
    await using stream = await openBytes(bytes);
    assertEquals(await offsetsOf(stream.scan()), offsets);
    const newest = await offsetsOf(stream.scanIndex("all", "x"));
    const wanted = offsets.filter((_, i) => i % 4 !== 3).reverse();
    assertEquals(newest, wanted);
  }
});

Deno.test("StreamReader.scanIndex() gives any run of a key's events, both ways", async () => {
  const { bytes, open, offsets } = await sample(60, 10);
  const own = offsets.filter((_, i) => i % 4 !== 3 && i % 3 === 1);
  const options = fc.record({
    at: fc.nat(own.length - 1),
    limit: fc.nat(own.length + 2),
    batchEvents: fc.integer({ min: 1, max: 9 }),
    closed: fc.boolean(),
    oldest: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(options, async (options) => {
    const { at, limit, batchEvents, oldest } = options;
    await using stream = await openBytes(options.closed ? bytes : open);
    const scan = (from: number, limit: number) =>
      stream.scanIndex("mod", "1", {
        from,
        limit,
        batchEvents,
        order: oldest ? "oldest" : "newest",
      });
    const wanted = oldest ? own.slice(at) : own.slice(0, at + 1).reverse();
    const seen: number[] = [];
    let next = own[at]!;
    for await (const batch of scan(next, limit)) {
      assert(batch.count >= 1 && batch.count <= batchEvents);
      seen.push(...batch.offsets);
      next = batch.end;
    }
    assertEquals(seen, wanted.slice(0, limit));
    if (seen.length < wanted.length && limit > 0) {
      assertEquals(await offsetsOf(scan(next, 99)), wanted.slice(limit));
    }
  }));
});

Deno.test("StreamReader refuses positions that begin no event of the kind asked for", async () => {
  const { bytes, open, offsets } = await sample(20, 10);
  await using stream = await openBytes(open);
  const begins = new Set([...offsets, open.length]);
  for (let from = 1; from <= open.length + 1; from++) {
    if (begins.has(from)) {
      await offsetsOf(stream.scan({ from }));
      continue;
    }
    await rejectsWith("not-found", () => offsetsOf(stream.scan({ from })));
    await rejectsWith("not-found", () => stream.event(from));
  }
  for (const from of [offsets[0]!, offsets[2]!, offsets[3]!]) {
    const run = () => offsetsOf(stream.scanIndex("mod", "1", { from }));
    await rejectsWith("not-found", run);
  }
  await rejectsWith("not-found", () => stream.event(open.length));
  // Of a closed stream, which is not read through, as far as it can be told.
  await using closed = await openBytes(bytes);
  let told = 0;
  for (let from = 11; from < open.length; from++) {
    if (begins.has(from)) continue;
    const run = () => offsetsOf(closed.scan({ from, limit: 1 }));
    told += await run().then(() => 0, () => 1);
  }
  assertEquals(told, open.length - 10 - offsets.length);
});

Deno.test("StreamReader.event() reads one event", async () => {
  const bytes = await goldenStream("stream-closed");
  await using stream = await openBytes(bytes);
  for (const wanted of await eventsOf(stream.scan())) {
    const event = await stream.event(wanted.offset);
    assertEquals(event.offset, wanted.offset);
    assertEquals(contentOf(event), contentOf(wanted));
  }
});

Deno.test("StreamReader.first() is undefined for a key that nobody has", async () => {
  const { bytes, open } = await sample(5, 10);
  for (const file of [bytes, open]) {
    await using stream = await openBytes(file);
    assertEquals(await stream.first("mod", "9"), undefined);
    assertEquals(await offsetsOf(stream.scanIndex("mod", "9")), []);
  }
});

Deno.test("StreamReader stops when the signal fires, and goes on for others", async () => {
  const { bytes, open } = await sample(5, 10);
  for (const file of [bytes, open]) {
    await using stream = await openBytes(file);
    const signal = AbortSignal.abort("enough");
    const runs = [
      () => stream.extent({ signal }).then(() => stream.event(10, { signal })),
      () => offsetsOf(stream.scan({ signal })),
      () => offsetsOf(stream.scanIndex("all", "x", { signal })),
    ];
    for (const run of runs) {
      const error = await rejectsWith("aborted", run);
      assertEquals(error.cause, "enough");
    }
    assertEquals((await offsetsOf(stream.scan())).length, 5);
  }
});

/** A source that counts its reads and may fail at one. */
class WatchedSource extends MemorySource {
  reads = 0;
  bytes = 0;
  closes = 0;
  failAt = Infinity;

  override async read(offset: number, length: number, options?: ReadOptions) {
    this.bytes += length;
    if (this.reads++ === this.failAt) {
      throw new CairnError("io", "injected", { where: { file: "x" } });
    }
    return await super.read(offset, length, options);
  }

  override async close() {
    this.closes++;
    await super.close();
  }
}

Deno.test("openStream() closes its source when it fails, and when it is closed", async () => {
  for (const failAt of [0, 1, 2]) {
    const source = new WatchedSource(await goldenStream("stream-closed"));
    source.failAt = failAt;
    await rejectsWith("io", () => openStream(source));
    assertEquals(source.closes, 1);
  }
  const source = new WatchedSource(await goldenStream("stream-closed"));
  const stream = await openStream(source);
  await stream.close();
  assertEquals(source.closes, 1);
  await assertRejects(() => eventsOf(stream.scan()), TypeError);
});

Deno.test("StreamReader passes on what a source fails with, and can be asked again", async () => {
  const { open, offsets } = await sample(50, 10);
  const source = new WatchedSource(open);
  await using stream = await openStream(source);
  const runs: ((stream: StreamReader) => Promise<unknown>)[] = [
    (stream) => offsetsOf(stream.scan()),
    (stream) => stream.first("all", "x"),
    (stream) => offsetsOf(stream.scanIndex("all", "x")),
  ];
  for (const run of runs) {
    source.failAt = source.reads;
    await rejectsWith("io", () => run(stream));
    await run(stream);
  }
  assertEquals((await offsetsOf(stream.scan())).length, offsets.length);
});

Deno.test("StreamReader reads no more of a closed stream than it must", async () => {
  const { bytes } = await sample(20_000, 100);
  const source = new WatchedSource(bytes);
  await using stream = await openStream(source);
  assert(source.bytes < 70_000);
  source.bytes = 0;
  for await (const batch of stream.scanIndex("mod", "1", { limit: 5 })) {
    assertEquals(batch.count, 5);
  }
  assert(source.bytes < 50_000);
  source.bytes = 0;
  for await (const batch of stream.scan({ limit: 5 })) {
    assertEquals(batch.count, 5);
    break;
  }
  assert(source.bytes < 2.5e6);
});

Deno.test("StreamReader finds a position in an open stream with one short read", async () => {
  const { open, offsets } = await sample(20_000, 100);
  const source = new WatchedSource(open);
  await using stream = await openStream(source);
  await stream.extent(); // reads it through
  source.bytes = 0;
  const event = await stream.event(offsets[19_000]!);
  assertEquals(event.offset, offsets[19_000]);
  assert(source.bytes < 300_000);
});

Deno.test("openStream() reads a stream over HTTP", async () => {
  const { bytes, offsets } = await sample(5_000, 50);
  const fetch = (_: unknown, init?: RequestInit) => {
    const range = new Headers(init?.headers).get("range")!;
    const [start, end] = range.slice(6).split("-").map(Number);
    const last = Math.min(end!, bytes.length - 1);
    return Promise.resolve(
      new Response(bytes.slice(start, last + 1), {
        status: 206,
        headers: { "content-range": `bytes ${start}-${last}/${bytes.length}` },
      }),
    );
  };
  const source = await openHttp("http://localhost/a.stream", { fetch });
  await using stream = await openStream(source);
  assertEquals(await offsetsOf(stream.scan()), offsets);
  const newest = await offsetsOf(stream.scanIndex("mod", "1", { limit: 3 }));
  const own = offsets.filter((_, i) => i % 4 !== 3 && i % 3 === 1).reverse();
  assertEquals(newest, own.slice(0, 3));
});

Deno.test("StreamReader.scan() frees the source when the caller leaves early", async () => {
  const { bytes } = await sample(40_000, 100);
  const stream = await openBytes(bytes);
  for await (const _ of stream.scan()) break;
  for await (const _ of stream.scanIndex("all", "x")) break;
  await stream.close();
});
