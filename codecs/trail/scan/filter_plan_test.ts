import { assertEquals, assertExists } from "@std/assert";
import { FILTER_KINDS, FILTER_TIME_BITS } from "@cairn/kernels";
import type { RowLayout } from "./decode_tables.ts";
import type { DecodeModel } from "../event_decoder.ts";
import { FilterPlan } from "./filter_plan.ts";
import { makeFilterStates } from "./filter_states.ts";

/** A file whose codewords are pairs of fields, each with value 1. */
function makeModel(fieldCount: number, pairs: [number, number][]): DecodeModel {
  const length = pairs.length + 1;
  return {
    fieldCount,
    valueCounts: new Float64Array(fieldCount + 1).fill(3),
    fieldBits: 6,
    valueBits: new Uint8Array(fieldCount + 1).fill(2),
    codebook: {
      symbols: new Uint32Array(65_536),
      codeBits: new Uint8Array(length).fill(10),
      firstFields: Uint16Array.from([0, ...pairs.map(([first]) => first)]),
      firstValues: new Float64Array(length).fill(1),
      secondFields: Uint16Array.from([0, ...pairs.map(([, second]) => second)]),
      secondValues: new Float64Array(length).fill(1),
    },
    minTime: 0n,
    data: {} as DecodeModel["data"],
  };
}

function makeLayout(fieldCount: number, timeBits: number): RowLayout {
  const slots = Uint16Array.from(
    { length: fieldCount + 1 },
    (_, field) => field === 0 ? 0 : 4 + 4 * field,
  );
  return { rowBytes: 256, scale: 9, timeBits, slots };
}

/** Accepts value 1 of field 1. */
const states = makeFilterStates({
  verdict: "some",
  fields: [0],
  clauses: [[{
    kind: "field",
    field: 0,
    accepts: Uint8Array.of(0, 1, 0, 0),
    single: undefined,
    test: () => false,
  }]],
})!;

function allPairs(fieldCount: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let first = 1; first <= fieldCount; first++) {
    for (let second = first + 1; second <= fieldCount; second++) {
      pairs.push([first, second]);
    }
  }
  return pairs;
}

Deno.test("FilterPlan.create() numbers kinds by slots and classes by what they do", () => {
  const model = makeModel(3, [[1, 2], [1, 3], [2, 3], [2, 0], [0, 1], [0, 0]]);
  const layout = makeLayout(3, 20);
  layout.slots[3] = layout.rowBytes; // a column that nobody wants
  const plan = FilterPlan.create(model, layout, states);
  assertExists(plan);
  // Nothing, field 1, field 2, and both; a time writes to no column.
  assertEquals(plan.kinds.map((pair) => [pair & 0xffff, pair >>> 16]), [
    [256, 256],
    [8, 256],
    [12, 256],
    [8, 12],
    [256, 8],
  ]);
  assertEquals(plan.kindOf(3, 0), 0);
  // As before; fails; must be looked up; passes.
  const words = plan.classes.map((successors) => [...successors]);
  const passes = 4 + 0x8000_0000;
  const pending = 0xc100_0000;
  assertEquals(words, [[0, passes], [pending, pending], [0, 0], [
    passes,
    passes,
  ]]);
  assertEquals(plan.classOf(2, 1, 3, 1), 0);
  assertEquals(plan.classOf(1, 1, 2, 1), 3);
  assertEquals(plan.classOf(0, 1, 1, 2), 2);
  assertEquals(plan.literalClass(1, undefined), 1);
});

Deno.test("FilterPlan.create() leaves to others what is too much for the kernel", () => {
  const few = allPairs(22);
  const layout = makeLayout(24, 20);
  // Kind 0, a kind for each field, and one for each pair.
  assertEquals(few.length + 25, FILTER_KINDS);
  const most = FilterPlan.create(makeModel(24, few), layout, states);
  assertEquals(most?.kinds.length, FILTER_KINDS);
  const model = makeModel(24, [...few, [23, 24]]);
  assertEquals(FilterPlan.create(model, layout, states), undefined);
  const timeBits = FILTER_TIME_BITS - layout.scale;
  const fit = makeLayout(24, timeBits);
  assertExists(FilterPlan.create(makeModel(24, few), fit, states));
  const wide = makeLayout(24, timeBits + 1);
  assertEquals(
    FilterPlan.create(makeModel(24, few), wide, states),
    undefined,
  );
});
