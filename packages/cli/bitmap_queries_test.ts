import { assertEquals } from "@std/assert";
import { openSealed } from "@cairn/bitmap";
import {
  compareBytes,
  encodeText,
  MemorySource,
  type Store,
} from "@cairn/core";
import { answerToJson, type JsonValue, openQuery } from "@cairn/query";

const GOLDEN = new URL("../../conformance/golden/bitmap/", import.meta.url);

interface GoldenQuery {
  readonly keyspace?: string;
  readonly query: string;
  readonly kind: string;
  readonly count?: number;
  readonly sha256?: string;
  readonly answer?: JsonValue;
  readonly answer_sha256?: string;
}

async function sha256(text: string): Promise<string> {
  return new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
  ).toHex();
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value as { [name: string]: JsonValue });
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([k, v]) => [k, sortKeys(v)]));
}

async function assertAnswer(golden: GoldenQuery, answer: JsonValue) {
  if (golden.kind === "rows") {
    const { rows } = answer as { rows: JsonValue[] };
    const lines = rows.map((row) => JSON.stringify(row));
    lines.sort((a, b) => compareBytes(encodeText(a), encodeText(b)));
    assertEquals(lines.length, golden.count, golden.query);
    const digest = await sha256(lines.map((line) => `${line}\n`).join(""));
    assertEquals(digest, golden.sha256, golden.query);
  } else if (golden.answer !== undefined) {
    assertEquals(answer, golden.answer, golden.query);
  } else {
    const digest = await sha256(JSON.stringify(sortKeys(answer)));
    assertEquals(digest, golden.answer_sha256, golden.query);
  }
}

for (
  const [table, name, count] of [
    ["sealed-main.sst", "queries.json", 85],
    ["sealed-small.sst", "small-queries.json", 67],
  ] as const
) {
  Deno.test(`openQuery() over ${table} answers every golden query`, async () => {
    const queries: GoldenQuery[] = JSON.parse(
      await Deno.readTextFile(new URL(name, GOLDEN)),
    );
    const bytes = await Deno.readFile(new URL(table, GOLDEN));
    const stores = new Map<string | undefined, Store>();
    for (const golden of queries) {
      const { keyspace } = golden;
      let store = stores.get(keyspace);
      if (store === undefined) {
        const source = new MemorySource(bytes);
        store = await openSealed(source, keyspace ? { keyspace } : {});
        stores.set(keyspace, store);
      }
      const engine = await openQuery(store);
      const { answer } = await engine.run(golden.query);
      await assertAnswer(golden, answerToJson(answer));
    }
    assertEquals(queries.length, count);
    for (const store of stores.values()) await store.close();
  });
}
