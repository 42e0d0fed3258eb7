import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  equalBytes,
  MemorySink,
  MemorySource,
  packSpans,
  type Schema,
  type Scratch,
  type ScratchFile,
} from "@cairn/core";
import { openTrailDirectory } from "../open_trail_path.ts";
import { createTrailDirectory, createTrailStore } from "./trail_writer.ts";
import type { TrailCreateOptions } from "../create_options.ts";

const KEY = new Uint8Array(16).fill(7);
const OTHER_KEY = new Uint8Array(16).fill(9);

async function assertCode(
  run: () => Promise<unknown>,
  code: string,
): Promise<CairnError> {
  const error = await assertRejects(run, CairnError);
  assertEquals(error.code, code);
  return error;
}

async function withFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A schema that `createSchema` would refuse. */
function rawSchema(names: readonly string[]): Schema {
  return { fields: names.map((name) => ({ name, type: "bytes" })) };
}

Deno.test("createTrailStore() takes every field name that the original takes", async () => {
  const names = ["a".repeat(511), "Time", "uuid", "__proto__", "0", "-", "%_"];
  const sink = new MemorySink();
  await using writer = await createTrailStore(sink, createSchema(names));
  await writer.finish();
  const text = new TextDecoder("latin1").decode(sink.bytes());
  assert(text.includes(names.join("\n") + "\n\n"));
});

Deno.test("createTrailStore() refuses field names that TrailDB cannot hold", async () => {
  const cases = [
    [["time"], "invalid-input"],
    [[""], "invalid-input"],
    [["a b"], "invalid-input"],
    [["ä"], "invalid-input"],
    [["a\n"], "invalid-input"],
    [["a", "b", "a"], "invalid-input"],
    [["a".repeat(512)], "limit"],
    [Array.from({ length: 16_383 }, (_, i) => `f${i}`), "limit"],
  ] as const;
  for (const [names, code] of cases) {
    const sink = new MemorySink();
    await assertCode(() => createTrailStore(sink, rawSchema(names)), code);
    await assertRejects(() => sink.write(KEY), TypeError); // it was aborted
  }
});

Deno.test("createTrailStore() refuses options that make no sense", async () => {
  const hostile: unknown[] = [
    { bigrams: 1 },
    { additions: "no" },
    { equalTimes: "random" },
    { exactTimes: {} },
    { memoryBytes: -1 },
    { memoryBytes: NaN },
  ];
  for (const options of hostile) {
    const sink = new MemorySink();
    await assertCode(
      () =>
        createTrailStore(sink, createSchema([]), options as TrailCreateOptions),
      "invalid-input",
    );
    await assertRejects(() => sink.write(KEY), TypeError);
  }
});

Deno.test("TrailWriter.add() refuses keys of another length and bad times", async () => {
  await using writer = await createTrailStore(
    new MemorySink(),
    createSchema(["a"]),
  );
  const code = (run: () => unknown) => assertThrows(run, CairnError).code;
  assertEquals(code(() => writer.add(new Uint8Array(15), 1, [null])), "limit");
  assertEquals(code(() => writer.add(new Uint8Array(17), 1, [null])), "limit");
  assertEquals(
    code(() => writer.add(new Uint8Array(0), 1, [null])),
    "invalid-input",
  );
  for (const time of [-1, 0.5, NaN, 2 ** 53]) {
    assertEquals(code(() => writer.add(KEY, time, [null])), "invalid-input");
  }
  assertEquals(code(() => writer.add(KEY, 1, [])), "invalid-input");
  await writer.add(KEY, 1, [null]);
  assertEquals((await writer.finish()).events, 1);
});

Deno.test("TrailWriter.finish() refuses a smallest time above 2^47 - 2", async () => {
  for (
    const [time, fits] of [[2 ** 47 - 2, true], [2 ** 47 - 1, false]] as const
  ) {
    const sink = new MemorySink();
    await using writer = await createTrailStore(sink, createSchema([]));
    await writer.add(KEY, time, []);
    if (fits) {
      assertEquals((await writer.finish()).minTimestamp, time);
    } else {
      await assertCode(() => writer.finish(), "limit");
      assertThrows(() => sink.bytes(), TypeError);
    }
  }
});

Deno.test("TrailWriter.finish() refuses a step above 2^47 - 2, within a trail and before it", async () => {
  for (const key of [KEY, OTHER_KEY]) {
    for (
      const [step, fits] of [[2 ** 47 - 2, true], [2 ** 47 - 1, false]] as const
    ) {
      const sink = new MemorySink();
      await using writer = await createTrailStore(sink, createSchema([]));
      await writer.add(KEY, 5, []);
      await writer.add(key, 5 + step, []);
      if (fits) {
        assertEquals((await writer.finish()).maxTimestamp, 5 + step);
      } else {
        await assertCode(() => writer.finish(), "limit");
        assertThrows(() => sink.bytes(), TypeError);
      }
    }
  }
});

Deno.test("TrailWriter.addExact() takes times above 2^53 - 1 only where asked for", async () => {
  await using plain = await createTrailStore(
    new MemorySink(),
    createSchema([]),
  );
  await plain.addExact(KEY, 5n, []);
  await assertCode(() => plain.addExact(KEY, 2n ** 53n, []), "unsupported");
  await using exact = await createTrailStore(
    new MemorySink(),
    createSchema([]),
    { exactTimes: true },
  );
  await assertCode(() => exact.addExact(KEY, 2n ** 64n, []), "limit");
});

Deno.test("TrailWriter.addExact() sorts large times, and keeps the order of equal ones", async () => {
  for (const equalTimes of ["input", "reversed"] as const) {
    const large = 2n ** 53n;
    const steps: bigint[] = [];
    for (let time = 1n; time <= large; time += 2n ** 46n) steps.push(time);
    // The last two differ by less than a timestamp can tell.
    const late = [large + 3n, large + 2n, large + 3n];
    const files: Uint8Array[] = [];
    for (const order of [[0, 1, 2], [1, 0, 2]]) {
      const sink = new MemorySink();
      await using writer = await createTrailStore(sink, createSchema(["n"]), {
        exactTimes: true,
        equalTimes,
        bigrams: false,
      });
      // All values first, so that ids do not depend on the order.
      for (const [i, time] of steps.entries()) {
        await writer.addExact(KEY, time, [encodeText(String(i % 3))]);
      }
      for (const i of order) {
        await writer.addExact(KEY, late[i]!, [encodeText(String(i))]);
      }
      const summary = await writer.finish();
      assertEquals(summary.events, steps.length + 3);
      files.push(sink.bytes());
    }
    assert(equalBytes(files[0]!, files[1]!));
  }
});

Deno.test("TrailWriter writes the same for any memory and any size of batches", async () => {
  const events = Array.from({ length: 5000 }, (_, i) => ({
    key: new Uint8Array(16).fill((i * 7919) % 97),
    time: 1000 + Math.floor(i / 3) % 200,
    values: [
      encodeText(`v${i % 11}`),
      encodeText(i % 4 === 0 ? "" : `w${i % 900}`),
    ],
  }));
  for (const equalTimes of ["input", "reversed"] as const) {
    const files: Uint8Array[] = [];
    for (
      const [memoryBytes, rows] of [[2 ** 30, 1], [5000, 1], [
        1e5,
        777,
      ]] as const
    ) {
      const sink = new MemorySink();
      await using writer = await createTrailStore(
        sink,
        createSchema(["v", "w"]),
        { memoryBytes, equalTimes },
      );
      if (rows === 1) {
        for (const { key, time, values } of events) {
          await writer.add(key, time, values);
        }
      } else {
        for (let i = 0; i < events.length; i += rows) {
          const some = events.slice(i, i + rows);
          await writer.addBatch({
            count: some.length,
            trailKeys: packSpans(some.map(({ key }) => key)),
            timestamps: Float64Array.from(some, ({ time }) => time),
            columns: [0, 1].map((c) =>
              packSpans(some.map(({ values }) => values[c]!))
            ),
          });
        }
      }
      await writer.finish();
      files.push(sink.bytes());
    }
    assert(equalBytes(files[0]!, files[1]!));
    assert(equalBytes(files[0]!, files[2]!));
  }
});

/** Fails at one of its writes. */
class FailingSink extends MemorySink {
  writes = 0;
  aborted = false;
  readonly failAt: number;
  constructor(failAt: number) {
    super();
    this.failAt = failAt;
  }
  override async write(bytes: Uint8Array): Promise<void> {
    if (++this.writes === this.failAt) throw new CairnError("io", "Disk full");
    await super.write(bytes);
  }
  override abort(): Promise<void> {
    this.aborted = true;
    return super.abort();
  }
}

Deno.test("TrailWriter.finish() leaves nothing when any write fails", async () => {
  let writes = Infinity;
  for (let failAt = 1; failAt <= writes; failAt++) {
    const sink = new FailingSink(failAt);
    await using writer = await createTrailStore(sink, createSchema(["a"]));
    await writer.add(KEY, 1, [encodeText("x")]);
    if (writes === Infinity) {
      const whole = new FailingSink(0);
      await using other = await createTrailStore(whole, createSchema(["a"]));
      await other.add(KEY, 1, [encodeText("x")]);
      await other.finish();
      writes = whole.writes;
    }
    await assertCode(() => writer.finish(), "io");
    assert(sink.aborted);
    assertThrows(() => sink.bytes(), TypeError);
  }
});

/** Scratch whose n-th write fails, and that knows what is still open. */
class FailingScratch implements Scratch {
  open = 0;
  writes = 0;
  readonly failAt: number;
  constructor(failAt: number) {
    this.failAt = failAt;
  }
  create(): Promise<ScratchFile> {
    this.open++;
    let byteLength = 0;
    const pieces: Uint8Array[] = [];
    let closed = false;
    return Promise.resolve({
      get byteLength() {
        return byteLength;
      },
      write: (bytes: Uint8Array) => {
        if (++this.writes === this.failAt) {
          return Promise.reject(new CairnError("io", "Disk full"));
        }
        pieces.push(bytes.slice());
        byteLength += bytes.length;
        return Promise.resolve();
      },
      source: () => {
        const all = new Uint8Array(byteLength);
        let at = 0;
        for (const piece of pieces) {
          all.set(piece, at);
          at += piece.length;
        }
        return Promise.resolve(new MemorySource(all));
      },
      [Symbol.asyncDispose]: () => {
        if (!closed) this.open--;
        closed = true;
        return Promise.resolve();
      },
    });
  }
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

Deno.test("TrailWriter frees all temporary files, whether they work or fail", async () => {
  for (const failAt of [0, 1, 2, 3]) {
    const scratch = new FailingScratch(failAt);
    const sink = new MemorySink();
    const run = async () => {
      await using writer = await createTrailStore(sink, createSchema(["a"]), {
        scratch,
        memoryBytes: 4096,
      });
      for (let i = 0; i < 20_000; i++) {
        await writer.add(KEY, i, [encodeText(String(i % 5))]);
      }
      await writer.finish();
    };
    if (failAt === 0) await run();
    else await assertCode(run, "io");
    assert(scratch.writes > 0);
    assertEquals(scratch.open, 0);
  }
});

Deno.test("TrailWriter stops at its signal and leaves nothing", async () => {
  const controller = new AbortController();
  const sink = new MemorySink();
  await using writer = await createTrailStore(sink, createSchema(["a"]), {
    signal: controller.signal,
  });
  await writer.add(KEY, 1, [null]);
  controller.abort();
  await assertCode(() => writer.finish(), "aborted");
  assertThrows(() => sink.bytes(), TypeError);
  await assertCode(
    () =>
      createTrailStore(new MemorySink(), createSchema([]), {
        signal: controller.signal,
      }),
    "aborted",
  );
});

Deno.test("createTrailDirectory() refuses what is there, and names too long for files", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/there`);
    await assertCode(
      () => createTrailDirectory(`${folder}/there`, createSchema([])),
      "exists",
    );
    await assertCode(
      () => createTrailDirectory(`${folder}/absent/x`, createSchema([])),
      "not-found",
    );
    await assertCode(
      () =>
        createTrailDirectory(`${folder}/x`, createSchema(["a".repeat(248)])),
      "limit",
    );
    const writer = await createTrailDirectory(
      `${folder}/x`,
      createSchema(["a".repeat(247)]),
    );
    await writer.finish();
    assertEquals([...Deno.readDirSync(folder)].map((e) => e.name).sort(), [
      "there",
      "x",
    ]);
  });
});

Deno.test("createTrailDirectory() leaves nothing when it is aborted or fails", async () => {
  await withFolder(async (folder) => {
    const aborted = await createTrailDirectory(`${folder}/a`, createSchema([]));
    await aborted.add(KEY, 1, []);
    await aborted.abort();
    assertEquals([...Deno.readDirSync(folder)], []);
    const late = await createTrailDirectory(`${folder}/b`, createSchema([]));
    await late.add(KEY, 2 ** 50, []);
    await assertCode(() => late.finish(), "limit");
    assertEquals([...Deno.readDirSync(folder)], []);
    const raced = await createTrailDirectory(`${folder}/c`, createSchema([]));
    await Deno.writeTextFile(`${folder}/c`, "in the way");
    await assertCode(() => raced.finish(), "exists");
    assertEquals([...Deno.readDirSync(folder)].map((e) => e.name), ["c"]);
    assertEquals(await Deno.readTextFile(`${folder}/c`), "in the way");
  });
});

Deno.test("createTrailDirectory() writes what opens again, sound and with its field types", async () => {
  await withFolder(async (folder) => {
    const schema = createSchema([{ name: "n", type: "integer" }, "b"]);
    const writer = await createTrailDirectory(`${folder}/d`, schema);
    for (let i = 0; i < 1000; i++) {
      const value = i % 3 === 0 ? null : encodeText(`x${i}`);
      const key = new Uint8Array(16).fill(i % 20);
      await writer.add(key, i, [encodeText(String(i % 50)), value]);
    }
    const summary = await writer.finish();
    await using store = await openTrailDirectory(`${folder}/d`);
    assertEquals(store.schema, schema);
    const { byteLength: _, ...stats } = summary;
    assertEquals(await store.stats(), stats);
    for await (const finding of store.verify()) {
      assert(finding.severity !== "corrupt", finding.detail);
    }
  });
});
