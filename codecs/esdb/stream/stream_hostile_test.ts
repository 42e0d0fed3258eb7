import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ByteWriter,
  CairnError,
  compareBytes,
  concatBytes,
  encodeText,
  MemorySink,
  type Source,
} from "@cairn/core";
import {
  createClosedStream,
  mergeStreams,
  openStream,
} from "@cairn/esdb/stream";
import { TableWriter } from "@cairn/sstable";
import { openStreamWriter } from "./create_stream.ts";
import { STREAM_FOOTER } from "./layout.ts";
import { FakeStreamFile } from "./testdata/fake_stream_file.ts";
import { GOLDEN_STREAMS, goldenStream } from "./testdata/golden_stream.ts";
import {
  contentOf,
  eventsOf,
  findingsOf,
  openBytes,
} from "./testdata/read_stream.ts";

/** Damaged copies of each larger file; more in long runs. */
const SAMPLES = Number(Deno.env.get("CAIRN_FUZZ_SAMPLES") ?? 60);
/** Files up to this are damaged at every byte. */
const SMALL_BYTES = 700;

const DAMAGED = [
  ...GOLDEN_STREAMS,
  "stream-colon",
  "stream-cut",
  "stream-stale",
  "stream-stale-closed",
  "stream-ghosts",
];

/** Numbers from a seed, the same in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Every position of a small file, a sample of a big one. */
function positions(length: number, seed: number): number[] {
  if (length <= Math.max(SMALL_BYTES, SAMPLES)) {
    return Array.from({ length }, (_, i) => i);
  }
  const random = randomFrom(seed);
  const edges = [...Array(16).keys()].flatMap((i) => [i, length - 1 - i]);
  return [...edges, ...Array.from({ length: SAMPLES }, () => random(length))];
}

/** Reads everything there is in every way; gives events, or undefined for an error. */
async function readAll(bytes: Uint8Array): Promise<string[]> {
  const contents: string[] = [];
  try {
    await using stream = await openBytes(bytes);
    for await (const batch of stream.scan()) {
      contents.push(...Array.from(batch.events(), contentOf));
      assert(contents.length <= bytes.length);
    }
    let keys = 0;
    for await (const { key } of stream.keys()) {
      if (++keys > 20) break;
      const colon = key.indexOf(0x3a);
      let count = 0;
      const [name, value] = [key.subarray(0, colon), key.subarray(colon + 1)];
      for await (const batch of stream.scanIndex(name, value)) {
        count += batch.count;
        assert(count <= bytes.length);
      }
    }
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    assert(
      error.code === "corrupt" || error.code === "unsupported",
      `${error}`,
    );
    assertEquals(error.where.file, "bytes");
  }
  try {
    await using stream = await openBytes(bytes);
    await findingsOf(stream.verify());
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
  }
  return contents;
}

/** Opens for appending with recovery, appends, and wants a sound stream. */
async function appendTo(bytes: Uint8Array): Promise<void> {
  const file = new FakeStreamFile(bytes);
  try {
    const options = { recover: true, sync: "none" } as const;
    const writer = await openStreamWriter(file, undefined, options);
    await writer.append(encodeText("new"), { type: "a" });
    await writer.seal();
    await writer.close();
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    assertEquals(file.bytes, bytes);
    return;
  }
  await using stream = await openBytes(file.bytes);
  assertEquals(await findingsOf(stream.verify()), []);
}

for (const name of DAMAGED) {
  Deno.test(`${name}, cut anywhere, gives a right prefix or an error`, async () => {
    const bytes = await goldenStream(name);
    const whole = await readAll(bytes);
    for (const length of positions(bytes.length, 1)) {
      const cut = bytes.subarray(0, length);
      const contents = await readAll(cut);
      assertEquals(contents, whole.slice(0, contents.length));
      if (length % 7 === 0) await appendTo(cut);
    }
  });

  Deno.test(`${name}, with any byte changed, gives an answer or an error`, async () => {
    const bytes = await goldenStream(name);
    const random = randomFrom(2);
    for (const at of positions(bytes.length, 3)) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << random(8);
      await readAll(changed);
      if (at % 7 === 0) await appendTo(changed);
    }
  });
}

Deno.test("random bytes behind a header give an answer or an error", async () => {
  const random = randomFrom(4);
  for (let i = 0; i < 10 * SAMPLES; i++) {
    const length = random(200);
    const body = Uint8Array.from({ length }, () =>
      // Small numbers make lengths that fit more often.
      random(3) === 0 ? random(256) : random(8));
    const bytes = concatBytes([encodeText("ESDBstream"), body]);
    await readAll(bytes);
    await appendTo(bytes);
  }
});

/** A stream with one event made of the given bytes. */
function streamOf(...events: (readonly number[])[]): Uint8Array {
  return concatBytes([
    encodeText("ESDBstream"),
    ...events.map((event) =>
      Uint8Array.from([event.length, 0, 0, 0, ...event])
    ),
  ]);
}

const K = [2, 0x6b, 0x3a]; // the key "k:"
const PADDING = [98, ...new Array(98).fill(0x2e), 0]; // an event of 104 bytes
const MALFORMED: readonly [string, Uint8Array][] = [
  ["data longer than the event", streamOf([9, 1, 0])],
  ["a data length of 2^62", streamOf([...Array(8).fill(255), 63, 0])],
  ["a varint of eleven bytes", streamOf([...Array(10).fill(128), 0, 0])],
  ["a varint that the event ends inside", streamOf([128], [0, 0])],
  ["more keys than fit", streamOf([0, 255, 255, 255, 127, ...K, 0])],
  ["a key longer than the event", streamOf([0, 1, 9, 0x3a, 0])],
  ["a key that reaches into the next event", streamOf([0, 1, 3], [0x3a, 0])],
  ["a key without a colon", streamOf([0, 1, 1, 0x6b, 0])],
  ["an empty key", streamOf([0, 1, 0, 0])],
  // The link behind the key is 58, which is a colon.
  ["a colon behind its key", streamOf(PADDING, [0, 1, 1, 0x6b, 0x3a])],
  ["no link behind a key", streamOf([0, 1, ...K])],
  ["bytes behind the keys", streamOf([0, 0, 0])],
  ["a link to itself", streamOf([0, 1, ...K, 10])],
  ["a link forward", streamOf([0, 1, ...K, 99])],
  ["a link into the header", streamOf([0, 1, ...K, 1])],
  ["a link to an event of another key", streamOf([0, 0], [0, 1, ...K, 10])],
  ["no link where there is one", streamOf([0, 1, ...K, 0], [0, 1, ...K, 0])],
  ["a key twice", streamOf([0, 2, ...K, 0, ...K, 0])],
];

for (const [fault, bytes] of MALFORMED) {
  Deno.test(`openStream() says corrupt for an event with ${fault}`, async () => {
    await using stream = await openBytes(bytes);
    const error = await assertRejects(
      () => eventsOf(stream.scan()),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "events"]);
    assert(error.where.offset! >= 10);
    assertEquals(await findingsOf(stream.verify()), ["corrupt events"]);
    const recovered = await openBytes(bytes, { recover: true });
    assertEquals((await recovered.extent()).rest!.reason, "damage");
    const sink = new MemorySink();
    await assertRejects(() => mergeStreams(sink, [stream]), CairnError);
    assertEquals(sink.byteLength, 0);
  });
}

/** A closed stream of given events, with given tails, all checksums right. */
async function closedStreamOf(
  events: readonly (readonly number[])[],
  tails: Readonly<Record<string, number>>,
): Promise<Uint8Array> {
  const parts = [streamOf(...events), new Uint8Array(4)];
  const table = new TableWriter((bytes) => void parts.push(bytes.slice()));
  const value = new ByteWriter();
  for (const [key, offset] of Object.entries(tails)) {
    value.uvarint(offset);
    await table.add(encodeText(key), value.take());
  }
  value.u64((await table.finish()).byteLength);
  return concatBytes([...parts, value.take(), STREAM_FOOTER]);
}

Deno.test("StreamReader.scanIndex() ends where a closed stream's links lead nowhere", async () => {
  const self = [0, 1, ...K, 10];
  const forward = [0, 1, ...K, 20];
  const header = [0, 1, ...K, 3];
  const inside = [0, 1, ...K, 15];
  const other = [0, 0];
  const cases: [number[][], number][] = [
    [[self], 10],
    [[forward, self], 10],
    [[header], 10],
    [[PADDING, inside], 114],
    [[other, [0, 1, ...K, 10]], 16],
    [[self], 19], // the tail is at the end mark
    [[self], 4], // in the header
    [[self], 99],
    [[other], 10],
  ];
  for (const [events, tail] of cases) {
    const bytes = await closedStreamOf(events, { "k:": tail });
    await using stream = await openBytes(bytes);
    assertEquals(stream.closed, true);
    for (const order of ["newest", "oldest"] as const) {
      const error = await assertRejects(
        () => eventsOf(stream.scanIndex("k", "", { order })),
        CairnError,
      );
      assertEquals(error.code, "corrupt");
    }
    const findings = await findingsOf(stream.verify());
    assert(findings.some((finding) => finding.startsWith("corrupt")));
  }
  const sound = await closedStreamOf([[0, 1, ...K, 0]], { "k:": 10 });
  await using stream = await openBytes(sound);
  assertEquals((await eventsOf(stream.scanIndex("k", ""))).length, 1);
});

Deno.test("openStream() says limit for an event too long to be read at once", async () => {
  const size = 3e9;
  const head = streamOf([0, 0]);
  new DataView(head.buffer).setUint32(10, 0x8000_0000, true);
  const source: Source = {
    name: "bytes",
    size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      if (offset < head.length) {
        bytes.set(head.subarray(offset, offset + length));
      }
      return Promise.resolve(bytes);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using stream = await openStream(source);
  const error = await assertRejects(() => eventsOf(stream.scan()), CairnError);
  assertEquals([error.code, error.where.offset], ["limit", 10]);
});

Deno.test("openStream() does not allocate by a length in the file", async () => {
  const bytes = concatBytes([
    encodeText("ESDBstream"),
    Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0),
  ]);
  await using stream = await openBytes(bytes);
  assertEquals(await eventsOf(stream.scan()), []);
  assertEquals((await stream.extent()).rest, {
    offset: 10,
    byteLength: 8,
    reason: "cut",
  });
});

Deno.test("reopening never gives up whole events for a wrong length", async () => {
  const file = new FakeStreamFile(encodeText("ESDBstream"));
  const writer = await openStreamWriter(file, undefined);
  const offsets: number[] = [];
  for (let i = 0; i < 20; i++) {
    const data = encodeText(`event ${i}`);
    offsets.push((await writer.append(data, { k: "v", i: `${i % 5}` })).offset);
  }
  await writer.close();
  const size = file.bytes.length;
  for (const offset of offsets.slice(0, -1)) {
    for (
      const [at, xor] of [[3, 1], [2, 1], [1, 0x80], [0, file.bytes[offset]!]]
    ) {
      const damaged = file.bytes.slice();
      damaged[offset + at!]! ^= xor!;
      const left = new FakeStreamFile(damaged);
      const error = await assertRejects(
        () => openStreamWriter(left, undefined),
        CairnError,
      );
      assertEquals([error.code, error.where.offset], ["corrupt", offset]);
      assertEquals(left.bytes, damaged);
      await using stream = await openBytes(damaged);
      await assertRejects(() => eventsOf(stream.scan()), CairnError);
      assertEquals(await findingsOf(stream.verify()), ["corrupt events"]);
      // Who wants what is before it can have that.
      const again = new FakeStreamFile(damaged);
      const recovered = await openStreamWriter(again, undefined, {
        recover: true,
      });
      assertEquals(recovered.recovered, {
        offset,
        byteLength: size - offset,
        reason: "damage",
      });
      await recovered.close();
    }
  }
});

Deno.test("openStream() takes a stream for open that only ends like a closed one", async () => {
  const sink = new MemorySink();
  await using writer = createClosedStream(sink);
  await writer.append(encodeText("data"), { k: "v" });
  await writer.finish();
  const closed = sink.bytes();
  const end = 10 + 4 + 5 + 1 + 5;
  const spoilt = (at: number) => {
    const bytes = closed.slice();
    bytes[at]! ^= 1;
    return bytes;
  };
  const faults = {
    "end mark": spoilt(end + 3),
    "tail table": spoilt(end + 5),
    "table footer": spoilt(closed.length - 24 - 48),
    "table magic": spoilt(closed.length - 25),
    "table length": spoilt(closed.length - 24),
    "footer": spoilt(closed.length - 1),
  };
  for (const [what, bytes] of Object.entries(faults)) {
    await using stream = await openBytes(bytes, { recover: true });
    assertEquals(stream.closed, false, what);
    assertEquals((await eventsOf(stream.scan())).length, 1, what);
    assertEquals(await stream.first("k", "v"), 10, what);
  }
});

Deno.test("StreamReader.verify() finds tails that are not those of the events", async () => {
  const build = async (...values: string[]) => {
    const sink = new MemorySink();
    await using writer = createClosedStream(sink);
    for (const value of values) {
      await writer.append(encodeText("x"), { k: value });
    }
    await writer.finish();
    return sink.bytes();
  };
  // Events of the one, tail table of the other: each sound by itself.
  const [a, b] = [await build("a", "a"), await build("a", "b")];
  const end = 10 + 2 * 12;
  assert(compareBytes(a.subarray(0, end), b.subarray(0, end)) !== 0);
  for (const [head, tail] of [[a, b], [b, a]] as const) {
    const mixed = concatBytes([head.subarray(0, end), tail.subarray(end)]);
    await using stream = await openBytes(mixed);
    assertEquals(stream.closed, true);
    const findings = await findingsOf(stream.verify());
    assertEquals(new Set(findings), new Set(["corrupt tail table"]));
  }
  // A tail that names no event of its key is an error when it is followed.
  await using stream = await openBytes(
    concatBytes([a.subarray(0, end), b.subarray(end)]),
  );
  const error = await assertRejects(
    () => eventsOf(stream.scanIndex("k", "b")),
    CairnError,
  );
  assertEquals(error.code, "corrupt");
});
