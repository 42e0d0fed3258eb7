import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  concatBytes,
  encodeText,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import {
  goldenBytes,
  type GoldenStore,
  goldenStores,
  readCalls,
  readGolden,
  readGoldenJson,
  toBase64,
  toGolden,
} from "./testdata/golden_store.ts";
import { partsOf } from "./esdb.ts";
import { createEsdb, type Esdb, type EsdbEvents, openEsdb } from "./mod.ts";

async function collect(
  runs: AsyncIterable<EsdbEvents>,
): Promise<EsdbEvents[]> {
  const all: EsdbEvents[] = [];
  for await (const run of runs) all.push(run);
  return all;
}

function opened(bytes: Uint8Array, name: string): Promise<Esdb> {
  return openEsdb(new MemorySource(bytes, { name }));
}

/** Every space, grouping and index key, and all their events. */
async function assertHolds(store: Esdb, expected: GoldenStore): Promise<void> {
  let at = 0;
  for await (const space of store.spaces()) {
    const wanted = expected.spaces[at++];
    assertEquals(toBase64(space.id), wanted?.space_b64);
    const { groupings, indexes } = wanted!;
    assertEquals(
      space.groupings(),
      groupings.map((g) => goldenBytes(g.grouping, g.grouping_b64)),
    );
    const keys = space.indexKeys();
    assertEquals(
      keys.map(({ key }) => key),
      indexes.map((index) =>
        concatBytes([
          goldenBytes(index.name, index.name_b64),
          encodeText(":"),
          goldenBytes(index.value, index.value_b64),
        ])
      ),
    );
    for (const { grouping, grouping_b64, events } of groupings) {
      const name = goldenBytes(grouping, grouping_b64);
      assertSame(toGolden(await collect(space.scan(name))), events);
    }
    for (let i = 0; i < keys.length; i++) {
      const { name, value } = keys[i]!;
      const found = await collect(space.scanIndex(name, value));
      assertSame(toGolden(found), indexes[i]!.events);
    }
  }
  assertEquals(at, expected.spaces.length);
}

/** As `assertEquals`, but quick where all is well. */
function assertSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    assertEquals(actual, expected);
  }
}

for (const name of await goldenStores()) {
  Deno.test(`openEsdb() reads golden store ${name}`, async () => {
    await using store = await opened(await readGolden(`${name}.esdb`), name);
    const expected = await readGoldenJson<GoldenStore>(`${name}.expected.json`);
    await assertHolds(store, expected);
    for await (const finding of store.verify()) {
      assertEquals(finding.severity, "note", finding.detail);
      assert(["wrapped-times"].includes(name), finding.detail);
    }
  });
}

/** Ids of a store in the order of its file. */
async function fileOrder(store: Esdb): Promise<Uint8Array[]> {
  const spaces: { id: Uint8Array; offset: number }[] = [];
  for await (const run of partsOf(store).directory.runs()) {
    for (let row = 0; row < run.entries.count; row++) {
      const { bytes, starts, ends } = run.entries.keys;
      spaces.push({
        id: bytes.slice(starts[row]!, ends[row]!),
        offset: run.offsets[row]!,
      });
    }
  }
  return spaces.sort((a, b) => a.offset - b.offset).map(({ id }) => id);
}

for (const name of await goldenStores()) {
  // Times that Go has wrapped around are read, but not written.
  if (name === "wrapped-times") continue;
  Deno.test(`createEsdb() writes golden store ${name} byte for byte`, async () => {
    const golden = await readGolden(`${name}.esdb`);
    await using store = await opened(golden, name);
    const sink = new MemorySink();
    const writer = await createEsdb(sink, {
      layout: "same-bytes",
      emptyData: true,
      colonNames: true,
    });
    for (const call of await readCalls(name)) {
      if (call.flush_b64 !== undefined) continue;
      await writer.add(
        goldenBytes("", call.space_b64),
        goldenBytes("", call.data_b64),
        call.timestamp!,
        {
          grouping: goldenBytes(call.grouping, call.grouping_b64),
          indexes: call.indexes_b64 === undefined
            ? call.indexes ?? {}
            : call.indexes_b64.map((
              [n, v],
            ) => [goldenBytes("", n), goldenBytes("", v)] as const),
        },
      );
    }
    for (const id of await fileOrder(store)) writer.flush(id);
    await writer.finish();
    const written = sink.bytes();
    assertEquals(written.length, golden.length);
    assertEquals(written.findIndex((byte, i) => byte !== golden[i]), -1);
  });
}

Deno.test("openEsdb() reads variants of the layout, or refuses them", async () => {
  const variants = await readGoldenJson<
    { file: string; expected: string; must: string }[]
  >("variants/variants.json");
  for (const { file, expected, must } of variants) {
    const bytes = await readGolden(`variants/${file.replace(/\.gz$/, "")}`);
    const wanted = await readGoldenJson<GoldenStore>(
      `variants/${expected.replace(/\.gz$/, "")}`,
    );
    const read = async () => {
      await using store = await opened(bytes, file);
      await assertHolds(store, wanted);
    };
    if (must.startsWith("refuse") || must.startsWith("may be refused")) {
      const error = await assertRejects(read, CairnError);
      assertEquals(error.code, "corrupt", file);
    } else await read();
  }
});

Deno.test("openEsdb() refuses older layouts with the reason", async () => {
  const legacy = new URL(
    "../../conformance/golden/esdb/legacy/",
    import.meta.url,
  );
  for await (const entry of Deno.readDir(legacy)) {
    if (!entry.name.endsWith(".esdb")) continue;
    const bytes = await readGolden(`legacy/${entry.name}`);
    const error = await assertRejects(async () => {
      await using store = await opened(bytes, entry.name);
      for await (const space of store.spaces()) {
        for (const grouping of space.groupings()) {
          await collect(space.scan(grouping));
        }
      }
    }, CairnError);
    assertEquals([error.code, error.reason], ["unsupported", "older-layout"]);
    await using store = await opened(bytes, entry.name);
    const findings = await Array.fromAsync(store.verify());
    assert(findings.some(({ severity }) => severity === "corrupt"), entry.name);
    const scanned = await assertRejects(async () => {
      for await (const _ of store.scan()) { /* all */ }
    }, CairnError);
    assertEquals(scanned.code, "unsupported");
  }
});

Deno.test("openEsdb() prints what the seed document's scans print", async () => {
  const { scans } = await readGoldenJson<{
    scans: {
      space: string;
      call: "scan" | "scanIndex" | "revScanIndex";
      grouping?: string;
      name?: string;
      value?: string;
      prints: string[];
    }[];
  }>("seed-example.scans.json");
  await using store = await opened(
    await readGolden("seed-example.esdb"),
    "seed-example",
  );
  for (const { space, call, grouping, name, value, prints } of scans) {
    const found = (await store.find(space))!;
    const runs = call === "scan"
      ? found.scan(grouping!)
      : found[call](name!, value!);
    const lines = (await collect(runs)).flatMap((run) =>
      [...run].map(({ data }) => new TextDecoder().decode(data))
    );
    assertEquals(lines, prints, call);
  }
});
