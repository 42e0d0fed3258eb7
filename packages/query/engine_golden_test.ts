import { assertEquals } from "@std/assert";
import type { IndexField } from "@cairn/core";
import { answerToJson, type JsonValue } from "./answer_json.ts";
import { bruteForce } from "./testdata/brute_force.ts";
import { openQuery } from "./engine.ts";
import { readGolden, readGoldenJson } from "./testdata/golden.ts";
import { ModelIndex } from "./testdata/model_index.ts";
import { rowsStore } from "./testdata/model_store.ts";
import { parseQuery } from "./language/parser.ts";
import { modelOfLines, type RowLine } from "./testdata/row_lines.ts";
import type { RowsModel } from "./testdata/rows_model.ts";

interface GoldenQuery {
  readonly keyspace?: string;
  readonly query: string;
  readonly kind: string;
  readonly count?: number;
  readonly sha256?: string;
  readonly answer?: JsonValue;
  readonly length?: number;
  readonly answer_sha256?: string;
}

function readLines(path: string): (RowLine & { keyspace?: string })[] {
  return readGolden(path).trimEnd().split("\n").map((line) => JSON.parse(line));
}

function field(
  name: string,
  kind: IndexField["kind"],
  quantum: IndexField["quantum"],
  of: IndexField["of"] = "uint",
): IndexField {
  return { name, kind, of, quantum };
}

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value as { [name: string]: JsonValue });
  entries.sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([k, v]) => [k, sortKeys(v)]));
}

async function assertAnswer(
  golden: GoldenQuery,
  answer: JsonValue,
): Promise<void> {
  const { query } = golden;
  if (golden.kind === "rows") {
    const { rows } = answer as { rows: JsonValue[] };
    assertEquals(rows.length, golden.count, query);
    const encoder = new TextEncoder();
    const lines = rows.map((row) => JSON.stringify(row)).sort((a, b) => {
      const x = encoder.encode(a);
      const y = encoder.encode(b);
      for (let i = 0; i < x.length && i < y.length; i++) {
        if (x[i] !== y[i]) return x[i]! - y[i]!;
      }
      return x.length - y.length;
    });
    assertEquals(
      await sha256(lines.map((line) => `${line}\n`).join("")),
      golden.sha256,
      query,
    );
  } else if (golden.answer !== undefined) {
    assertEquals(answer, golden.answer, query);
  } else {
    const [list] = Object.values(answer as { [name: string]: JsonValue[] });
    assertEquals(list!.length, golden.length, query);
    assertEquals(
      await sha256(JSON.stringify(sortKeys(answer))),
      golden.answer_sha256,
      query,
    );
  }
}

async function assertGolden(
  model: RowsModel,
  queries: readonly GoldenQuery[],
): Promise<void> {
  const index = new ModelIndex(model, { rowsOnly: true });
  await using store = rowsStore(model, index);
  const engine = await openQuery(store);
  for (const [i, golden] of queries.entries()) {
    const { answer } = await engine.run(golden.query);
    await assertAnswer(golden, answerToJson(answer));
    // What other tests compare with is itself compared here, at times.
    if (i % 5 !== 0) continue;
    await assertAnswer(golden, bruteForce(model, parseQuery(golden.query)));
  }
}

Deno.test("openQuery() answers the golden queries over an index of rows", async () => {
  const fields = [
    field("visit", "counter", "YMD"),
    field("landing_page", "counter", "YM"),
    field("signup", "counter", "YM"),
    field("login", "counter", "YM"),
    field("revenue", "counter", "YM"),
    field("ad_campaign", "set", "YM", "string"),
    field("item", "set", "Y"),
  ];
  const lines = readLines("bitmap/rows.ndjson");
  await assertGolden(
    modelOfLines(lines, fields, ["product", "user"]),
    readGoldenJson<GoldenQuery[]>("bitmap/queries.json"),
  );
});

const SMALL: Readonly<
  Record<string, { fields: IndexField[]; keyParts: string[] }>
> = {
  user_events: {
    fields: [
      field("login", "counter", "YMD"),
      field("landing_page", "counter", "YMD"),
      field("signup", "counter", "YMD"),
    ],
    keyParts: ["product", "user"],
  },
  numbered: {
    fields: [
      field("n", "counter", "YMD"),
      field("tag", "set", "YMD"),
      field("seen", "flag", "YMD"),
    ],
    keyParts: ["row"],
  },
  collide: {
    fields: [
      field("hits", "counter", "YMD"),
      field("word", "set", "YMD", "string"),
    ],
    keyParts: ["name"],
  },
};
const SAME_ROWS: Readonly<Record<string, string>> = {
  user_events_hashed: "user_events",
  dense_collide: "collide",
};

Deno.test("openQuery() answers the small golden queries", async () => {
  const lines = readLines("bitmap/small-events.ndjson");
  const queries = readGoldenJson<GoldenQuery[]>("bitmap/small-queries.json");
  const keyspaces = new Set(queries.map(({ keyspace }) => keyspace!));
  for (const keyspace of keyspaces) {
    const { fields, keyParts } = SMALL[SAME_ROWS[keyspace] ?? keyspace]!;
    const model = modelOfLines(
      lines.filter((line) => line.keyspace === keyspace),
      fields,
      keyParts,
      keyspace === "numbered" ? "uint" : "bytes",
    );
    await assertGolden(
      model,
      queries.filter((query) => query.keyspace === keyspace),
    );
  }
});
