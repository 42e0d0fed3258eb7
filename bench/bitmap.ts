/**
 * The bitmap codec beside DuckDB and roaring-wasm, in one run over the same
 * clickstream: building, size, counts, ranges, groups, patterns, set operations.
 *
 * `deno run -A --no-lock bench/bitmap.ts [FILE]` reads a clickstream as CSV, or a small
 * one that it makes. Answers are compared before anything is timed. Peers are
 * fetched when they are asked for, and left out where they cannot be had.
 *
 * @module
 */
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { bitmapCodec, type BitmapCreateOptions } from "@cairn/bitmap";
import {
  Bitmap,
  type Condition,
  createSchema,
  encodeText,
  type Grams,
  type Index,
  type Store,
} from "@cairn/core";
import { createFile, openFile } from "@cairn/core/file";
import { fileInput } from "../packages/cli/input/input_file.ts";
import { openEvents } from "../packages/cli/input/read_events.ts";
import { clickstreamCsv } from "./clickstream.ts";
import { type Duck, openDuck } from "./peers/duck.ts";
import { openRoaring, type Roaring, type RoaringSet } from "./peers/roaring.ts";

/** Runs of each question; the best counts. */
const RUNS = 9;

async function run(file: string): Promise<void> {
  const duck = await openDuck(join(folder, "peer.duckdb"), file);
  const roaring = await openRoaring();
  const path = join(folder, "clicks.cairn-bitmap");
  const built = performance.now();
  const events = await build(file, path, {});
  report("build", "cairn", (performance.now() - built) / 1000, "s");
  if (duck !== undefined) report("build", "DuckDB", duck.buildSeconds, "s");
  report(
    "peak memory",
    "process",
    process.resourceUsage().maxRSS / 1024,
    "MiB",
  );
  report("events", "both", events, "");
  await sizes(file, path, duck);
  await using store = await bitmapCodec.open(await openFile(path));
  await questions(store, path, duck);
  if (roaring !== undefined) {
    await postings(store, roaring);
    await operations(store, roaring);
  }
  duck?.close();
}

/** Imports the CSV; gives the number of events. */
async function build(
  file: string,
  path: string,
  options: BitmapCreateOptions,
): Promise<number> {
  await using reader = await openEvents([await fileInput(file)], {
    trail: "uuid",
    time: "time",
    keyBytes: { min: 1, max: 65_000 },
  });
  await using writer = await bitmapCodec.create(
    await createFile(path),
    createSchema(reader.fields),
    options,
  );
  for await (const batch of reader.batches()) await writer.addBatch(batch);
  return (await writer.finish()).events;
}

async function sizes(
  file: string,
  path: string,
  duck: Duck | undefined,
): Promise<void> {
  const bytes = (await stat(path)).size;
  report("size", "CSV", (await stat(file)).size / 1e6, "MB");
  report("size", "cairn", bytes / 1e6, "MB");
  if (duck !== undefined) {
    report("size", "DuckDB", await duck.bytes() / 1e6, "MB");
  }
  const lean = `${path}.lean`;
  await build(file, lean, { sets: [] });
  report("size", "cairn, events only", (await stat(lean)).size / 1e6, "MB");
  const plain = `${path}.plain`;
  await build(file, plain, { equalityValues: 0 });
  const equal = bytes - (await stat(plain)).size;
  report("size", "cairn, bitmaps of events by value", equal / 1e6, "MB");
}

function is(value: string): Condition {
  return { kind: "in", values: [encodeText(value)] };
}

/** Pages whose number begins with 1 and ends with 9. */
function pattern(): Condition {
  const decoder = new TextDecoder();
  const grams: Grams = { kind: "gram", gram: "/p/" };
  return {
    kind: "test",
    label: "/p/1.*9",
    grams,
    test: (value) => /^\/p\/1.*9$/.test(decoder.decode(value)),
  };
}

/** One question: how we answer it, and how SQL asks it. */
interface Question {
  readonly name: string;
  readonly ours: (index: Index) => Promise<number>;
  readonly sql: string;
}

const TRAILS_OF = (where: string) =>
  `SELECT DISTINCT uuid FROM clicks WHERE ${where}`;

const QUESTIONS: readonly Question[] = [
  {
    name: "events of two terms",
    ours: async (index) => {
      const a = await index.events!({
        field: "type",
        condition: is("purchase"),
      });
      const b = await index.events!({ field: "browser", condition: is("br1") });
      return a!.bitmap.countAnd(b!.bitmap);
    },
    sql:
      "SELECT count(*) FROM clicks WHERE type = 'purchase' AND browser = 'br1'",
  },
  {
    name: "trails of two terms",
    ours: async (index) => {
      const a = await index.trails({
        field: "type",
        condition: is("purchase"),
      });
      const b = await index.trails({ field: "city", condition: is("city7") });
      return a!.bitmap.countAnd(b!.bitmap);
    },
    sql: `SELECT count(*) FROM (${TRAILS_OF("type = 'purchase'")} INTERSECT ${
      TRAILS_OF("city = 'city7'")
    })`,
  },
  {
    name: "trails of one or another",
    ours: async (index) => {
      const a = await index.trails({ field: "page", condition: is("/p/10") });
      const b = await index.trails({ field: "city", condition: is("city7") });
      return a!.bitmap.or(b!.bitmap).count();
    },
    sql:
      `SELECT count(DISTINCT uuid) FROM clicks WHERE page = '/p/10' OR city = 'city7'`,
  },
  {
    name: "trails without a term",
    ours: async (index) => {
      const a = await index.trails({
        field: "type",
        condition: is("purchase"),
      });
      return (await index.all()).andNot(a!.bitmap).count();
    },
    sql: `SELECT count(*) FROM (SELECT DISTINCT uuid FROM clicks EXCEPT ${
      TRAILS_OF("type = 'purchase'")
    })`,
  },
  {
    name: "trails with over 100 events",
    ours: async (index) => {
      const high = 2n ** 64n;
      const found = await index.trails({
        field: ".events",
        condition: { kind: "between", low: 101n, high },
      });
      return found!.bitmap.count();
    },
    sql:
      "SELECT count(*) FROM (SELECT uuid FROM clicks GROUP BY uuid HAVING count(*) > 100)",
  },
  {
    name: "events of the 10 longest trails",
    ours: async (index) => {
      const top = await index.counters!.top(".events", 10);
      return top.reduce((sum, { value }) => sum + Number(value), 0);
    },
    sql:
      "SELECT sum(c) FROM (SELECT count(*) c FROM clicks GROUP BY uuid ORDER BY c DESC LIMIT 10)",
  },
  {
    name: "trails by city",
    ours: async (index) => {
      let sum = 0;
      for await (const { count } of index.values!("city")!) sum += count;
      return sum;
    },
    sql:
      "SELECT sum(c) FROM (SELECT count(DISTINCT uuid) c FROM clicks GROUP BY city)",
  },
  {
    name: "trails by pattern of page",
    ours: async (index) => {
      const found = await index.trails({ field: "page", condition: pattern() });
      return found!.bitmap.count();
    },
    sql:
      "SELECT count(DISTINCT uuid) FROM clicks WHERE regexp_full_match(page, '/p/1.*9')",
  },
];

async function questions(
  store: Store,
  path: string,
  duck: Duck | undefined,
): Promise<void> {
  const index = (await store.index())!;
  for (const { name, ours, sql } of QUESTIONS) {
    const answer = await ours(index);
    if (duck !== undefined) {
      const theirs = await duck.number(sql);
      if (theirs !== answer) {
        throw new Error(`${name}: ${answer} here, ${theirs} in DuckDB`);
      }
      report(name, "DuckDB", await best(() => duck.number(sql)), "ms");
    }
    const cold = await best(async () => {
      await using fresh = await bitmapCodec.open(await openFile(path));
      return await ours((await fresh.index())!);
    }, 3);
    report(name, "cairn, opened anew", cold, "ms");
    report(name, "cairn", await best(() => ours(index)), "ms");
  }
}

/** What roaring would take for the bitmaps of trails by value; ours is the file without `events only`. */
async function postings(store: Store, roaring: Roaring): Promise<void> {
  const index = (await store.index())!;
  let bytes = 0;
  let members = 0;
  for (const { name } of store.schema.fields) {
    for await (const { value } of index.values!(name)!) {
      const values = [value as Uint8Array];
      const found = await index.trails({
        field: name,
        condition: { kind: "in", values },
      });
      const set = roaring.from(found!.bitmap.toArray());
      bytes += set.bytes();
      members += found!.bitmap.count();
      set.dispose();
    }
  }
  report("trails by value: members", "both", members, "");
  report("trails by value: size", "roaring, unpacked", bytes / 1e6, "MB");
}

/** Set operations on bitmaps of the store, and on random ones of one density. */
async function operations(store: Store, roaring: Roaring): Promise<void> {
  const index = (await store.index())!;
  const events = async (field: string, value: string) =>
    (await index.events!({ field, condition: is(value) }))!.bitmap;
  const trails = async (field: string, value: string) =>
    (await index.trails({ field, condition: is(value) }))!.bitmap;
  const cases: [string, Bitmap, Bitmap][] = [
    [
      "dense events",
      await events("type", "page_view"),
      await events("type", "click"),
    ],
    [
      "runs of events",
      await events("browser", "br0"),
      await events("browser", "br1"),
    ],
    [
      "sparse trails",
      await trails("page", "/p/900"),
      await trails("page", "/p/901"),
    ],
  ];
  const { events: universe } = await store.stats();
  for (const share of [0.5, 0.1, 0.01, 0.001]) {
    cases.push([
      `random, ${share}`,
      random(universe, share, 7),
      random(universe, share, 8),
    ]);
  }
  for (const [name, a, b] of cases) {
    const [x, y] = [a, b].map((set) => roaring.from(set.toArray())) as [
      RoaringSet,
      RoaringSet,
    ];
    report(`${name}: memory`, "cairn", a.byteLength / 1024, "KiB");
    report(`${name}: memory`, "roaring", x.bytes() / 1024, "KiB");
    for (const operation of ["and", "or", "andNot"] as const) {
      const made = a[operation](b).count();
      if (made !== x.count(operation, y)) {
        throw new Error(`${name}: ${operation}`);
      }
      report(
        `${name}: ${operation}`,
        "cairn",
        await best(() => a[operation](b)),
        "ms",
      );
      report(
        `${name}: ${operation}`,
        "roaring",
        await best(() => x.make(operation, y)),
        "ms",
      );
    }
    x.dispose();
    y.dispose();
  }
}

/** Ordinals drawn with a share, from a fixed seed. */
function random(universe: number, share: number, seed: number): Bitmap {
  const ordinals: number[] = [];
  let state = seed;
  for (let i = 0; i < universe; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if ((state >>> 0) / 2 ** 32 < share) ordinals.push(i);
  }
  return Bitmap.from(ordinals);
}

/** Milliseconds of the fastest run. */
async function best(task: () => unknown, runs: number = RUNS): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await task();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function report(what: string, who: string, amount: number, unit: string): void {
  const shown = amount >= 1000 || Number.isInteger(amount)
    ? amount.toFixed(0)
    : amount.toPrecision(3);
  console.log(
    `${what.padEnd(34)} ${who.padEnd(34)} ${shown.padStart(10)} ${unit}`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "cairn-bench-"));
try {
  let [file] = process.argv.slice(2);
  if (file === undefined) {
    file = join(folder, "clicks.csv");
    const size = { events: 50_000, trails: 2_000 };
    await writeFile(file, [...clickstreamCsv(size)].join(""));
  }
  await run(file);
} finally {
  await rm(folder, { recursive: true });
}
