import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, createSchema, encodeText, type Schema } from "@cairn/core";
import { answerToJson } from "./answer_json.ts";
import { openQuery, type OpenQueryOptions, runQuery } from "./engine.ts";
import { ModelIndex } from "./testdata/model_index.ts";
import {
  ModelStore,
  type ModelTrail,
  rowsStore,
} from "./testdata/model_store.ts";
import { modelOfLines } from "./testdata/row_lines.ts";
import { modelOfTrails } from "./testdata/random_queries.ts";

const SCHEMA: Schema = createSchema([
  "page",
  { name: "price", type: "integer" },
]);

/** Trail `i` has `i % 4 + 1` events of page `p<i % 10>` and price `i`. */
function makeTrails(count: number): ModelTrail[] {
  return Array.from({ length: count }, (_, i): ModelTrail => ({
    key: encodeText(`t${i}`),
    events: Array.from({ length: i % 4 + 1 }, (_, e) => ({
      time: 86_400 * e,
      values: [encodeText(`p${i % 10}`), encodeText(`${i}`)],
    })),
  }));
}

async function ask(
  query: string,
  options: OpenQueryOptions = {},
  trails = makeTrails(40),
): Promise<unknown> {
  await using store = new ModelStore(SCHEMA, trails);
  return answerToJson((await runQuery(store, query, options)).answer);
}

Deno.test("runQuery() knows the number of events and declared counters", async () => {
  assertEquals(await ask('(sum ".events" (slice "page" (= "p1")))'), {
    sum: 12,
    count: 4,
  });
  assertEquals(
    await ask('(top-n "spent" 1)', { counters: { spent: { sum: "price" } } }),
    { top: [{ row: ["t39"], value: 156 }] },
  );
  assertEquals(await ask('(count (slice ".events_1970_01_04"))'), {
    count: 10,
  });
});

Deno.test("runQuery() takes periods in the unit of the store's times", async () => {
  assertEquals(
    await ask('(count (slice "page_1970_01_02"))', { timeUnit: "ms" }),
    { count: 0 },
  );
  assertEquals(await ask('(count (slice "page_1970_01_02"))'), { count: 30 });
});

Deno.test("runQuery() keeps sums exact beyond 53 bits", async () => {
  const price = (2n ** 127n).toString();
  const trails = [{
    key: encodeText("t"),
    events: [1, 2, 3].map((time) => ({
      time,
      values: [null, encodeText(time === 3 ? "9007199254740991" : price)],
    })),
  }];
  const counters = { spent: { sum: "price" } };
  const sum = 2n ** 128n + 2n ** 53n - 1n;
  assertEquals(await ask('(sum "spent")', { counters }, trails), {
    sum: sum.toString(),
    count: 1,
  });
  assertEquals(
    await ask(
      `(count (slice "spent" (>= ${2n ** 128n - 1n})))`,
      { counters },
      trails,
    ),
    { count: 1 },
  );
});

Deno.test("runQuery() counts values that are no numbers", async () => {
  const trails = [{
    key: encodeText("t"),
    events: ["1", "x", "x", "-1", ""].map((text, time) => ({
      time,
      values: [null, text === "" ? null : encodeText(text)],
    })),
  }];
  await using store = new ModelStore(SCHEMA, trails);
  const { answer, plan } = await runQuery(store, '(group-by "price")');
  assertEquals(answerToJson(answer), { groups: [{ value: 1, count: 1 }] });
  assertEquals(plan.notNumbers, [{ field: "price", values: 2 }]);
});

Deno.test("runQuery() stops a scan when a limit is reached", async () => {
  const trails = makeTrails(20_000);
  await using store = new ModelStore(SCHEMA, trails, { batchEvents: 1000 });
  const query =
    '(select (offset 5) (limit 10) (and (slice "page" (= "p3")) (not (slice "price" (< 10)))))';
  const { answer, plan } = await runQuery(store, query);
  assertEquals(
    (answerToJson(answer) as { rows: { row: unknown }[] }).rows.map((r) =>
      r.row
    ),
    Array.from({ length: 10 }, (_, i) => [`t${63 + 10 * i}`]),
  );
  assert(plan.stoppedEarly);
  assert(store.eventsGiven < 10_000, `${store.eventsGiven} events`);
  const all = await runQuery(store, '(count (slice "page" (= "p3")))');
  assertEquals(answerToJson(all.answer), { count: 2000 });
  assertEquals(all.plan.stoppedEarly, false);
});

Deno.test("runQuery() scans only the trails that an index leaves in doubt", async () => {
  const trails = makeTrails(40);
  const index = new ModelIndex(modelOfTrails(trails), { fields: ["page"] });
  await using store = new ModelStore(SCHEMA, trails, { index });
  const { answer, plan } = await runQuery(
    store,
    '(count (and (slice "price" (> 10)) (slice "page" (= "p1"))))',
  );
  assertEquals(answerToJson(answer), { count: 3 });
  assertEquals(plan.terms.map(({ source, trails }) => [source, trails]), [
    ["index", 4],
    ["scan", 0],
  ]);
  assertEquals(plan.scans.map(({ trails, fields }) => [trails, fields]), [
    [4, ["price"]],
  ]);
  assertEquals([plan.trailsTotal, plan.trailsFound], [40, 3]);
});

Deno.test("runQuery() reads no event when an index knows all", async () => {
  const trails = makeTrails(40);
  const index = new ModelIndex(modelOfTrails(trails));
  await using store = new ModelStore(SCHEMA, trails, { index });
  const engine = await openQuery(store);
  for (
    const query of [
      '(not (or (slice "page" (prefix "p1")) (slice "price_1970_01_02")))',
      '(group-by "page" (sum ".events"))',
      '(select (fields *) (order-by ".events" desc) (limit 3) (all))',
      '(and (slice "page" (= "nothing")) (slice "price" (> 3)))',
    ]
  ) {
    const { plan } = await engine.run(query);
    assertEquals(plan.scans, [], query);
  }
  assertEquals(store.eventsGiven, 0);
  // The last one's second slice need not be asked: nothing is left.
  assertEquals(index.asked.at(-1)?.field, "page");
});

Deno.test("runQuery() treats unknown fields as empty when told to", async () => {
  const unknownFields = "empty";
  const cases: [string, unknown][] = [
    ['(count (slice "no"))', { count: 0 }],
    ['(count (not (slice "no_2013" (= 1) (regex "a"))))', { count: 40 }],
    ['(sum "no")', { sum: 0, count: 0 }],
    ['(min "no")', { min: null, count: 0 }],
    ['(top-n "no" 3)', { top: [] }],
    ['(group-by "no")', { groups: [] }],
    ['(group-by "page" (sum "no") (limit 1))', {
      groups: [{ value: "p0", count: 4, sum: 0 }],
    }],
    ['(select (fields "no") (order-by "no") (limit 1) (all))', {
      rows: [{ row: ["t0"], fields: { no: null } }],
    }],
  ];
  for (const [query, expected] of cases) {
    assertEquals(await ask(query, { unknownFields }), expected, query);
    const error = await assertRejects(() => ask(query), CairnError);
    assertEquals(error.reason, "unknown-field", query);
  }
});

Deno.test("runQuery() says when nobody can answer", async () => {
  const model = modelOfLines(
    [{ row: ["a"], ts: "2013-05-01T00:00:00Z", add: { n: 2 } }],
    [{ name: "n", kind: "counter", of: "uint", quantum: "Y" }],
    ["id"],
  );
  const index = new ModelIndex(model, {
    rowsOnly: true,
    isMinimal: true,
    isUnknown: ({ condition }) => condition !== undefined,
  });
  await using store = rowsStore(model, index);
  const cases: Record<string, string> = {
    '(slice "n" (= 2))': "unsupported",
    '(sum "n")': "unsupported",
    '(slice "n_2013_05")': "invalid-input",
  };
  for (const [query, code] of Object.entries(cases)) {
    const error = await assertRejects(() => runQuery(store, query), CairnError);
    assertEquals(error.code, code, query);
  }
  assertEquals(
    answerToJson((await runQuery(store, '(count (slice "n_2013"))')).answer),
    { count: 1 },
  );
});

Deno.test("runQuery() refuses a counter of a field that is not there", async () => {
  const error = await assertRejects(
    () => ask("(all)", { counters: { n: { sum: "no" } } }),
    CairnError,
  );
  assertEquals(error.code, "not-found");
});

Deno.test("runQuery() stops when the caller says so", async () => {
  const abort = AbortSignal.abort("enough");
  const error = await assertRejects(
    () => ask('(slice "page")', { signal: abort }),
    CairnError,
  );
  assertEquals([error.code, error.cause], ["aborted", "enough"]);
});

Deno.test("runQuery() gives ids as text, bytes in hex", async () => {
  const trails = [Uint8Array.of(0xff, 0), encodeText("é")].map((key) => ({
    key,
    events: [{ time: 1, values: [Uint8Array.of(0xfe), null] }],
  }));
  assertEquals(await ask("(all)", {}, trails), {
    rows: [[{ hex: "ff00" }], ["é"]],
  });
  assertEquals(await ask("(count (row #ff00#))", {}, trails), { count: 1 });
  assertEquals(await ask('(select (fields "page") (row "é"))', {}, trails), {
    rows: [{ row: ["é"], fields: { page: [{ hex: "fe" }] } }],
  });
});

Deno.test("QueryEngine.segment() gives the trails, whatever is asked about them", async () => {
  await using store = new ModelStore(SCHEMA, makeTrails(40));
  const engine = await openQuery(store);
  assertEquals(
    [...await engine.segment('(top-n "page" 1 (slice "page" (= "p1")))')],
    [1, 11, 21, 31],
  );
});

Deno.test("runQuery() answers queries made to cost much", async () => {
  const many = (form: (i: number) => string, count: number): string =>
    Array.from({ length: count }, (_, i) => form(i)).join(" ");
  const cases: [string, number][] = [
    [`(or ${many((i) => `(slice "page" (= "x${i}"))`, 20_000)})`, 0],
    [
      `(slice "price" ${
        many((i) => `(between ${3 * i} ${3 * i + 1})`, 20_000)
      })`,
      27,
    ],
    [`(slice "price" (in ${many((i) => `${2 * i}`, 50_000)}))`, 20],
    [`(and ${many((i) => `(slice "price" (>= ${i % 3}))`, 300)})`, 38],
    [`(xor ${many(() => "(all)", 10_001)})`, 40],
    [`${"(not ".repeat(254)}(slice "page")${")".repeat(254)}`, 40],
    [
      `(slice "page" (regex "(.*a){20}") ${
        many((i) => `(prefix "q${i}")`, 5000)
      })`,
      0,
    ],
  ];
  const trails = makeTrails(40);
  const index = new ModelIndex(modelOfTrails(trails));
  for (const options of [{}, { index }]) {
    await using store = new ModelStore(SCHEMA, trails, options);
    const engine = await openQuery(store);
    for (const [query, count] of cases) {
      const { plan } = await engine.run(query);
      assertEquals(plan.trailsFound, count, query.slice(0, 60));
    }
  }
});
