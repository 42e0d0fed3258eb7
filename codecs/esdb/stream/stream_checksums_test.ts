import { assert, assertEquals } from "@std/assert";
import { concatBytes, encodeText, MemorySink } from "@cairn/core";
import { TableWriter } from "@cairn/sstable";
import { createClosedStream, mergeStreams } from "@cairn/esdb/stream";
import { encode } from "cborg";
import { openStreamWriter } from "./create_stream.ts";
import { CHECKSUMS_NAME, CHUNK_BYTES } from "./stream_checksums.ts";
import { STREAM_FOOTER, STREAM_HEADER } from "./layout.ts";
import { FakeStreamFile } from "./testdata/fake_stream_file.ts";
import { eventsOf, findingsOf, openBytes } from "./testdata/read_stream.ts";

/** A closed stream with checksums. */
async function build(
  count: number,
  dataBytes: number,
  checksums = true,
): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = createClosedStream(sink, { checksums });
  for (let i = 0; i < count; i++) {
    const data = new Uint8Array(dataBytes).fill(i);
    await writer.append(data, i % 2 === 0 ? {} : { k: `${i % 3}` });
  }
  await writer.finish();
  return sink.bytes();
}

Deno.test("checksums find every flipped bit of a closed stream", async () => {
  const bytes = await build(6, 9);
  const sound = await openBytes(bytes);
  assertEquals(await findingsOf(sound.verify()), []);
  const { end } = await sound.extent();
  // Before its magic number the table's footer has zeros that mean nothing,
  // and a last varint that may as well be longer.
  const magic = bytes.length - 24 - 8;
  let padding = magic;
  while (bytes[padding - 1] === 0) padding--;
  padding--;
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << bit;
      const run = async () => {
        await using stream = await openBytes(changed);
        return await findingsOf(stream.verify());
      };
      const findings = await run().catch((error) => [error.code]);
      const inside = at >= padding && at < magic;
      assert(inside || findings.length > 0, `${at}`);
      if (at >= 10 && at < end) {
        assert(findings.some((text) => text === "corrupt events"), `${at}`);
      }
    }
  }
});

Deno.test("checksums cover streams of more than one chunk, however they are written", async () => {
  const bytes = await build(5, CHUNK_BYTES / 2);
  const plain = await build(5, CHUNK_BYTES / 2, false);
  await using stream = await openBytes(bytes);
  const { end } = await stream.extent();
  assert(end > 2 * CHUNK_BYTES);
  assertEquals(bytes.subarray(0, end), plain.subarray(0, end));
  assertEquals(await findingsOf(stream.verify()), []);
  // A growing stream, closed with checksums, is the same file; so is a merge.
  const file = new FakeStreamFile(STREAM_HEADER);
  const writer = await openStreamWriter(file, undefined, { sync: "none" });
  for (const { data, keys } of await eventsOf(stream.scan())) {
    await writer.appendKeys(data, keys.map(({ key }) => key));
  }
  await writer.seal({ checksums: true });
  await writer.close();
  assertEquals(file.bytes, bytes);
  const sink = new MemorySink();
  await mergeStreams(sink, [stream], { checksums: true });
  assertEquals(sink.bytes(), bytes);
  const changed = bytes.slice();
  changed[CHUNK_BYTES + 5_000]! ^= 1;
  await using damaged = await openBytes(changed);
  assertEquals(await findingsOf(damaged.verify()), ["corrupt events"]);
});

/** A closed stream without events whose block of checksums is the given one. */
async function withBlock(block: Uint8Array): Promise<Uint8Array> {
  const parts: Uint8Array[] = [STREAM_HEADER, new Uint8Array(4)];
  const table = new TableWriter((bytes) => void parts.push(bytes.slice()));
  table.addMetaBlock(CHECKSUMS_NAME, block);
  const { byteLength } = await table.finish();
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, byteLength, true);
  return concatBytes([...parts, length, STREAM_FOOTER]);
}

Deno.test("StreamReader.verify() says what is wrong with a block of checksums", async () => {
  const good = {
    format: "cairn-stream",
    version: 1,
    events: 0,
    chunkBytes: CHUNK_BYTES,
    checksums: new Uint8Array(4),
  };
  const findings = async (block: Uint8Array) => {
    await using stream = await openBytes(await withBlock(block));
    assertEquals(stream.closed, true);
    assertEquals(await eventsOf(stream.scan()), []);
    return await findingsOf(stream.verify());
  };
  const wrong: Record<string, unknown>[] = [
    { ...good, format: "another" },
    { ...good, events: -1 },
    { ...good, events: "0" },
    { ...good, chunkBytes: 0 },
    { ...good, chunkBytes: 1 }, // then there must be ten
    { ...good, checksums: new Uint8Array(8) },
    { ...good, checksums: "none" },
    {},
  ];
  for (const map of wrong) {
    assertEquals(await findings(encode(map)), [`corrupt ${CHECKSUMS_NAME}`]);
  }
  for (
    const block of [
      encode(null),
      encode([1]),
      Uint8Array.of(0xff),
      encodeText("x"),
    ]
  ) {
    assertEquals(await findings(block), [`corrupt ${CHECKSUMS_NAME}`]);
  }
  assertEquals(await findings(encode(good)), ["corrupt events"]);
  const more = encode({ ...good, events: 1 });
  assertEquals(await findings(more), ["corrupt events", "corrupt events"]);
  const later = encode({ ...good, version: 2 });
  assertEquals(await findings(later), [`note ${CHECKSUMS_NAME}`]);
});
