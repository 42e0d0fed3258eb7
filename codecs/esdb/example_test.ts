import { assertEquals } from "@std/assert";
import { formatHex, MemorySink } from "@cairn/core";
import { createEsdb } from "./mod.ts";

Deno.test("createEsdb() writes the bytes that docs/formats/esdb.md shows", async () => {
  const sink = new MemorySink();
  const writer = await createEsdb(sink, { layout: "same-bytes" });
  await writer.add("s", "hi", 258, { indexes: { k: "v" } });
  await writer.add("s", "yo", 772, { indexes: { k: "v" } });
  await writer.add("s", "ho", 258, { indexes: { k: "w" } });
  await writer.finish();
  const bytes = sink.bytes();
  assertEquals(bytes.length, 304);
  assertEquals(
    formatHex(bytes.subarray(0, 61)),
    "2a" + "160000" + "0204030000796f" + "02020100006869" +
      "0202010000686f" + "00" + "120001" +
      "1504010011012801000000000000000700" + "00" +
      "0b0000" + "0100000000000000" + "0e00" + "00",
  );
  assertEquals(formatHex(bytes.subarray(61, 67)), "000102670119");
  assertEquals(formatHex(bytes.subarray(90, 95)), "00cc06459c");
  assertEquals(formatHex(bytes.subarray(175, 183)), "7200000000000000");
  assertEquals(formatHex(bytes.subarray(296)), "7100000000000000");
});

Deno.test("createEsdb() keeps blocks of events off multiples of 256", async () => {
  // The first section has 1 + 3 + 2 + 4 + 245 + 1 bytes: it ends at 256.
  const data = Uint8Array.from({ length: 245 }, (_, i) => i * 97 ^ i >> 1);
  for (const layout of ["right-answers", "same-bytes"] as const) {
    const sink = new MemorySink();
    const writer = await createEsdb(sink, { layout });
    await writer.add("s", data, 1, { indexes: { k: "v" } });
    await writer.add("s", "second", 1, { grouping: "x" });
    await writer.finish();
    const block = [12, 0, 0, 6, 1, 0, 0, 0];
    assertEquals(
      [...sink.bytes().subarray(256, 264)],
      layout === "same-bytes" ? block : [0, ...block.slice(0, 7)],
    );
  }
});
