/**
 * Clauses on the codec itself.
 *
 * @module
 */
import { CairnError, createSchema, encodeText, readProbe } from "@cairn/core";
import { check, fails, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import { type DatasetEvent, makeKey, plainTrails } from "../dataset.ts";
import { byKey, type Workbench } from "../workbench.ts";

/** Clauses on the codec itself. */
export const CODEC_CLAUSES: readonly Clause[] = [{
  id: "codec.name",
  text: "The name is one lower-case word; every extension begins with a dot.",
  run({ codec }) {
    check(/^[a-z][a-z0-9]*$/.test(codec.name), `name "${codec.name}"`);
    check(codec.extensions.length > 0, "no extension");
    for (const extension of codec.extensions) {
      check(/^\.[^/\\]+$/.test(extension), `extension "${extension}"`);
    }
    return Promise.resolve();
  },
}, {
  id: "codec.detect",
  text:
    "`detect` knows the codec's own files, refuses empty and foreign ones, and never throws.",
  async run(bench) {
    for (const dataset of bench.datasets().slice(0, 3)) {
      const { bytes } = await bench.write(dataset.schema, dataset.events);
      await using source = await bench.source(bytes);
      check(
        bench.codec.detect(await readProbe(source)),
        `not its own: ${dataset.name}`,
      );
    }
    for (
      const bytes of [
        new Uint8Array(0),
        encodeText("uuid,time\n1,2\n"),
        new Uint8Array(5000).fill(0x5a),
        new Uint8Array(4096),
      ]
    ) {
      await using source = await bench.source(bytes);
      check(
        !bench.codec.detect(await readProbe(source)),
        "a foreign file is taken for its own",
      );
    }
  },
}, {
  id: "codec.trail-keys",
  text:
    "Keys of every length that the capabilities name come back whole; others are refused.",
  async run(bench) {
    const { min, max } = bench.capabilities.trailKeyBytes;
    const lengths = [
      min,
      min + 1,
      Math.floor((min + Math.min(max, 300)) / 2),
      Math.min(max, 5000),
    ];
    const events = [...new Set(lengths.filter((length) => length <= max))].map(
      (length, i): DatasetEvent => ({
        key: Uint8Array.from({ length }, (_, at) => (at * 31 + i * 7) & 0xff),
        timestamp: bench.capabilities.timestamps.min,
        values: filled(bench, `k${length}`),
      }),
    );
    const { bytes } = await bench.write(bench.mixed.schema, events);
    await using store = await bench.open(bytes);
    same(byKey(await bench.read(store)), plainTrails(events), "keys");
    for (const length of [min - 1, max + 1]) {
      if (length < 0 || length > 1 << 20) continue;
      const event = { ...events[0]!, key: new Uint8Array(length) };
      await refuses(bench, event, `a key of ${length} bytes`);
    }
  },
}, {
  id: "codec.timestamps",
  text:
    "The smallest and largest time that the capabilities name come back; the next ones are refused.",
  async run(bench) {
    const { min, max } = bench.capabilities.timestamps;
    check(
      Number.isSafeInteger(min) && Number.isSafeInteger(max),
      "not safe integers",
    );
    const events = [min, max].map((timestamp, i): DatasetEvent => ({
      key: makeKey(bench.capabilities, i),
      timestamp,
      values: filled(bench, "t"),
    }));
    for (const event of events) {
      const { bytes } = await bench.write(bench.mixed.schema, [event]);
      await using store = await bench.open(bytes);
      same(
        byKey(await bench.read(store)),
        plainTrails([event]),
        `time ${event.timestamp}`,
      );
    }
    for (const timestamp of [min - 1, max + 1]) {
      await refuses(bench, { ...events[0]!, timestamp }, `time ${timestamp}`);
    }
  },
}, {
  id: "codec.field-names",
  text:
    "Field names that the capabilities allow are stored; others, and too many fields, are refused and the sink is aborted.",
  async run(bench) {
    const { fieldNames, fieldsMax } = bench.capabilities;
    for (
      const name of [
        "a",
        "A-b_c%9",
        "ñandú",
        "with space",
        "time",
        "x".repeat(600),
        // Longer than 16 bits can count.
        "x".repeat(70_000),
        "a/b",
        "__proto__",
      ]
    ) {
      const sink = await bench.sink();
      const schema = createSchema([name]);
      if (fieldNames.allows(name)) {
        const event: DatasetEvent = {
          key: makeKey(bench.capabilities, 1),
          timestamp: bench.capabilities.timestamps.min,
          values: [encodeText("v")],
        };
        await bench.writeTo(sink, schema, [event]);
        await using store = await bench.open(await sink.bytes());
        same(
          store.schema.fields.map((field) => field.name),
          [name],
          "field name",
        );
        same(
          byKey(await bench.read(store)),
          plainTrails([event]),
          `a value of field "${name.slice(0, 20)}"`,
        );
      } else {
        await fails(() => bench.codec.create(sink, schema), [
          "invalid-input",
          "limit",
        ], `field "${name}"`);
        same(sink.state, "aborted", "the sink's state");
      }
    }
    if (fieldsMax < 16_382) {
      const sink = await bench.sink();
      const schema = createSchema(
        Array.from({ length: fieldsMax + 1 }, (_, i) => `f${i}`),
      );
      await fails(
        () => bench.codec.create(sink, schema),
        ["limit"],
        "too many fields",
      );
      same(sink.state, "aborted", "the sink's state");
    }
  },
}, {
  id: "codec.empty-events",
  text:
    "An event without any value is stored, or refused where the capabilities say that it cannot be.",
  async run(bench) {
    const event: DatasetEvent = {
      key: makeKey(bench.capabilities, 1),
      timestamp: bench.capabilities.timestamps.min,
      values: [null, new Uint8Array(0), null],
    };
    if (!bench.capabilities.emptyEvents) {
      return await refuses(bench, event, "an event without a value");
    }
    const { bytes } = await bench.write(bench.mixed.schema, [event]);
    await using store = await bench.open(bytes);
    same(
      byKey(await bench.read(store)),
      plainTrails([event]),
      "an event without a value",
    );
  },
}, {
  id: "codec.field-types",
  text: "Field types survive writing and opening.",
  excuse: (capabilities) =>
    capabilities.fieldTypes ? undefined : "fieldTypes is false",
  async run(bench) {
    const schema = createSchema([
      { name: "a", type: "bytes" },
      { name: "b", type: "text" },
      { name: "c", type: "integer" },
    ]);
    const { bytes } = await bench.write(schema, bench.mixed.events.slice(0, 5));
    await using store = await bench.open(bytes);
    same(store.schema, schema, "schema");
  },
}, {
  id: "codec.columns",
  text:
    "Columns are of the kind that the capabilities name; those of ids share the store's lexicon.",
  async run(bench) {
    await using store = await bench.store();
    for await (const batch of store.scan()) {
      for (const column of batch.columns) {
        same(column.kind, bench.capabilities.columns, "kind of column");
        if (column.kind !== "ids") continue;
        check(
          column.ids.every((id) => id < column.lexicon.size),
          "an id is beyond the lexicon",
        );
      }
    }
  },
}, {
  id: "codec.same-bytes",
  text:
    "The same input and options give the same bytes, whatever the memory budget.",
  async run(bench) {
    for (const name of ["mixed", "unsorted", "large-values"]) {
      const { schema, events } = bench.dataset(name);
      const first = await bench.write(schema, events);
      const again = await bench.write(schema, events);
      const tight = await bench.write(schema, events, { memoryBytes: 4096 });
      check(sameBytes(first.bytes, again.bytes), `${name}: two runs differ`);
      check(
        sameBytes(first.bytes, tight.bytes),
        `${name}: a small budget gives other bytes`,
      );
    }
    const { schema, events } = bench.mixed;
    const some = events.slice(0, 50);
    const plain = await bench.write(schema, some);
    const none = await bench.write(schema, some, { memoryBytes: 0 });
    check(
      sameBytes(plain.bytes, none.bytes),
      "no memory for events at all gives other bytes",
    );
  },
}, {
  id: "codec.owns-sink",
  text:
    "Finishing a writer finishes its sink, aborting or disposing aborts it.",
  async run(bench) {
    const { schema, events } = bench.mixed;
    const finished = await bench.sink();
    await bench.writeTo(finished, schema, events);
    same(finished.state, "finished", "after finish");
    const aborted = await bench.sink();
    const writer = await bench.codec.create(aborted, schema);
    await writer.add(events[0]!.key, events[0]!.timestamp, events[0]!.values);
    await writer.abort();
    await writer.abort();
    same(aborted.state, "aborted", "after abort");
    const disposed = await bench.sink();
    {
      await using writer = await bench.codec.create(disposed, schema);
      await writer.add(events[0]!.key, events[0]!.timestamp, events[0]!.values);
    }
    same(disposed.state, "aborted", "after disposal");
  },
}, {
  id: "codec.owns-source",
  text: "Closing a store closes its source; so does opening that fails.",
  async run(bench) {
    const { bytes } = await bench.write(bench.mixed.schema, bench.mixed.events);
    const source = await bench.source(bytes);
    const store = await bench.openSource(source);
    check(!source.closed, "opening closed the source");
    await store.close();
    check(source.closed, "closing left the source open");
    const foreign = await bench.source(encodeText("not a store of anybody"));
    await fails(
      () => bench.openSource(foreign),
      ["corrupt", "unsupported"],
      "a foreign file",
    );
    check(foreign.closed, "failing to open left the source open");
    const empty = await bench.source(new Uint8Array(0));
    await fails(
      () => bench.openSource(empty),
      ["corrupt", "unsupported"],
      "an empty file",
    );
    check(empty.closed, "failing to open left the source open");
  },
}, {
  id: "codec.names-file",
  text:
    "An error on opening names the file, and part and offset where there is damage.",
  async run(bench) {
    const source = await bench.source(encodeText("not a store of anybody"));
    const error = await fails(() => bench.openSource(source), [
      "corrupt",
      "unsupported",
    ], "a foreign file");
    same(error.where.file, source.name, "the file named");
    if (error.code === "corrupt") {
      check(
        error.where.part !== undefined && error.where.offset !== undefined,
        "no part or offset",
      );
    }
  },
}, {
  id: "codec.open-cost",
  text:
    "Opening reads no more of a large store than of a small one, but for its tables of contents.",
  excuse: (capabilities) =>
    capabilities.partialReads ? undefined : "partialReads is false",
  async run(bench) {
    const cost = async (count: number) => {
      const schema = bench.mixed.schema;
      const events = Array.from({ length: count }, (_, i): DatasetEvent => ({
        key: makeKey(bench.capabilities, i % 50),
        timestamp: bench.capabilities.timestamps.min + i,
        values: filled(bench, `some text ${i * 7919 % 10_007} ${i}`),
      }));
      const { bytes } = await bench.write(schema, events);
      const source = await bench.source(bytes);
      await using _store = await bench.openSource(source);
      return { read: source.bytesRead, size: bytes.length };
    };
    const [small, large] = [await cost(300), await cost(30_000)];
    check(
      large.read <= 2 * small.read + 65_536 * 2,
      `opening read ${small.read} of ${small.size} bytes, and ${large.read} of ${large.size}`,
    );
  },
}];

/** Values for the bench's first schema, so that no event is empty. */
export function filled(_bench: Workbench, text: string): (Uint8Array | null)[] {
  return [encodeText(text), null, encodeText("x")];
}

/** Asserts that an event is refused and that nothing of it is taken. */
async function refuses(
  bench: Workbench,
  event: DatasetEvent,
  what: string,
): Promise<void> {
  const sink = await bench.sink();
  await using writer = await bench.codec.create(sink, bench.mixed.schema);
  const good = bench.mixed.events.slice(0, 3);
  for (const { key, timestamp, values } of good) {
    await writer.add(key, timestamp, values);
  }
  let early = true;
  try {
    await writer.add(event.key, event.timestamp, event.values);
    early = false;
    await writer.finish();
  } catch (error) {
    check(
      error instanceof CairnError &&
        (error.code === "invalid-input" || error.code === "limit"),
      `${what}: ${error}, invalid-input or limit wanted`,
    );
    if (!early) return same(sink.state, "aborted", `${what}: the sink's state`);
    await writer.finish();
    await using store = await bench.open(await sink.bytes());
    same(
      byKey(await bench.read(store)),
      plainTrails(good),
      `${what}: what was taken`,
    );
    return;
  }
  throw new Error(`${what}: was taken`);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
