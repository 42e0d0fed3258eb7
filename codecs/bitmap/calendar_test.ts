import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  dayFromNumber,
  dayNumber,
  dayOf,
  isPeriod,
  parseDay,
  periodRange,
  splitView,
  viewSuffix,
  viewSuffixes,
} from "./calendar.ts";

Deno.test("dayFromNumber() and dayNumber() agree with Date", () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (days) => {
      const date = new Date(days * 86_400_000);
      const day = dayFromNumber(days);
      assertEquals(day, {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      assertEquals(dayNumber(day), days);
      assertEquals(dayOf(days * 86_400 + 86_399, "s"), day);
      const { from, to } = periodRange(day, "ms");
      assertEquals([from, to], [days * 86_400_000, (days + 1) * 86_400_000]);
    }),
  );
});

Deno.test("parseDay() goes by UTC", () => {
  const cases: [string, string][] = [
    ["2013-05-31T23:59:59Z", "_2013_05_31"],
    ["2013-05-31T20:30:00-05:00", "_2013_06_01"],
    ["2013-01-01T00:30:00.123+01:00", "_2012_12_31"],
    ["0001-01-01t00:00:00z", "_0001_01_01"],
    ["2016-12-31T23:59:60Z", "_2016_12_31"],
  ];
  for (const [text, suffix] of cases) {
    assertEquals(viewSuffix(parseDay(text)!), suffix);
  }
  assertEquals(parseDay("0001-01-01T00:00:00+00:01")!.year, 0);
});

Deno.test("parseDay() refuses what is no time", () => {
  for (
    const text of [
      "2013-02-29T00:00:00Z",
      "2013-13-01T00:00:00Z",
      "2013-05-01T24:00:00Z",
      "2013-05-01T00:00:00",
      "2013-05-01",
      "2013-05-01T00:00:00Z ",
      "2013-05-01T00:00:00+24:00",
    ]
  ) assertEquals(parseDay(text), undefined, text);
});

Deno.test("viewSuffixes() gives one ending a letter", () => {
  const day = { year: 2013, month: 5, day: 4 };
  assertEquals(viewSuffixes(day, ""), []);
  assertEquals(viewSuffixes(day, "YMD"), ["_2013", "_2013_05", "_2013_05_04"]);
});

Deno.test("splitView() takes the longest date off", () => {
  assertEquals(splitView("visit_2013_05"), {
    field: "visit",
    period: { year: 2013, month: 5 },
  });
  assertEquals(splitView("visit_205"), undefined);
  assertEquals(isPeriod({ year: 2013, month: 2, day: 29 }), false);
  assertEquals(isPeriod({ year: 2012, month: 2, day: 29 }), true);
  assertEquals(isPeriod({ year: 0 }), false);
});
