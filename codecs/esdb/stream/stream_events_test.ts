import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  decodeText,
  encodeText,
  MemorySink,
  spanValue,
} from "@cairn/core";
import {
  createClosedStream,
  streamEvents,
  type StreamEventsOptions,
  type StreamIndexes,
  streamSchema,
} from "@cairn/esdb/stream";
import { openBytes } from "./testdata/read_stream.ts";

/** Rows as texts: trail, time, then the columns. */
async function rowsOf(
  events: readonly (readonly [string, StreamIndexes])[],
  options: StreamEventsOptions,
): Promise<unknown[][]> {
  const sink = new MemorySink();
  await using writer = createClosedStream(sink);
  for (const [data, indexes] of events) {
    await writer.append(encodeText(data), indexes);
  }
  await writer.finish();
  await using stream = await openBytes(sink.bytes());
  const rows: unknown[][] = [];
  const text = (bytes: Uint8Array | null) =>
    bytes === null ? null : decodeText(bytes);
  for await (const batch of streamEvents(stream, options)) {
    for (let row = 0; row < batch.count; row++) {
      rows.push([
        text(spanValue(batch.trailKeys, row)),
        batch.timestamps[row],
        ...batch.columns.map((column) => text(spanValue(column, row))),
      ]);
    }
  }
  return rows;
}

Deno.test("streamEvents() takes trail, time and fields from indexes", async () => {
  const options = { trail: "user", time: "at", fields: ["type", "no"] };
  const rows = await rowsOf([
    ["one", { user: "ann", at: "17", type: "click" }],
    ["", { at: "9007199254740991", user: "b:c" }],
    ["three", [["user", "x"], ["user", "y"], ["at", "0"], ["typ", "no"]]],
  ], options);
  assertEquals(rows, [
    ["ann", 17, "click", null, "one"],
    ["b:c", Number.MAX_SAFE_INTEGER, null, null, null],
    ["x", 0, null, null, "three"],
  ]);
  assertEquals(
    streamSchema(options).fields.map((field) => field.name),
    ["type", "no", "data"],
  );
});

Deno.test("streamEvents() takes them from members of the data, and from functions", async () => {
  const rows = await rowsOf([
    [`{"at":17,"who":"ann","list":[1,"x"],"none":null}`, {}],
    [`{"at":"18","who":5,"list":true}`, {}],
  ], {
    trail: { json: "who" },
    time: { json: "at" },
    fields: [
      { name: "list", from: { json: "list" } },
      { name: "none", from: { json: "none" } },
      { name: "offset", from: (event) => encodeText(`${event.offset}`) },
    ],
    data: false,
  });
  assertEquals(rows, [
    ["ann", 17, `[1,"x"]`, null, "10"],
    ["5", 18, "true", null, "64"],
  ]);
});

Deno.test("streamEvents() refuses events without trail or time, or leaves them out", async () => {
  const cases = [
    ["no-trail", {}],
    ["no-trail", { user: "", at: "1" }],
    ["no-time", { user: "a" }],
    ["bad-time", { user: "a", at: "" }],
    ["bad-time", { user: "a", at: "-1" }],
    ["bad-time", { user: "a", at: "1.5" }],
    ["bad-time", { user: "a", at: "9007199254740992" }],
  ] as const;
  const options = { trail: "user", time: "at", data: "body" };
  for (const [reason, indexes] of cases) {
    const events = [["x", { user: "a", at: "1" }], ["y", indexes]] as const;
    const error = await assertRejects(
      () => rowsOf(events, options),
      CairnError,
    );
    assertEquals([error.code, error.reason], ["invalid-input", reason]);
    assertEquals(error.where.part, "events");
    const skipped: unknown[] = [];
    const rows = await rowsOf(events, {
      ...options,
      onSkip: (event, reason) => skipped.push([decodeText(event.data), reason]),
    });
    assertEquals(rows, [["a", 1, "x"]]);
    assertEquals(skipped, [["y", reason]]);
  }
});

Deno.test("streamEvents() finds no members in data that is no object", async () => {
  for (const data of ["", "no JSON", "5", "null", "\xff", `{"__proto__":1}`]) {
    const rows = await rowsOf([[data, { user: "a", at: "1" }]], {
      trail: "user",
      time: "at",
      fields: [{ name: "f", from: { json: "toString" } }],
      data: false,
    });
    assertEquals(rows, [["a", 1, null]]);
  }
});

Deno.test("streamSchema() refuses names that do not fit together", () => {
  const error = assertThrows(
    () => streamSchema({ fields: ["a", "data"] }),
    CairnError,
  );
  assertEquals(error.code, "invalid-input");
  assertEquals(streamSchema({ data: false }).fields, []);
});
