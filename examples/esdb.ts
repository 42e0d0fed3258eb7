/**
 * Activity of a web site in an ESDB file: write it, then read one customer's
 * history, or only the events of one kind.
 *
 * Run it with `deno run -A examples/esdb.ts`.
 *
 * @module
 */
import { decodeText } from "@cairn/core";
import { createEsdb, type EsdbEvents, openEsdb } from "@cairn/esdb";

/** An event: customer, time, type, data. */
type Activity = readonly [string, number, string, Record<string, string>];

const EVENTS: readonly Activity[] = [
  ["1", 1403534919, "page", { url: "http://mysite.com/" }],
  ["1", 1403534920, "click", { button_text: "Checkout" }],
  ["1", 1403534921, "page", { url: "http://mysite.com/checkout" }],
  ["1", 1403534923, "purchase", { total: "42.99" }],
  ["1", 1403534923, "page", { url: "http://mysite.com/thankyou" }],
  ["2", 1403534919, "page", { url: "http://mysite.com/" }],
  ["2", 1403534920, "click", { button_text: "About" }],
  ["2", 1403534921, "page", { url: "http://mysite.com/about" }],
  ["3", 1403534919, "page", { url: "http://mysite.com/" }],
  ["3", 1403534920, "click", { button_text: "About" }],
  ["3", 1403534921, "page", { url: "http://mysite.com/about" }],
  ["3", 1403534922, "click", { button_text: "Checkout" }],
  ["3", 1403534923, "purchase", { total: "126.99" }],
  ["3", 1403534923, "page", { url: "http://mysite.com/thankyou" }],
];

const folder = await Deno.makeTempDir();
const path = `${folder}/activity.esdb`;
try {
  await using writer = await createEsdb(path);
  for (const [customer, timestamp, type, data] of EVENTS) {
    // The space, any bytes as data, the time to sort by, and one index.
    await writer.add(customer, JSON.stringify(data), timestamp, {
      indexes: { type },
    });
  }
  await writer.finish();

  await using store = await openEsdb(path);
  const first = (await store.find("1"))!;
  const second = (await store.find("2"))!;
  const third = (await store.find("3"))!;

  // All of a customer's activity that is in no grouping, latest first.
  console.log("activity for 1:");
  await print(first.scan(""));
  console.log("\nactivity for 2:");
  await print(second.scan(""));

  // Only one kind of event: nothing else is read.
  console.log("\npurchases for 1:");
  await print(first.scanIndex("type", "purchase"));
  console.log("\nclicks for 3:");
  await print(third.revScanIndex("type", "click"));
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Prints the data of events. */
async function print(batches: AsyncIterable<EsdbEvents>): Promise<void> {
  for await (const events of batches) {
    for (const { data } of events) console.log(decodeText(data));
  }
}

// Output:
// activity for 1:
// {"total":"42.99"}
// {"url":"http://mysite.com/thankyou"}
// {"url":"http://mysite.com/checkout"}
// {"button_text":"Checkout"}
// {"url":"http://mysite.com/"}
//
// activity for 2:
// {"url":"http://mysite.com/about"}
// {"button_text":"About"}
// {"url":"http://mysite.com/"}
//
// purchases for 1:
// {"total":"42.99"}
//
// clicks for 3:
// {"button_text":"Checkout"}
// {"button_text":"About"}
