import { assertEquals } from "@std/assert";
import { createSchema, type Term } from "@cairn/core";
import fc from "fast-check";
import { answerToJson } from "./answer_json.ts";
import { bruteForce } from "./testdata/brute_force.ts";
import { openQuery } from "./engine.ts";
import { ModelIndex, type ModelIndexOptions } from "./testdata/model_index.ts";
import { ModelStore } from "./testdata/model_store.ts";
import {
  modelOfTrails,
  queryArbitrary,
  trailsArbitrary,
} from "./testdata/random_queries.ts";

const SCHEMA = createSchema(["page", { name: "price", type: "integer" }]);
const COUNTERS = { spent: { sum: "price" } };

/** Some terms, the same ones each time. */
function isSome(share: number): (term: Term) => boolean {
  return ({ field, period, condition }) => {
    const text = field + JSON.stringify(period ?? "") + (condition?.kind ?? "");
    return text.length % share === 0;
  };
}

const KINDS: readonly (ModelIndexOptions | undefined)[] = [
  undefined,
  {},
  { isMinimal: true },
  { fields: ["page", ".events"] },
  { fields: ["spent"], isMinimal: true },
  { isLoose: isSome(2) },
  { isUnknown: isSome(3), isLoose: isSome(2) },
  { isLoose: () => true, isMinimal: true },
];

Deno.test("runQuery() answers as brute force does, through every index and none", async () => {
  await fc.assert(
    fc.asyncProperty(
      trailsArbitrary,
      queryArbitrary,
      fc.constantFrom<"ids" | "bytes">("ids", "bytes"),
      fc.constantFrom(1, 3, 1000),
      async (trails, query, columns, batchEvents) => {
        const model = modelOfTrails(trails);
        const expected = bruteForce(model, query);
        for (const kind of KINDS) {
          const index = kind && new ModelIndex(model, kind);
          await using store = new ModelStore(SCHEMA, trails, {
            columns,
            batchEvents,
            ...(index === undefined ? {} : { index }),
          });
          const engine = await openQuery(store, { counters: COUNTERS });
          const { answer } = await engine.run(query);
          assertEquals(
            answerToJson(answer),
            expected,
            `${JSON.stringify(query)} ${JSON.stringify(kind)}`,
          );
        }
      },
    ),
    { numRuns: Number(Deno.env.get("CAIRN_RUNS") ?? 300) },
  );
});
