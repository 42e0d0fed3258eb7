import { assert, assertEquals } from "@std/assert";
import { CairnError, equal, Filter, MemorySource, notEqual } from "@cairn/core";
import { goldenEntries, hasGolden, readGolden } from "./testdata/golden.ts";
import { openTrailStore } from "./open_trail.ts";
import { TrailDatabase } from "./trail_database.ts";
import type { TrailStore } from "./trail_store.ts";

/** Damaged files per golden file; more in long runs. */
const EFFORT = Number(Deno.env.get("CAIRN_EFFORT") ?? 1);
const SEED = Number(Deno.env.get("CAIRN_SEED") ?? 1);
/** Members whose bytes all matter; flips fall into them. */
const SMALL = 2 ** 21;

/** A generator of numbers, the same for the same seed. */
function randomFrom(seed: number): (end: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (end) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % end;
  };
}

/**
 * Reads all of a file in every way. Success or a `CairnError` are right;
 * anything else is not.
 */
async function readAll(bytes: Uint8Array): Promise<"read" | CairnError> {
  try {
    await using store = await openTrailStore(new MemorySource(bytes));
    await readEvents(store);
    const db = new TrailDatabase(store);
    await db.loadLexicons();
    const cursor = db.cursor();
    for (let trail = 0; trail < Math.min(3, db.trailCount); trail++) {
      await cursor.load(trail);
      for (const { items } of cursor) {
        for (const item of items) db.itemValue(item);
      }
    }
    await store.find(new Uint8Array(16));
    return "read";
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    assert(error.where.file !== undefined, error.message);
    return error;
  }
}

/**
 * Scans with filters that few and that many events pass, and without. Where the
 * whole file reads, so do the filters, and give what they should.
 */
async function readEvents(store: TrailStore): Promise<void> {
  const [field] = store.schema.fields;
  const isB = (value: Uint8Array | null | undefined): boolean =>
    value?.length === 1 && value[0] === 98;
  const terms = field === undefined
    ? []
    : [equal(field.name, "b"), notEqual(field.name, "b")];
  const outcomes = await Promise.all(terms.map(async (term) => {
    let count = 0;
    try {
      const filter = new Filter([[term]]);
      for await (const batch of store.scan({ filter })) count += batch.count;
      return count;
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      return error;
    }
  }));
  const wanted = terms.map(() => 0);
  for await (const batch of store.scan()) {
    for (const { values } of batch.events()) {
      if (field !== undefined) wanted[isB(values[0]) ? 0 : 1]!++;
    }
  }
  assertEquals(outcomes, wanted);
}

/** Golden packages that are small enough to read again and again. */
function packages(): { name: string; bytes: Uint8Array }[] {
  return goldenEntries()
    .filter(({ name, stats }) =>
      hasGolden(`${name}.tdb`) && stats.num_events <= 1000
    )
    .map(({ name }) => ({ name, bytes: readGolden(`${name}.tdb`) }))
    .filter(({ bytes }) => bytes.length < SMALL);
}

/** Offsets that hold something: zeros are mostly padding and unused codes. */
function usedOffsets(bytes: Uint8Array): Uint32Array {
  const offsets: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0 || i % 4099 === 0) offsets.push(i);
  }
  return Uint32Array.from(offsets);
}

Deno.test("a package with flipped bits reads, or is refused with a place", async () => {
  const next = randomFrom(SEED);
  for (const { bytes } of packages()) {
    const used = usedOffsets(bytes);
    for (let i = 0; i < 12 * EFFORT; i++) {
      const copy = bytes.slice();
      for (let flips = 1 + next(3); flips > 0; flips--) {
        copy[used[next(used.length)]!]! ^= 1 << next(8);
      }
      await readAll(copy);
    }
  }
});

Deno.test("a package with random bytes reads, or is refused with a place", async () => {
  const next = randomFrom(SEED + 1);
  for (const { bytes } of packages()) {
    const used = usedOffsets(bytes);
    for (let i = 0; i < 6 * EFFORT; i++) {
      const copy = bytes.slice();
      const start = used[next(used.length)]!;
      const end = Math.min(copy.length, start + 1 + next(64));
      for (let at = start; at < end; at++) copy[at] = next(256);
      await readAll(copy);
    }
  }
});

Deno.test("every cut of a package is refused, or cuts only what nobody reads", async () => {
  const bytes = readGolden("tiny.tdb");
  const wanted = [0, 1, 511, 512, 1535, 2559, 2560, 2561, 3000];
  for (let end = 3072; end < bytes.length; end += 40_961) wanted.push(end);
  for (let back = 1; back < 2600; back += 97) wanted.push(bytes.length - back);
  let refused = 0;
  for (const end of wanted) {
    const result = await readAll(bytes.subarray(0, end));
    if (result !== "read") refused++;
    else assert(bytes.length - end <= 1024 + 512, `cut at ${end}`);
  }
  assert(refused > 40);
});

Deno.test("random bytes are no package", async () => {
  const next = randomFrom(SEED + 2);
  for (let i = 0; i < 50 * EFFORT; i++) {
    const bytes = Uint8Array.from({ length: next(6000) }, () => next(256));
    const result = await readAll(bytes);
    assert(result !== "read");
    assertEquals([result.code, result.where.part], ["corrupt", "tar.toc"]);
  }
});

Deno.test("trails of random bits decode or are refused, and always end", async () => {
  const next = randomFrom(SEED + 3);
  for (const name of ["bigrams", "many-fields", "huge-times", "zero-fields"]) {
    const bytes = readGolden(`${name}.tdb`);
    const start = memberOffset(bytes, "trails.data");
    for (let i = 0; i < 10 * EFFORT; i++) {
      const copy = bytes.slice();
      for (let at = 0; at < 400; at++) copy[start + next(1500)] = next(256);
      await readAll(copy);
    }
  }
});

Deno.test("a codebook of random entries is read or refused", async () => {
  const next = randomFrom(SEED + 4);
  const bytes = readGolden("multi.tdb");
  const start = memberOffset(bytes, "trails.codebook");
  for (let i = 0; i < 20 * EFFORT; i++) {
    const copy = bytes.slice();
    for (let k = 0; k < 65_536; k++) {
      const entry = start + 20 * next(65_536);
      copy[entry + next(20)] = next(4) === 0 ? next(256) : next(18);
    }
    await readAll(copy);
  }
});

Deno.test("numbers of info that lie are refused before anything is made by them", async () => {
  const bytes = readGolden("multi.tdb");
  for (
    const info of [
      "1099511627776 240 1400008382 1401985862 100",
      "9007199254740991 9007199254740991 0 1 1",
      "12 9007199254740991 1400008382 1401985862 100",
      "12 240 0 18446744073709551616 5",
      "12 240 5 4 1",
      "0 240 5 9 1",
      "99999999999999999999999999999999999 1 1 1 1",
    ]
  ) {
    const copy = bytes.slice();
    copy.fill(0, 1536, 1600);
    copy.set(new TextEncoder().encode(`${info}\n`), 1536);
    const result = await readAll(copy);
    assert(result !== "read", info);
    assertEquals(result.code, "corrupt");
  }
});

/** Finds a member by its line in the table of contents. */
function memberOffset(bytes: Uint8Array, name: string): number {
  const toc = new TextDecoder().decode(bytes.subarray(2560, 40_000));
  return Number(new RegExp(`^${name} (\\d+) `, "m").exec(toc)![1]);
}
