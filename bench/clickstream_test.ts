import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { CLICKSTREAM_HEADER, clickstreamCsv } from "./clickstream.ts";

Deno.test("clickstreamCsv() makes the same file as ever", () => {
  const hash = createHash("sha256");
  for (const piece of clickstreamCsv({ events: 25_000, trails: 300 })) {
    hash.update(piece);
  }
  assertEquals(
    hash.digest("hex"),
    "9e55f836edb5aaa5e6dfb4f4508eb58aacd859d0489577f7076e8893a54f167d",
  );
});

Deno.test("clickstreamCsv() gives the header when there are no events", () => {
  const pieces = [...clickstreamCsv({ events: 0, trails: 1 })];
  assertEquals(pieces, [CLICKSTREAM_HEADER]);
});
