import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BitmapIndex,
  importLines,
  openSnapshot,
  parseKeyspaceSchema,
  parseRowEvent,
} from "@cairn/bitmap";
import { CairnError, encodeText } from "@cairn/core";

async function users(options: Record<string, unknown> = {}) {
  const index = await BitmapIndex.open();
  await index.createKeyspace(parseKeyspaceSchema({
    name: "users",
    row_id: ["user"],
    fields: [
      { name: "visit", type: "counter", quantum: "Y" },
      { name: "score", type: "counter", encoding: "equality" },
      { name: "word", type: "set" },
      { name: "item", type: "set", of: "uint" },
      { name: "seen", type: "flag" },
    ],
    ...options,
  }));
  return index;
}

const BAD: [string, string][] = [
  ["no JSON", "{"],
  ["no object", "[]"],
  ["no row", '{"add":{}}'],
  ["an unknown member", '{"row":["a"],"ad":{}}'],
  ["parts too many", '{"row":["a","b"]}'],
  ["a part that is no text", '{"row":[7]}'],
  ["an unknown field", '{"row":["a"],"add":{"visits":1}}'],
  ["the wrong kind of field", '{"row":["a"],"put":{"score":["x"]}}'],
  ["no time where views need one", '{"row":["a"],"add":{"visit":1}}'],
  [
    "a time that is none",
    '{"row":["a"],"ts":"2013-02-30T00:00:00Z","add":{"visit":1}}',
  ],
  [
    "year 0",
    '{"row":["a"],"ts":"0001-01-01T00:00:00+01:00","add":{"visit":1}}',
  ],
  ["a negative amount", '{"row":["a"],"add":{"score":-1}}'],
  [
    "an amount that JSON rounds",
    '{"row":["a"],"add":{"score":9007199254740993}}',
  ],
  ["a fraction", '{"row":["a"],"add":{"score":1.5}}'],
  [
    "a fraction that rounds to a number",
    '{"row":["a"],"add":{"score":0.99999999999999999999}}',
  ],
  ["an exponent", '{"row":["a"],"add":{"score":1e3}}'],
  [
    "2^128",
    '{"row":["a"],"add":{"score":"340282366920938463463374607431768211456"}}',
  ],
  ["a value that is no array", '{"row":["a"],"put":{"word":"x"}}'],
  ["a number among strings", '{"row":["a"],"put":{"word":[1]}}'],
  ["half a character", '{"row":["a"],"put":{"word":["\\ud800"]}}'],
  ["hex that is none", '{"row":["a"],"put":{"word":[{"hex":"0"}]}}'],
  ["an unknown keyspace", '{"keyspace":"b","row":["a"]}'],
];

for (const [what, line] of BAD) {
  Deno.test(`importLines() refuses ${what}, with the line`, async () => {
    await using index = await users();
    const lines = ['{"row":["a"],"add":{"score":1}}', "", line];
    const error = await assertRejects(
      () => importLines(index, lines),
      CairnError,
    );
    assertEquals([error.code, error.where.line], ["invalid-input", 3]);
    assertEquals(index.keyspaces.get("users")!.state.position, 0);
    const bad: (number | undefined)[] = [];
    const summary = await importLines(index, lines, {
      skipBad: ({ where }) => bad.push(where.line),
    });
    assertEquals(bad, [3]);
    assertEquals(summary, { lines: 3, events: 1, resumed: 0, bad: 1 });
  });
}

Deno.test("importLines() skips what was applied when it resumes", async () => {
  await using index = await users();
  const lines = Array.from(
    { length: 25 },
    (_, i) => JSON.stringify({ row: ["a"], add: { score: i } }),
  );
  await importLines(index, lines.slice(0, 10), { batchLines: 4 });
  const summary = await importLines(index, lines, {
    batchLines: 4,
    resume: true,
  });
  assertEquals([summary.events, summary.resumed], [15, 10]);
  await using store = await openSnapshot(index);
  const { sum } = await (await store.index())!.counters!.sum("score");
  assertEquals(sum, 300n);
});

Deno.test("BitmapIndex.add() writes nothing of a batch whose total is too large", async () => {
  await using index = await users();
  const most = (1n << 128n) - 1n;
  await index.add([{ row: ["a"], add: { score: most - 1n } }]);
  const error = await assertRejects(
    () =>
      index.add([
        { row: ["b"], add: { score: 1 } },
        { row: ["a"], add: { score: 2 } },
      ]),
    CairnError,
  );
  assertEquals(error.code, "limit");
  await index.add([{ row: ["a"], add: { score: 1 } }]);
  assertEquals(index.keyspaces.get("users")!.state.rows, 1);
  await using store = await openSnapshot(index);
  const { value } = await (await store.index())!.counters!.max("score");
  assertEquals(value, most);
});

Deno.test("BitmapIndex.add() opens fields that the schema allows", async () => {
  await using index = await users({ open: { type: "counter" } });
  await index.add([{ row: ["a"], add: { bought: 2 } }]);
  const { schema } = index.keyspaces.get("users")!;
  assertEquals(schema.fields.at(-1)!.name, "bought");
  await assertRejects(
    () => index.add([{ row: ["a"], add: { bought_2013: 2 } }]),
    CairnError,
  );
});

Deno.test("openSnapshot() shows whole batches, whatever comes later", async () => {
  await using index = await users();
  await index.add([{ row: ["a"], put: { word: ["x"] } }]);
  await using before = await openSnapshot(index);
  await index.add([{ row: ["b"], put: { word: ["x"] } }]);
  await using after = await openSnapshot(index);
  assertEquals((await before.stats()).trails, 1);
  assertEquals((await after.stats()).trails, 2);
  const found = await (await before.index())!.trails({ field: "word" });
  assertEquals([...found!.bitmap], [0]);
});

Deno.test("parseRowEvent() keeps decimals in strings and times alone", () => {
  const event = parseRowEvent(
    '{"row":["1.5"],"ts":"2013-05-01T00:00:00.25Z","add":{"score":"10"}}',
  );
  assertEquals(event.row, ["1.5"]);
  assertThrows(() => parseRowEvent('{"row":["a"],"ts":1.5}'), CairnError);
});

Deno.test("BitmapIndex.createKeyspace() refuses a name that is taken", async () => {
  await using index = await users();
  const { schema } = index.keyspaces.get("users")!;
  const error = await assertRejects(
    () => index.createKeyspace(schema),
    CairnError,
  );
  assertEquals(error.code, "exists");
});

Deno.test("BitmapIndex.add() says when every slot of a dictionary is taken", async () => {
  await using index = await users({ rows: "hashed", hash_bits: 3 });
  const rows = Array.from({ length: 8 }, (_, i) => ({ row: [`row${i}`] }));
  await index.add(rows);
  const error = await assertRejects(
    () => index.add([{ row: ["one more"] }]),
    CairnError,
  );
  assertEquals([error.code, error.reason], ["limit", "slots-full"]);
  await using store = await openSnapshot(index);
  assertEquals(await store.find(encodeText("one more")), undefined);
  for (const { row } of rows) {
    assert(await store.find(encodeText(row[0]!)) !== undefined);
  }
});
