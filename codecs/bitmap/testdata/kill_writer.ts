/**
 * Adds numbered batches to a live index until it is killed, and says on stdout
 * which are acknowledged. Run by `kill_test.ts`.
 *
 * @module
 */
import { openBitmapIndex, parseKeyspaceSchema } from "../mod.ts";

const [path, sync] = Deno.args as [string, string];
const index = await openBitmapIndex(path, { sync: sync === "sync" });
if (index.keyspaces.size === 0) {
  await index.createKeyspace(parseKeyspaceSchema({
    name: "users",
    row_id: ["user"],
    fields: [
      { name: "visit", type: "counter", quantum: "YM" },
      { name: "signup", type: "counter", encoding: "equality" },
      { name: "word", type: "set", trigram: true },
      { name: "seen", type: "flag", quantum: "YMD" },
    ],
  }));
}
const encoder = new TextEncoder();
const { rows, position } = index.keyspaces.get("users")!.state;
Deno.stdout.writeSync(encoder.encode(`open ${position} ${rows}\n`));
for (let event = position;; event += 20) {
  await index.add(Array.from({ length: 20 }, (_, i) => ({
    row: [`user${(event + i) * 7919 % 3000}`],
    ts: `2013-0${1 + event % 9}-0${1 + i % 9}T00:00:00Z`,
    add: { visit: event % 50, signup: i % 3 },
    put: { word: [`word${(event + i) % 400}`] },
    mark: i % 2 === 0 ? ["seen"] : [],
  })));
  Deno.stdout.writeSync(encoder.encode(`added ${event + 20}\n`));
}
