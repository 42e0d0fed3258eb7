import { assertEquals, assertThrows } from "@std/assert";
import { encodeText } from "../bytes.ts";
import { packSpans } from "../column.ts";
import { CairnError } from "../errors.ts";
import type { InputBatch } from "../input_batch.ts";
import { assertBatch, assertRow, type InputRules } from "./input_rules.ts";

const RULES: InputRules = {
  fieldCount: 2,
  trailKeyBytes: { min: 2, max: 4 },
  timestamps: { min: 0, max: 1000 },
  emptyEvents: true,
};

interface Event {
  readonly key: string;
  readonly time: number;
  readonly values: readonly string[];
}
const GOOD: Event = { key: "abc", time: 5, values: ["x", ""] };

function toBatch(events: readonly Event[]): InputBatch {
  return {
    count: events.length,
    trailKeys: packSpans(events.map((event) => encodeText(event.key))),
    timestamps: Float64Array.from(events, (event) => event.time),
    columns: [0, 1].map((c) =>
      packSpans(events.map((event) => encodeText(event.values[c]!)))
    ),
  };
}

const CASES: readonly [Partial<Event>, string, string | undefined, boolean?][] =
  [
    [{ key: "" }, "invalid-input", "trail-key"],
    [{ key: "a" }, "limit", "trail-key"],
    [{ key: "abcde" }, "limit", "trail-key"],
    [{ time: -1 }, "invalid-input", "timestamp"],
    [{ time: 0.5 }, "invalid-input", "timestamp"],
    [{ time: NaN }, "invalid-input", "timestamp"],
    [{ time: Infinity }, "invalid-input", "timestamp"],
    [{ time: 2 ** 53 }, "invalid-input", "timestamp"],
    [{ time: 1001 }, "limit", "timestamp"],
    [{ values: ["", ""] }, "invalid-input", undefined, false],
  ];

Deno.test("assertRow() and assertBatch() refuse what the rules forbid", () => {
  for (const [change, code, reason, emptyEvents] of CASES) {
    const rules = { ...RULES, emptyEvents: emptyEvents ?? true };
    const event = { ...GOOD, ...change };
    const row = assertThrows(
      () =>
        assertRow(
          rules,
          encodeText(event.key),
          event.time,
          event.values.map(encodeText),
        ),
      CairnError,
    );
    assertEquals([row.code, row.reason], [code, reason]);
    assertEquals(row.where, {});
    const batch = assertThrows(
      () => assertBatch(rules, toBatch([GOOD, GOOD, event, GOOD, event])),
      CairnError,
    );
    assertEquals([batch.code, batch.reason], [code, reason]);
    assertEquals(batch.where, { line: 2 });
  }
});

Deno.test("assertRow() and assertBatch() take the bounds themselves", () => {
  const events: Event[] = [
    { key: "ab", time: 0, values: ["", ""] },
    { key: "abcd", time: 1000, values: ["x", "y"] },
  ];
  for (const { key, time, values } of events) {
    assertRow(RULES, encodeText(key), time, values.map(encodeText));
  }
  assertRow(RULES, encodeText("ab"), 0, [null, null]);
  assertBatch(RULES, toBatch(events));
  assertBatch(RULES, toBatch([]));
  assertBatch({ ...RULES, emptyEvents: false }, toBatch([GOOD]));
});

Deno.test("assertRow() and assertBatch() refuse a wrong number of values", () => {
  const row = assertThrows(
    () => assertRow(RULES, encodeText("abc"), 1, [null]),
    CairnError,
  );
  assertEquals(row.code, "invalid-input");
  const { columns, ...rest } = toBatch([GOOD]);
  const batch = assertThrows(
    () => assertBatch(RULES, { ...rest, columns: columns.slice(1) }),
    CairnError,
  );
  assertEquals(batch.code, "invalid-input");
});

Deno.test("assertBatch() takes arrays that do not hold the batch for a mistake", () => {
  const batch = toBatch([GOOD, GOOD]);
  const keys = batch.trailKeys;
  const wrong: Partial<InputBatch>[] = [
    { count: 3 },
    { count: -1 },
    { count: 0.5 },
    { timestamps: new Float64Array(1) },
    { trailKeys: { ...keys, ends: Uint32Array.of(3, 7) } },
    { trailKeys: { ...keys, starts: Uint32Array.of(4, 3) } },
    { trailKeys: { ...keys, starts: new Uint32Array(1) } },
  ];
  for (const change of wrong) {
    assertThrows(() => assertBatch(RULES, { ...batch, ...change }), RangeError);
  }
});
