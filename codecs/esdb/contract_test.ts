import { assert, assertEquals, assertRejects } from "@std/assert";
import { testCodec } from "@cairn/conformance";
import {
  CairnError,
  type Codec,
  createSchema,
  encodeText,
  equal,
  type EventBatch,
  Filter,
  MemorySink,
  MemorySource,
  readProbe,
  type Store,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { decode } from "cborg";
import { esdbCodec, type EsdbCreateOptions, openEsdb } from "./mod.ts";

/** The codec with the last field as grouping and the others indexed. */
const indexing: Codec = {
  ...esdbCodec,
  capabilities: { ...esdbCodec.capabilities, index: true },
  create: (sink, schema, options) => {
    const names = schema.fields.map((field) => field.name);
    const grouping = names.length > 1 ? names.pop() : undefined;
    return esdbCodec.create(sink, schema, {
      ...options,
      indexed: names.filter((name) => !name.includes(":")),
      ...(grouping === undefined ? {} : { grouping }),
    });
  },
};

testCodec({
  codec: indexing,
  test: (name, run) => Deno.test(`with grouping and indexes, ${name}`, run),
});

type Row = readonly [key: string, time: number, values: (string | null)[]];

async function write(
  rows: readonly Row[],
  fields: readonly string[],
  options: EsdbCreateOptions = {},
): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await esdbCodec.create(sink, createSchema(fields), options);
  for (const [key, time, values] of rows) {
    await writer.add(
      encodeText(key),
      time,
      values.map((value) => value === null ? null : encodeText(value)),
    );
  }
  await writer.finish();
  return sink.bytes();
}

function open(bytes: Uint8Array): Promise<Store> {
  return esdbCodec.open(new MemorySource(bytes));
}

async function read(scan: AsyncIterable<EventBatch>): Promise<unknown[]> {
  const text = new TextDecoder();
  const rows: unknown[] = [];
  for await (const batch of scan) {
    for (const { trail, timestamp, values } of batch.events()) {
      rows.push([
        trail,
        timestamp,
        values.map((value) => value === null ? null : text.decode(value)),
      ]);
    }
  }
  return rows;
}

Deno.test("esdbCodec keeps the order of ties across groupings", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom("s", "t"),
          fc.nat(3),
          fc.tuple(
            fc.option(fc.constantFrom("g", "h", "i")),
            fc.option(fc.constantFrom("1", "2", "3", "x".repeat(70))),
            fc.option(fc.string({ minLength: 1, maxLength: 3 })),
          ),
        ),
        { maxLength: 30 },
      ),
      async (rows) => {
        const bytes = await write(rows, ["g", "v", "w"], { grouping: "g" });
        await using store = await open(bytes);
        const keys = [...new Set(rows.map(([key]) => key))].sort();
        const wanted = rows.map(([key, time, values]) =>
          [keys.indexOf(key), time, values.map((v) => v || null)] as const
        ).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        const found = await read(store.scan({ batchEvents: 4 }));
        assertEquals(JSON.stringify(found), JSON.stringify(wanted));
        const reversed = await read(store.scan({ order: "descending" }));
        assertEquals(
          JSON.stringify(reversed),
          JSON.stringify(
            keys.flatMap((_, k) => wanted.filter(([t]) => t === k).reverse()),
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("esdbCodec lays fields out as a CBOR array that cborg reads", async () => {
  const bytes = await write(
    [
      ["s", 1, ["a", null, "c", "g1"]],
      ["s", 2, [null, null, null, "g1"]],
      ["s", 3, ["x".repeat(300), "y".repeat(70_000), null, "g2"]],
      ["s", 3, ["tied", null, null, "g1"]],
    ],
    ["one", "two", "three", "group"],
    { grouping: "group" },
  );
  await using store = await openEsdb(new MemorySource(bytes));
  const space = await store.find("s");
  const values: unknown[] = [];
  for (const grouping of ["g1", "g2"]) {
    for await (const run of space!.scan(grouping)) {
      for (const { data } of run) {
        const value = decode(data) as unknown[];
        values.push(value.map((v) => v instanceof Uint8Array ? v.length : v));
      }
    }
  }
  assertEquals(values, [[4, null, null, 1], [], [1, null, 1], [
    300,
    70_000,
    null,
    0,
  ]]);
});

Deno.test("esdbCodec serves one field data as it is", async () => {
  const bytes = await write([["s", 1, ["any bytes"]]], ["data"]);
  await using native = await openEsdb(new MemorySource(bytes));
  const space = await native.find("s");
  const [run] = await Array.fromAsync(space!.scan(""));
  assertEquals([...run!][0]!.data, encodeText("any bytes"));
  const error = await assertRejects(
    () => write([["s", 1, [null]]], ["data"]),
    CairnError,
  );
  assertEquals(error.code, "invalid-input");
  await using store = await open(
    await write([["s", 1, [null]]], ["data"], { emptyData: true }),
  );
  assertEquals(await read(store.scan()), [[0, 1, [null]]]);
});

Deno.test("esdbCodec refuses fields that cannot be indexed", async () => {
  for (
    const [fields, options] of [
      [["a"], { indexed: ["b"] }],
      [["a"], { grouping: "b" }],
      [["a:b"], { indexed: ["a:b"] }],
      [["a", "b"], { indexed: ["a"], grouping: "a" }],
    ] as const
  ) {
    const error = await assertRejects(
      () => write([], fields, options),
      CairnError,
    );
    assertEquals(error.code, "invalid-input");
  }
});

Deno.test("esdbCodec.index() answers from posting sections", async () => {
  const rows = Array.from({ length: 300 }, (_, i): Row => [
    `s${i % 40}`,
    i,
    [i % 7 === 0 ? null : `v${i % 7}`, `${i % 11}`],
  ]);
  await using store = await open(
    await write(rows, ["a", "n"], { indexed: ["n", "a"] }),
  );
  const index = (await store.index())!;
  assertEquals(index.fields.map(({ name }) => name), ["a", "n"]);
  const keys = [...new Set(rows.map(([key]) => key))].sort();
  const trails = (test: (values: (string | null)[]) => boolean): number[] =>
    keys.flatMap((key, i) =>
      rows.some(([k, , v]) => k === key && test(v)) ? [i] : []
    );
  const found = async (term: Parameters<typeof index.trails>[0]) => {
    const postings = (await index.trails(term))!;
    assertEquals(postings.exact, term.period === undefined);
    return [...postings.bitmap];
  };
  assertEquals(
    await found({
      field: "a",
      condition: { kind: "in", values: [encodeText("v3")] },
    }),
    trails(([a]) => a === "v3"),
  );
  assertEquals(await found({ field: "a" }), trails(([a]) => a !== null));
  assertEquals(
    await found({
      field: "n",
      condition: { kind: "between", low: 9n, high: 10n },
    }),
    trails(([, n]) => Number(n) >= 9),
  );
  assertEquals(
    await found({ field: "a", period: { year: 1970 } }),
    trails(([a]) => a !== null),
  );
  assertEquals(await index.trails({ field: "other" }), undefined);
  const values = await Array.fromAsync(index.values!("n", { limit: 2 })!);
  assertEquals(values, [
    { value: encodeText("0"), count: trails(([, n]) => n === "0").length },
    { value: encodeText("1"), count: trails(([, n]) => n === "1").length },
  ]);
});

Deno.test("esdbCodec scans trails that are too large to be read whole", async () => {
  let seed = 3;
  const random = (below: number): number => {
    seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  const rows = Array.from({ length: 6000 }, (_, i): Row => [
    i % 50 === 0 ? "small" : "large",
    random(700),
    [
      `g${i % 3}`,
      `${i}`,
      Array.from({ length: 60 }, () => random(2 ** 32).toString(36)).join(""),
    ],
  ]);
  for (const options of [{}, { grouping: "g" }]) {
    const bytes = await write(rows, ["g", "n", "text"], options);
    assert(bytes.length > 1_300_000);
    await using store = await open(bytes);
    const wanted = rows.map(([key, time, values]) =>
      [key === "large" ? 0 : 1, time, values.slice(0, 2)] as const
    ).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const fields = ["g", "n"];
    const found = await read(store.scan({ fields, batchEvents: 1000 }));
    assertEquals(JSON.stringify(found), JSON.stringify(wanted));
    const filter = new Filter([[equal("g", "g1")], [timeRange(100, 300)]]);
    const some = await read(
      store.scan({ fields, order: "descending", filter }),
    );
    assertEquals(
      JSON.stringify(some),
      JSON.stringify(
        [0, 1].flatMap((trail) =>
          wanted.filter(([t, time, [g]]) =>
            t === trail && time >= 100 && time < 300 && g === "g1"
          ).reverse()
        ),
      ),
    );
    assertEquals(await Array.fromAsync(store.verify()), []);
  }
});

Deno.test("esdbCodec.detect() knows its stores", async () => {
  for (const rows of [[], [["s", 1, ["x"]]]] as Row[][]) {
    const bytes = await write(rows, ["a"]);
    assert(esdbCodec.detect(await readProbe(new MemorySource(bytes))));
    const other = new MemorySource(bytes.subarray(0, -1));
    assert(!esdbCodec.detect(await readProbe(other)));
  }
  const small = new MemorySource(new Uint8Array(7));
  assert(!esdbCodec.detect(await readProbe(small)));
});
