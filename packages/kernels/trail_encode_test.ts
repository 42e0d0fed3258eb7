import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { DeltaNumbers, NO_DELTA } from "./trail_deltas.ts";
import { EdgeList, itemBases } from "./trail_edges.ts";
import {
  createTrailCountCompiled,
  createTrailEncodeCompiled,
} from "./trail_encode.ts";
import type {
  TrailEncodeKernel,
  TrailEncodeRun,
  TrailEncodeTables,
} from "./trail_encode_layout.ts";
import {
  createTrailCounterReference,
  createTrailEncoderReference,
} from "./trail_encode_reference.ts";
import {
  countPairs,
  Cover,
  FIRST,
  flagPartners,
  SECOND,
} from "./trail_grams.ts";
import { PAIR_CODE, PAIR_COUNT, PairTable } from "./trail_pairs.ts";

/** Everything that an encoder depends on, as plain numbers. */
interface Case {
  readonly lexicons: readonly number[];
  readonly knownDeltas: readonly number[];
  readonly pairSeeds: readonly (readonly [number, number, number, number])[];
  readonly codeSeeds: readonly number[];
  readonly trails: readonly (readonly (readonly number[])[])[];
  readonly rowsMax: number;
}

/** Stands for so many values that ids are long, without tables for them. */
const WIDE = 1000;
const DELTAS = [0, 1, 2, 3, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 47 - 2];

function arbitraryCase(): fc.Arbitrary<Case> {
  const fieldCounts = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 8 }) },
    { weight: 1, arbitrary: fc.constantFrom(31, 32) },
  );
  return fieldCounts.chain((fieldCount) =>
    fc.record({
      lexicons: fc.array(fc.constantFrom(0, 1, 3, 5, WIDE), {
        minLength: fieldCount,
        maxLength: fieldCount,
      }),
      knownDeltas: fc.uniqueArray(fc.constantFrom(...DELTAS)),
      pairSeeds: fc.array(
        fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 5 }), fc.nat()),
        { maxLength: 60 },
      ),
      codeSeeds: fc.array(fc.nat(), { maxLength: 40 }),
      trails: fc.array(
        fc.array(
          fc.array(fc.nat({ max: 1000 }), {
            minLength: fieldCount + 1,
            maxLength: fieldCount + 1,
          }),
          { minLength: 1, maxLength: 20 },
        ),
        { minLength: 1, maxLength: 8 },
      ),
      rowsMax: fc.integer({ min: 1, max: 40 }),
    })
  );
}

const idOf = (seed: number, lexicon: number) =>
  lexicon === 0 ? 0 : seed % Math.min(lexicon + 1, 4);

function makeTables(given: Case): TrailEncodeTables {
  const bases = itemBases(given.lexicons);
  const base = bases[bases.length - 1]!;
  const deltas = new DeltaNumbers();
  for (const delta of given.knownDeltas) deltas.add(delta);
  // Items that rows can have: four values of each field, and all differences.
  const items = given.lexicons.flatMap((lexicon, field) =>
    [0, 1, 2, 3].filter((id) => id <= lexicon).map((id) => bases[field]! + id)
  );
  const numbers = given.knownDeltas.map((_, i) => base + i);
  const codes = new Uint32Array(base + deltas.size);
  const all = [...items, ...numbers];
  for (const [i, seed] of given.codeSeeds.entries()) {
    if (all.length === 0) break;
    const length = 2 + seed % 16;
    codes[all[(i * 7 + seed) % all.length]!] = (length << 24) |
      ((seed * 2 + 1) & ((1 << length) - 1));
  }
  const pairs = new PairTable();
  for (const [a, b, count, code] of given.pairSeeds) {
    if (items.length === 0) break;
    const second = items[b % items.length]!;
    const first = all[a % all.length]!;
    if (first !== second) {
      for (let i = 0; i < count; i++) pairs.add(first, second);
    }
    const slot = pairs.find(first, second);
    if (slot >= 0 && code % 4 > 0) {
      const length = 2 + code % 16;
      pairs.words[slot + PAIR_CODE] = (length << 24) |
        ((code * 2 + 1) & ((1 << length) - 1));
    }
  }
  const partners = new Uint8Array(codes.length);
  flagPartners(pairs, partners);
  const valueBits = Uint8Array.of(
    47,
    ...given.lexicons.map((lexicon) =>
      lexicon === WIDE ? 39 : 32 - Math.clz32(lexicon | 1)
    ),
  );
  const fieldBits = 32 - Math.clz32(given.lexicons.length + 1);
  return { bases, fieldBits, valueBits, deltas, pairs, partners, codes };
}

function* makeRuns(given: Case): Generator<TrailEncodeRun> {
  const rows = given.trails.flatMap((trail, t) =>
    trail.map((row) => ({ t, row }))
  );
  for (let start = 0; start < rows.length; start += given.rowsMax) {
    const some = rows.slice(start, start + given.rowsMax);
    const offsets = some.flatMap(({ t }, i) =>
      i === 0 || some[i - 1]!.t !== t ? [i] : []
    );
    yield {
      count: some.length,
      continued: start > 0 && rows[start - 1]!.t === some[0]!.t,
      trailOffsets: Uint32Array.from([...offsets, some.length]),
      deltas: Float64Array.from(
        some,
        ({ row }) => DELTAS[row.at(-1)! % DELTAS.length]!,
      ),
      columns: given.lexicons.map((lexicon, field) =>
        Uint32Array.from(some, ({ row }) => idOf(row[field]!, lexicon))
      ),
    };
  }
}

function collect(encoder: TrailEncodeKernel, given: Case): number[][] {
  const bytes: number[] = [];
  const ends: number[] = [];
  const residuals: number[] = [];
  const add = (output: ReturnType<TrailEncodeKernel["encode"]>) => {
    for (const end of output.ends) ends.push(bytes.length + end);
    residuals.push(...output.residuals);
    bytes.push(...output.bytes);
  };
  for (const run of makeRuns(given)) add(encoder.encode(run));
  add(encoder.finish());
  return [bytes, ends, residuals];
}

Deno.test("createTrailEncodeCompiled() encodes what the reference encodes", () => {
  fc.assert(
    fc.property(arbitraryCase(), (given) => {
      const tables = makeTables(given);
      const compiled = createTrailEncodeCompiled(tables);
      assert(compiled !== undefined);
      assertEquals(
        collect(compiled, given),
        collect(createTrailEncoderReference(tables), given),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("createTrailCountCompiled() counts what the reference counts", () => {
  fc.assert(
    fc.property(arbitraryCase(), (given) => {
      const tables = makeTables(given);
      const compiled = createTrailCountCompiled(tables);
      assert(compiled !== undefined);
      const reference = createTrailCounterReference(tables);
      let events = 0;
      for (const run of makeRuns(given)) {
        compiled.count(run);
        reference.count(run);
        events += run.count;
      }
      assertEquals(compiled.counts(), reference.counts());
      // Each item of each event is counted once, alone or in a pair.
      const { singles, pairs } = reference.counts();
      const base = tables.bases.at(-1)!;
      let times = 0;
      for (let n = base; n < singles.length; n++) times += singles[n]!;
      for (let slot = 0; slot < pairs.length; slot++) {
        if (tables.pairs.words[4 * slot]! >= base) times += pairs[slot]!;
      }
      assert(times <= events);
    }),
    { numRuns: 200 },
  );
});

Deno.test("createTrailEncodeCompiled() leaves more than 32 fields to the reference", () => {
  const tables = makeTables({
    lexicons: Array(33).fill(1),
    knownDeltas: [],
    pairSeeds: [],
    codeSeeds: [],
    trails: [],
    rowsMax: 1,
  });
  assertEquals(createTrailEncodeCompiled(tables), undefined);
});

/** The cover of an event by the words of the format document. */
function coverPlainly(
  pairs: Map<string, number>,
  delta: number,
  list: readonly number[],
): string[] {
  const candidates: [number, number][] = list.map((item) => [delta, item]);
  for (let i = 1; i < list.length; i++) {
    for (let j = i + 1; j < list.length; j++) {
      candidates.push([list[i]!, list[j]!]);
    }
  }
  const covered = new Set<number>();
  const chosen: string[] = [];
  let time = String(delta);
  while (true) {
    let best: [number, number] | undefined;
    for (const pair of candidates) {
      const count = pairs.get(pair.join()) ?? 0;
      if (count === 0 || pair.some((item) => covered.has(item))) continue;
      if (best === undefined || count > pairs.get(best.join())!) best = pair;
    }
    if (best === undefined) break;
    best.forEach((item) => covered.add(item));
    if (best[0] === delta) time = best.join();
    else chosen.push(best.join());
  }
  const left = list.filter((item) => !covered.has(item));
  return [time, ...chosen, ...left.map(String)];
}

Deno.test("Cover.cover() takes the most frequent pairs first, the earliest of equals", () => {
  // Up to 30 items: more pairs than are looked through one by one.
  const lists = fc.uniqueArray(fc.nat({ max: 29 }), { maxLength: 30 })
    .map((list) => list.sort((a, b) => a - b));
  const counted = fc.array(
    fc.tuple(
      fc.nat({ max: 30 }),
      fc.nat({ max: 29 }),
      fc.integer({ min: 1, max: 4 }),
    ),
    { maxLength: 300, size: "max" },
  );
  fc.assert(
    fc.property(lists, counted, (list, counts) => {
      const pairs = new PairTable();
      const plain = new Map<string, number>();
      for (const [first, second, count] of counts) {
        for (let i = 0; i < count; i++) pairs.add(first, second);
        const key = `${first},${second}`;
        plain.set(key, (plain.get(key) ?? 0) + count);
      }
      const flags = new Uint8Array(31);
      flagPartners(pairs, flags);
      const edges = new EdgeList(itemBases(Array(30).fill(0)));
      // Field `i` has the one item `i`; each row repeats nothing.
      edges.starts = Uint32Array.of(0, list.length);
      edges.items = Uint32Array.from(list);
      edges.deltas = Uint32Array.of(30);
      edges.count = 1;
      const cover = new Cover(pairs, flags);
      const grams = cover.cover(edges, 0);
      const actual = Array.from({ length: grams }, (_, g) => {
        const slot = cover.slots[g]!;
        return slot < 0
          ? String(cover.items[g])
          : `${pairs.words[slot]},${pairs.words[slot + 1]}`;
      });
      assertEquals(actual, coverPlainly(plain, 30, list));
    }),
    { numRuns: 300 },
  );
});

Deno.test("countPairs() counts time with all items, and items but the first with each other", () => {
  const edges = new EdgeList(itemBases([9, 9, 9, 9]));
  edges.addRows([1, 2, 3, 4].map((id) => Uint32Array.of(id)), 0, 1);
  edges.deltas[0] = 40;
  const [e0, e1, e2, e3] = [1, 12, 23, 34];
  assertEquals([...edges.items.subarray(0, 4)], [e0, e1, e2, e3]);
  const flags = new Uint8Array(41).fill(FIRST | SECOND);
  const pairs = new PairTable();
  assert(countPairs(edges, flags, pairs, 100));
  const found = [[40, e0], [40, e1], [40, e2], [40, e3], [e1, e2], [e1, e3], [
    e2,
    e3,
  ]];
  assertEquals(pairs.size, found.length);
  for (const [first, second] of found) assert(pairs.find(first!, second!) >= 0);
  assertEquals(pairs.find(e0!, e1!), -1);
  flags[e2!] = 0;
  const fewer = new PairTable();
  assert(countPairs(edges, flags, fewer, 100));
  assertEquals(fewer.size, 4);
  assert(!countPairs(edges, flags, new PairTable(), 3));
});

Deno.test("PairTable counts what a map counts, also when it grows", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 80 })), {
        maxLength: 4000,
        size: "max",
      }),
      (added) => {
        const pairs = new PairTable();
        const model = new Map<string, number>();
        for (const [a, b] of added) {
          // Large numbers too: both words are used whole.
          const first = a * 50_000_000;
          pairs.add(first, b);
          model.set(`${first},${b}`, (model.get(`${first},${b}`) ?? 0) + 1);
        }
        assertEquals(pairs.size, model.size);
        for (const [key, count] of model) {
          const [first, second] = key.split(",").map(Number);
          const slot = pairs.find(first!, second!);
          assertEquals(pairs.words[slot + PAIR_COUNT], count);
        }
        assertEquals(pairs.find(1, 1), -1);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("DeltaNumbers numbers differences in order of appearance and counts them", () => {
  const delta = fc.oneof(
    fc.nat({ max: 100 }),
    fc.constantFrom(65_535, 65_536, 2 ** 32, 2 ** 32 + 1, 2 ** 47 - 2),
    fc.integer({ min: 0, max: 2 ** 47 }),
  );
  fc.assert(
    fc.property(fc.array(delta, { maxLength: 3000, size: "max" }), (added) => {
      const deltas = new DeltaNumbers();
      const model = new Map<number, number>();
      for (const value of added) {
        assertEquals(
          deltas.find(value) === NO_DELTA,
          !model.has(value),
        );
        deltas.add(value);
        model.set(value, (model.get(value) ?? 0) + 1);
      }
      assertEquals([...deltas.values], [...model.keys()]);
      assertEquals([...deltas.counts], [...model.values()]);
      for (const [number, value] of [...model.keys()].entries()) {
        assertEquals(deltas.find(value), number);
        assertEquals(deltas.value(number), value);
      }
    }),
    { numRuns: 30 },
  );
});
