import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Bitmap,
  CairnError,
  createSchema,
  encodeText,
  equal,
  type EventBatch,
  Filter,
  MemorySink,
  MemorySource,
  notEqual,
  type ScanOptions,
  type Source,
  test,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { readGolden } from "../testdata/golden.ts";
import { openTrailStore } from "../open_trail.ts";
import { openTrailPath } from "../open_trail_path.ts";
import { ScanWorkers } from "./scan_workers.ts";
import type { TrailStore } from "../trail_store.ts";
import { createTrailStore } from "../write/trail_writer.ts";

type Row = readonly [trail: number, time: number, ...ids: number[]];

/** Writes events of one long trail and many short ones, by a seed. */
async function write(count: number, seed: number): Promise<Uint8Array> {
  const sink = new MemorySink();
  const names = ["type", "page", "user"];
  await using writer = await createTrailStore(sink, createSchema(names));
  let state = seed >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  for (let i = 0; i < count; i++) {
    const key = new Uint8Array(16);
    const isLong = random(4) === 0;
    key[15] = isLong ? 0 : random(250);
    key[14] = isLong ? 0 : 1;
    await writer.add(key, random(1_000_000), [
      encodeText(["view", "click", "purchase"][random(3)]!),
      random(5) === 0 ? null : encodeText(`/p/${random(200)}`),
      encodeText(`${random(5000)}`),
    ]);
  }
  await writer.finish();
  return sink.bytes().slice();
}

/** Reads all rows, and holds batches to what the contract says of them. */
async function rowsOf(
  scan: AsyncIterable<EventBatch>,
  batchEvents = 65_536,
): Promise<Row[]> {
  const rows: Row[] = [];
  const pieces = new Map<number, number[]>();
  for await (const batch of scan) {
    assert(batch.count > 0 && batch.count <= batchEvents, `${batch.count}`);
    for (let t = 0; t < batch.trailCount; t++) {
      const trail = batch.trailOrdinals[t]!;
      const [start, end] = batch.trailOffsets.subarray(t, t + 2);
      assert(start! < end!, "a trail without events");
      pieces.set(trail, [...pieces.get(trail) ?? [], end! - start!]);
      for (let row = start!; row < end!; row++) {
        const ids = batch.columns.map((column) =>
          column.kind === "ids" ? column.ids[row]! : -1
        );
        rows.push([trail, batch.timestamps[row]!, ...ids]);
      }
    }
  }
  for (const [trail, counts] of pieces) {
    const sum = counts.reduce((a, b) => a + b);
    assert(counts.length === 1 || sum > batchEvents, `trail ${trail} is cut`);
  }
  return rows;
}

/** Opens the same bytes without and with workers. */
async function openBoth(
  bytes: Uint8Array,
  workers: ScanWorkers,
): Promise<[TrailStore, TrailStore]> {
  return [
    await openTrailStore(new MemorySource(bytes)),
    await openTrailStore(new MemorySource(bytes), { workers }),
  ];
}

const randomScan: fc.Arbitrary<ScanOptions> = fc.record({
  order: fc.constantFrom("ascending", "descending"),
  batchEvents: fc.constantFrom(1, 7, 500, 65_536),
  fields: fc.subarray(["user", "page", "type"]),
  filter: fc.constantFrom(
    Filter.all,
    Filter.none,
    new Filter([[equal("type", "purchase")], [notEqual("page", "/p/3")]]),
    new Filter([[equal("user", "17"), equal("user", "18")]]),
    new Filter([[timeRange(1000, 300_000)], [equal("type", "view")]]),
    new Filter([[test("page", "short", (v) => v === null || v.length < 5)]]),
    new Filter([[notEqual("page", null)]]),
  ),
  trails: fc.constantFrom(
    { start: 0, end: 1e9 },
    { start: 2, end: 90 },
    { start: 5, end: 5 },
    Bitmap.from([0, 1, 5, 70, 71, 72, 200, 5000]),
  ),
}, { requiredKeys: ["batchEvents"] });

for (const count of [1, 2, 3]) {
  Deno.test(`a scan by ${count} workers gives what a scan without gives`, async () => {
    for (const taskBytes of [1, 700, 50_000]) {
      using workers = new ScanWorkers({ count, bytesMin: 0, taskBytes });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(0, 1, 30, 3000),
          fc.nat(),
          fc.array(randomScan, { minLength: 1, maxLength: 4 }),
          async (events, seed, scans) => {
            const [one, many] = await openBoth(
              await write(events, seed),
              workers,
            );
            for (const options of scans) {
              const { batchEvents } = options;
              assertEquals(
                await rowsOf(many.scan(options), batchEvents),
                await rowsOf(one.scan(options), batchEvents),
              );
            }
            await Promise.all([one.close(), many.close()]);
          },
        ),
        { numRuns: 6 },
      );
    }
  });
}

Deno.test("a scan by workers gives trails that are longer than what travels at once", async () => {
  const bytes = await write(80_000, 3);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  using workers = new ScanWorkers({ count: 2, bytesMin: 0 });
  const [one, many] = await openBoth(bytes, workers);
  await using seen = await openTrailStore(new MemorySource(shared), {
    workers,
  });
  await using plain = await openTrailStore(new MemorySource(bytes), {
    workers,
    reference: true,
  });
  const filter = new Filter([[equal("type", "click")]]);
  for (
    const options of [
      { batchEvents: 65_536 },
      { batchEvents: 900 },
      { batchEvents: 5000, order: "descending" as const },
      { batchEvents: 10_000, filter },
    ]
  ) {
    const wanted = await rowsOf(one.scan(options), options.batchEvents);
    for (const store of [many, seen, plain]) {
      assertEquals(
        await rowsOf(store.scan(options), options.batchEvents),
        wanted,
      );
    }
  }
  await Promise.all([one.close(), many.close()]);
});

Deno.test("scans that share workers go on while another one rests", async () => {
  using workers = new ScanWorkers({ count: 2, bytesMin: 0, taskBytes: 500 });
  const [one, many] = await openBoth(await write(5000, 9), workers);
  const options = { batchEvents: 50 };
  const scans = [many.scan(options), many.scan(options), many.scan(options)];
  const sums = [0, 0, 0];
  const [first, ...others] = scans;
  // The first rests behind its first batch until the others are through.
  sums[0]! += (await first!.next()).value!.count;
  for (const [i, scan] of others.entries()) {
    for await (const batch of scan) sums[i + 1]! += batch.count;
  }
  for await (const batch of first!) sums[0]! += batch.count;
  assertEquals(sums, [5000, 5000, 5000]);
  await Promise.all([one.close(), many.close()]);
});

Deno.test("a scan by workers reports damage as a scan without does", async () => {
  using workers = new ScanWorkers({ count: 2, bytesMin: 0, taskBytes: 500 });
  const golden = readGolden("multi.tdb");
  const opened = await openTrailStore(new MemorySource(golden));
  const { offset, byteLength } = opened.file.members.find("trails.data")!;
  await opened.close();
  let damaged = 0;
  for (let i = 0; i < 60; i++) {
    const bytes = golden.slice();
    bytes[offset + (i * 37) % byteLength]! ^= 1 << i % 8;
    const [one, many] = await openBoth(bytes, workers);
    const outcomes = await Promise.all(
      [one, many].map((store) =>
        rowsOf(store.scan()).catch((error: CairnError) => {
          const { code, detail, where, reason } = error;
          return { code, detail, where, reason };
        })
      ),
    );
    assertEquals(outcomes[1], outcomes[0]);
    if (!Array.isArray(outcomes[0])) damaged++;
    await Promise.all([one.close(), many.close()]);
  }
  assert(damaged > 10, `${damaged} of 60 were refused`);
});

Deno.test("a scan by workers passes on what the source says", async () => {
  using workers = new ScanWorkers({ count: 2, bytesMin: 0, taskBytes: 500 });
  const source: Source = new MemorySource(await write(3000, 1));
  let left = Infinity;
  const read = source.read.bind(source);
  source.read = (...range) => {
    if (left-- > 0) return read(...range);
    return Promise.reject(new CairnError("io", "Cannot read: it is enough"));
  };
  await using store = await openTrailStore(source, { workers });
  await rowsOf(store.scan());
  left = 3;
  const error = await assertRejects(() => rowsOf(store.scan()), CairnError);
  assertEquals([error.code, error.detail], ["io", "Cannot read: it is enough"]);
  left = Infinity;
  assertEquals((await rowsOf(store.scan())).length, 3000);
});

Deno.test("a scan by workers ends when it is left, aborted or closed", async () => {
  using workers = new ScanWorkers({ count: 2, bytesMin: 0, taskBytes: 300 });
  const bytes = await write(4000, 5);
  const [one, many] = await openBoth(bytes, workers);
  for (let left = 0; left < 4; left++) {
    let batches = 0;
    for await (const batch of many.scan({ batchEvents: 20 })) {
      assert(batch.count > 0);
      if (batches++ === left) break;
    }
  }
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = many.scan({ batchEvents: 20, signal });
  await aborted.next();
  controller.abort("enough");
  const error = await assertRejects(() => aborted.next(), CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);

  assertEquals((await rowsOf(many.scan())).length, 4000);
  const late = many.scan({ batchEvents: 20 });
  await late.next();
  await many.close();
  await assertRejects(() => late.next(), TypeError);
  assertThrows(() => many.scan(), TypeError);
  await one.close();
});

Deno.test("a scan ends with its workers, and none begins after them", async () => {
  const workers = new ScanWorkers({ count: 1, bytesMin: 0, taskBytes: 300 });
  const [one, many] = await openBoth(await write(4000, 5), workers);
  const scan = many.scan({ batchEvents: 20 });
  await scan.next();
  workers.close();
  workers.close();
  await assertRejects(() => rowsOf(scan), TypeError);
  await assertRejects(() => rowsOf(many.scan()), TypeError);
  await assertRejects(() => workers.start(), TypeError);
  await Promise.all([one.close(), many.close()]);
});

Deno.test("a scan by workers reads only a little ahead of who is slow", async () => {
  using workers = new ScanWorkers({ count: 2, bytesMin: 0, taskBytes: 500 });
  const bytes = await write(20_000, 2);
  const source: Source = new MemorySource(bytes);
  const read = source.read.bind(source);
  let reads = 0;
  source.read = (...range) => {
    reads++;
    return read(...range);
  };
  await using store = await openTrailStore(source, { workers });
  await rowsOf(store.scan());
  const all = reads;
  reads = 0;
  const scan = store.scan({ batchEvents: 10 });
  await scan.next();
  for (let i = 0; i < 200; i++) await new Promise((go) => setTimeout(go, 0));
  // Four rooms and three orders for each worker, and the trails read ahead.
  assert(reads <= 16 && all > 60, `${reads} of ${all}`);
  await scan.return!();
});

Deno.test("small scans stay where they are, and so do all without workers", async () => {
  const bytes = await write(2000, 8);
  using workers = new ScanWorkers({ count: 2 });
  const [one, many] = await openBoth(bytes, workers);
  const wanted = await rowsOf(one.scan());
  assertEquals(await rowsOf(many.scan()), wanted);
  await many.close();
  const { Worker } = globalThis;
  try {
    // A host without workers.
    Reflect.set(globalThis, "Worker", undefined);
    using none = new ScanWorkers({ count: 2, bytesMin: 0 });
    assertEquals(await none.start(), false);
    await using store = await openTrailStore(new MemorySource(bytes), {
      workers: none,
    });
    assertEquals(await rowsOf(store.scan()), wanted);
  } finally {
    globalThis.Worker = Worker;
  }
  await one.close();
});

Deno.test("openTrailPath() starts workers of its own and ends them", async () => {
  const path = await Deno.makeTempFile({ suffix: ".tdb" });
  try {
    // Large enough to leave this thread.
    const bytes = await write(210_000, 4);
    await Deno.writeFile(path, bytes);
    await using one = await openTrailPath(path);
    await using many = await openTrailPath(path, { workers: 2 });
    const { byteLength } = one.file.members.find("trails.data")!;
    assert(byteLength > 2 ** 20, `${byteLength} bytes`);
    const fields = ["user"];
    for (const filter of [Filter.all, new Filter([[equal("user", "17")]])]) {
      const sums = [0, 0];
      for (const [i, store] of [one, many].entries()) {
        for await (const batch of store.scan({ fields, filter })) {
          const [column] = batch.columns;
          assert(column?.kind === "ids");
          for (let row = 0; row < batch.count; row++) {
            const time = batch.timestamps[row]!;
            sums[i] = (Math.imul(sums[i]!, 31) + time + column.ids[row]!) >>> 0;
          }
        }
      }
      assertEquals(sums[1], sums[0]);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("ScanWorkers refuses what is no number of things", () => {
  for (
    const options of [
      { count: -1 },
      { count: 1.5 },
      { bytesMin: -1 },
      { bytesMin: NaN },
      { taskBytes: 0 },
    ]
  ) assertThrows(() => new ScanWorkers(options), RangeError);
});
