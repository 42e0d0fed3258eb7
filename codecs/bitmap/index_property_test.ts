import { assertEquals } from "@std/assert";
import {
  BitmapIndex,
  openSnapshot,
  parseKeyspaceSchema,
  type RowEvent,
} from "@cairn/bitmap";
import {
  type Condition,
  encodeText,
  type Index,
  spanValue,
  type Store,
} from "@cairn/core";
import fc from "fast-check";

const WORDS = ["", "a", "ab", "mopub-1", "mopub-2", "xmopub", "möpub"];

interface Row {
  readonly totals: Map<string, bigint>;
  readonly words: Set<string>;
  seen: boolean;
}

const event = fc.record({
  row: fc.nat(40),
  month: fc.integer({ min: 1, max: 3 }),
  hits: fc.option(fc.bigInt(0n, 300n), { nil: undefined }),
  words: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }),
  seen: fc.boolean(),
});

type Drawn = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Rows as a plain program keeps them; views under `month`. */
function model(events: readonly Drawn[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const { row, month, hits, words, seen } of events) {
    let made = rows.get(String(row));
    if (made === undefined) {
      made = { totals: new Map(), words: new Set(), seen: false };
      rows.set(String(row), made);
    }
    if (hits !== undefined) {
      for (const view of ["", String(month)]) {
        made.totals.set(view, (made.totals.get(view) ?? 0n) + hits);
      }
    }
    for (const word of words) made.words.add(word);
    made.seen ||= seen;
  }
  return rows;
}

async function build(
  rows: "dense" | "hashed" | "uint",
  encoding: "bitslice" | "equality",
  events: readonly Drawn[],
): Promise<BitmapIndex> {
  const index = await BitmapIndex.open();
  await index.createKeyspace(parseKeyspaceSchema({
    name: "k",
    row_id: ["id"],
    rows,
    hash_bits: 9,
    fields: [
      { name: "hits", type: "counter", encoding, quantum: "YM" },
      { name: "word", type: "set", trigram: true },
      { name: "seen", type: "flag" },
    ],
  }));
  const lines = events.map(({ row, month, hits, words, seen }): RowEvent => ({
    // Numbered rows far apart, across chunks and above 2^53.
    row: rows === "uint" ? BigInt(row) * 2n ** 60n + BigInt(row) : [`${row}`],
    ts: `2013-0${month}-15T00:00:00Z`,
    ...(hits === undefined ? {} : { add: { hits } }),
    ...(words.length === 0 ? {} : { put: { word: words } }),
    ...(seen ? { mark: ["seen"] } : {}),
  }));
  for (let i = 0; i < lines.length; i += 7) {
    await index.add(lines.slice(i, i + 7));
  }
  return index;
}

/** Names of the rows that a term finds. */
async function found(
  store: Store,
  index: Index,
  field: string,
  condition?: Condition,
  month?: number,
): Promise<string[]> {
  const postings = await index.trails({
    field,
    ...(condition === undefined ? {} : { condition }),
    ...(month === undefined ? {} : { period: { year: 2013, month } }),
  });
  const { trails } = await store.stats();
  const keys = await store.keys({ start: 0, end: trails });
  const names = [...postings!.bitmap].map((ordinal) => {
    const key = new TextDecoder().decode(spanValue(keys, ordinal)!);
    return index.keyType === "uint" ? String(BigInt(key) >> 60n) : key;
  });
  return names.sort();
}

for (const rows of ["dense", "hashed", "uint"] as const) {
  for (const encoding of ["bitslice", "equality"] as const) {
    Deno.test(`KeyspaceIndex agrees with plain rows (${rows}, ${encoding})`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(event, { maxLength: 60 }),
          fc.bigInt(0n, 400n),
          fc.bigInt(0n, 400n),
          async (events, low, high) => {
            await using live = await build(rows, encoding, events);
            await using store = await openSnapshot(live);
            const index = (await store.index())!;
            const plain = [...model(events)];
            const names = (test: (row: Row) => boolean) =>
              plain.filter(([, row]) => test(row)).map(([name]) => name).sort();
            assertEquals((await index.all()).count(), plain.length);
            for (const month of [undefined, 1, 2, 3]) {
              const view = month === undefined ? "" : String(month);
              const total = (row: Row) => row.totals.get(view);
              assertEquals(
                await found(store, index, "hits", undefined, month),
                names((row) => total(row) !== undefined),
              );
              const between = { kind: "between", low, high } as const;
              assertEquals(
                await found(store, index, "hits", between, month),
                names((row) => total(row)! >= low && total(row)! <= high),
              );
              const all = plain.flatMap(([, row]) => total(row) ?? []);
              const period = month === undefined
                ? {}
                : { period: { year: 2013, month } };
              const counters = index.counters!;
              const sum = all.reduce((a, b) => a + b, 0n);
              assertEquals(await counters.sum("hits", period), {
                sum,
                count: all.length,
              });
              const sorted = all.sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
              const max = await counters.max("hits", period);
              assertEquals(max.value, sorted.at(-1));
              const min = await counters.min("hits", period);
              assertEquals(min.value, sorted[0]);
              const top = await counters.top("hits", 3, period);
              assertEquals(
                top.map(({ value }) => value),
                sorted.slice(-3).reverse(),
              );
            }
            for (const word of WORDS) {
              const values = [encodeText(word)];
              assertEquals(
                await found(store, index, "word", { kind: "in", values }),
                names((row) => row.words.has(word)),
              );
            }
            const test: Condition = {
              kind: "test",
              label: "has mopub",
              grams: { kind: "gram", gram: "mop" },
              test: (value) =>
                new TextDecoder().decode(value).includes("mopub"),
            };
            assertEquals(
              await found(store, index, "word", test),
              names((row) => [...row.words].some((w) => w.includes("mopub"))),
            );
            assertEquals(
              await found(store, index, "seen"),
              names((row) => row.seen),
            );
            for await (const finding of store.verify()) {
              throw new Error(finding.detail);
            }
          },
        ),
        { numRuns: 12 },
      );
    });
  }
}
