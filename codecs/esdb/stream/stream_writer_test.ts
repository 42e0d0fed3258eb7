import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, decodeText, encodeText } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import {
  createStream,
  openStream,
  reopenStream,
  type StreamEvent,
  type StreamWriter,
} from "@cairn/esdb/stream";
import fc from "fast-check";
import { openStreamWriter } from "./create_stream.ts";
import { STREAM_HEADER } from "./layout.ts";
import {
  type FakeFaults,
  FakeStreamFile,
  ioError,
} from "./testdata/fake_stream_file.ts";
import { withFolder } from "./testdata/folder.ts";
import {
  eventsOf,
  findingsOf,
  openBytes,
  scanTexts,
} from "./testdata/read_stream.ts";

const textOf = (event: StreamEvent) => decodeText(event.data)!;

async function rejectsWith(
  code: string,
  reason: string | undefined,
  run: () => Promise<unknown>,
): Promise<CairnError> {
  const error = await assertRejects(run, CairnError);
  assertEquals([error.code, error.reason], [code, reason], error.message);
  return error;
}

/** A writer over a file in memory. */
async function fakeWriter(
  options: Parameters<typeof openStreamWriter>[2] = {},
  faults: FakeFaults = {},
): Promise<{ file: FakeStreamFile; writer: StreamWriter }> {
  const file = new FakeStreamFile(STREAM_HEADER, faults);
  return { file, writer: await openStreamWriter(file, undefined, options) };
}

Deno.test("createStream() makes an open stream at once, and no second one", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    await using writer = await createStream(path);
    assertEquals(Deno.readFileSync(path), STREAM_HEADER);
    assertEquals([writer.end, writer.closed, writer.recovered], [
      10,
      false,
      undefined,
    ]);
    await rejectsWith("exists", undefined, () => createStream(path));
    await rejectsWith(
      "not-found",
      "ENOENT",
      () => createStream(`${folder}/no/a`),
    );
  }));

Deno.test("reopenStream() says what kind of file it was given", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    const error = await assertRejects(() => reopenStream(path), CairnError);
    assertEquals(error.code, "not-found");
    assertEquals(Array.from(Deno.readDirSync(folder)).length, 0);
    Deno.writeFileSync(path, encodeText("ESDBstrea"));
    await rejectsWith("corrupt", undefined, () => reopenStream(path));
    Deno.writeFileSync(path, encodeText("esdbstream"));
    await rejectsWith("unsupported", "older-layout", () => reopenStream(path));
    Deno.removeSync(path);
    {
      await using writer = await createStream(path);
      await writer.seal();
    }
    await rejectsWith("immutable", undefined, () => reopenStream(path));
  }));

Deno.test("StreamWriter.append() puts events where it says, also after reopening", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    const places: number[] = [];
    for (let round = 0; round < 3; round++) {
      await using writer = round === 0
        ? await createStream(path)
        : await reopenStream(path);
      for (let i = 0; i < 5; i++) {
        const { offset, byteLength } = await writer.append(
          encodeText(`${round}.${i}`),
          { round: `${round}`, i: `${i}` },
        );
        assertEquals(writer.end, offset + byteLength);
        places.push(offset);
      }
      assertEquals(
        await scanTexts(writer, "i", "3"),
        [
          "2.3",
          "1.3",
          "0.3",
        ].slice(2 - round),
      );
    }
    await using stream = await openStream(await openFile(path));
    const events = await eventsOf(stream.scan());
    assertEquals(events.map((event) => event.offset), places);
    assertEquals(await findingsOf(stream.verify()), []);
  }));

Deno.test("StreamWriter.append() writes in the order of the calls", async () => {
  const { file, writer } = await fakeWriter();
  const caller = async (name: string) => {
    for (let i = 0; i < 50; i++) {
      await writer.append(encodeText(`${name} ${i}`), { all: "x", name });
    }
  };
  const queued: string[] = [];
  const wanted: string[] = [];
  for (let i = 0; i < 100; i++) {
    wanted.push(`${i}`);
    writer.append(encodeText(`${i}`), { all: "x" }).then(() =>
      queued.push(`${i}`)
    );
  }
  await Promise.all(["a", "b", "c", "d"].map(caller));
  assertEquals(queued, wanted);
  await writer.seal();
  await writer.close();
  await using stream = await openBytes(file.bytes);
  const texts = (await eventsOf(stream.scan())).map(textOf);
  assertEquals(texts.slice(0, 100), wanted);
  assertEquals(texts.length, 300);
  for (const name of ["a", "b", "c", "d"]) {
    const own = texts.filter((text) => text.startsWith(`${name} `));
    assertEquals(own, Array.from({ length: 50 }, (_, i) => `${name} ${i}`));
    assertEquals(await scanTexts(stream, "name", name), own.toReversed());
  }
  assertEquals(await scanTexts(stream, "all", "x"), texts.toReversed());
  assertEquals(await findingsOf(stream.verify()), []);
});

Deno.test("StreamWriter.append() copies what it is given", async () => {
  const { writer } = await fakeWriter();
  const data = encodeText("before");
  const value = encodeText("value");
  const appended = writer.append(data, [["key", value]]);
  data.fill(0);
  value.fill(0);
  await appended;
  assertEquals(await scanTexts(writer, "key", "value"), ["before"]);
  await writer.close();
});

Deno.test("StreamWriter.append() refuses keys that Go or the format cannot hold", async () => {
  const { writer } = await fakeWriter();
  const data = encodeText("x");
  await rejectsWith(
    "invalid-input",
    "colon",
    () => writer.append(data, { "a:b": "c" }),
  );
  await rejectsWith(
    "invalid-input",
    "key",
    () => writer.append(data, [["a", "b"], ["a", "b"]]),
  );
  await rejectsWith(
    "invalid-input",
    "key",
    () => writer.appendKeys(data, [encodeText("none")]),
  );
  await writer.append(data, [["a", "b"], ["a", "c"], ["", ""], ["b", "a:b"]]);
  assertEquals(writer.end, 10 + 4 + 2 + 1 + 5 + 5 + 3 + 7);
  await writer.close();
});

Deno.test("StreamWriter.seal() closes for good; reading goes on", async () => {
  const { file, writer } = await fakeWriter();
  await writer.append(encodeText("one"), { k: "v" });
  const late = writer.append(encodeText("two"), { k: "v" });
  await writer.seal();
  await late;
  await writer.seal();
  assertEquals(writer.closed, true);
  await rejectsWith(
    "immutable",
    undefined,
    () => writer.append(encodeText("x")),
  );
  assertEquals(await scanTexts(writer, "k", "v"), ["two", "one"]);
  await writer.close();
  await writer.close();
  assertEquals(writer.closed, true);
  await assertRejects(() => writer.append(encodeText("x")), TypeError);
  await assertRejects(() => eventsOf(writer.scan()), TypeError);
  await using stream = await openBytes(file.bytes);
  assertEquals(stream.closed, true);
  assertEquals(await scanTexts(stream, "k", "v"), ["two", "one"]);
  await rejectsWith(
    "immutable",
    undefined,
    () => openStreamWriter(new FakeStreamFile(file.bytes), undefined),
  );
});

Deno.test("StreamWriter keeps a second writer out until it closes", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a`;
    {
      await using writer = await createStream(path);
      await rejectsWith("io", "locked", () => reopenStream(path));
      await writer.seal();
      await rejectsWith("io", "locked", () => reopenStream(path));
    }
    await rejectsWith("immutable", undefined, () => reopenStream(path));
    {
      await using one = await createStream(`${path}2`, { lock: false });
      await using two = await reopenStream(`${path}2`);
      assertEquals(one.end, two.end);
    }
  }));

Deno.test("openStreamWriter() cuts off what a crash has left, and says what", async () => {
  const { file, writer } = await fakeWriter();
  await writer.append(encodeText("one"), { k: "v" });
  const end = writer.end;
  await writer.append(encodeText("two"), { k: "v" });
  await writer.seal();
  await writer.close();
  const whole = file.bytes;
  for (let length = end + 1; length < whole.length; length++) {
    const left = new FakeStreamFile(whole.subarray(0, length));
    const writer = await openStreamWriter(left, undefined);
    const kept = length < end + 14 ? ["one"] : ["two", "one"];
    assertEquals(await scanTexts(writer, "k", "v"), kept, `${length}`);
    assertEquals(left.bytes.length, writer.end);
    assertEquals(left.synced, left.bytes);
    const cut = length - writer.end;
    assertEquals(writer.recovered?.byteLength ?? 0, cut);
    await writer.append(encodeText("new"), { k: "v" });
    await writer.close();
    await using stream = await openBytes(left.bytes);
    assertEquals(await scanTexts(stream, "k", "v"), ["new", ...kept]);
    assertEquals(await findingsOf(stream.verify()), []);
  }
});

Deno.test("openStreamWriter() refuses damage, changes nothing, and recovers when told", async () => {
  const { file, writer } = await fakeWriter();
  await writer.append(encodeText("one"), { k: "v" });
  const end = writer.end;
  await writer.append(encodeText("two"), { k: "v" });
  await writer.append(encodeText("three"), { k: "v" });
  await writer.close();
  file.bytes[end + 4]! ^= 1; // length of the data of "two"
  const damaged = new FakeStreamFile(file.bytes);
  const error = await rejectsWith(
    "corrupt",
    undefined,
    () => openStreamWriter(damaged, undefined),
  );
  assert(error.where.offset! > end);
  assertEquals(damaged.bytes, file.bytes);
  assertEquals(damaged.closed, true);
  const again = new FakeStreamFile(file.bytes);
  const options = { recover: true };
  const recovered = await openStreamWriter(again, undefined, options);
  assertEquals(recovered.recovered, {
    offset: end,
    byteLength: file.bytes.length - end,
    reason: "damage",
  });
  await recovered.append(encodeText("new"), { k: "v" });
  assertEquals(await scanTexts(recovered, "k", "v"), ["new", "one"]);
  await recovered.close();
});

Deno.test("StreamWriter takes back what does not fit on the disk, and goes on", async () => {
  for (const pieceBytes of [1, 7, 1000]) {
    const { file, writer } = await fakeWriter({ sync: "none" }, { pieceBytes });
    await writer.append(encodeText("first"), { k: "v" });
    // Room for one of the three that are written together, and a bit more.
    file.faults.diskBytes = writer.end + 20;
    const ends = await Promise.allSettled(
      ["small", "larger than that", "x"].map((text) =>
        writer.append(encodeText(text), { k: "v" })
      ),
    );
    assertEquals(ends.map((end) => end.status), [
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    assertEquals(file.bytes.length, writer.end);
    assertEquals(await scanTexts(writer, "k", "v"), ["small", "first"]);
    file.faults.diskBytes = Infinity;
    await writer.append(encodeText("again"), { k: "v" });
    await writer.seal();
    await writer.close();
    await using stream = await openBytes(file.bytes);
    assertEquals(await scanTexts(stream, "k", "v"), [
      "again",
      "small",
      "first",
    ]);
    assertEquals(await findingsOf(stream.verify()), []);
  }
});

Deno.test("StreamWriter.append() says io when the system takes no byte", async () => {
  const { file, writer } = await fakeWriter();
  file.faults.pieceBytes = 0;
  await rejectsWith("io", "short", () => writer.append(encodeText("x")));
  file.faults.pieceBytes = Infinity;
  await writer.append(encodeText("y"));
  await writer.close();
});

Deno.test("StreamWriter.seal() takes back what does not fit, and can be called again", async () => {
  const { file, writer } = await fakeWriter();
  await writer.append(encodeText("one"), { k: "v" });
  for (const room of [0, 1, 4, 60, 100]) {
    file.faults.diskBytes = writer.end + room;
    await rejectsWith("io", "ENOSPC", () => writer.seal());
    assertEquals(writer.closed, false);
    assertEquals(file.bytes.length, writer.end);
  }
  file.faults.diskBytes = Infinity;
  await writer.append(encodeText("two"), { k: "v" });
  await writer.seal();
  await writer.close();
  await using stream = await openBytes(file.bytes);
  assertEquals(stream.closed, true);
  assertEquals(await scanTexts(stream, "k", "v"), ["two", "one"]);
});

Deno.test("StreamWriter writes nothing more when a sync has failed", async () => {
  const { file, writer } = await fakeWriter();
  await writer.append(encodeText("one"), { k: "v" });
  file.faults.before = (call) => {
    if (call === "sync") throw ioError("EIO");
  };
  const first = await rejectsWith(
    "io",
    "EIO",
    () => writer.append(encodeText("two"), { k: "v" }),
  );
  file.faults.before = () => {};
  for (
    const run of [
      () => writer.append(encodeText("three")),
      () => writer.flush(),
      () => writer.seal(),
    ]
  ) assert(await assertRejects(run, CairnError) === first);
  // What was confirmed can be read still.
  assertEquals(await scanTexts(writer, "k", "v"), ["one"]);
  await assertRejects(() => writer.close(), CairnError);
  assertEquals(file.closed, true);
});

Deno.test("StreamWriter writes nothing more when a failed write cannot be taken back", async () => {
  const { file, writer } = await fakeWriter({ sync: "none" });
  await writer.append(encodeText("one"), { k: "v" });
  file.faults.diskBytes = writer.end + 5;
  file.faults.pieceBytes = 3;
  file.faults.before = (call) => {
    if (call === "truncate") throw ioError("EIO");
  };
  await rejectsWith("io", "ENOSPC", () => writer.append(encodeText("two")));
  await rejectsWith("io", "EIO", () => writer.append(encodeText("three")));
  await assertRejects(() => writer.close(), CairnError);
  // The next writer puts it in order.
  const left = new FakeStreamFile(file.bytes);
  const next = await openStreamWriter(left, undefined);
  assertEquals(next.recovered!.reason, "cut");
  assertEquals(await scanTexts(next, "k", "v"), ["one"]);
  await next.close();
});

/** What is there when the machine stops, read by a new writer. */
async function afterPowerCut(file: FakeStreamFile): Promise<string[]> {
  const left = new FakeStreamFile(file.synced);
  const writer = await openStreamWriter(left, undefined);
  const texts = (await eventsOf(writer.scan())).map(textOf);
  await writer.close();
  return texts;
}

Deno.test("sync `each` loses nothing confirmed when the machine stops", async () => {
  const { file, writer } = await fakeWriter({ sync: "each" });
  const wanted: string[] = [];
  for (let i = 0; i < 20; i++) {
    await writer.append(encodeText(`${i}`));
    wanted.push(`${i}`);
    assertEquals(await afterPowerCut(file), wanted);
  }
  // Appends that wait together share a sync.
  let syncs = 0;
  file.faults.before = (call) => syncs += call === "sync" ? 1 : 0;
  await Promise.all(wanted.map((text) => writer.append(encodeText(text))));
  assert(syncs <= 2);
  assertEquals(await afterPowerCut(file), [...wanted, ...wanted]);
  await writer.close();
});

Deno.test("sync `intervalMs` loses what came since the last sync, and no more", async () => {
  const { file, writer } = await fakeWriter({ sync: { intervalMs: 1 } });
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  await writer.append(encodeText("one"));
  assertEquals(await afterPowerCut(file), []);
  file.faults.before = (call) => call === "sync" && resolve();
  await synced; // by its timer, without another append
  await writer.flush();
  assertEquals(await afterPowerCut(file), ["one"]);
  await writer.append(encodeText("two"));
  await writer.close();
  assertEquals(await afterPowerCut(file), ["one", "two"]);
});

Deno.test("sync `none` leaves it to the system; flush() and the caller decide", async () => {
  const { file, writer } = await fakeWriter({ sync: "none" });
  await writer.append(encodeText("one"));
  assertEquals(await afterPowerCut(file), []);
  await writer.flush();
  assertEquals(await afterPowerCut(file), ["one"]);
  await writer.append(encodeText("two"));
  await writer.close();
  assertEquals(await afterPowerCut(file), ["one"]);
});

Deno.test("sync intervals that are none are refused", async () => {
  for (const intervalMs of [-1, NaN]) {
    await assertRejects(() => fakeWriter({ sync: { intervalMs } }), RangeError);
  }
});

Deno.test("StreamWriter agrees with a list, whatever is done to it", async () => {
  const key = fc.tuple(
    fc.constantFrom("", "a", "b", "é"),
    fc.constantFrom("", "x", ":", "y:z"),
  );
  const event = fc.record({
    data: fc.uint8Array({ maxLength: 300 }),
    keys: fc.uniqueArray(key, { maxLength: 4, selector: String }),
  });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.array(event, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.constant("reopen" as const) },
  );
  const steps = fc.array(step, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(50), async (steps, pieceBytes) => {
      const faults = { pieceBytes: pieceBytes + 1 };
      let { file, writer } = await fakeWriter({ sync: "none" }, faults);
      const model: { data: Uint8Array; keys: string[] }[] = [];
      for (const step of steps) {
        if (step === "reopen") {
          await writer.close();
          file = new FakeStreamFile(file.bytes, faults);
          writer = await openStreamWriter(file, undefined, { sync: "none" });
          continue;
        }
        await Promise.all(
          step.map(({ data, keys }) => writer.append(data, keys)),
        );
        model.push(
          ...step.map(({ data, keys }) => ({ data, keys: keys.map(String) })),
        );
      }
      await writer.seal();
      await writer.close();
      await using stream = await openBytes(file.bytes);
      for (const reader of [stream]) {
        const events = await eventsOf(reader.scan());
        assertEquals(
          events.map((event) => event.data),
          model.map((m) => m.data),
        );
        for (const name of ["", "a", "b", "é"]) {
          for (const value of ["", "x", ":", "y:z"]) {
            const wanted = model.filter((m) =>
              m.keys.includes(`${name},${value}`)
            )
              .map((m) => m.data);
            const oldest = await eventsOf(
              reader.scanIndex(name, value, { order: "oldest" }),
            );
            const newest = await eventsOf(reader.scanIndex(name, value));
            assertEquals(oldest.map((event) => event.data), wanted);
            assertEquals(
              newest.map((event) => event.data),
              wanted.toReversed(),
            );
          }
        }
      }
      assertEquals(await findingsOf(stream.verify()), []);
    }),
    { numRuns: 50 },
  );
});
