import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, MemorySink } from "@cairn/core";
import {
  createClosedStream,
  joinStreamKey,
  mergeStreams,
  splitStreamKey,
} from "@cairn/esdb/stream";
import {
  GOLDEN_STREAMS,
  goldenAnswer,
  goldenBytes,
  type GoldenEvent,
  goldenInput,
  goldenJson,
  goldenStream,
} from "./testdata/golden_stream.ts";
import {
  contentOf,
  eventsOf,
  findingsOf,
  openBytes,
} from "./testdata/read_stream.ts";

/** A golden event as `contentOf` writes one. */
function goldenContent({ data, indexes }: GoldenEvent): string {
  const keys = indexes.map(([name, value]) => ({
    key: joinStreamKey(name, value),
    previous: 0,
  }));
  return contentOf({ data, keys });
}

for (const name of GOLDEN_STREAMS) {
  Deno.test(`openStream() reads ${name} right`, async () => {
    const answer = await goldenAnswer(name);
    await using stream = await openBytes(await goldenStream(name));
    assertEquals(stream.closed, answer.closed);
    const events = await eventsOf(stream.scan());
    assertEquals(events.map(contentOf), answer.events.map(goldenContent));
    const offsets = events.map((event) => event.offset);
    if (answer.offsets !== undefined) assertEquals(offsets, answer.offsets);
    const extent = await stream.extent();
    if (answer.end !== undefined) assertEquals(extent.end, answer.end);
    for (const [index, value, newestFirst] of answer.indexes) {
      const wanted = newestFirst.map((ordinal) => offsets[ordinal]!);
      assertEquals(await stream.first(index, value), wanted[0]);
      const newest = await eventsOf(stream.scanIndex(index, value));
      assertEquals(newest.map((event) => event.offset), wanted);
      const oldest = await eventsOf(
        stream.scanIndex(index, value, { order: "oldest" }),
      );
      assertEquals(oldest.map((event) => event.offset), wanted.toReversed());
    }
    let keys = 0;
    for await (const { key, offset } of stream.keys()) {
      const { name, value } = splitStreamKey(key);
      assertEquals(await stream.first(name, value), offset);
      keys++;
    }
    // Names with colons share a key with others; no file here has two such.
    if (name !== "stream-merge4") assertEquals(keys, answer.indexes.length);
  });

  Deno.test(`StreamReader.verify() finds ${name} sound`, async () => {
    await using stream = await openBytes(await goldenStream(name));
    const wanted: Record<string, string[]> = {
      "stream-zeros": ["note events"],
      "stream-lookalike": ["note footer"],
    };
    assertEquals(await findingsOf(stream.verify()), wanted[name] ?? []);
  });
}

for (const name of GOLDEN_STREAMS) {
  Deno.test(`createClosedStream() writes the bytes of Go for ${name}`, async () => {
    const bytes = await goldenStream(name);
    await using stream = await openBytes(bytes);
    const sink = new MemorySink();
    await using writer = createClosedStream(sink);
    // The order of an event's keys is Go's map order: taken from the file.
    for (const { data, keys } of await eventsOf(stream.scan())) {
      await writer.appendKeys(data, keys.map(({ key }) => key));
    }
    const { end } = await stream.extent();
    const { byteLength } = await writer.finish();
    const ours = sink.bytes();
    assertEquals(byteLength, ours.length);
    assertEquals(ours.subarray(0, end), bytes.subarray(0, end));
    if (stream.closed) assertEquals(ours, bytes);
  });
}

Deno.test("openStream() reads names with colons as the format has them", async () => {
  await using stream = await openBytes(await goldenStream("stream-colon"));
  const texts = async (name: string, value: string) =>
    (await eventsOf(stream.scanIndex(name, value)))
      .map((event) => new TextDecoder().decode(event.data));
  assertEquals(await texts("a", "b:c"), ["2", "1"]);
  assertEquals(await texts("a:b", "c"), ["2", "1"]);
  assertEquals(await texts("a", ""), ["3"]);
});

for (const name of ["stream-stale", "stream-stale-closed", "stream-ghosts"]) {
  Deno.test(`openStream() never hands out the stale bytes of ${name}`, async () => {
    const { events, events_sure: sure = events.length } = await goldenJson(
      `${name}.expected.json`,
    );
    const wanted = (await goldenAnswer(name)).events.slice(0, sure)
      .map(goldenContent);
    assert(wanted.length === sure && events.length >= sure);
    const bytes = await goldenStream(name);
    {
      await using stream = await openBytes(bytes);
      assertEquals(stream.closed, false);
      const seen: string[] = [];
      const run = async () => {
        for await (const batch of stream.scan()) {
          seen.push(...Array.from(batch.events(), contentOf));
        }
      };
      const error = await run().then(() => undefined, (error) => error);
      assertEquals(seen, wanted);
      // Stale bytes are damage, or look like an event that was cut.
      if (error !== undefined) assertEquals(error.code, "corrupt");
    }
    await using stream = await openBytes(bytes, { recover: true });
    assertEquals((await eventsOf(stream.scan())).map(contentOf), wanted);
    const { rest, end } = await stream.extent();
    assertEquals(rest!.offset, end);
    assertEquals(rest!.byteLength, bytes.length - end);
  });
}

for (const name of ["stream-cut", "stream-closed-cut"]) {
  Deno.test(`openStream() keeps what is whole of ${name}, cut at every byte`, async () => {
    const bytes = await goldenStream(name);
    const { event_ends: ends, end } = await goldenJson(`${name}.expected.json`);
    const input = (await goldenInput(name)).map(goldenContent);
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (length < 10) {
        const error = await assertRejects(() => openBytes(cut), CairnError);
        assertEquals(error.code, "corrupt");
        continue;
      }
      await using stream = await openBytes(cut);
      assertEquals(stream.closed, false);
      const whole = ends.filter((end: number) => end > 10 && end <= length);
      const events = await eventsOf(stream.scan());
      assertEquals(events.map(contentOf), input.slice(0, whole.length));
      const extent = await stream.extent();
      assertEquals(extent.end, whole.at(-1) ?? 10);
      assertEquals(
        extent.rest?.byteLength ?? 0,
        length - extent.end,
      );
      if (end !== undefined && length > end + 4) {
        assertEquals(extent.rest!.reason, "mark");
      }
    }
  });
}

for (
  const [name, parts] of [["stream-merge", "ab"], ["stream-merge4", "abcd"]]
) {
  Deno.test(`mergeStreams() makes ${name} of its parts, with all keys`, async () => {
    const streams = await Promise.all(
      [...parts!].map(async (part) =>
        await openBytes(await goldenStream(`${name}.${part}`))
      ),
    );
    const sink = new MemorySink();
    const summary = await mergeStreams(sink, streams);
    const wanted: string[] = [];
    for (const stream of streams) {
      wanted.push(...(await eventsOf(stream.scan())).map(contentOf));
      await stream.close();
    }
    await using merged = await openBytes(sink.bytes());
    assertEquals(merged.closed, true);
    assertEquals((await eventsOf(merged.scan())).map(contentOf), wanted);
    assertEquals(await findingsOf(merged.verify()), []);
    assertEquals(summary.events, wanted.length);
    assertEquals(summary.byteLength, sink.bytes().length);
    assertEquals(summary.sources.length, parts!.length);
  });
}

Deno.test("openStream() refuses the layouts of before October 2014", async () => {
  for (
    const file of [
      "2014-09-28-open.stream",
      "2014-10-01-open.stream",
      "2014-10-01-closed.stream",
      "2014-10-02-closed.stream",
    ]
  ) {
    const bytes = await goldenBytes(`legacy/${file}`);
    const error = await assertRejects(() => openBytes(bytes), CairnError);
    assertEquals([error.code, error.reason], ["unsupported", "older-layout"]);
  }
});
