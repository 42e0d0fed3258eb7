/**
 * Clauses on open stores.
 *
 * @module
 */
import { encodeText, formatHex, spanValue } from "@cairn/core";
import { check, fails, failsAs, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { makeKey, plainTrails } from "../dataset.ts";
import { byKey } from "../workbench.ts";

/** Clauses on open stores. */
export const STORE_CLAUSES: readonly Clause[] = [{
  id: "store.schema",
  text:
    "The store has the fields it was written with, in order, and the codec's name.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      same(store.codec, bench.codec.name, "codec");
      same(
        store.schema.fields.map((field) => field.name),
        dataset.schema.fields.map((field) => field.name),
        `${dataset.name}: fields`,
      );
    }
  },
}, {
  id: "store.stats",
  text: "`stats` counts trails and events and knows the first and last time.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const times = dataset.events.map((event) => event.timestamp);
      const least = times.reduce((a, b) => Math.min(a, b), Infinity);
      const most = times.reduce((a, b) => Math.max(a, b), -Infinity);
      const { trails, events, minTimestamp, maxTimestamp } = await store
        .stats();
      same(
        { trails, events, minTimestamp, maxTimestamp },
        {
          trails: plainTrails(dataset.events).size,
          events: times.length,
          minTimestamp: times.length === 0 ? undefined : least,
          maxTimestamp: times.length === 0 ? undefined : most,
        },
        dataset.name,
      );
    }
  },
}, {
  id: "store.find",
  text:
    "`find` gives every key its ordinal, and `undefined` for keys that are not there.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const { trails } = await store.stats();
      const keys = await store.keys({ start: 0, end: trails });
      const plain = new Map(
        Array.from(
          { length: trails },
          (_, i) => [formatHex(spanValue(keys, i)!), i],
        ),
      );
      const plainFind = (wanted: Uint8Array) => plain.get(formatHex(wanted));
      const step = Math.max(1, Math.floor(trails / 500));
      for (let ordinal = 0; ordinal < trails; ordinal += step) {
        const key = spanValue(keys, ordinal)!;
        same(
          await store.find(key),
          ordinal,
          `${dataset.name}: key ${formatHex(key)}`,
        );
        same(
          await store.find(key.subarray(1)),
          plainFind(key.subarray(1)),
          "a part of a key",
        );
        same(
          await store.find(Uint8Array.of(...key, 0)),
          plainFind(Uint8Array.of(...key, 0)),
          "a longer key",
        );
      }
      for (let i = 0; i < 50; i++) {
        const key = makeKey(bench.capabilities, 3_000_000 + i);
        same(
          await store.find(key),
          undefined,
          `${dataset.name}: an unknown key`,
        );
      }
      same(await store.find(new Uint8Array(0)), undefined, "the empty key");
    }
  },
}, {
  id: "store.keys",
  text:
    "`keys` gives the keys of any run of ordinals, each key once in all, and refuses a run outside the store.",
  async run(bench) {
    const dataset = bench.dataset("mixed");
    await using store = await bench.store(dataset);
    const { trails } = await store.stats();
    const list = async (start: number, end: number) => {
      const keys = await store.keys({ start, end });
      return Array.from(
        { length: end - start },
        (_, i) => formatHex(spanValue(keys, i)!),
      );
    };
    const all = await list(0, trails);
    same(
      [...all].sort(),
      [...plainTrails(dataset.events).keys()].sort(),
      "all keys",
    );
    same(await list(3, 3), [], "an empty run");
    same(await list(5, 9), all.slice(5, 9), "a run");
    same(await list(trails - 1, trails), all.slice(-1), "the last");
    for (const [start, end] of [[0, trails + 1], [-1, 2], [5, 4]] as const) {
      await failsAs(
        () => store.keys({ start, end }),
        RangeError,
        `run ${start} to ${end}`,
      );
    }
  },
}, {
  id: "store.lexicon",
  text:
    "Where columns are ids, `lexicon` knows every value, `find` turns `value` round, and unknown values have no id; else it is absent.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      for (const [f, { name }] of dataset.schema.fields.entries()) {
        const lexicon = await store.lexicon(name);
        if (bench.capabilities.columns === "bytes") {
          same(lexicon, undefined, "a lexicon");
          continue;
        }
        check(lexicon !== undefined, `no lexicon of ${name}`);
        same(lexicon.value(0).length, 0, "the value of id 0");
        same(lexicon.find(new Uint8Array(0)), 0, "the id of no value");
        const there = new Set<string>();
        for (let id = 1; id < lexicon.size; id++) {
          there.add(formatHex(lexicon.value(id)));
          // All of a small one: what two values do to each other shows in few.
          if (lexicon.size < 300 || id % 97 === 1) {
            same(lexicon.find(lexicon.value(id).slice()), id, "find of value");
          }
        }
        same(there.size, lexicon.size - 1, "distinct values");
        for (const event of dataset.events.slice(0, 2000)) {
          const value = event.values[f];
          if (value?.length) {
            check(there.has(formatHex(value)), "a value is missing");
          }
        }
        same(
          lexicon.find(encodeText("no such value anywhere")),
          undefined,
          "an unknown value",
        );
        await failsAs(
          () => lexicon.value(lexicon.size),
          RangeError,
          "an id beyond the lexicon",
        );
      }
      await fails(
        () => store.lexicon("no such field"),
        ["not-found"],
        "an unknown field",
      );
    }
  },
}, {
  id: "store.concurrent",
  text:
    "Any number of calls and scans at once give the same answers as one after the other.",
  async run(bench) {
    await using store = await bench.store();
    const expected = plainTrails(bench.mixed.events);
    const key = bench.mixed.events[0]!.key;
    const ordinal = await store.find(key);
    await Promise.all(Array.from({ length: 12 }, async (_, i) => {
      if (i % 3 === 2) return same(await store.find(key), ordinal, "find");
      const trails = await bench.read(store, {
        batchEvents: 1 + i * 13,
        order: i % 2 ? "descending" : "ascending",
      });
      if (i % 2) trails.forEach((trail) => trail.events.reverse());
      same(byKey(trails), expected, `scan ${i}`);
    }));
  },
}, {
  id: "store.close",
  text:
    "Closing twice is fine; afterwards every call, every question to its index, and the next step of a scan under way, is a `TypeError`.",
  async run(bench) {
    const store = await bench.store();
    const scan = store.scan({ batchEvents: 10 });
    check(!(await scan.next()).done, "the scan has nothing");
    const name = bench.mixed.schema.fields[0]!.name;
    const index = await store.index();
    // What it has kept from these does not answer once it is closed.
    await index?.all();
    await index?.trails({ field: name });
    const lists = index?.values?.(name) !== undefined;
    await store.close();
    await store.close();
    await failsAs(() => scan.next(), TypeError, "a scan under way");
    await failsAs(() => store.stats(), TypeError, "stats");
    await failsAs(
      () => store.find(bench.mixed.events[0]!.key),
      TypeError,
      "find",
    );
    await failsAs(() => store.keys({ start: 0, end: 1 }), TypeError, "keys");
    await failsAs(() => store.lexicon(name), TypeError, "lexicon");
    await failsAs(() => store.scan().next(), TypeError, "scan");
    await failsAs(() => store.index(), TypeError, "index");
    await failsAs(() => store.verify().next(), TypeError, "verify");
    if (index === undefined) return;
    await failsAs(() => index.all(), TypeError, "index.all");
    await failsAs(
      () => index.trails({ field: name }),
      TypeError,
      "index.trails",
    );
    if (!lists) return;
    await failsAs(
      () => index.values!(name)!.next(),
      TypeError,
      "index.values",
    );
  },
}];
