import { assertEquals } from "@std/assert";
import {
  type Codec,
  type CreateOptions,
  createSchema,
  equalBytes,
  MemorySink,
  MemorySource,
  spanValue,
  type Store,
} from "@cairn/core";
import { bitmapCodec, type BitmapCreateOptions } from "@cairn/bitmap";
import { esdbCodec, type EsdbCreateOptions } from "@cairn/esdb";
import { trailCodec } from "@cairn/trail";
import fc from "fast-check";
import { answerToJson } from "./answer_json.ts";
import { bruteForce } from "./testdata/brute_force.ts";
import { openQuery } from "./engine.ts";
import type { ModelTrail } from "./testdata/model_store.ts";
import {
  modelOfTrails,
  queryArbitrary,
  trailsArbitrary,
} from "./testdata/random_queries.ts";

const SCHEMA = createSchema(["page", { name: "price", type: "integer" }]);
const COUNTERS = { spent: { sum: "price" } };
const INDEXED: EsdbCreateOptions = { indexed: ["page", "price"] };
const VIEWS: BitmapCreateOptions = {
  counters: { spent: "price" },
  quantum: "YM",
};

const CODECS: Readonly<Record<string, [Codec, CreateOptions]>> = {
  esdb: [esdbCodec, {}],
  "esdb with indexes": [esdbCodec, INDEXED],
  trail: [trailCodec, {}],
  bitmap: [bitmapCodec, {}],
  "bitmap with counters and views": [bitmapCodec, VIEWS],
};

/** A counter refuses what it cannot add. */
function unsigned({ key, events }: ModelTrail): ModelTrail {
  return {
    key,
    events: events.map(({ time, values: [page, price] }) => ({
      time,
      values: [page!, price?.[0] === 0x2d ? null : price!],
    })),
  };
}

async function write(
  codec: Codec,
  options: CreateOptions,
  trails: readonly ModelTrail[],
): Promise<Store> {
  const sink = new MemorySink();
  await using writer = await codec.create(sink, SCHEMA, options);
  for (const { key, events } of trails) {
    for (const { time, values } of events) await writer.add(key, time, values);
  }
  await writer.finish();
  return await codec.open(new MemorySource(sink.bytes()));
}

/** The same trails in the store's order. */
async function inOrder(
  store: Store,
  trails: readonly ModelTrail[],
): Promise<ModelTrail[]> {
  const keys = await store.keys({ start: 0, end: trails.length });
  return trails.map((_, ordinal) => {
    const key = spanValue(keys, ordinal)!;
    return trails.find((trail) => equalBytes(trail.key, key))!;
  });
}

for (const [name, [codec, options]] of Object.entries(CODECS)) {
  Deno.test(`openQuery() answers over ${name} as brute force does`, async () => {
    await fc.assert(
      fc.asyncProperty(
        trailsArbitrary,
        fc.array(queryArbitrary, { minLength: 1, maxLength: 8 }),
        async (drawn, queries) => {
          const trails = "counters" in options ? drawn.map(unsigned) : drawn;
          await using store = await write(codec, options, trails);
          const model = modelOfTrails(await inOrder(store, trails));
          const engine = await openQuery(store, { counters: COUNTERS });
          const scanning = await openQuery(store, {
            counters: COUNTERS,
            indexes: [],
          });
          for (const query of queries) {
            const expected = bruteForce(model, query);
            const message = JSON.stringify(query);
            for (const [way, runner] of Object.entries({ engine, scanning })) {
              const { answer } = await runner.run(query);
              assertEquals(answerToJson(answer), expected, `${way} ${message}`);
            }
          }
        },
      ),
      { numRuns: Number(Deno.env.get("CAIRN_RUNS") ?? 30) },
    );
  });
}
