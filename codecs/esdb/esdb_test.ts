import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  compareBytes,
  encodeText,
  formatHex,
  MemorySink,
  MemorySource,
  type ReadOptions,
  type Source,
} from "@cairn/core";
import fc from "fast-check";
import { toGolden } from "./testdata/golden_store.ts";
import {
  createEsdb,
  type CreateEsdbOptions,
  type Esdb,
  type EsdbEvents,
  type EsdbScanOptions,
  openEsdb,
} from "./mod.ts";

interface ModelEvent {
  readonly space: Uint8Array;
  readonly data: Uint8Array;
  readonly timestamp: number;
  readonly grouping: Uint8Array;
  readonly indexes: readonly (readonly [Uint8Array, Uint8Array])[];
}

async function write(
  events: readonly ModelEvent[],
  options: CreateEsdbOptions = {},
): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await createEsdb(sink, options);
  for (const { space, data, timestamp, grouping, indexes } of events) {
    await writer.add(space, data, timestamp, { grouping, indexes });
  }
  await writer.finish();
  return sink.bytes();
}

function open(bytes: Uint8Array): Promise<Esdb> {
  return openEsdb(new MemorySource(bytes, { name: "test.esdb" }));
}

async function collect(
  runs: AsyncIterable<EsdbEvents>,
): Promise<{ timestamp: number; data_b64: string }[]> {
  return toGolden(await Array.fromAsync(runs));
}

/** The plain way: what a scan must give of events in the order added. */
function model(
  events: readonly ModelEvent[],
  options: EsdbScanOptions = {},
): { timestamp: number; data_b64: string }[] {
  const { order = "newest", ties = "added", from = 0, to = Infinity } = options;
  const kept = events.filter(({ timestamp }) =>
    timestamp >= from && timestamp < to
  );
  const rows = kept.map((event, i) => ({ event, i })).sort((a, b) =>
    (a.event.timestamp - b.event.timestamp) * (order === "newest" ? -1 : 1) ||
    (a.i - b.i) * (ties === "added" ? 1 : -1)
  );
  return rows.slice(0, options.limit ?? Infinity).map(({ event }) => ({
    timestamp: event.timestamp,
    data_b64: btoa(String.fromCharCode(...event.data)),
  }));
}

const name = fc.oneof(
  fc.constantFrom("a", "b", "type", "\u00e9").map(encodeText),
  fc.uint8Array({ maxLength: 6 }).map((bytes) =>
    bytes.map((byte) => byte === 0x3a ? 0 : byte)
  ),
);
const timestamp = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const data = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.nat(255)).map((
      [length, byte],
    ) => new Uint8Array(length).fill(byte).map((b, i) => i % 97 ? b : i)),
  },
);
const event: fc.Arbitrary<ModelEvent> = fc.record({
  space: fc.uint8Array({ minLength: 1, maxLength: 2 }).map((id) =>
    id.map((byte) => byte % 3)
  ),
  data,
  timestamp,
  grouping: name,
  indexes: fc.uniqueArray(fc.tuple(name, name), {
    maxLength: 3,
    selector: ([key]) => formatHex(key),
  }),
});
const scan: fc.Arbitrary<EsdbScanOptions> = fc.record({
  order: fc.constantFrom("newest" as const, "oldest" as const),
  ties: fc.constantFrom("added" as const, "reversed" as const),
  from: fc.oneof(fc.constant(0), timestamp),
  to: fc.oneof(fc.constant(Infinity), timestamp),
  limit: fc.oneof(fc.constant(Infinity), fc.nat(4)),
});

function distinct(all: readonly Uint8Array[]): Uint8Array[] {
  const seen = new Map(all.map((bytes) => [formatHex(bytes), bytes]));
  return [...seen.values()].sort(compareBytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

function keyOf([key, value]: readonly [Uint8Array, Uint8Array]): string {
  return `${formatHex(key)}3a${formatHex(value)}`;
}

async function assertHolds(
  store: Esdb,
  events: readonly ModelEvent[],
  options: EsdbScanOptions,
): Promise<void> {
  const ids = distinct(events.map(({ space }) => space));
  const found: Uint8Array[] = [];
  for await (const space of store.spaces()) {
    found.push(space.id);
    const own = events.filter((e) => sameBytes(e.space, space.id));
    assertEquals(space.groupings(), distinct(own.map((e) => e.grouping)));
    for (const grouping of space.groupings()) {
      assertEquals(
        await collect(space.scan(grouping, options)),
        model(own.filter((e) => sameBytes(e.grouping, grouping)), options),
      );
    }
    const keys = new Map(
      own.flatMap((e) => e.indexes).map((pair) => [keyOf(pair), pair]),
    );
    assertEquals(space.indexKeys().length, keys.size);
    for (const [key, [indexName, value]] of keys) {
      const matching = own.filter((e) =>
        e.indexes.some((pair) => keyOf(pair) === key)
      );
      assertEquals(
        await collect(space.scanIndex(indexName, value, options)),
        model(matching, options),
      );
    }
    const all = await collect(space.scanAll(options));
    assertEquals(
      all.map((e) => e.timestamp),
      model(own, options).map((e) => e.timestamp),
    );
  }
  assertEquals(found, ids);
  let total = 0;
  for await (const batch of store.scan()) total += batch.events.count;
  assertEquals(total, events.length);
}

for (const layout of ["right-answers", "same-bytes"] as const) {
  Deno.test(`createEsdb() with ${layout} writes what openEsdb() reads`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 40 }),
        scan,
        async (events, options) => {
          await using store = await open(await write(events, { layout }));
          await assertHolds(store, events, options);
          assertEquals(await Array.fromAsync(store.verify()), []);
        },
      ),
      { numRuns: 60 },
    );
  });
}

/** Events of one space that is too large to be read whole. */
function largeSpace(): ModelEvent[] {
  let seed = 7;
  const random = (): number =>
    (seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0) / 2 ** 32;
  const sizes = [1, 30, 4096, 100_000, 1_048_576];
  return Array.from({ length: 3000 }, (_, i) => {
    const size = i % 700 === 0 ? sizes[i / 700]! : 300 + i % 500;
    return {
      space: encodeText("large"),
      data: Uint8Array.from({ length: size }, () => random() * 256),
      timestamp: Math.floor(random() * 500),
      grouping: encodeText(i % 3 === 0 ? "x" : ""),
      indexes: [[encodeText("k"), encodeText(`${i % 4}`)]],
    };
  });
}

function quick(events: { timestamp: number; data_b64: string }[]): string {
  return JSON.stringify(events);
}

Deno.test("EsdbSpace reads a large space by pieces in all orders", async () => {
  const events = largeSpace().map((e) => ({
    ...e,
    data: e.data.subarray(0, 60_000),
  }));
  for (const layout of ["right-answers", "same-bytes"] as const) {
    await using store = await open(await write(events, { layout }));
    const space = await store.find("large");
    assert(space!.byteLength > 1_048_576);
    for (const order of ["newest", "oldest"] as const) {
      for (const ties of ["added", "reversed"] as const) {
        for (const limit of [Infinity, 5]) {
          const options = { order, ties, limit, from: 10, to: 400 };
          const plain = events.filter((e) => e.grouping.length === 0);
          assertEquals(
            quick(await collect(space!.scan("", options))),
            quick(model(plain, options)),
          );
          assertEquals(
            quick(await collect(space!.scanIndex("k", "1", options))),
            quick(
              model(
                events.filter((e) => e.indexes[0]![1][0] === 0x31),
                options,
              ),
            ),
          );
        }
      }
    }
    const times: number[] = [];
    for await (const batch of store.scan({ order: "oldest" })) {
      times.push(...batch.events.timestamps);
    }
    assertEquals(times, events.map((e) => e.timestamp).sort((a, b) => a - b));
    assertEquals(await Array.fromAsync(store.verify()), []);
  }
});

Deno.test("EsdbSpace gives an event of 1 MB", async () => {
  const [, , , , large] = largeSpace().filter((e) => e.data.length !== 300);
  const data = Uint8Array.from({ length: 1_048_576 }, (_, i) => i * 7919 >> 5);
  const events = [{ ...large!, data, timestamp: 3 }];
  await using store = await open(await write(events));
  const space = await store.find("large");
  const [run] = await Array.fromAsync(
    space!.scanIndex("k", events[0]!.indexes[0]![1]),
  );
  assertEquals([...run!][0]!.data, data);
});

class CountingSource implements Source {
  readonly name = "counting";
  readonly size: number;
  reads = 0;
  bytesRead = 0;
  readonly #inner: Source;
  constructor(inner: Source) {
    this.#inner = inner;
    this.size = inner.size;
  }
  async read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array> {
    this.reads++;
    this.bytesRead += length;
    return await this.#inner.read(offset, length, options);
  }
  close(): Promise<void> {
    return this.#inner.close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

Deno.test("openEsdb() reads as little of a large store as of a small one", async () => {
  const cost: number[][] = [];
  for (const count of [1_000, 30_000]) {
    const sink = new MemorySink();
    const writer = await createEsdb(sink);
    for (let i = 0; i < count; i++) {
      await writer.add(`space-${i}`, `data ${i} ${i * i}`, i);
    }
    await writer.finish();
    const source = new CountingSource(new MemorySource(sink.bytes()));
    await using store = await openEsdb(source);
    const opening = [source.reads, source.bytesRead];
    assert(await store.find("space-77") !== undefined);
    assertEquals(await store.find("space"), undefined);
    // The index of the space table, a block of it, a piece with the space; of a
    // small store the last two are one.
    assert(source.reads - opening[0]! <= 3);
    cost.push(opening);
  }
  assertEquals(cost[0], cost[1]);
});

Deno.test("Esdb.scan() reads neighbouring spaces together", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  for (let i = 0; i < 20_000; i++) {
    await writer.add(`space-${i % 5000}`, `data ${i} ${i * i}`, i);
  }
  await writer.finish();
  const source = new CountingSource(new MemorySource(sink.bytes()));
  await using store = await openEsdb(source);
  let events = 0;
  for await (const batch of store.scan()) events += batch.events.count;
  assertEquals(events, 20_000);
  assert(source.reads < 10, `${source.reads} reads`);
});

Deno.test("Esdb.scan() stops when told, and closes cleanly", async () => {
  const bytes = await write(largeSpace().slice(1, 500));
  await using store = await open(bytes);
  const abort = new AbortController();
  const error = await assertRejects(async () => {
    for await (
      const _ of store.scan({ signal: abort.signal, batchEvents: 10 })
    ) {
      abort.abort("enough");
    }
  }, CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
  for await (const _ of store.scan({ batchEvents: 10 })) break;
  let count = 0;
  for await (const { events } of store.scan({ limit: 7, batchEvents: 3 })) {
    count += events.count;
  }
  assertEquals(count, 7);
  await store.close();
  await store.close();
  await assertRejects(() => store.find("large"), TypeError);
});

Deno.test("Esdb.find() and scans may run at once and within each other", async () => {
  const events = Array.from({ length: 400 }, (_, i): ModelEvent => ({
    space: encodeText(`s${i % 20}`),
    data: encodeText(`event ${i}`),
    timestamp: i % 13,
    grouping: encodeText(`g${i % 2}`),
    indexes: [[encodeText("k"), encodeText(`${i % 3}`)]],
  }));
  await using store = await open(await write(events));
  await Promise.all(Array.from({ length: 20 }, async (_, i) => {
    const space = await store.find(`s${i}`);
    for await (const run of space!.scan(`g${i % 2}`)) {
      for (const { data } of run) {
        const other = await store.find(`s${(i + 1) % 20}`);
        await Array.fromAsync(other!.scanIndex("k", "1"));
        assert(new TextDecoder().decode(data).startsWith("event "));
      }
    }
  }));
});

Deno.test("Esdb.spaces() begins at an id, or keeps to a prefix", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  for (const id of ["a", "b1", "b2", "b\u00ff", "c"]) {
    await writer.add(id, "x", 1);
  }
  await writer.finish();
  await using store = await open(sink.bytes());
  const ids = async (options: { from?: string; prefix?: string }) =>
    (await Array.fromAsync(store.spaces(options))).map(({ id }) =>
      new TextDecoder().decode(id)
    );
  assertEquals(await ids({ from: "b2" }), ["b2", "b\u00ff", "c"]);
  assertEquals(await ids({ prefix: "b" }), ["b1", "b2", "b\u00ff"]);
  assertEquals(await ids({ prefix: "d" }), []);
  const all = await Array.fromAsync(store.ids({ prefix: "b" }));
  assertEquals(all.reduce((n, { starts }) => n + starts.length, 0), 3);
});

Deno.test("EsdbSpace.revScanIndex() is the reverse of oldest first", async () => {
  const events = Array.from({ length: 9 }, (_, i): ModelEvent => ({
    space: encodeText("s"),
    data: encodeText(`${i}`),
    timestamp: Math.floor(i / 3),
    grouping: encodeText(""),
    indexes: [[encodeText("k"), encodeText("v")]],
  }));
  await using store = await open(await write(events));
  const space = await store.find("s");
  const reversed = await collect(space!.revScanIndex("k", "v"));
  const oldest = await collect(
    space!.scanIndex("k", "v", { order: "oldest" }),
  );
  assertEquals(reversed, oldest.reverse());
});

Deno.test("EsdbWriter refuses what the layout cannot hold", async () => {
  const writer = await createEsdb(new MemorySink());
  const code = (call: () => unknown): string =>
    assertThrows(call, CairnError).code;
  assertEquals(code(() => writer.add("", "x", 1)), "invalid-input");
  assertEquals(code(() => writer.add("s", "", 1)), "invalid-input");
  assertEquals(code(() => writer.add("s", "x", 2 ** 32)), "limit");
  assertEquals(code(() => writer.add("s", "x", -1)), "limit");
  for (const time of [1.5, NaN, Infinity]) {
    assertEquals(code(() => writer.add("s", "x", time)), "invalid-input");
  }
  assertEquals(
    code(() => writer.add("s", "x", 1, { indexes: { "a:b": "c" } })),
    "invalid-input",
  );
  assertEquals(
    code(() => writer.add("s", "x", 1, { indexes: [["a", "b"], ["a", "c"]] })),
    "invalid-input",
  );
  await writer.add("s", "x", 1, { indexes: { a: "b:c" } });
  writer.flush("unknown");
  await writer.add("unknown", "x", 1);
  writer.flush("s");
  writer.flush("s");
  assertEquals(code(() => writer.add("s", "x", 2)), "immutable");
  const { events, trails } = await writer.finish();
  assertEquals([events, trails], [2, 2]);
  writer.flush("s");
  assertEquals(code(() => writer.add("s", "x", 2)), "immutable");
  assertEquals(
    (await assertRejects(() => writer.finish(), CairnError)).code,
    "immutable",
  );
});

Deno.test("EsdbWriter copies what it is given", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  const id = encodeText("s");
  const bytes = encodeText("first");
  await writer.add(id, bytes, 1);
  id.fill(0);
  bytes.fill(0);
  await writer.finish();
  await using store = await open(sink.bytes());
  const space = await store.find("s");
  assertEquals(await collect(space!.scan("")), [
    { timestamp: 1, data_b64: btoa("first") },
  ]);
});

Deno.test("EsdbWriter gives the same bytes for any memory", async () => {
  const events = largeSpace().map((e, i) => ({
    ...e,
    space: encodeText(`s${i % 50}`),
    data: e.data.subarray(0, 200),
  }));
  const plain = await write(events);
  const tight = await write(events, { memoryBytes: 65_536 });
  assert(sameBytes(plain, tight));
});

Deno.test("createEsdb() with a path refuses a file that is there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/a.esdb`;
    const writer = await createEsdb(path);
    await writer.add("s", "x", 1);
    await writer.finish();
    const before = await Deno.readFile(path);
    const error = await assertRejects(async () => {
      await using second = await createEsdb(path);
      await second.add("s", "y", 1);
      await second.finish();
    }, CairnError);
    assertEquals(error.code, "exists");
    assertEquals(await Deno.readFile(path), before);
    await using store = await openEsdb(path);
    assert(await store.find("s") !== undefined);
    {
      await using given = await createEsdb(path, { replace: true });
      await given.add("s", "y", 1);
    }
    assertEquals(await Deno.readFile(path), before);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("EsdbWriter.flush() knows spaces whose events went to files", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink, { memoryBytes: 1 << 14 });
  for (let i = 0; i < 20_000; i++) {
    await writer.add(`s${i % 5000}`, "x", i);
  }
  writer.flush("s4999");
  writer.flush("s0");
  writer.flush("none");
  assertThrows(() => writer.add("s0", "x", 1), CairnError);
  await writer.add("none", "x", 1);
  const { trails, events } = await writer.finish();
  assertEquals([trails, events], [5001, 20_001]);
  await using store = await open(sink.bytes());
  assertEquals((await store.find("s4999"))!.byteLength > 0, true);
});

Deno.test("EsdbWriter.add() takes more keys of indexes than it keeps", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  for (let i = 0; i < 10_000; i++) {
    const indexes = i % 2 === 0
      ? { a: `${i}`, "b": `${i % 7}` }
      : [["a", encodeText(`${i}`)], [encodeText("b"), `${i % 7}`]] as const;
    await writer.add("s", "x", i, { indexes });
  }
  await writer.finish();
  await using store = await open(sink.bytes());
  const space = await store.find("s");
  for (const i of [0, 1, 4095, 4096, 4097, 9998, 9999]) {
    const found = await collect(space!.scanIndex("a", `${i}`));
    assertEquals(found.map((event) => event.timestamp), [i]);
  }
  const sevenths = await collect(space!.scanIndex("b", "3"));
  assertEquals(sevenths.length, 1429);
});
