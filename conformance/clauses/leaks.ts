/**
 * Clauses on what is left behind: nothing.
 *
 * @module
 */
import { createSchema, type ScanOptions, type Store } from "@cairn/core";
import { check, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { CountingScratch } from "../faults/counting_scratch.ts";
import type { FaultySink } from "../faults/faulty_sink.ts";
import type { FaultySource } from "../faults/faulty_source.ts";
import { watchSignal } from "../faults/watched_signal.ts";
import { watchTimers } from "../faults/watched_timers.ts";
import { someTurns } from "../turns.ts";
import type { Workbench } from "../workbench.ts";

/** Little memory, so that writers that can spill do. */
const TIGHT = { memoryBytes: 4096 };

/** Clauses on what is left behind. */
export const LEAK_CLAUSES: readonly Clause[] = [{
  id: "leaks.sources",
  text:
    "However a store ends, its source is closed, no read stays under way, and none begins.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const { bytes } = await bench.write(schema, events);
    for (const [what, use] of storeEnds(bench)) {
      const source = await bench.source(bytes, { turns: 1 });
      const store = await bench.openSource(source);
      await use(store).catch(() => {});
      await store.close();
      await sourceEnded(source, what);
    }
    const sound = await bench.source(bytes);
    await use(await bench.openSource(sound));
    const every = Math.max(1, Math.floor(sound.reads / 8));
    for (let failAt = 0; failAt < sound.reads; failAt += every) {
      const source = await bench.source(bytes, { failAt, turns: 1 });
      await bench.openSource(source).then(use).catch(() => {});
      await sourceEnded(source, `read ${failAt} fails`);
    }
    const step = Math.max(1, Math.floor(bytes.length / 8));
    for (let end = 0; end < bytes.length; end += step) {
      const source = await bench.source(bytes.slice(0, end), { turns: 1 });
      await bench.openSource(source).then(use).catch(() => {});
      await sourceEnded(source, `a file cut at ${end}`);
    }
  },
}, {
  id: "leaks.sinks",
  text:
    "However a writer ends, its sink is finished or aborted, written in turns, and left alone afterwards.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    for (const [what, use] of writerEnds(bench)) {
      const sink = await bench.sink();
      await use(sink).catch(() => {});
      await sinkEnded(sink, what);
    }
    const sound = await bench.sink();
    await bench.writeTo(sound, schema, events);
    await sinkEnded(sound, "finish");
    const step = Math.max(1, Math.floor(sound.calls / 20));
    for (let failAt = 0; failAt < sound.calls; failAt += step) {
      const sink = await bench.sink(failAt);
      await bench.writeTo(sink, schema, events).catch(() => {});
      await sinkEnded(sink, `call ${failAt} fails`);
    }
  },
}, {
  id: "leaks.scratch",
  text:
    "However a writer ends, its temporary files are disposed of; the scratch itself is the caller's.",
  async run(bench) {
    const { schema } = bench.mixed;
    let calls = 0;
    for (const failAt of [Infinity, 0, 1, 2, 5]) {
      for (const end of ["finish", "abort", "dispose", "sink"] as const) {
        const scratch = new CountingScratch(failAt);
        const sink = await bench.sink(end === "sink" ? 0 : undefined);
        const options = { ...TIGHT, scratch };
        const what = `${end}, scratch fails at ${failAt}`;
        try {
          await using writer = await bench.codec.create(sink, schema, options);
          for (const { key, timestamp, values } of bench.mixed.events) {
            await writer.add(key, timestamp, values);
          }
          if (end === "abort") await writer.abort();
          else if (end !== "dispose") await writer.finish();
          check(scratch.calls <= failAt, `${what}: the failure was swallowed`);
        } catch (error) {
          if ((error as { code?: string }).code !== "io") throw error;
        }
        await someTurns(3);
        same(scratch.open, 0, `${what}: temporary files left`);
        check(
          !scratch.disposed,
          `${what}: the caller's scratch is disposed of`,
        );
        check(sink.state !== "open", `${what}: the sink is left open`);
        calls = Math.max(calls, scratch.calls);
      }
    }
  },
}, {
  id: "leaks.signals",
  text:
    "A signal that outlives the calls it was given to keeps no listener of theirs.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const { signal, listeners } = watchSignal();
    const sink = await bench.sink();
    {
      const options = { ...TIGHT, signal };
      await using writer = await bench.codec.create(sink, schema, options);
      for (const { key, timestamp, values } of events) {
        await writer.add(key, timestamp, values);
      }
      await writer.finish({ signal });
    }
    same(listeners(), 0, "listeners after writing");
    const source = await bench.source(await sink.bytes(), { turns: 1 });
    const store = await bench.openSource(source, { signal });
    await use(store, { signal });
    for (const [, use] of storeEnds(bench)) {
      await use(
        await bench.openSource(await bench.source(await sink.bytes())),
        {
          signal,
        },
      ).catch(() => {});
    }
    await someTurns(3);
    same(listeners(), 0, "listeners after reading");
  },
}, {
  id: "leaks.timers",
  text: "No timer outlives the store or the writer that set it.",
  async run(bench) {
    const timers = watchTimers();
    try {
      const { schema, events } = bench.mixed;
      const { bytes } = await bench.write(schema, events, TIGHT);
      for (const [what, use] of storeEnds(bench)) {
        const store = await bench.open(bytes);
        await use(store).catch(() => {});
        await store.close();
        same(timers.left(), 0, `${what}: timers left`);
      }
      for (const [what, use] of writerEnds(bench)) {
        await use(await bench.sink()).catch(() => {});
        same(timers.left(), 0, `${what}: timers left`);
      }
    } finally {
      timers.restore();
    }
  },
}];

type StoreEnd = (store: Store, options?: ScanOptions) => Promise<unknown>;

/** Everything that reads, then the end. */
async function use(store: Store, options: ScanOptions = {}): Promise<void> {
  try {
    for await (const _ of store.scan({ batchEvents: 50, ...options }));
    for await (const _ of store.scan({ order: "descending", ...options }));
    for await (const _ of store.verify(options));
    const { trails } = await store.stats(options);
    const keys = await store.keys({ start: 0, end: trails }, options);
    await store.find(keys.bytes.slice(0, keys.ends[0]), options);
    await store.index(options);
  } finally {
    await store.close();
  }
}

/** Ways in which those who read come to an end. */
function storeEnds(bench: Workbench): [string, StoreEnd][] {
  const few = { batchEvents: 5 };
  return [
    ["closed at once", () => Promise.resolve()],
    ["read whole", use],
    ["a scan is left early", async (store, options) => {
      for await (const _ of store.scan({ ...options, ...few })) break;
    }],
    ["a scan is stepped once and forgotten", async (store, options) => {
      await store.scan({ ...options, ...few }).next();
    }],
    ["a scan's reader throws", async (store, options) => {
      for await (const _ of store.scan({ ...options, ...few })) {
        throw new Error("the reader's own");
      }
    }],
    ["closed while a scan is reading", async (store, options) => {
      const step = store.scan({ ...options, ...few }).next();
      step.catch(() => {});
      await store.close();
      await step.catch(() => {});
    }],
    ["closed while much is read at once", async (store, options) => {
      const { key } = bench.mixed.events[0]!;
      const calls = [
        store.scan({ ...options, order: "descending" }).next(),
        store.find(key, options),
        store.stats(options),
        store.verify(options).next(),
      ];
      const ends = Promise.allSettled(calls);
      await store.close();
      await ends;
    }],
    ["a scan is stopped by its signal", async (store, options) => {
      const controller = new AbortController();
      const { signal } = controller;
      const scan = store.scan({ ...options, ...few, signal });
      await scan.next();
      const step = scan.next();
      controller.abort(new Error("enough"));
      await step;
    }],
    ["verifying is left early", async (store, options) => {
      await store.verify(options).next();
    }],
    ["closed twice, and disposed of", async (store) => {
      await store.close();
      await store[Symbol.asyncDispose]();
    }],
  ];
}

/** Ways in which writers come to an end. */
function writerEnds(
  bench: Workbench,
): [string, (sink: FaultySink) => Promise<unknown>][] {
  const { schema, events } = bench.mixed;
  const begin = async (sink: FaultySink, options = {}) => {
    const writer = await bench.codec.create(sink, schema, options);
    for (const { key, timestamp, values } of events) {
      await writer.add(key, timestamp, values);
    }
    return writer;
  };
  const reason = new Error("enough");
  return [
    ["aborted twice", async (sink) => {
      const writer = await begin(sink);
      await writer.abort();
      await writer.abort();
      await writer[Symbol.asyncDispose]();
    }],
    ["disposed of", async (sink) => {
      await using _writer = await begin(sink, TIGHT);
    }],
    ["disposed of at once", async (sink) => {
      await using _writer = await bench.codec.create(sink, schema);
    }],
    ["aborted after finish", async (sink) => {
      await using writer = await begin(sink, TIGHT);
      await writer.finish();
      await writer.abort();
    }],
    ["finish is stopped by its signal", async (sink) => {
      const writer = await begin(sink, TIGHT);
      await writer.finish({ signal: AbortSignal.abort(reason) });
    }],
    ["stopped by the signal of create", async (sink) => {
      const controller = new AbortController();
      const writer = await begin(sink, { signal: controller.signal });
      controller.abort(reason);
      await writer.finish();
    }],
    [
      "create is stopped by its signal",
      (sink) =>
        begin(sink, { signal: AbortSignal.abort(reason) })
          .then((writer) => writer.finish()),
    ],
    ["an event is refused, then the end", async (sink) => {
      await using writer = await begin(sink);
      await writer.add(new Uint8Array(0), -1, []);
    }],
    ["append fails", async (sink) => {
      const { bytes } = await bench.write(schema, events);
      await using writer = await begin(sink);
      await using store = await bench.open(bytes);
      await writer.append(store, { signal: AbortSignal.abort(reason) });
    }],
    ["the schema is refused", async (sink) => {
      const { fieldsMax } = bench.capabilities;
      const names = Array.from({ length: fieldsMax + 1 }, (_, i) => `f${i}`);
      await using _writer = await bench.codec.create(
        sink,
        fieldsMax < 16_382 ? createSchema(names) : schema,
      );
    }],
  ];
}

async function sourceEnded(source: FaultySource, what: string): Promise<void> {
  check(source.closed, `${what}: the source is left open`);
  const { reads } = source;
  await someTurns(3);
  same(source.pending, 0, `${what}: reads still under way`);
  same(source.reads, reads, `${what}: reads after the end`);
}

async function sinkEnded(sink: FaultySink, what: string): Promise<void> {
  check(sink.state !== "open", `${what}: the sink is left open`);
  same(sink.overlaps, 0, `${what}: writes at once`);
  const { calls } = sink;
  await someTurns(3);
  same(sink.calls, calls, `${what}: writes after the end`);
  same(sink.lateCalls, 0, `${what}: calls of a sink that had ended`);
}
