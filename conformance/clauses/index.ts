/**
 * Clauses on indexes.
 *
 * @module
 */
import {
  type Condition,
  encodeText,
  equalBytes,
  formatHex,
  type Index,
  type Term,
} from "@cairn/core";
import { check, same } from "../assertions.ts";
import type { Clause } from "../clause.ts";
import type { Dataset } from "../dataset.ts";
import type { ReadTrail, Workbench } from "../workbench.ts";

const noIndex: Clause["excuse"] = (capabilities) =>
  capabilities.index ? undefined : "index is false";

/** Clauses on indexes. */
export const INDEX_CLAUSES: readonly Clause[] = [{
  id: "index.claim",
  text:
    "`index()` gives an index exactly where the capabilities say that stores have one.",
  async run(bench) {
    await using store = await bench.store();
    same(
      (await store.index()) !== undefined,
      bench.capabilities.index,
      "an index",
    );
  },
}, {
  id: "index.all",
  text: "`all` is every trail.",
  excuse: noIndex,
  async run(bench) {
    for (const dataset of bench.datasets()) {
      await using store = await bench.store(dataset);
      const index = (await store.index())!;
      const { trails } = await store.stats();
      same(
        [...await index.all()],
        Array.from({ length: trails }, (_, i) => i),
        dataset.name,
      );
    }
  },
}, {
  id: "index.trails",
  text:
    "`trails` of a term is the set of trails with such an event, or a superset where it says so.",
  excuse: noIndex,
  async run(bench) {
    for (
      const name of ["no-events", "one-event", "mixed", "binary", "equal-times"]
    ) {
      const dataset = bench.dataset(name);
      await using store = await bench.store(dataset);
      const trails = await bench.read(store);
      await termsHold(bench, dataset, (await store.index())!, trails);
    }
  },
}, {
  id: "index.values",
  text:
    "`values` lists the values of a set in byte order, each with its number of trails.",
  excuse: noIndex,
  async run(bench) {
    await using store = await bench.store();
    const index = (await store.index())!;
    const trails = await bench.read(store);
    for (const [f, { name }] of bench.mixed.schema.fields.entries()) {
      const listed = index.values?.(name);
      if (listed === undefined) continue;
      const found: [string, number][] = [];
      for await (const { value, count } of listed) {
        found.push([
          typeof value === "bigint" ? `${value}` : formatHex(value),
          count,
        ]);
      }
      const counts = new Map<string, number>();
      for (const trail of trails) {
        for (
          const value of new Set(trail.events.map((event) => event.values[f]!))
        ) {
          if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
        }
      }
      same(
        found,
        [...counts].sort(([a], [b]) => a < b ? -1 : 1),
        `values of ${name}`,
      );
    }
  },
}];

async function termsHold(
  _bench: Workbench,
  dataset: Dataset,
  index: Index,
  trails: readonly ReadTrail[],
): Promise<void> {
  const values = ["a", "b", "v3", "n7", "t", "zz", "no such value anywhere"]
    .map(encodeText);
  const conditions: (Condition | undefined)[] = [
    undefined,
    ...values.map((value): Condition => ({ kind: "in", values: [value] })),
    { kind: "in", values },
    { kind: "prefix", prefix: encodeText("v1") },
    { kind: "prefix", prefix: new Uint8Array(0) },
    {
      kind: "test",
      label: "two bytes long",
      test: (value) => value.length === 2,
      grams: { kind: "any" },
    },
  ];
  let answered = 0;
  for (const [f, { name }] of dataset.schema.fields.entries()) {
    for (const [c, condition] of conditions.entries()) {
      const term: Term = condition === undefined
        ? { field: name }
        : { field: name, condition };
      const postings = await index.trails(term);
      if (postings === undefined) continue;
      answered++;
      const expected = trails.filter((trail) =>
        trail.events.some((event) =>
          event.values[f] !== null && meets(event.values[f]!, condition)
        )
      ).map((trail) => trail.ordinal);
      const what = `${dataset.name}: ${name}, condition ${c}`;
      if (postings.exact) same([...postings.bitmap], expected, what);
      else {
        check(
          expected.every((o) => postings.bitmap.has(o)),
          `${what}: a trail is missing`,
        );
      }
    }
  }
  if (dataset.name === "mixed") {
    check(answered > 0, "the index answers nothing");
  }
}

function meets(hex: string, condition: Condition | undefined): boolean {
  if (condition === undefined) return true;
  const value = Uint8Array.from(
    { length: hex.length / 2 },
    (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
  switch (condition.kind) {
    case "in":
      return condition.values.some((other) => equalBytes(other, value));
    case "prefix":
      return equalBytes(
        value.subarray(0, condition.prefix.length),
        condition.prefix,
      );
    case "test":
      return condition.test(value);
    case "between":
      throw new Error("Not asked here");
  }
}
