/**
 * Codecs that leave something behind, or cannot be stopped, in one way each,
 * made of the model.
 *
 * @module
 */
import {
  CairnError,
  type Codec,
  type EventBatch,
  type Sink,
  type Source,
  type StoreStats,
  throwIfAborted,
} from "@cairn/core";
import { modelCodec } from "../model/model_codec.ts";
import { someTurns } from "../turns.ts";
import type { BrokenCodec } from "./broken_codecs.ts";
import { override } from "./override.ts";

const noop = () => Promise.resolve();
/** Timers that the broken codec forgets and the test must not. */
const forgotten = new Set<ReturnType<typeof setTimeout>>();

/** Ends the timers that a leaking codec has left. */
export function clearForgotten(): void {
  for (const timer of forgotten) clearTimeout(timer);
  forgotten.clear();
}

/** Codecs that leave something behind, or cannot be stopped, in one way each. */
export const LEAKING_CODECS: readonly BrokenCodec[] = [
  leaking("a file that does not parse keeps its source", "leaks.sources", {
    async open(source) {
      let opened = false;
      const store = await modelCodec.open(
        closing(source, () => opened ? source.close() : noop()),
      );
      opened = true;
      return store;
    },
  }),
  leaking("a scan that is left early keeps the source", "leaks.sources", {
    async open(source) {
      let left = false;
      const store = await modelCodec.open(
        closing(source, () => left ? noop() : source.close()),
      );
      async function* scan(
        batches: AsyncIterable<EventBatch>,
      ): AsyncIterableIterator<EventBatch> {
        left = true;
        yield* batches;
        left = false;
      }
      return override(store, { scan: (options) => scan(store.scan(options)) });
    },
  }),
  leaking("a store reads on after it is closed", "leaks.sources", {
    async open(source) {
      const store = await modelCodec.open(source);
      return override(store, {
        async close() {
          await store.close();
          setTimeout(() => source.read(0, 1).catch(noop), 0);
        },
      });
    },
  }),
  leaking("a writer without events leaves its sink open", "leaks.sinks", {
    async create(sink, schema) {
      const writer = await modelCodec.create(sink, schema);
      let empty = true;
      return override(writer, {
        add(...event) {
          empty = false;
          return writer.add(...event);
        },
        [Symbol.asyncDispose]: () => empty ? noop() : writer.abort(),
      });
    },
  }),
  leaking("writes are not waited for", "leaks.sinks", {
    create: (sink, schema) =>
      modelCodec.create(
        override<Sink>(sink, {
          async write(bytes) {
            const middle = bytes.length >> 1;
            await Promise.all([
              sink.write(bytes.subarray(0, middle)),
              sink.write(bytes.subarray(middle)),
            ]);
          },
        }),
        schema,
      ),
  }),
  leaking("a sink is finished twice", "leaks.sinks", {
    create: (sink, schema) =>
      modelCodec.create(
        override<Sink>(sink, {
          async finish(options) {
            await sink.finish(options);
            await sink.finish(options).catch(noop);
          },
        }),
        schema,
      ),
  }),
  leaking("a temporary file is left", "leaks.scratch", {
    async create(sink, schema, options) {
      await options?.scratch?.create();
      return await modelCodec.create(sink, schema);
    },
  }),
  leaking("the caller's scratch is disposed of", "leaks.scratch", {
    async create(sink, schema, options) {
      const writer = await modelCodec.create(sink, schema);
      return override(writer, {
        async finish(finishOptions) {
          await options?.scratch?.[Symbol.asyncDispose]();
          return await writer.finish(finishOptions);
        },
      });
    },
  }),
  leaking("a listener stays with the signal", "leaks.signals", {
    async open(source, options) {
      options?.signal?.addEventListener("abort", () => source.close());
      return await modelCodec.open(source, options);
    },
  }),
  leaking("a timer outlives the store", "leaks.timers", {
    async open(source) {
      forgotten.add(setTimeout(noop, 60_000));
      return await modelCodec.open(source);
    },
  }),
  leaking("opening ignores its signal", "codec.open-abort", {
    open: (source) => modelCodec.open(source),
  }),
  leaking("opening that is stopped keeps its source", "codec.open-abort", {
    open: (source, options) =>
      options?.signal?.aborted
        ? Promise.reject(
          new CairnError("aborted", "Stopped", {
            cause: options.signal.reason,
          }),
        )
        : modelCodec.open(source, options),
  }),
  leaking("the signal of create is ignored", "writer.create-abort", {
    create: (sink, schema) => modelCodec.create(sink, schema),
  }),
  leaking("what is known is told despite the signal", "store.abort", {
    async open(source, options) {
      const store = await modelCodec.open(source, options);
      const stats = await store.stats();
      return override(store, { stats: () => Promise.resolve(stats) });
    },
  }),
  leaking("one signal stops all who wait", "store.abort", {
    async open(source, options) {
      const store = await modelCodec.open(source, options);
      let counting: Promise<StoreStats> | undefined;
      return override(store, {
        stats: (options = {}) =>
          counting ??= store.stats(options).then(async (stats) => {
            await someTurns(1);
            throwIfAborted(options.signal);
            return stats;
          }).finally(() => counting = undefined),
      });
    },
  }),
];

function leaking(
  fault: string,
  caughtBy: string,
  overrides: Partial<Codec>,
): BrokenCodec {
  return { fault, caughtBy, codec: { ...modelCodec, ...overrides } };
}

function closing(source: Source, close: () => Promise<void>): Source {
  return override(source, { close, [Symbol.asyncDispose]: close });
}
