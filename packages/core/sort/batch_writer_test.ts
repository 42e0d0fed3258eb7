import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { encodeText } from "../bytes.ts";
import type { Capabilities } from "../codec.ts";
import { type ByteSpans, packSpans, spanValue } from "../column.ts";
import { CairnError } from "../errors.ts";
import { EventBatch } from "../event_batch.ts";
import { equal, Filter } from "../filter.ts";
import type { InputBatch } from "../input_batch.ts";
import { createSchema } from "../schema.ts";
import type { ScanOptions, Store } from "../store.ts";
import type { WriteSummary } from "../store_writer.ts";
import { BatchWriter } from "./batch_writer.ts";

const CAPABILITIES: Capabilities = {
  trailKeyBytes: { min: 1, max: 10 },
  timestamps: { min: 0, max: 1000 },
  fieldsMax: 10,
  fieldNames: { rule: "any", allows: () => true },
  emptyEvents: true,
  columns: "bytes",
  cheapOrder: "ascending",
  index: false,
  fieldTypes: false,
  checksums: false,
  partialReads: false,
};

const text = (bytes: Uint8Array | null) =>
  new TextDecoder().decode(bytes ?? undefined);

/** Keeps events as lines, and notes what is called. */
class LineWriter extends BatchWriter {
  readonly lines: string[] = [];
  readonly calls: string[] = [];
  failNext: Error | undefined;

  constructor(fields: readonly string[] = ["a", "b"]) {
    super(CAPABILITIES, createSchema(fields));
  }

  protected takeBatch(batch: InputBatch): Promise<void> {
    this.calls.push("take");
    if (this.failNext !== undefined) return Promise.reject(this.failNext);
    for (let row = 0; row < batch.count; row++) {
      this.lines.push(
        [batch.trailKeys, ...batch.columns]
          .map((spans) => text(spanValue(spans, row)))
          .toSpliced(1, 0, String(batch.timestamps[row])).join(),
      );
    }
    return Promise.resolve();
  }

  protected writeStore(): Promise<WriteSummary> {
    this.calls.push("write");
    if (this.failNext !== undefined) return Promise.reject(this.failNext);
    return Promise.resolve({
      trails: 0,
      events: this.lines.length,
      minTimestamp: undefined,
      maxTimestamp: undefined,
      byteLength: 0,
    });
  }

  protected discard(): Promise<void> {
    this.calls.push("discard");
    return Promise.resolve();
  }

  protected override checkRow(key: Uint8Array): void {
    if (text(key) === "bad") throw new CairnError("limit", "bad key");
  }

  protected override checkBatch(batch: InputBatch): void {
    for (let row = 0; row < batch.count; row++) {
      this.checkRow(spanValue(batch.trailKeys, row)!);
    }
  }
}

function oneRow(
  key: string,
  time: number,
  values: readonly string[],
): InputBatch {
  return {
    count: 1,
    trailKeys: packSpans([encodeText(key)]),
    timestamps: Float64Array.of(time),
    columns: values.map((value) => packSpans([encodeText(value)])),
  };
}

Deno.test("BatchWriter keeps the order of rows and batches", async () => {
  const writer = new LineWriter();
  await writer.add(encodeText("k"), 1, [encodeText("x"), null]);
  await writer.addBatch(oneRow("l", 2, ["", "y"]));
  await writer.add(encodeText("m"), 3, [new Uint8Array(0), encodeText("z")]);
  const { events } = await writer.finish();
  assertEquals(events, 3);
  assertEquals(writer.lines, ["k,1,x,", "l,2,,y", "m,3,,z"]);
  assertEquals(writer.calls, ["take", "take", "take", "write", "discard"]);
});

Deno.test("BatchWriter copies rows and collects many of them", async () => {
  const writer = new LineWriter();
  const value = new Uint8Array(3000);
  for (let i = 0; i < 10_000; i++) {
    value.fill(0x30 + i % 10);
    await writer.add(encodeText(`${i}`), i % 1000, [value, null]);
  }
  await writer.finish();
  assertEquals(writer.lines.length, 10_000);
  writer.lines.forEach((line, i) =>
    assertEquals(line, `${i},${i % 1000},${String(i % 10).repeat(3000)},`)
  );
});

Deno.test("BatchWriter refuses bad events and goes on", async () => {
  const writer = new LineWriter();
  const values = [null, null];
  assertThrows(() => writer.add(new Uint8Array(0), 1, values), CairnError);
  assertThrows(() => writer.add(encodeText("k"), 1001, values), CairnError);
  assertThrows(() => writer.add(encodeText("k"), 1, [null]), CairnError);
  assertThrows(() => writer.add(encodeText("bad"), 1, values), CairnError);
  await assertRejects(() => writer.addBatch(oneRow("k", 1, ["x"])), CairnError);
  await assertRejects(
    () => writer.addBatch(oneRow("bad", 1, ["x", "y"])),
    CairnError,
  );
  await writer.add(encodeText("k"), 1, values);
  await writer.finish();
  assertEquals(writer.lines, ["k,1,,"]);
});

Deno.test("BatchWriter never finishes what lost events", async () => {
  const writer = new LineWriter();
  writer.failNext = new Error("disk full");
  await assertRejects(
    () => writer.addBatch(oneRow("k", 1, ["x", "y"])),
    Error,
    "disk full",
  );
  writer.failNext = undefined;
  await assertRejects(() => writer.finish(), Error, "disk full");
  await writer.abort();
  assertEquals(writer.calls, ["take", "discard"]);
});

Deno.test("BatchWriter discards once when writing fails", async () => {
  const writer = new LineWriter();
  writer.failNext = new Error("disk full");
  await assertRejects(() => writer.finish(), Error, "disk full");
  await writer.abort();
  await writer[Symbol.asyncDispose]();
  assertEquals(writer.calls, ["write", "discard"]);
});

Deno.test("BatchWriter aborts what is not finished, and refuses calls then", async () => {
  const writer = new LineWriter();
  await writer.abort();
  await writer.abort();
  assertEquals(writer.calls, ["discard"]);
  assertThrows(() => writer.add(encodeText("k"), 1, [null, null]), CairnError);
  const error = await assertRejects(() => writer.finish(), CairnError);
  assertEquals(error.code, "immutable");
});

Deno.test("BatchWriter stops finishing when the signal says so", async () => {
  const writer = new LineWriter();
  const error = await assertRejects(
    () => writer.finish({ signal: AbortSignal.abort() }),
    CairnError,
  );
  assertEquals(error.code, "aborted");
  assertEquals(writer.calls, ["discard"]);
});

/** A store of ids and bytes that notes how it is asked. */
function createStore(asked: unknown[]): Store {
  const values = ["", "x", "y"].map(encodeText);
  const lexicon = {
    size: 3,
    value: (id: number) => values[id]!,
    find: () => undefined,
  };
  const keys = ["k0", "k1", "k2", "k3"].map(encodeText);
  async function* scan(options: ScanOptions) {
    asked.push(options.filter);
    const bytes: ByteSpans = packSpans(["p", "q", "", "r"].map(encodeText));
    yield new EventBatch({
      trailOrdinals: Uint32Array.of(0, 2),
      trailOffsets: Uint32Array.of(0, 1, 4),
      timestamps: Float64Array.of(1, 2, 3, 4),
      columns: [
        { kind: "ids", ids: Uint32Array.of(2, 0, 1, 2), lexicon },
        { kind: "bytes", ...bytes },
      ],
    });
    yield new EventBatch({
      trailOrdinals: Uint32Array.of(2, 3_000_000),
      trailOffsets: Uint32Array.of(0, 1, 2),
      timestamps: Float64Array.of(5, 6),
      columns: [
        { kind: "ids", ids: Uint32Array.of(1, 1), lexicon },
        { kind: "bytes", ...packSpans([null, encodeText("s")]) },
      ],
    });
  }
  return {
    schema: createSchema(["b", "a"]),
    scan,
    keys: ({ start, end }: { start: number; end: number }) => {
      asked.push(`${start}..${end}`);
      return Promise.resolve(
        packSpans(
          Array.from({ length: end - start }, (_, i) => keys[(start + i) % 4]!),
        ),
      );
    },
  } as unknown as Store;
}

Deno.test("BatchWriter.append() takes over a store by the names of its fields", async () => {
  const asked: unknown[] = [];
  const writer = new LineWriter(["a", "c", "b"]);
  const filter = new Filter([[equal("b", encodeText("x"))]]);
  await writer.append(createStore(asked), { filter });
  await writer.finish();
  assertEquals(writer.lines, [
    "k0,1,p,,y",
    "k2,2,q,,",
    "k2,3,,,x",
    "k2,4,r,,y",
    "k2,5,,,x",
    "k0,6,s,,x",
  ]);
  assertEquals(asked, [filter, "0..3", "2..3", "3000000..3000001"]);
});

Deno.test("BatchWriter.append() refuses a store with other fields", async () => {
  const writer = new LineWriter(["a"]);
  const error = await assertRejects(
    () => writer.append(createStore([])),
    CairnError,
  );
  assertEquals([error.code, error.reason], ["invalid-input", "unknown-field"]);
  await writer.finish();
  assertEquals(writer.lines, []);
});
