/**
 * The bundled history of the Git project, as events.
 *
 * @module
 */
import { createSchema, encodeText, parseUuid, type Schema } from "@cairn/core";
import type { Dataset, DatasetEvent } from "../dataset.ts";

/** Fields of the history, with their types. */
export const HISTORY_SCHEMA: Schema = createSchema([
  "action",
  "area",
  "ext",
  { name: "path", type: "bytes" },
  { name: "added", type: "integer" },
  { name: "deleted", type: "integer" },
  "committer",
]);

/**
 * Loads the history that comes with the suite: 137,877 events of 2,464 trails.
 *
 * @returns The events, in the order of the file.
 */
export async function loadHistory(): Promise<Dataset> {
  const url = new URL("../golden/data/git-history.csv.gz", import.meta.url);
  const response = await fetch(url);
  const text = await new Response(
    response.body!.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  const events: DatasetEvent[] = [];
  const rows = parseCsv(text);
  rows.next();
  for (const [uuid, time, ...values] of rows) {
    events.push({
      key: parseUuid(uuid!),
      timestamp: Number(time),
      values: values.map((value) => value === "" ? null : encodeText(value)),
    });
  }
  return {
    name: "git-history",
    reason:
      "a real history: many equal times, values of every kind of frequency",
    schema: HISTORY_SCHEMA,
    events,
  };
}

/** Splits CSV, quotes and all, the plain way. */
function* parseCsv(text: string): Generator<string[]> {
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (at++; at < text.length; at++) {
        if (text[at] !== '"') value += text[at];
        else if (text[at + 1] === '"') value += text[at++];
        else break;
      }
      at++;
    } else {
      let end = at;
      while (end < text.length && text[end] !== "," && text[end] !== "\n") {
        end++;
      }
      value = text.slice(at, end).replace(/\r$/, "");
      at = end;
    }
    row.push(value);
    if (text[at] !== ",") {
      yield row;
      row = [];
    }
    at++;
  }
}
