import { assertEquals, assertRejects } from "@std/assert";
import { CairnError, MemorySink, MemorySource, parseHex } from "@cairn/core";
import {
  GOLDEN,
  goldenListing,
  listKeys,
  unpackLevel,
} from "./testdata/golden.ts";
import { openBitmapIndex } from "./bitmap_index.ts";
import { openLevelChunkStore } from "./level_chunk_store.ts";
import { MemoryChunkStore } from "./memory_chunk_store.ts";
import { seal } from "./seal.ts";
import { openTableChunkReader } from "./table_chunk_reader.ts";

const SUPERBLOCK = "00000005636169726e";

async function goldenTable(name: string) {
  return await openTableChunkReader(
    new MemorySource(await Deno.readFile(new URL(name, GOLDEN)), { name }),
  );
}

for (const name of ["main", "small"] as const) {
  Deno.test(`openLevelChunkStore() lists golden directory ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await using store = await openLevelChunkStore(
        await unpackLevel(name, folder),
        { create: false },
      );
      assertEquals(
        [...await listKeys(store)],
        [...await goldenListing(name)],
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`openTableChunkReader() lists golden table ${name}`, async () => {
    await using reader = await goldenTable(`sealed-${name}.sst`);
    const wanted = await goldenListing(name);
    const found = await listKeys(reader);
    wanted.delete(SUPERBLOCK);
    found.delete(SUPERBLOCK);
    assertEquals([...found], [...wanted]);
  });

  Deno.test(`seal() makes a table with the keys of golden table ${name}`, async () => {
    const live = new MemoryChunkStore();
    const listing = await goldenListing(name);
    await live.batch(
      [...listing].map(([k, v]) => ({ key: parseHex(k), value: parseHex(v) })),
    );
    const sink = new MemorySink();
    const summary = await seal(live, sink);
    assertEquals(summary, {
      keys: listing.size,
      byteLength: sink.bytes().length,
    });
    await using sealed = await openTableChunkReader(
      new MemorySource(sink.bytes()),
    );
    await using golden = await goldenTable(`sealed-${name}.sst`);
    assertEquals([...await listKeys(sealed)], [...await listKeys(golden)]);
  });
}

Deno.test("openTableChunkReader() gets single keys", async () => {
  await using reader = await goldenTable("sealed-small.sst");
  const [key, value] = [...await goldenListing("small")].at(-1)!;
  const found = await reader.getMany([
    parseHex(key),
    parseHex(key + "00"),
    Uint8Array.of(0),
  ]);
  assertEquals(found, [parseHex(value), undefined, undefined]);
});

Deno.test("seal() refuses a database that is no index, and leaves nothing", async () => {
  const sink = new MemorySink();
  const error = await assertRejects(
    () => seal(new MemoryChunkStore(), sink),
    CairnError,
  );
  assertEquals(error.code, "corrupt");
});

Deno.test("openBitmapIndex() refuses a database of something else, and a missing one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const missing = await assertRejects(
      () => openBitmapIndex(`${folder}/none`, { create: false }),
      CairnError,
    );
    assertEquals(missing.code, "not-found");
    const store = await openLevelChunkStore(`${folder}/other`);
    await store.batch([{ key: Uint8Array.of(9), value: Uint8Array.of(1) }], {
      sync: false,
    });
    await store.close();
    const other = await assertRejects(
      () => openBitmapIndex(`${folder}/other`),
      CairnError,
    );
    assertEquals(other.code, "unsupported");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openBitmapIndex() refuses a directory that is in use", async () => {
  const path = await Deno.makeTempDir();
  try {
    await using _index = await openBitmapIndex(path);
    const error = await assertRejects(() => openBitmapIndex(path), CairnError);
    assertEquals([error.code, error.where.file], ["io", path]);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("openBitmapIndex() says when LevelDB finds damage", async () => {
  const path = await Deno.makeTempDir();
  try {
    await (await openBitmapIndex(path)).close();
    await Deno.writeTextFile(`${path}/CURRENT`, "no line end");
    const error = await assertRejects(() => openBitmapIndex(path), CairnError);
    assertEquals(error.code, "corrupt");
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
