/**
 * Clauses on writers.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  equal,
  Filter,
  type InputBatch,
  packSpans,
} from "@cairn/core";
import { check, fails, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { type DatasetEvent, plainTrails, randomNumbers } from "../dataset.ts";
import { modelCodec } from "../model/model_codec.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on writers. */
export const WRITER_CLAUSES: readonly Clause[] = [{
  id: "writer.round-trip",
  text:
    "Every dataset that fits the codec comes back: all trails, all events, all values.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      const { bytes } = await bench.write(dataset.schema, dataset.events);
      await using store = await bench.open(bytes);
      same(
        byKey(await bench.read(store)),
        plainTrails(dataset.events),
        dataset.name,
      );
    }
  },
}, {
  id: "writer.any-order",
  text: "The order of adding matters only among equal times of one trail.",
  async run(bench) {
    const { schema } = bench.mixed;
    const random = randomNumbers(99);
    const events = bench.mixed.events.map((event, i) => ({
      ...event,
      timestamp: bench.capabilities.timestamps.min + i,
    }));
    const shuffled = events.map((event) => ({ event, at: random(1e9) }))
      .sort((a, b) => a.at - b.at).map(({ event }) => event);
    const { bytes } = await bench.write(schema, shuffled);
    await using store = await bench.open(bytes);
    same(byKey(await bench.read(store)), plainTrails(events), "shuffled input");
  },
}, {
  id: "writer.ties",
  text: "Equal times of one trail keep the order in which they were added.",
  async run(bench) {
    const dataset = bench.dataset("equal-times");
    await using store = await bench.store(dataset);
    same(
      byKey(await bench.read(store)),
      plainTrails(dataset.events),
      "equal times",
    );
  },
}, {
  id: "writer.copies",
  text:
    "Bytes given to `add` and `addBatch` may be changed once the call is over.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const sink = await bench.sink();
    await using writer = await bench.codec.create(sink, schema);
    for (const event of events.slice(0, 100)) {
      const key = event.key.slice();
      const values = event.values.map((value) => value?.slice() ?? null);
      await writer.add(key, event.timestamp, values);
      key.fill(0xee);
      values.forEach((value) => value?.fill(0xee));
    }
    const batch = toBatch(events.slice(100));
    await writer.addBatch(batch);
    for (const { bytes } of [batch.trailKeys, ...batch.columns]) {
      bytes.fill(0xee);
    }
    batch.timestamps.fill(1);
    await writer.finish();
    await using store = await bench.open(await sink.bytes());
    same(byKey(await bench.read(store)), plainTrails(events), "events");
  },
}, {
  id: "writer.batches",
  text:
    "`addBatch` takes the same events as `add`, mixed with it, with spare room in the arrays, with spans that share bytes.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const sink = await bench.sink();
    await using writer = await bench.codec.create(sink, schema);
    await writer.addBatch(toBatch(events.slice(0, 300), 17));
    for (const event of events.slice(300, 310)) {
      await writer.add(event.key, event.timestamp, event.values);
    }
    await writer.addBatch(toBatch(events.slice(310)));
    await writer.addBatch(toBatch([]));
    await writer.finish();
    const rows = await bench.write(schema, events);
    await using a = await bench.open(await sink.bytes());
    await using b = await bench.open(rows.bytes);
    same(await bench.read(a), await bench.read(b), "batches and rows");
  },
}, {
  id: "writer.refusals",
  text:
    "A time that is no safe integer from 0 on, an empty key, and a wrong number of values are `invalid-input`; what was added before and after stays.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const sink = await bench.sink();
    await using writer = await bench.codec.create(sink, schema);
    const { key, timestamp, values } = events[0]!;
    const bad: [Uint8Array, number, (Uint8Array | null)[]][] = [
      [key, -1, [...values]],
      [key, 1.5, [...values]],
      [key, NaN, [...values]],
      [key, Infinity, [...values]],
      [key, 2 ** 53, [...values]],
      [new Uint8Array(0), timestamp, [...values]],
      [key, timestamp, values.slice(1)],
      [key, timestamp, [...values, null]],
    ];
    for (const [i, [k, t, v]] of bad.entries()) {
      const good = events[i]!;
      await writer.add(good.key, good.timestamp, good.values);
      await fails(async () => await writer.add(k, t, v), [
        "invalid-input",
        "limit",
      ], `event ${i}`);
    }
    await writer.finish();
    await using store = await bench.open(await sink.bytes());
    same(
      byKey(await bench.read(store)),
      plainTrails(events.slice(0, bad.length)),
      "what was taken",
    );
  },
}, {
  id: "writer.batch-refusals",
  text:
    "A batch with one bad row is refused whole, and the error names the row.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const sink = await bench.sink();
    await using writer = await bench.codec.create(sink, schema);
    await writer.addBatch(toBatch(events.slice(0, 5)));
    const batch = toBatch(events.slice(5, 25));
    batch.timestamps[7] = -3;
    const error = await fails(() => writer.addBatch(batch), [
      "invalid-input",
      "limit",
    ], "a bad row");
    same(error.where.line, 7, "the row named");
    await writer.addBatch(toBatch(events.slice(5, 10)));
    await writer.finish();
    await using store = await bench.open(await sink.bytes());
    same(
      byKey(await bench.read(store)),
      plainTrails(events.slice(0, 10)),
      "what was taken",
    );
  },
}, {
  id: "writer.after-finish",
  text:
    "After `finish`, adding and finishing again are refused as `immutable`, and `abort` does nothing.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const sink = await bench.sink();
    const writer = await bench.codec.create(sink, schema);
    const event = events[0]!;
    await writer.add(event.key, event.timestamp, event.values);
    await writer.finish();
    await fails(
      async () => await writer.add(event.key, event.timestamp, event.values),
      ["immutable"],
      "add",
    );
    await fails(() => writer.addBatch(toBatch(events.slice(0, 2))), [
      "immutable",
    ], "addBatch");
    await fails(() => writer.finish(), ["immutable"], "finish");
    await writer.abort();
    same(sink.state, "finished", "the sink's state");
  },
}, {
  id: "writer.summary",
  text: "`finish` tells what `stats` tells, and the file's length.",
  async run(bench) {
    for (const dataset of bench.datasets()) {
      const { bytes, summary } = await bench.write(
        dataset.schema,
        dataset.events,
      );
      await using store = await bench.open(bytes);
      same(summary.byteLength, bytes.length, `${dataset.name}: bytes`);
      const { trails, events, minTimestamp, maxTimestamp } = summary;
      const stats = await store.stats();
      same(
        [trails, events, minTimestamp, maxTimestamp],
        [stats.trails, stats.events, stats.minTimestamp, stats.maxTimestamp],
        `${dataset.name}: summary`,
      );
    }
  },
}, {
  id: "writer.append",
  text:
    "`append` takes all events of a store of any codec, by field name, empty where the other lacks a field, and only those that a filter keeps.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const some = createSchema([schema.fields[2]!, schema.fields[0]!]);
    const kept = events.filter((event) =>
      event.values[2]?.length || event.values[0]?.length
    );
    const other = await otherStore(
      some,
      kept.map((event) => ({
        ...event,
        values: [event.values[2]!, event.values[0]!],
      })),
    );
    await using _other = other;
    const expected = kept.map((event) => ({
      ...event,
      values: [event.values[0]!, null, event.values[2]!],
    }));
    await using own = await bench.store();
    for (
      const filter of [
        undefined,
        new Filter([[equal(some.fields[1]!.name, "a")]]),
      ]
    ) {
      const sink = await bench.sink();
      await using writer = await bench.codec.create(sink, schema);
      await writer.append(other, filter ? { filter } : {});
      if (filter === undefined) await writer.append(own);
      await writer.finish();
      await using store = await bench.open(await sink.bytes());
      const wanted = filter
        ? expected.filter((event) => isText(event.values[0], "a"))
        : [...expected, ...sortedByTime(events)];
      same(byKey(await bench.read(store)), plainTrails(wanted), "appended");
    }
  },
}, {
  id: "writer.append-unknown",
  text: "`append` refuses a store with a field that the writer lacks.",
  async run(bench) {
    await using other = await otherStore(createSchema(["foreign"]), [{
      ...bench.mixed.events[0]!,
      values: [encodeText("x")],
    }]);
    await using writer = await bench.codec.create(
      await bench.sink(),
      bench.mixed.schema,
    );
    await fails(
      () => writer.append(other),
      ["invalid-input"],
      "an unknown field",
    );
  },
}, {
  id: "writer.sink-fails",
  text:
    "When the sink fails, at whichever call, the writer fails with its error and leaves the sink aborted.",
  async run(bench) {
    const { schema, events } = bench.dataset("mixed");
    const sound = await bench.sink();
    await bench.writeTo(sound, schema, events);
    const step = Math.max(1, Math.floor(sound.calls / 40));
    for (let failAt = 0; failAt < sound.calls; failAt += step) {
      const sink = await bench.sink(failAt);
      await fails(
        () => bench.writeTo(sink, schema, events),
        ["io"],
        `call ${failAt} fails`,
      );
      same(sink.state, "aborted", `call ${failAt} fails: the sink's state`);
    }
    const last = await bench.sink(sound.calls - 1);
    await fails(
      () => bench.writeTo(last, schema, events),
      ["io"],
      "finish fails",
    );
    same(last.state, "aborted", "finish fails: the sink's state");
  },
}, {
  id: "writer.abort-signal",
  text:
    "A signal that was aborted makes `finish` fail with `aborted`, the reason as cause, and leaves nothing.",
  async run(bench) {
    const sink = await bench.sink();
    await using writer = await bench.codec.create(sink, bench.mixed.schema);
    for (const { key, timestamp, values } of bench.mixed.events) {
      await writer.add(key, timestamp, values);
    }
    const reason = new Error("enough");
    const error = await fails(
      () => writer.finish({ signal: AbortSignal.abort(reason) }),
      ["aborted"],
      "finish",
    );
    check(error.cause === reason, "the cause is not the signal's reason");
    same(sink.state, "aborted", "the sink's state");
  },
}];

/** Puts events into columns; `spare` rows of room are left at the end. */
export function toBatch(
  events: readonly DatasetEvent[],
  spare = 0,
): InputBatch {
  const padded = <T>(values: T[], filler: T) => [
    ...values,
    ...Array.from({ length: spare }, () => filler),
  ];
  const width = events[0]?.values.length ?? 3;
  return {
    count: events.length,
    trailKeys: packSpans(
      padded(events.map((event) => event.key), encodeText("spare")),
    ),
    timestamps: Float64Array.from(
      padded(events.map((event) => event.timestamp), 12),
    ),
    columns: Array.from(
      { length: width },
      (_, f) =>
        packSpans(padded(events.map((event) => event.values[f]!), null)),
    ),
  };
}

async function otherStore(
  schema: Parameters<Workbench["write"]>[0],
  events: readonly DatasetEvent[],
) {
  const { Workbench } = await import("../workbench.ts");
  const model = new Workbench(modelCodec);
  const { bytes } = await model.write(schema, events);
  return await model.open(bytes, "other");
}

/** What a scan of a store gives back is in time order: that is what is appended. */
function sortedByTime(events: readonly DatasetEvent[]): DatasetEvent[] {
  return events.toSorted((a, b) => a.timestamp - b.timestamp);
}

function isText(value: Uint8Array | null | undefined, text: string): boolean {
  return value !== null && value !== undefined &&
    new TextDecoder().decode(value) === text;
}
