/**
 * Segments of users from bitmaps: events go into an index, queries come out of
 * it. These are the queries that libmutton's README begins with, as they stand
 * there, over 20,000 made-up events.
 *
 * Run it with `deno run -A examples/segments.ts`.
 *
 * @module
 */
import {
  BitmapIndex,
  importLines,
  openSnapshot,
  parseKeyspaceSchema,
} from "@cairn/bitmap";
import { answerToJson, openQuery } from "@cairn/query";

const GOLDEN = new URL("../conformance/golden/bitmap/", import.meta.url);
const readText = (name: string): Promise<string> =>
  Deno.readTextFile(new URL(name, GOLDEN));

// Rows are users of products; visits, revenue and the like are counters, kept
// once for all time and once per year, month and day; campaigns are a set.
await using index = await BitmapIndex.open();
await index.createKeyspace(
  parseKeyspaceSchema(JSON.parse(await readText("schema.json"))),
);
const lines = (await readText("rows.ndjson")).trimEnd().split("\n");
const { events } = await importLines(index, lines);

await using store = await openSnapshot(index);
const engine = await openQuery(store);
console.log(`${events} events`);

const QUESTIONS: readonly (readonly [string, string])[] = [
  ["all users that have visited the site", '(slice "visit")'],
  ["... in 2013", '(slice "visit_2013")'],
  ["... in May of 2013", '(slice "visit_2013_05")'],
  [
    "all users that have not visited the site in May of 2013",
    '(not (slice "visit_2013_05"))',
  ],
  [
    "visited in May of 2013 more than 6 times",
    '(slice "visit_2013_05" (range 6 0))',
  ],
  [
    "generated more than 10k of revenue",
    '(slice "revenue" (range 10000 0))',
  ],
  [
    "more than 10k of revenue, or more than 150 visits",
    '(or (slice "revenue" (range 10000 0)) (slice "visit" (range 150 0)))',
  ],
  [
    "hit a mopub campaign in 2013 and made a purchase",
    '(and (slice "ad_campaign_2013" (regex "mopub.*")) (slice "revenue_2013"))',
  ],
];

for (const [question, query] of QUESTIONS) {
  const { answer } = await engine.run(query);
  const { rows } = answerToJson(answer) as { rows: string[][] };
  const [first, second] = rows.map((row) => row.join("/"));
  console.log(`\n${question}\n  ${query}`);
  console.log(`  ${rows.length} rows: ${first}, ${second}, ...`);
}

// What the README left open: which fields the caller gets.
const { answer, plan } = await engine.run(
  '(select (fields "visit_2013_05" "revenue") (order-by "revenue" desc) ' +
    '(limit 3) (slice "visit_2013_05" (range 6 0)))',
);
console.log(`\nthe three of them with the most revenue`);
for (const row of (answerToJson(answer) as { rows: unknown[] }).rows) {
  console.log(`  ${JSON.stringify(row)}`);
}
const [term] = plan.terms;
console.log(`\n${term!.term}: ${term!.source}, ${term!.trails} rows`);

// Output:
// 20000 events
//
// all users that have visited the site
//   (slice "visit")
//   4958 rows: prod5/user574, prod2/user4366, ...
//
// ... in 2013
//   (slice "visit_2013")
//   2855 rows: prod1/user133, prod2/user166, ...
//
// ... in May of 2013
//   (slice "visit_2013_05")
//   393 rows: prod5/user501, prod3/user356, ...
//
// all users that have not visited the site in May of 2013
//   (not (slice "visit_2013_05"))
//   5058 rows: prod5/user574, prod2/user4366, ...
//
// visited in May of 2013 more than 6 times
//   (slice "visit_2013_05" (range 6 0))
//   29 rows: prod2/user1, prod2/user58, ...
//
// generated more than 10k of revenue
//   (slice "revenue" (range 10000 0))
//   210 rows: prod2/user166, prod4/user7, ...
//
// more than 10k of revenue, or more than 150 visits
//   (or (slice "revenue" (range 10000 0)) (slice "visit" (range 150 0)))
//   211 rows: prod2/user166, prod4/user7, ...
//
// hit a mopub campaign in 2013 and made a purchase
//   (and (slice "ad_campaign_2013" (regex "mopub.*")) (slice "revenue_2013"))
//   272 rows: prod5/user501, prod4/user7, ...
//
// the three of them with the most revenue
//   {"row":["prod2","user1"],"fields":{"visit_2013_05":15,"revenue":271520}}
//   {"row":["prod5","user2"],"fields":{"visit_2013_05":37,"revenue":80855}}
//   {"row":["prod5","user4"],"fields":{"visit_2013_05":11,"revenue":54371}}
//
// (slice "visit_2013_05" (range 6 0)): index, 29 rows
