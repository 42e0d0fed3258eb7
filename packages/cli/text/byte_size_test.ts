import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import {
  formatByteSize,
  formatCount,
  formatThings,
  parseByteSize,
} from "./byte_size.ts";

Deno.test("parseByteSize() knows units of 1,000 and of 1,024", () => {
  assertEquals(parseByteSize("4096"), 4096);
  assertEquals(parseByteSize("128MiB"), 128 * 2 ** 20);
  assertEquals(parseByteSize("1.5 GB"), 1.5e9);
  assertEquals(parseByteSize("2k"), 2000);
  assertEquals(parseByteSize("1kib"), 1024);
});

Deno.test("parseByteSize() refuses anything else", () => {
  for (
    const text of [
      "",
      "MiB",
      "-1",
      "0",
      "1 parsec",
      "1e3",
      "0x10",
      "9999999GiB",
    ]
  ) {
    assertThrows(() => parseByteSize(text), UsageError);
  }
});

Deno.test("formatByteSize() keeps numbers short", () => {
  assertEquals(formatByteSize(0), "0 B");
  assertEquals(formatByteSize(999), "999 B");
  assertEquals(formatByteSize(1000), "1.0 KB");
  assertEquals(formatByteSize(999_949), "999.9 KB");
  assertEquals(formatByteSize(999_950), "1.0 MB");
  assertEquals(formatByteSize(2_500_000_000), "2.5 GB");
});

Deno.test("formatThings() knows one from many", () => {
  assertEquals([0, 1, 2].map((count) => formatThings(count, "event")), [
    "0 events",
    "1 event",
    "2 events",
  ]);
});

Deno.test("formatCount() groups digits", () => {
  assertEquals(formatCount(137877), "137,877");
});
