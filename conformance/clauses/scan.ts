/**
 * Clauses on scans.
 *
 * @module
 */
import {
  Bitmap,
  equal,
  Filter,
  type FilterTerm,
  notEqual,
  type ScanOptions,
  type Store,
  test,
  timeRange,
} from "@cairn/core";
import { check, fails, failsAs, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { type Dataset, type DatasetEvent, plainTrails } from "../dataset.ts";
import { longTrail } from "./long_trail.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on scans. */
export const SCAN_CLAUSES: readonly Clause[] = [{
  id: "scan.ascending",
  text:
    "A plain scan gives all events, trails by ordinal from 0 on, events by time and input order.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const trails = await bench.read(store);
      same(
        trails.map((trail) => trail.ordinal),
        trails.map((_, i) => i),
        `${dataset.name}: ordinals`,
      );
      same(byKey(trails), plainTrails(dataset.events), dataset.name);
    }
  },
}, {
  id: "scan.descending",
  text:
    "Descending is the exact reverse within each trail; trails keep their order.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const trails = await bench.read(store, { order: "descending" });
      same(
        trails.map((trail) => trail.ordinal),
        trails.map((_, i) => i),
        `${dataset.name}: ordinals`,
      );
      trails.forEach((trail) => trail.events.reverse());
      same(byKey(trails), plainTrails(dataset.events), dataset.name);
    }
  },
}, {
  id: "scan.batches",
  text:
    "Batches hold at most what was asked for, never nothing; whole trails except one longer than a batch, which goes on in the next.",
  async run(bench) {
    await using store = await bench.store();
    for (const order of ["ascending", "descending"] as const) {
      const expected = await bench.read(store, { order });
      for (const batchEvents of [1, 2, 7, 64, 699, 700, 100_000]) {
        same(
          await bench.read(store, { batchEvents, order }),
          expected,
          `${batchEvents} ${order}`,
        );
      }
    }
    await wholeTrails(store, 64);
    await longTrail(bench);
    await failsAs(
      () => store.scan({ batchEvents: 0 }).next(),
      RangeError,
      "0 events in a batch",
    );
  },
}, {
  id: "scan.trails",
  text:
    "A range or a bitmap of trails gives exactly these; ordinals that do not exist are passed over.",
  async run(bench) {
    await using store = await bench.store();
    const all = await bench.read(store);
    const selections: [
      NonNullable<ScanOptions["trails"]>,
      (o: number) => boolean,
    ][] = [
      [{ start: 3, end: 9 }, (o) => o >= 3 && o < 9],
      [{ start: 0, end: 1 }, (o) => o === 0],
      [{ start: 5, end: 5 }, () => false],
      [
        { start: all.length - 2, end: all.length + 1000 },
        (o) => o >= all.length - 2,
      ],
      [{ start: all.length + 5, end: 2 ** 31 }, () => false],
      [Bitmap.empty, () => false],
      [
        Bitmap.from([0, 7, 8, all.length - 1]),
        (o) => [0, 7, 8, all.length - 1].includes(o),
      ],
      [Bitmap.from([2, all.length, 5_000_000_000]), (o) => o === 2],
    ];
    for (const [i, [trails, wanted]] of selections.entries()) {
      for (const order of ["ascending", "descending"] as const) {
        const expected = (await bench.read(store, { order })).filter((t) =>
          wanted(t.ordinal)
        );
        same(
          await bench.read(store, { trails, order }),
          expected,
          `selection ${i} ${order}`,
        );
      }
    }
  },
}, {
  id: "scan.fields",
  text:
    "The fields asked for come as columns in the order asked; none is fine; an unknown one is `not-found`.",
  async run(bench) {
    const { schema } = bench.mixed;
    const names = schema.fields.map((field) => field.name);
    await using store = await bench.store();
    const all = await bench.read(store);
    for (const places of [[2, 0], [1], [], [0, 1, 2], [0, 0]]) {
      const fields = places.map((at) => names[at]!);
      const expected = all.map((trail) => ({
        ...trail,
        events: trail.events.map((event) => ({
          ...event,
          values: places.map((at) => event.values[at]!),
        })),
      }));
      same(
        await bench.read(store, { fields }),
        expected,
        `fields ${fields.join(",")}`,
      );
    }
    await fails(() => store.scan({ fields: ["no such field"] }).next(), [
      "not-found",
    ], "unknown field");
  },
}, {
  id: "scan.filter",
  text:
    "A filter keeps exactly the events for which one term of every clause holds, in both orders, for any fields asked for.",
  async run(bench) {
    for (const name of ["mixed", "equal-times", "binary", "unsorted"]) {
      const dataset = bench.dataset(name);
      await using store = await bench.store(dataset);
      for (const [label, filter] of filters(dataset)) {
        await filterHolds(bench, store, dataset, label, filter);
      }
    }
  },
}, {
  id: "scan.copy",
  text: "`copy` keeps a batch beyond the scan's next step.",
  async run(bench) {
    await using store = await bench.store();
    const copies = [];
    for await (const batch of store.scan({ batchEvents: 50 })) {
      copies.push(batch.copy());
    }
    const rows = copies.flatMap((batch) => [...batch.events()]);
    const trails = await bench.read(store);
    same(
      rows.map((row) => row.timestamp),
      trails.flatMap((t) => t.events.map((e) => e.timestamp)),
      "times",
    );
    same(
      rows.map((row) => row.values.map((v) => v === null ? null : [...v])),
      trails.flatMap((t) =>
        t.events.map((e) => e.values.map((v) => v === null ? null : unhex(v)))
      ),
      "values",
    );
  },
}, {
  id: "scan.lazy",
  text:
    "Nothing is read before the first step; leaving early ends all reads and the store goes on.",
  async run(bench) {
    const { bytes } = await bench.write(bench.mixed.schema, bench.mixed.events);
    const source = await bench.source(bytes);
    await using store = await bench.openSource(source);
    const before = source.reads;
    store.scan();
    await new Promise((resolve) => setTimeout(resolve, 0));
    same(source.reads, before, "reads before the first step");
    for await (const _batch of store.scan({ batchEvents: 5 })) break;
    same(
      byKey(await bench.read(store)),
      plainTrails(bench.mixed.events),
      "a later scan",
    );
  },
}, {
  id: "scan.abort",
  text:
    "An aborted signal ends a scan with `aborted`, the reason as cause; the store goes on.",
  async run(bench) {
    const { bytes } = await bench.write(bench.mixed.schema, bench.mixed.events);
    const source = await bench.source(bytes, { turns: 1 });
    await using store = await bench.openSource(source);
    const reason = new Error("enough");
    const first = await fails(
      () => store.scan({ signal: AbortSignal.abort(reason) }).next(),
      ["aborted"],
      "aborted before",
    );
    check(first.cause === reason, "the cause is not the signal's reason");
    const controller = new AbortController();
    const scan = store.scan({ signal: controller.signal, batchEvents: 5 });
    check(!(await scan.next()).done, "the scan has nothing");
    controller.abort(reason);
    const second = await fails(
      () => scan.next(),
      ["aborted"],
      "aborted under way",
    );
    check(second.cause === reason, "the cause is not the signal's reason");
    same(
      byKey(await bench.read(store)),
      plainTrails(bench.mixed.events),
      "a later scan",
    );
    same(source.pending, 0, "reads still under way");
  },
}];

async function wholeTrails(store: Store, batchEvents: number): Promise<void> {
  let before = -1;
  let room = 0;
  for await (const batch of store.scan({ batchEvents })) {
    const first = batch.trailOrdinals[0]!;
    if (first === before) {
      check(room === 0, "a trail is cut although its batch had room");
    }
    before = batch.trailOrdinals.at(-1)!;
    room = batchEvents - batch.count;
  }
}

/** Filters of every kind, for a dataset with three fields. */
function filters(dataset: Dataset): [string, Filter][] {
  const [a, b] = dataset.schema.fields.map((field) => field.name) as [
    string,
    string,
  ];
  const times = dataset.events.map((event) => event.timestamp);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const middle = Math.floor((low + high) / 2);
  const value = dataset.events[5]!.values[0] ?? null;
  const short = test(
    a,
    "shorter than two bytes",
    (v) => v === null || v.length < 2,
  );
  const clauses: [string, FilterTerm[][]][] = [
    ["everything", []],
    ["nothing", [[]]],
    ["nothing and something", [[equal(a, value)], []]],
    ["a value", [[equal(a, value)]]],
    ["another value", [[notEqual(a, value)]]],
    ["no value", [[equal(b, null)]]],
    ["any value", [[notEqual(b, "")]]],
    ["an unknown value", [[equal(a, "no such value anywhere")]]],
    ["not an unknown value", [[notEqual(a, "no such value anywhere")]]],
    ["an unknown field", [[equal("no such field", "x")]]],
    ["an unknown field without a value", [[equal("no such field", null)]]],
    ["not an unknown field", [[notEqual("no such field", "x")]]],
    ["one of", [[
      equal(a, value),
      equal(b, "v3"),
      equal("no such field", "x"),
    ]]],
    ["both of", [[equal(a, value)], [notEqual(b, "v3")]]],
    ["a time", [[timeRange(middle, middle + 1)]]],
    ["early", [[timeRange(0, middle + 1)]]],
    ["all times", [[timeRange(low, high + 1)]]],
    ["beyond all times", [[timeRange(high + 1, Infinity)]]],
    ["a time or a value", [[timeRange(middle, Infinity), equal(a, value)], [
      notEqual(b, null),
    ]]],
    ["a test", [[short]]],
    ["a test and a time", [[short], [timeRange(low, middle + 1)]]],
    ["a test that no value passes", [[test(a, "never", () => false)]]],
    ["a test that all pass", [[test(a, "always", () => true)]]],
    ["a test of an unknown field", [[
      test("no such field", "always", () => true),
    ]]],
  ];
  return clauses.map(([label, list]) => [label, new Filter(list)]);
}

async function filterHolds(
  bench: Workbench,
  store: Store,
  dataset: Dataset,
  label: string,
  filter: Filter,
): Promise<void> {
  const expected = plainTrails(
    dataset.events.filter((event) => plainMatch(dataset, filter, event)),
  );
  const what = `${dataset.name}: ${label}`;
  same(byKey(await bench.read(store, { filter })), expected, what);
  const reversed = await bench.read(store, {
    filter,
    order: "descending",
    batchEvents: 9,
  });
  reversed.forEach((trail) => trail.events.reverse());
  same(byKey(reversed), expected, `${what}, descending`);
  const timesOnly = await bench.read(store, { filter, fields: [] });
  same(
    timesOnly.flatMap((trail) => trail.events.map((event) => event.timestamp))
      .length,
    [...expected.values()].reduce((sum, trail) => sum + trail.events.length, 0),
    `${what}, without fields`,
  );
}

/** The meaning of a filter, spelled out. */
export function plainMatch(
  dataset: Dataset,
  filter: Filter,
  event: DatasetEvent,
): boolean {
  return filter.clauses.every((clause) =>
    clause.some((term) => {
      if (term.kind === "time") {
        return term.from <= event.timestamp && event.timestamp < term.to;
      }
      const at = dataset.schema.fields.findIndex((field) =>
        field.name === term.field
      );
      if (at < 0) return term.kind === "equal" && term.negated;
      const raw = event.values[at]!;
      const value = raw === null || raw.length === 0 ? null : raw;
      if (term.kind === "test") return term.test(value);
      return (String(value) === String(term.value)) !== term.negated;
    })
  );
}

function unhex(hex: string): number[] {
  return Array.from(
    { length: hex.length / 2 },
    (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}
