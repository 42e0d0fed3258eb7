import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  compareBytes,
  encodeText,
  equalBytes,
  formatHex,
  MemorySource,
  parseHex,
  type ReadOptions,
  type Source,
} from "@cairn/core";
import fc from "fast-check";
import { gunzipSync } from "node:zlib";
import {
  decodeTable,
  type EntriesOptions,
  entryKey,
  entryValue,
  openTable,
  type OpenTableOptions,
  type Table,
  TableDecoder,
  TableEncoder,
  type TableEntries,
  TableWriter,
  type TableWriterOptions,
} from "./mod.ts";

type Entry = readonly [key: Uint8Array, value: Uint8Array];

const GOLDEN = new URL("../../conformance/golden/bitmap/", import.meta.url);

async function write(
  entries: readonly Entry[],
  options: TableWriterOptions = {},
  metaBlocks: Record<string, Uint8Array> = {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const writer = new TableWriter((bytes) => {
    pieces.push(bytes.slice());
  }, options);
  for (const [key, value] of entries) await writer.add(key, value);
  for (const [name, bytes] of Object.entries(metaBlocks)) {
    writer.addMetaBlock(name, bytes);
  }
  const summary = await writer.finish();
  const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  assertEquals([summary.count, summary.byteLength], [
    entries.length,
    bytes.length,
  ]);
  return bytes;
}

function open(bytes: Uint8Array, options?: OpenTableOptions): Promise<Table> {
  return openTable(new MemorySource(bytes, { name: "test.sst" }), options);
}

function rows(entries: TableEntries): Entry[] {
  return Array.from(
    { length: entries.count },
    (
      _,
      row,
    ) => [entryKey(entries, row).slice(), entryValue(entries, row).slice()],
  );
}

async function all(table: Table, options?: EntriesOptions): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const batch of table.entries(options)) found.push(...rows(batch));
  return found;
}

const entries = fc.uniqueArray(
  fc.tuple(
    fc.uint8Array({ maxLength: 5 }).map((key) => key.map((byte) => byte % 5)),
    fc.uint8Array({ maxLength: 60 }),
  ),
  { selector: ([key]) => formatHex(key), maxLength: 80 },
).map((list) => list.sort((a, b) => compareBytes(a[0], b[0])));

const layout = fc.record({
  blockBytes: fc.constantFrom(1, 40, 300, 4096),
  restartInterval: fc.constantFrom(1, 2, 16, 1000),
  indexRestartInterval: fc.constantFrom(1, 3),
  compression: fc.constantFrom("none" as const, "snappy" as const),
  pieceBytes: fc.constantFrom(1, 100, 100_000),
});

Deno.test("Table gives back what TableWriter wrote, by every way", async () => {
  const key = fc.uint8Array({ maxLength: 3 }).map((k) => k.map((b) => b % 5));
  await fc.assert(fc.asyncProperty(
    entries,
    layout,
    key,
    key,
    async (list, options, a, b) => {
      const bytes = await write(list, options);
      const table = await open(bytes, { readBytes: 200, cacheBytes: 500 });
      assertEquals(await all(table), list);
      assertEquals(rows(decodeTable(bytes, { part: "t" })), list);
      for (const wanted of [a, b]) {
        const found = list.find(([k]) => equalBytes(k, wanted));
        assertEquals(await table.get(wanted), found?.[1]);
        const next = list.find(([k]) => compareBytes(k, wanted) >= 0);
        assertEquals((await table.seek(wanted))?.key, next?.[0]);
      }
      const [from, to] = compareBytes(a, b) < 0 ? [a, b] : [b, a];
      assertEquals(
        await all(table, { from, to }),
        list.filter(([k]) =>
          compareBytes(k, from) >= 0 && compareBytes(k, to) < 0
        ),
      );
      assertEquals(
        await all(table, { prefix: a }),
        list.filter(([k]) => equalBytes(k.subarray(0, a.length), a)),
      );
      assertEquals(await Array.fromAsync(table.verify({ exact: true })), []);
    },
  ));
});

Deno.test("TableDecoder gives what decodeTable() gives", async () => {
  const decoder = new TableDecoder();
  await fc.assert(
    fc.asyncProperty(entries, layout, fc.nat(9), async (list, options, pad) => {
      const bytes = await write(list, { ...options, compression: "none" });
      const padded = new Uint8Array(bytes.length + 2 * pad);
      padded.set(bytes, pad);
      decoder.decode(padded, pad, pad + bytes.length, { part: "t" });
      assertEquals(rows(decoder), list);
    }),
  );
});

Deno.test("TableEncoder writes the smallest table as Go does", async () => {
  const encoder = new TableEncoder();
  encoder.finish();
  const store = await Deno.readFile(
    new URL("../esdb/no-spaces.esdb", GOLDEN),
  );
  assertEquals(encoder.take(), store.subarray(0, 92));
});

Deno.test("TableEncoder refuses keys out of order, and goes on", () => {
  const encoder = new TableEncoder({ blockBytes: 1 });
  encoder.add(encodeText("b"), new Uint8Array(0));
  for (const key of ["b", "a", ""]) {
    const error = assertThrows(
      () => encoder.add(encodeText(key), new Uint8Array(0)),
      CairnError,
    );
    assertEquals(error.code, "invalid-input");
  }
  encoder.add(encodeText("c"), new Uint8Array(0));
  encoder.finish();
  assertEquals(decodeTable(encoder.take(), { part: "t" }).count, 2);
});

Deno.test("Table.metaBlock() finds blocks by name", async () => {
  const blocks = { "z.last": encodeText("Z"), "a.first": new Uint8Array(9000) };
  const bytes = await write([[encodeText("k"), encodeText("v")]], {}, blocks);
  const table = await open(bytes);
  assertEquals(await table.metaBlockNames(), ["a.first", "z.last"]);
  assertEquals(await table.metaBlock("z.last"), encodeText("Z"));
  assertEquals(await table.metaBlock("a.first"), new Uint8Array(9000));
  assertEquals(await table.metaBlock("other"), undefined);
  assertEquals(await Array.fromAsync(table.verify({ exact: true })), []);
});

/** Text for keys that ascend. */
function numbered(count: number): Entry[] {
  return Array.from({ length: count }, (_, i) => [
    encodeText(`key ${String(i).padStart(6, "0")}`),
    encodeText(`value ${i} `.repeat(3)),
  ]);
}

class CountingSource implements Source {
  readonly name = "counting";
  readonly size: number;
  reads: [offset: number, length: number][] = [];
  readonly #inner: Source;
  constructor(bytes: Uint8Array) {
    this.#inner = new MemorySource(bytes);
    this.size = bytes.length;
  }
  async read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array> {
    this.reads.push([offset, length]);
    return await this.#inner.read(offset, length, options);
  }
  close(): Promise<void> {
    return this.#inner.close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

Deno.test("openTable() reads the end once, and a range of keys in one read", async () => {
  const bytes = await write(numbered(20_000), { compression: "snappy" });
  const source = new CountingSource(bytes);
  const table = await openTable(source);
  assertEquals(source.reads, [[bytes.length - 65_536, 65_536]]);
  const found = await all(table, { prefix: encodeText("key 0012") });
  assertEquals(found.length, 100);
  assertEquals(source.reads.length, 2);
  await table.get(encodeText("key 000001"));
  await table.get(encodeText("key 000002"));
  assertEquals(source.reads.length, 3);
  for await (const _ of table.entries()) break;
});

Deno.test("Table reads a table inside a file", async () => {
  const bytes = await write(numbered(5000));
  const file = new Uint8Array(bytes.length + 300);
  file.set(bytes, 200);
  const place = { offset: 200, length: bytes.length, part: "inner" };
  const table = await open(file, place);
  assertEquals((await all(table)).length, 5000);
  file[205]! ^= 1;
  const broken = await open(file, place);
  const error = await assertRejects(() => all(broken), CairnError);
  assertEquals(error.code, "corrupt");
  assertEquals(error.where, { file: "test.sst", part: "inner", offset: 200 });
  assertEquals((await Array.fromAsync(broken.verify())).length, 1);
});

Deno.test("Table.entries() stops at the caller's signal", async () => {
  const table = await open(await write(numbered(5000)));
  const abort = new AbortController();
  const error = await assertRejects(async () => {
    for await (const _ of table.entries({ signal: abort.signal })) {
      abort.abort("enough");
    }
  }, CairnError);
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
});

Deno.test("openTable() gives an error or the right entries for every cut and flip", async () => {
  const list = numbered(60);
  const options = { blockBytes: 400, compression: "snappy" } as const;
  const bytes = await write(list, options, { extra: encodeText("block") });
  const check = async (damaged: Uint8Array, what: string) => {
    try {
      const table = await open(damaged);
      const found = await all(table);
      await table.metaBlock("extra");
      assertEquals(found, list, what);
    } catch (error) {
      assert(error instanceof CairnError, `${what}: ${error}`);
      assertEquals(error.code, "corrupt");
      assert(error.where.offset !== undefined, what);
    }
    try {
      decodeTable(damaged, { part: "t" });
    } catch (error) {
      assert(error instanceof CairnError, `${what}: ${error}`);
    }
  };
  for (let at = 0; at < bytes.length; at++) {
    await check(bytes.slice(0, at), `cut at ${at}`);
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << at % 8;
    await check(flipped, `bit in ${at}`);
    const exact = await open(flipped).then((table) =>
      Array.fromAsync(table.verify({ exact: true }))
    ).catch(() => ["cannot be opened"]);
    assert(exact.length > 0, `bit in ${at} was not found`);
  }
});

Deno.test("decodeTable() refuses keys that unpack to far more than there is", async () => {
  const list = Array.from({ length: 100 }, (_, i): Entry => {
    const key = new Uint8Array(190_000).fill(1);
    key[key.length - 1] = i;
    return [key, new Uint8Array(0)];
  });
  const bytes = await write(list, { blockBytes: 1e9, restartInterval: 1e6 });
  assert(bytes.length < 900_000);
  const error = assertThrows(
    () => decodeTable(bytes, { part: "t" }),
    CairnError,
  );
  assertEquals(error.code, "limit");
});

interface Listed {
  readonly k: string;
  readonly v: string;
}

async function listing(name: string): Promise<Listed[]> {
  const bytes = await Deno.readFile(new URL(name, GOLDEN));
  const text = new TextDecoder().decode(
    name.endsWith(".gz") ? gunzipSync(bytes) : bytes,
  );
  return name.includes("ndjson")
    ? text.trim().split("\n").map((line) => JSON.parse(line))
    : JSON.parse(text);
}

for (
  const [file, listed] of [
    ["sealed-small.sst", "leveldb-small-listing.json"],
    ["sealed-main.sst", "leveldb-main-listing.ndjson.gz"],
  ] as const
) {
  Deno.test(`openTable() reads ${file} as LevelDB does`, async () => {
    const bytes = await Deno.readFile(new URL(file, GOLDEN));
    const found = await all(await open(bytes));
    const wanted = await listing(listed);
    assertEquals(found.length, wanted.length);
    let differ = 0;
    found.forEach(([key, value], i) => {
      assertEquals(formatHex(key), wanted[i]!.k);
      if (formatHex(value) !== wanted[i]!.v) differ++;
    });
    // The superblock says that the store is sealed.
    assertEquals(differ, 1);
  });
}

/** LevelDB's order of internal keys: user key, then newest first. */
function compareInternal(a: Uint8Array, b: Uint8Array): number {
  const order = compareBytes(a.subarray(0, -8), b.subarray(0, -8));
  if (order !== 0) return order;
  for (let i = 1; i <= 8; i++) {
    const difference = b[b.length - i]! - a[a.length - i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

Deno.test("openTable() reads internal keys in LevelDB's order", async () => {
  const bytes = await Deno.readFile(new URL("internal-keys.ldb", GOLDEN));
  const table = await open(bytes, { compare: compareInternal });
  const newest = new Map<string, string>();
  let count = 0;
  for (const [key, value] of await all(table)) {
    count++;
    const user = formatHex(key.subarray(0, -8));
    if (newest.has(user)) continue;
    newest.set(user, key[key.length - 8] === 1 ? formatHex(value) : "deleted");
  }
  assertEquals([count, newest.size], [789, 652]);
  const wanted = await listing("leveldb-small-listing.json");
  const left = [...newest].filter(([, value]) => value !== "deleted");
  assertEquals(left, wanted.map(({ k, v }) => [k, v]));
  const plain = await open(bytes);
  assertEquals(
    (await assertRejects(() => all(plain), CairnError)).code,
    "corrupt",
  );
  assertEquals(await table.get(parseHex("00")!), undefined);
});

Deno.test("Table.getSync() agrees with get() and find()", async () => {
  const name = (i: number): Uint8Array =>
    encodeText(`${i % 3 === 0 ? "key" : "other key"} ${i % 5} ${i}`);
  const sorted = Array.from({ length: 5000 }, (_, i): Entry => [
    name(2 * i),
    encodeText(`value ${i}`.repeat(i % 40)),
  ]).sort(([a], [b]) => a < b ? -1 : 1);
  sorted.sort(([a], [b]) => compareBytes(a, b));
  const bytes = await write(sorted);
  const near = await open(bytes);
  assertEquals(near.getSync(sorted[0]![0]), null);
  await near.index();
  const far = new MemorySource(bytes);
  const blockSource = { ...methodsOf(far), name: "far", size: bytes.length };
  for (const cacheBytes of [0, 8192, 1 << 24]) {
    const table = await open(bytes, { cacheBytes, blockSource });
    let told = 0;
    for (let i = 0; i < 10_003; i += 37) {
      const key = name(i);
      const found = (await table.find(key))?.value;
      assertEquals(found === undefined, i % 2 === 1 || i >= 10_000);
      assertEquals(await table.get(key), found);
      const now = near.getSync(key);
      assertEquals(now === null ? await near.get(key) : now, found);
      const kept = table.getSync(key);
      if (kept === null) continue;
      told++;
      assertEquals(kept, found);
    }
    assert(cacheBytes === 0 ? told < 5 : told > 200);
  }
});

Deno.test("Table reads blocks that are looked into from the block source", async () => {
  const bytes = await write([[encodeText("a"), encodeText("1")]]);
  const reads: number[] = [];
  const blockSource = new MemorySource(bytes);
  const read = blockSource.read.bind(blockSource);
  blockSource.read = (offset, length, options) => {
    reads.push(offset);
    return read(offset, length, options);
  };
  const table = await open(bytes, { blockSource, tailBytes: 0 });
  assert(await table.find(encodeText("a")) !== undefined);
  assertEquals(reads, [0]);
});

/** A source that cannot be read at once. */
function methodsOf(source: Source): Omit<Source, "name" | "size" | "readSync"> {
  return {
    read: (offset, length, options) => source.read(offset, length, options),
    close: () => source.close(),
    [Symbol.asyncDispose]: () => source.close(),
  };
}
