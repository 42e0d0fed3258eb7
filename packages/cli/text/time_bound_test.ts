import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { formatTime, parseTimeBound } from "./time_bound.ts";

Deno.test("parseTimeBound() takes integers as they are", () => {
  assertEquals(parseTimeBound("0", "ms"), 0);
  assertEquals(parseTimeBound("1325376000", "s"), 1325376000);
  assertEquals(parseTimeBound("9007199254740991", "s"), 2 ** 53 - 1);
});

Deno.test("parseTimeBound() turns dates into the store's unit", () => {
  assertEquals(parseTimeBound("2012-01-01", "s"), 1325376000);
  assertEquals(parseTimeBound("2012-01-01", "ms"), 1325376000000);
  assertEquals(parseTimeBound("2012-01-01 01:00", "s"), 1325379600);
  assertEquals(parseTimeBound("2012-01-01T00:00:00.5Z", "ms"), 1325376000500);
  assertEquals(parseTimeBound("2012-01-01T00:00:00.5Z", "s"), 1325376001);
  assertEquals(parseTimeBound("2012-01-01T02:00:00+02:00", "s"), 1325376000);
});

Deno.test("parseTimeBound() refuses anything else", () => {
  for (
    const text of [
      "",
      "x",
      "-1",
      "1.5",
      "2012-02-30",
      "2012-13-01",
      "1969-12-31",
      "9007199254740992",
      "2012-01-01T25:00",
    ]
  ) {
    assertThrows(() => parseTimeBound(text, "s"), UsageError);
  }
});

Deno.test("formatTime() writes dates in UTC", () => {
  assertEquals(formatTime(1325376000, "s"), "2012-01-01T00:00:00Z");
  assertEquals(formatTime(1325376000500, "ms"), "2012-01-01T00:00:00.500Z");
  assertEquals(formatTime(2 ** 53 - 1, "s"), undefined);
});
