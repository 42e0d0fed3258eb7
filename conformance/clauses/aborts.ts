/**
 * Clauses on signals: everything that waits can be stopped.
 *
 * @module
 */
import type { AbortOptions, Store } from "@cairn/core";
import { check, fails, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { someTurns } from "../turns.ts";
import { plainTrails } from "../dataset.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on signals. */
export const ABORT_CLAUSES: readonly Clause[] = [{
  id: "codec.open-abort",
  text:
    "An aborted signal ends opening with `aborted`, the reason as cause, and the source is closed.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const { bytes } = await bench.write(schema, events);
    const reason = new Error("enough");
    const early = await bench.source(bytes);
    const signal = AbortSignal.abort(reason);
    const first = await fails(
      () => bench.openSource(early, { signal }),
      ["aborted"],
      "aborted before",
    );
    check(first.cause === reason, "the cause is not the signal's reason");
    check(early.closed, "aborted before: the source is left open");
    const controller = new AbortController();
    const late = await bench.source(bytes, {
      turns: 1,
      onRead: () => controller.abort(reason),
    });
    const second = await fails(
      () => bench.openSource(late, { signal: controller.signal }),
      ["aborted"],
      "aborted under way",
    );
    check(second.cause === reason, "the cause is not the signal's reason");
    check(late.closed, "aborted under way: the source is left open");
  },
}, {
  id: "writer.create-abort",
  text:
    "The signal of `create` stops the writer, before or under way, with `aborted`, the reason as cause, and leaves nothing.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const reason = new Error("enough");
    for (const when of ["before", "under way"] as const) {
      const controller = new AbortController();
      const sink = await bench.sink();
      if (when === "before") controller.abort(reason);
      const error = await fails(
        async () => {
          const { signal } = controller;
          await using writer = await bench.codec.create(sink, schema, {
            signal,
          });
          for (const { key, timestamp, values } of events) {
            await writer.add(key, timestamp, values);
          }
          controller.abort(reason);
          await writer.finish();
        },
        ["aborted"],
        `aborted ${when}`,
      );
      check(error.cause === reason, "the cause is not the signal's reason");
      same(sink.state, "aborted", `aborted ${when}: the sink's state`);
    }
  },
}, {
  id: "store.abort",
  text:
    "An aborted signal ends any call with `aborted`, the reason as cause; the store and calls without it go on.",
  async run(bench) {
    await using store = await bench.store();
    const reason = new Error("enough");
    const options = { signal: AbortSignal.abort(reason) };
    const indexed = (await store.index())?.fields[0]?.name;
    const calls = Object.entries(callsOf(bench, indexed));
    // Twice: what a call has kept does not answer in a signal's place.
    for (const when of ["at first", "later"]) {
      for (const [name, call] of calls) {
        const error = await fails(
          () => call(store, options),
          ["aborted"],
          `${name}, ${when}`,
        );
        check(
          error.cause === reason,
          `${name}: the cause is not the signal's reason`,
        );
      }
      same(
        byKey(await bench.read(store)),
        plainTrails(bench.mixed.events),
        `a scan, ${when}`,
      );
      for (const [, call] of calls) await call(store, {});
    }
    const { schema, events } = bench.mixed;
    const { bytes } = await bench.write(schema, events);
    for (const [name, call] of calls) {
      // What both wait for begins at one of the first reads, or right away.
      for (const turns of [0, 1, 3]) {
        const source = await bench.source(bytes, { turns: 1 });
        await using fresh = await bench.openSource(source);
        const controller = new AbortController();
        const stopped = call(fresh, { signal: controller.signal });
        const other = call(fresh, {});
        const ends = Promise.allSettled([stopped, other]);
        await someTurns(turns);
        controller.abort(reason);
        check(
          (await ends)[1]!.status === "fulfilled",
          `${name}: a call was stopped by another's signal`,
        );
      }
    }
  },
}];

type Call = (store: Store, options: AbortOptions) => Promise<unknown>;

/**
 * Everything of a store that waits; the steps of a scan have their own clause.
 *
 * @param indexed A field that the store's index has, if there is one.
 */
function callsOf(
  bench: Workbench,
  indexed: string | undefined,
): Record<string, Call> {
  const field = bench.mixed.schema.fields[0]!.name;
  const { key } = bench.mixed.events[0]!;
  return {
    stats: (store, options) => store.stats(options),
    find: (store, options) => store.find(key, options),
    keys: (store, options) => store.keys({ start: 0, end: 1 }, options),
    lexicon: (store, options) => store.lexicon(field, options),
    index: (store, options) => store.index(options),
    ...(indexed === undefined ? {} : {
      "index.all": async (store, options) =>
        await (await store.index())!.all(options),
      "index.trails": async (store, options) =>
        await (await store.index())!.trails({ field: indexed }, options),
    }),
    verify: (store, options) => store.verify(options).next(),
    scan: (store, options) => store.scan(options).next(),
  };
}
