import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, packSpans } from "@cairn/core";
import type { SortedBatch, SortedEvents } from "@cairn/core/sort";
import * as fc from "fast-check";
import { encodeExactTime } from "../_exact_times.ts";
import { TrailRuns } from "./trail_runs.ts";

/** Events of each trail: time and value id, in the sorter's order. */
type Trails = readonly (readonly (readonly [time: number, id: number])[])[];

const keyOf = (trail: number) => new Uint8Array(16).fill(trail + 1);

/** Sorted events, cut into batches anywhere. */
function sortedEvents(trails: Trails, cuts: readonly number[]): SortedEvents {
  const rows = trails.flatMap((events, trail) =>
    events.map(([time, id]) => ({ trail, time, id }))
  );
  const ends = [
    ...new Set([...cuts.map((cut) => cut % (rows.length + 1)), rows.length]),
  ]
    .filter((end) => end > 0).sort((a, b) => a - b);
  async function* scan(): AsyncGenerator<SortedBatch> {
    let start = 0;
    for (const end of ends) {
      const some = rows.slice(start, end);
      const first = some[0]!.trail;
      const starts = some.flatMap(({ trail }, i) =>
        i === 0 || some[i - 1]!.trail !== trail ? [i] : []
      );
      yield await Promise.resolve({
        count: some.length,
        firstTrail: first,
        continued: start > 0 && rows[start - 1]!.trail === first,
        trailKeys: packSpans(starts.map((row) => keyOf(some[row]!.trail))),
        trailOffsets: Uint32Array.from([...starts, some.length]),
        timestamps: Float64Array.from(some, ({ time }) => time),
        columns: [Uint32Array.from(some, ({ id }) => id)],
      });
      start = end;
    }
  }
  const times = rows.map(({ time }) => time);
  return {
    stats: {
      trails: trails.length,
      events: rows.length,
      minTimestamp: Math.min(...times),
      maxTimestamp: Math.max(...times),
    },
    lexicons: [{
      count: 0,
      bytes: new Uint8Array(0),
      offsets: new Uint32Array(1),
    }],
    scan,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Reads all runs back as trails of time, difference and value id. */
async function readRuns(runs: TrailRuns): Promise<number[][][]> {
  const trails: number[][][] = [];
  for await (const run of runs.scan()) {
    assertEquals(run.trailKeys.starts.length, run.trailOffsets.length - 1);
    for (let t = 0; t + 1 < run.trailOffsets.length; t++) {
      const { bytes, starts, ends } = run.trailKeys;
      const key = bytes.subarray(starts[t], ends[t]);
      assertEquals(key, keyOf(run.firstTrail + t));
      if (t > 0 || !run.continued) trails.push([]);
      assertEquals(trails.length, run.firstTrail + t + 1);
      assert(run.trailOffsets[t + 1]! > run.trailOffsets[t]!);
      for (
        let row = run.trailOffsets[t]!;
        row < run.trailOffsets[t + 1]!;
        row++
      ) {
        trails.at(-1)!.push([
          run.timestamps[row]!,
          run.deltas[row]!,
          ...run.columns.map((ids) => ids[row]!),
        ]);
      }
    }
  }
  return trails;
}

const options = {
  hiddenTrails: 0,
  reversed: false,
  exactTimes: false,
  signal: undefined,
};

const arbitraryTrails: fc.Arbitrary<Trails> = fc.array(
  fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 99 })), {
    minLength: 1,
    maxLength: 12,
  }).map((events) => events.sort((a, b) => a[0] - b[0])),
  { minLength: 1, maxLength: 6 },
);
const arbitraryCuts = fc.array(fc.nat({ max: 100 }), { maxLength: 12 });

Deno.test("TrailRuns.scan() gives all events, however batches are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryTrails,
      arbitraryCuts,
      fc.boolean(),
      async (trails, cuts, reversed) => {
        const sorted = sortedEvents(trails, cuts);
        const runs = new TrailRuns(sorted, { ...options, reversed });
        const wanted = trails.map((events) => {
          const order = reversed
            ? events.toReversed().sort((a, b) => a[0] - b[0])
            : events;
          return order.map(([time, id], i) => [
            time,
            time - (i === 0 ? runs.minTime : order[i - 1]![0]),
            id,
          ]);
        });
        assertEquals(await readRuns(runs), wanted);
        assertEquals(await readRuns(runs), wanted); // and again
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("TrailRuns.scan() cuts long trails and wide events into short runs", async () => {
  const events = Array.from({ length: 40_000 }, (_, i) => [i, i % 7] as const);
  const runs = new TrailRuns(sortedEvents([events, events], []), options);
  let count = 0;
  for await (const run of runs.scan()) {
    assert(run.count <= 16_384);
    assertEquals(run.firstTrail, count < 40_000 ? 0 : 1);
    count += run.count;
  }
  assertEquals(count, 80_000);
});

Deno.test("TrailRuns.scan() leaves out hidden trails at the end", async () => {
  const sorted = sortedEvents([[[1, 1]], [[2, 2]], [[9, 3], [9, 4]]], [3]);
  const runs = new TrailRuns(sorted, { ...options, hiddenTrails: 1 });
  assertEquals(await readRuns(runs), [[[1, 0, 1]], [[2, 1, 2]]]);
});

Deno.test("TrailRuns.scan() sorts exact times however batches are cut, and finds steps that are too long", async () => {
  const largest = Number.MAX_SAFE_INTEGER;
  const step = 2n ** 46n;
  const exact = [3n, 1n, 2n].map((i) => BigInt(largest) + i * step);
  // Ids of the hidden column: 0 is the largest timestamp itself.
  const trail: [number, number][] = [[largest, 2], [largest, 0], [largest, 3], [
    largest,
    1,
  ]];
  const bytes = exact.map(encodeExactTime);
  for (let cut = 0; cut <= 4; cut++) {
    const base = sortedEvents([[[5, 0]], trail], [cut]);
    const lexicon = {
      count: 3,
      bytes: packSpans(bytes).bytes,
      offsets: Uint32Array.of(0, 8, 16, 24),
    };
    const sorted = { ...base, lexicons: [lexicon] };
    const runs = new TrailRuns(sorted, { ...options, exactTimes: true });
    await assertRejects(() => readRuns(runs), CairnError); // 5 to 2^53 - 1
    const late = {
      ...sorted,
      stats: { ...sorted.stats, minTimestamp: largest - 10, trails: 1 },
      scan: async function* () {
        for await (const batch of sortedEvents([trail], [cut]).scan()) {
          yield batch;
        }
      },
    };
    const deltas = (await readRuns(
      new TrailRuns(late, { ...options, exactTimes: true }),
    ))[0]!.map((row) => row[1]);
    assertEquals(deltas, [10, Number(step), Number(step), Number(step)]);
  }
});
