import { TABLE_MAGIC } from "@cairn/sstable";
import { assertEquals } from "@std/assert";
import { encodeText, MemorySink } from "@cairn/core";
import { createClosedStream } from "@cairn/esdb/stream";
import {
  EVENT_BYTES_MAX,
  EVENT_LENGTH_BYTES,
  KEY_BYTES_MIN,
  STREAM_FOOTER,
  STREAM_HEADER,
  STREAM_START,
} from "./layout.ts";

Deno.test("constants of the stream layout fit together", () => {
  assertEquals(STREAM_HEADER.length, STREAM_START);
  assertEquals([STREAM_FOOTER.length, TABLE_MAGIC.length], [16, 8]);
  assertEquals(KEY_BYTES_MIN, [1, 0x3a, 0].length);
  // Positions in a piece of one event must fit in 32 bits.
  assertEquals(EVENT_BYTES_MAX + EVENT_LENGTH_BYTES < 2 ** 32, true);
});

Deno.test("createClosedStream() writes the example of docs/formats/esdb-streams.md", async () => {
  const sink = new MemorySink();
  await using writer = createClosedStream(sink);
  await writer.append(encodeText("hi"), { k: "v" });
  await writer.append(encodeText(""));
  await writer.append(encodeText("yo"), { k: "v" });
  await writer.finish();
  const bytes = sink.bytes();
  const hex = (start: number, end: number) =>
    bytes.subarray(start, end).toHex();
  assertEquals(bytes.length, 170);
  assertEquals(hex(0, 10), "4553444273747265616d");
  assertEquals(hex(10, 23), "09000000" + "026869" + "01" + "036b3a76" + "00");
  assertEquals(hex(23, 29), "02000000" + "0000");
  assertEquals(hex(29, 42), "09000000" + "02796f" + "01" + "036b3a76" + "0a");
  assertEquals(hex(42, 46), "00000000");
  assertEquals(hex(46, 53), "000301" + "6b3a76" + "1d");
  assertEquals(hex(146, 154), "6400000000000000");
  assertEquals(hex(154, 170), "636c6f736564" + "4553444273747265616d");
});
