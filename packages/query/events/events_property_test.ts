import { assertEquals } from "@std/assert";
import {
  type Bitmap,
  createSchema,
  encodeText,
  equal,
  equalBytes,
  Filter,
  type FilterTerm,
  formatHex,
  notEqual,
  parseInteger,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import {
  between,
  countEvents,
  findSequence,
  findTrails,
  funnel,
  greaterThan,
  groupEvents,
  matchesPattern,
  type TrailSegment,
} from "../mod.ts";
import { ModelIndex } from "../testdata/model_index.ts";
import {
  type ModelEvent,
  ModelStore,
  type ModelTrail,
} from "../testdata/model_store.ts";
import { modelOfTrails, trailsArbitrary } from "../testdata/random_queries.ts";

const SCHEMA = createSchema(["page", { name: "price", type: "integer" }]);
const RUNS = Number(Deno.env.get("CAIRN_RUNS") ?? 200);

const term: fc.Arbitrary<FilterTerm> = fc.oneof(
  fc.constantFrom("a", "ab", "abc", "", "zz").map((v) => equal("page", v)),
  fc.constantFrom("a", "abc", "").map((v) => notEqual("page", v)),
  fc.constantFrom("1", "2", "7").map((v) => equal("price", v)),
  fc.constantFrom(-4, 0, 7).map((n) => greaterThan("price", n)),
  fc.constant(between("price", -3, 2)),
  fc.constantFrom("a.*", "", ".*").map((p) => matchesPattern("page", p)),
  fc.constant(timeRange(1, 86_401)),
  fc.constantFrom(equal("nothing", "x"), notEqual("nothing", "x")),
);
const filter: fc.Arbitrary<Filter> = fc.array(
  fc.array(term, { minLength: 1, maxLength: 2 }),
  { maxLength: 2 },
).map((clauses) => new Filter(clauses));
/** So many clauses that they do not fit one word. */
const wideFilter: fc.Arbitrary<Filter> = fc.array(
  fc.array(term, { minLength: 1, maxLength: 8 }),
  { minLength: 20, maxLength: 40 },
).map((clauses) => new Filter(clauses));
const steps = fc.array(fc.oneof(filter, filter, filter, wideFilter), {
  minLength: 1,
  maxLength: 4,
});
const within = fc.constantFrom(undefined, 0, 1, 86_400, 40 * 86_400);
const columns = fc.constantFrom<"ids" | "bytes">("ids", "bytes");
const batchEvents = fc.constantFrom(1, 2, 1000);

function passes({ values, time }: ModelEvent, { clauses }: Filter): boolean {
  return clauses.every((clause) =>
    clause.some((term) => {
      if (term.kind === "time") return time >= term.from && time < term.to;
      const at = SCHEMA.fields.findIndex(({ name }) => name === term.field);
      if (at < 0) return term.kind === "equal" && term.negated;
      const value = values[at]!;
      if (term.kind === "test") return term.test(value);
      const empty = new Uint8Array(0);
      return equalBytes(value ?? empty, term.value ?? empty) !== term.negated;
    })
  );
}

/** Tries every event that could begin, and every way on from it. */
function depthOf(
  { events }: ModelTrail,
  steps: readonly Filter[],
  within = Infinity,
): number {
  const follow = (from: number, step: number, begin: number): number => {
    let deepest = step;
    if (step === steps.length) return deepest;
    for (let i = from; i < events.length; i++) {
      const event = events[i]!;
      if (step > 0 && event.time - begin > within) continue;
      if (!passes(event, steps[step]!)) continue;
      const start = step === 0 ? event.time : begin;
      deepest = Math.max(deepest, follow(i + 1, step + 1, start));
    }
    return deepest;
  };
  return follow(0, 0, 0);
}

function makeStore(
  trails: readonly ModelTrail[],
  columns: "ids" | "bytes",
  batchEvents: number,
): ModelStore {
  const index = new ModelIndex(modelOfTrails(trails), { fields: ["page"] });
  return new ModelStore(SCHEMA, trails, { columns, batchEvents, index });
}

Deno.test("funnel() and findSequence() go as far as trying everything does", async () => {
  await fc.assert(
    fc.asyncProperty(
      trailsArbitrary,
      steps,
      within,
      columns,
      batchEvents,
      fc.boolean(),
      async (trails, steps, within, columns, batchEvents, useIndex) => {
        await using store = makeStore(trails, columns, batchEvents);
        const options = {
          useIndex,
          ...(within === undefined ? {} : { within }),
        };
        const depths = trails.map((trail) => depthOf(trail, steps, within));
        const { counts } = await funnel(store, steps, options);
        assertEquals(
          counts,
          steps.map((_, i) => depths.filter((depth) => depth > i).length),
        );
        assertEquals(
          [...await findSequence(store, steps, options)],
          depths.flatMap((d, trail) => d === steps.length ? [trail] : []),
        );
      },
    ),
    { numRuns: RUNS },
  );
});

const segment: fc.Arbitrary<TrailSegment> = fc.letrec<
  { leaf: TrailSegment; node: TrailSegment }
>((tie) => ({
  leaf: fc.oneof(
    fc.record({
      op: fc.constant("has" as const),
      where: filter,
      moreThan: fc.constantFrom(-1, 0, 0.5, 1, 2),
    }),
    fc.record({
      op: fc.constant("sum" as const),
      field: fc.constant("price"),
      where: filter,
      moreThan: fc.constantFrom<number | bigint>(
        -3,
        -0.5,
        0,
        2.5,
        8n,
        2n ** 53n,
      ),
    }),
    fc.record({ op: fc.constant("sequence" as const), steps }),
  ),
  node: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.record({
      op: fc.constantFrom<"and" | "or" | "xor">("and", "or", "xor"),
      of: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant("not" as const), of: tie("node") }),
  ),
})).node;

function isIn(trail: ModelTrail, segment: TrailSegment): boolean {
  switch (segment.op) {
    case "has": {
      const { where, moreThan = 0 } = segment;
      const count = trail.events.filter((e) => passes(e, where)).length;
      return count > moreThan;
    }
    case "sum": {
      const { where, moreThan } = segment;
      let sum = 0n;
      for (const event of trail.events) {
        const price = event.values[1];
        if (price && passes(event, where)) sum += parseInteger(price) ?? 0n;
      }
      return sum > moreThan;
    }
    case "sequence":
      return depthOf(trail, segment.steps) === segment.steps.length;
    case "not":
      return !isIn(trail, segment.of);
    case "and":
      return segment.of.every((part) => isIn(trail, part));
    case "or":
      return segment.of.some((part) => isIn(trail, part));
    case "xor":
      return segment.of.filter((part) => isIn(trail, part)).length % 2 === 1;
  }
}

Deno.test("findTrails() finds what looking at each trail finds", async () => {
  await fc.assert(
    fc.asyncProperty(
      trailsArbitrary,
      segment,
      columns,
      batchEvents,
      async (trails, segment, columns, batchEvents) => {
        await using store = makeStore(trails, columns, batchEvents);
        const found: Bitmap = await findTrails(store, segment);
        assertEquals(
          [...found],
          trails.flatMap((trail, i) => isIn(trail, segment) ? [i] : []),
        );
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("countEvents() and groupEvents() count what passes", async () => {
  await fc.assert(
    fc.asyncProperty(
      trailsArbitrary,
      filter,
      columns,
      fc.constantFrom("page", "year", "month", "day"),
      async (trails, where, columns, by) => {
        await using store = makeStore(trails, columns, 3);
        const events = trails.flatMap(({ events }) => events)
          .filter((event) => passes(event, where));
        assertEquals(await countEvents(store, where), events.length);
        const groups = new Map<string, { count: number; sum: bigint }>();
        for (const { time, values } of events) {
          const day = new Date(time * 1000).toISOString().slice(0, 10);
          const key = by === "page"
            ? (values[0] === null ? "" : formatHex(values[0]!))
            : day.slice(0, { year: 4, month: 7, day: 10 }[by]);
          const group = groups.get(key) ?? { count: 0, sum: 0n };
          group.count++;
          group.sum += values[1] ? parseInteger(values[1]) ?? 0n : 0n;
          groups.set(key, group);
        }
        const made = await groupEvents(
          store,
          by === "page" ? { field: by } : { period: by as "year" },
          { where, sum: "price" },
        );
        assertEquals(
          made.map(({ key, count, sum }) => [
            typeof key === "string" ? key : key === null ? "" : formatHex(key),
            { count, sum },
          ]),
          [...groups].sort(([a], [b]) => a < b ? -1 : 1),
        );
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("findTrails() refuses what it cannot follow", async () => {
  await using store = makeStore([], "ids", 1);
  let deep: TrailSegment = { op: "has", where: Filter.all };
  for (let i = 0; i < 300; i++) deep = { op: "not", of: deep };
  const cases: [TrailSegment, string][] = [
    [deep, "limit"],
    [{ op: "sequence", steps: [] }, "invalid-input"],
    [{ op: "sequence", steps: Array(32).fill(Filter.all) }, "limit"],
    [{ op: "sum", field: "no", where: Filter.all, moreThan: 0 }, "not-found"],
  ];
  for (const [segment, code] of cases) {
    const error = await findTrails(store, segment).then(
      () => undefined,
      (error) => error,
    );
    assertEquals(error?.code, code);
  }
});

Deno.test("findTrails() takes more filters than fit one pass", async () => {
  const event = (page: string): ModelEvent => ({
    time: 1,
    values: [encodeText(page), null],
  });
  const trails = Array.from({ length: 100 }, (_, i): ModelTrail => ({
    key: encodeText(`${i}`),
    events: [event(`p${i}`)],
  }));
  await using store = new ModelStore(SCHEMA, trails);
  const of = trails.slice(0, 70).map((_, i): TrailSegment => ({
    op: "has",
    where: new Filter([[equal("page", `p${i}`)]]),
  }));
  assertEquals((await findTrails(store, { op: "or", of })).count(), 70);
  assertEquals((await findTrails(store, { op: "xor", of })).count(), 70);
  assertEquals((await findTrails(store, { op: "and", of })).count(), 0);
});
