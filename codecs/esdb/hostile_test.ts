import { assert, assertEquals } from "@std/assert";
import { CairnError, MemorySink, MemorySource } from "@cairn/core";
import fc from "fast-check";
import { goldenStores, readGolden, toGolden } from "./testdata/golden_store.ts";
import { partsOf } from "./esdb.ts";
import { createEsdb, esdbCodec, openEsdb } from "./mod.ts";

/** How many more files to try than everybody can afford. */
const EFFORT = Number(Deno.env.get("CAIRN_FUZZ_SAMPLES") ?? 60) / 60;

/**
 * Reads everything there is by every way.
 *
 * @returns What was read, as text, or the code of the error.
 */
async function readAll(bytes: Uint8Array): Promise<string> {
  const parts: string[] = [];
  try {
    await using store = await openEsdb(new MemorySource(bytes));
    for await (const space of store.spaces()) {
      parts.push(`space ${space.id}`);
      for (const grouping of space.groupings()) {
        const runs = await Array.fromAsync(space.scan(grouping));
        parts.push(`grouping ${grouping}`, JSON.stringify(toGolden(runs)));
      }
      for (const { key, name, value } of space.indexKeys()) {
        const runs = await Array.fromAsync(space.scanIndex(name, value));
        parts.push(`key ${key}`, JSON.stringify(toGolden(runs)));
      }
    }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    assert(["corrupt", "unsupported", "limit"].includes(error.code));
    assert(error.where.part !== undefined, error.message);
    return error.code;
  }
  return parts.join("\n");
}

/** Scans all spaces at once; only that it ends well is looked at. */
async function scanAll(bytes: Uint8Array): Promise<void> {
  try {
    await using store = await esdbCodec.open(new MemorySource(bytes));
    let events = 0;
    for await (const batch of store.scan()) events += batch.count;
    assert(events <= 22 * bytes.length);
    for await (const _ of store.verify()) { /* only that it ends */ }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    assert(["corrupt", "unsupported", "limit"].includes(error.code));
  }
}

/** Golden stores that are small enough to be damaged often. */
async function smallStores(): Promise<[string, Uint8Array][]> {
  const stores: [string, Uint8Array][] = [];
  for (const name of await goldenStores()) {
    const bytes = await readGolden(`${name}.esdb`);
    if (bytes.length < 50_000) stores.push([name, bytes]);
  }
  return stores;
}

function seeded(seed: number): () => number {
  return () => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b_3c6d) + 0x9e37_79b9 | 0;
    return (seed >>> 0) / 2 ** 32;
  };
}

Deno.test("openEsdb() gives an error for every cut of a store", async () => {
  for (const [name, bytes] of await smallStores()) {
    const whole = await readAll(bytes);
    const step = Math.max(1, Math.floor(bytes.length / (150 * EFFORT)));
    for (let length = 0; length < bytes.length; length += step) {
      const found = await readAll(bytes.slice(0, length));
      // A cut at the end of a space leaves what looks like a store of tables.
      assert(
        ["corrupt", "unsupported"].includes(found),
        `${name} cut to ${length}: ${found === whole}`,
      );
    }
  }
});

Deno.test("openEsdb() gives an error or events for every flipped byte", async () => {
  const random = seeded(1);
  for (const [, bytes] of await smallStores()) {
    const tries = Math.min(bytes.length, 60 * EFFORT);
    for (let i = 0; i < tries; i++) {
      const damaged = bytes.slice();
      const at = tries === bytes.length
        ? i
        : Math.floor(random() * bytes.length);
      damaged[at]! ^= 1 << Math.floor(random() * 8);
      await readAll(damaged);
      await scanAll(damaged);
    }
  }
});

Deno.test("openEsdb() gives an error or events for spliced and random bytes", async () => {
  const random = seeded(2);
  const stores = await smallStores();
  for (let i = 0; i < 150 * EFFORT; i++) {
    const [, a] = stores[Math.floor(random() * stores.length)]!;
    const [, b] = stores[Math.floor(random() * stores.length)]!;
    const damaged = a.slice();
    const length = Math.floor(random() * Math.min(300, b.length));
    const from = Math.floor(random() * (b.length - length));
    const to = Math.floor(random() * Math.max(1, a.length - length));
    damaged.set(b.subarray(from, from + length).subarray(0, a.length - to), to);
    await readAll(damaged);
    await scanAll(damaged);
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      await scanAll(bytes);
    }),
  );
});

/** A store of ours with several blocks, spaces, groupings and indexes. */
async function ours(): Promise<{ bytes: Uint8Array; ids: string[] }> {
  const sink = new MemorySink();
  const writer = await createEsdb(sink);
  const ids = ["alpha", "beta", "gamma"];
  for (let i = 0; i < 90; i++) {
    await writer.add(ids[i % 3]!, `event ${i} ${"-".repeat(i)}`, i % 17, {
      grouping: `g${i % 2}`,
      indexes: { kind: `${i % 4}` },
    });
  }
  await writer.finish();
  return { bytes: sink.bytes(), ids };
}

Deno.test("Esdb.verify() finds any flipped bit in a store of ours, and says where", async () => {
  const { bytes, ids } = await ours();
  const places: { id: string; offset: number; end: number }[] = [];
  {
    await using store = await openEsdb(new MemorySource(bytes));
    assertEquals(await Array.fromAsync(store.verify()), []);
    for await (const run of partsOf(store).directory.runs()) {
      for (let row = 0; row < run.entries.count; row++) {
        const offset = run.offsets[row]!;
        places.push({
          id: ids[row]!,
          offset,
          end: offset + run.lengths[row]!,
        });
      }
    }
  }
  const random = seeded(3);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << Math.floor(random() * 8);
    const space = places.find(({ offset, end }) => at >= offset && at < end);
    let findings: string[];
    try {
      await using store = await openEsdb(new MemorySource(damaged));
      findings = (await Array.fromAsync(store.verify()))
        .filter(({ severity }) => severity === "corrupt")
        .map(({ detail }) => detail);
    } catch (error) {
      assert(error instanceof CairnError && space === undefined, `${at}`);
      findings = [error.detail];
    }
    assert(findings.length > 0, `bit in byte ${at} was not found`);
    if (space !== undefined) {
      assert(
        findings.some((detail) => detail.includes(`"${space.id}"`)),
        `byte ${at}: ${findings}`,
      );
    }
  }
});

Deno.test("openEsdb() does not allocate or loop by the file's word", async () => {
  const bytes = await readGolden("one-event.esdb");
  // A block that says it unpacks to 2 GiB, in a space of 118 bytes.
  const lying = bytes.slice();
  lying.set([7, 0, 1, 0xff, 0xff, 0xff, 0xff, 7], 1);
  assertEquals(await readAll(lying), "corrupt");
  // Thousands of table entries that all name the same space.
  const sink = new MemorySink();
  const writer = await createEsdb(sink, { manifest: false });
  for (let i = 0; i < 3000; i++) {
    await writer.add(
      String(i).padStart(4, "0"),
      "x".repeat(i === 0 ? 4000 : 1),
      1,
    );
  }
  await writer.finish();
  const store = sink.bytes();
  const tableLength = new DataView(store.buffer, store.byteOffset)
    .getUint32(store.length - 8, true);
  assert(tableLength > 40_000);
  const { TableEncoder } = await import("@cairn/sstable");
  const encoder = new TableEncoder();
  const value = new Uint8Array(16);
  const spaces = store.subarray(0, store.length - 8 - tableLength);
  new DataView(value.buffer).setUint32(8, 200, true);
  for (let i = 0; i < 30_000; i++) {
    encoder.add(new TextEncoder().encode(String(i).padStart(5, "0")), value);
  }
  encoder.finish();
  const table = encoder.take().slice();
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, table.length, true);
  const sum = new Uint8Array([
    ...spaces.subarray(0, 1000),
    ...table,
    ...length,
  ]);
  assertEquals(await readAll(sum), "corrupt");
});
