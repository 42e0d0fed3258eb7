import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeProgress, formatSeconds, startProgress } from "./progress.ts";

Deno.test("describeProgress() tells bytes, events, rate and time left", () => {
  assertEquals(
    describeProgress(
      { bytesRead: 25e6, bytesTotal: 100e6, events: 500_000 },
      2,
    ),
    {
      share: 0.25,
      facts: "25.0 MB of 100.0 MB, 500,000 events, 250,000/s, 6.0 s left",
    },
  );
});

Deno.test("describeProgress() does not guess without a total or too early", () => {
  assertEquals(
    describeProgress({ bytesRead: 10, bytesTotal: undefined, events: 1 }, 2)
      .facts,
    "10 B, 1 events, 1/s",
  );
  assertEquals(
    describeProgress({ bytesRead: 1, bytesTotal: 1000, events: 0 }, 0),
    { share: 0.001, facts: "1 B of 1.0 KB, 0 events, 0/s" },
  );
});

Deno.test("formatSeconds() suits the length", () => {
  assertEquals([0.25, 59.4, 61, 3700].map(formatSeconds), [
    "0.3 s",
    "59 s",
    "1 min 1 s",
    "1 h 1 min",
  ]);
});

Deno.test("startProgress() draws on a terminal and cleans up", () => {
  let drawn = "";
  const progress = startProgress({
    isTerminal: true,
    columns: 100,
    write: (bytes) => {
      drawn += new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
  }, () => 0);
  progress.update({ bytesRead: 5, bytesTotal: 10, events: 1 });
  progress.phase("sorting");
  progress.stop();
  progress.stop();
  assertStringIncludes(drawn, "sorting");
});

Deno.test("startProgress() is silent elsewhere", () => {
  const progress = startProgress({
    isTerminal: false,
    write: () => Promise.reject(new Error("nothing is written")),
  });
  progress.update({ bytesRead: 5, bytesTotal: 10, events: 1 });
  progress.phase("sorting");
  progress.stop();
});
