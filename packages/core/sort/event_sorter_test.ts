import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareBytes, encodeText } from "../bytes.ts";
import { packSpans, spanValue } from "../column.ts";
import { CairnError } from "../errors.ts";
import { createScratch } from "../file_scratch.ts";
import type { InputBatch } from "../input_batch.ts";
import { MemoryScratch } from "./testdata/memory_scratch.ts";
import { EventSorter } from "./event_sorter.ts";
import type {
  EventSorterOptions,
  KeyOrder,
  SortColumn,
} from "./event_sorter_options.ts";
import type { SortedEvents } from "./sorted_events.ts";

interface Event {
  readonly key: Uint8Array;
  readonly time: number;
  readonly values: readonly (Uint8Array | null)[];
}

/** Sorted events as plain text, one a line, for comparison. */
interface Answer {
  readonly trails: number;
  readonly lines: readonly string[];
  readonly lexicons: readonly (readonly string[] | undefined)[];
}

function toBatch(events: readonly Event[], columns: number): InputBatch {
  return {
    count: events.length,
    trailKeys: packSpans(events.map((event) => event.key)),
    timestamps: Float64Array.from(events, (event) => event.time),
    columns: Array.from(
      { length: columns },
      (_, c) => packSpans(events.map((event) => event.values[c] ?? null)),
    ),
  };
}

/** Sorts the slow way: arrays of objects, and names for bytes. */
function sortNaively(
  events: readonly Event[],
  columns: readonly SortColumn[],
  order: KeyOrder,
): Answer {
  const lexicons = columns.map(() => [] as string[]);
  for (const { values } of events) {
    values.forEach((value, c) => {
      const name = value === null ? "" : value.toHex();
      if (name !== "" && !lexicons[c]!.includes(name)) lexicons[c]!.push(name);
    });
  }
  const compare = (a: Event, b: Event) =>
    (order === "bytes"
      ? compareBytes(a.key, b.key)
      : compareBytes(a.key.toReversed(), b.key.toReversed())) ||
    a.time - b.time;
  const lines = events.toSorted(compare).map(({ key, time, values }) =>
    [key.toHex(), time, ...values.map((value) => value?.toHex() ?? "")].join()
  );
  return {
    trails: new Set(events.map((event) => event.key.toHex())).size,
    lines,
    lexicons: lexicons.map((names, c) =>
      columns[c] === "ids" ? names : undefined
    ),
  };
}

/** Reads sorted events back and checks the shape of every batch. */
async function readAnswer(sorted: SortedEvents): Promise<Answer> {
  const lexicons = sorted.lexicons.map((lexicon) =>
    lexicon && Array.from(
      { length: lexicon.count },
      (_, i) =>
        lexicon.bytes.subarray(lexicon.offsets[i], lexicon.offsets[i + 1])
          .toHex(),
    )
  );
  const lines: string[] = [];
  let nextTrail = 0;
  let lastKey = "";
  for await (const batch of sorted.scan()) {
    assert(batch.count > 0);
    assertEquals(batch.timestamps.length, batch.count);
    assertEquals(batch.firstTrail, batch.continued ? nextTrail - 1 : nextTrail);
    assertEquals(batch.trailOffsets[0], 0);
    assertEquals(batch.trailOffsets.at(-1), batch.count);
    const trails = batch.trailOffsets.length - 1;
    for (let t = 0; t < trails; t++) {
      const key = spanValue(batch.trailKeys, t)!.toHex();
      assertEquals(key === lastKey, t === 0 && batch.continued);
      lastKey = key;
      const end = batch.trailOffsets[t + 1]!;
      assert(batch.trailOffsets[t]! < end);
      for (let row = batch.trailOffsets[t]!; row < end; row++) {
        const values = batch.columns.map((column, c) =>
          ArrayBuffer.isView(column)
            ? column[row] === 0 ? "" : lexicons[c]![column[row]! - 1]
            : spanValue(column, row)?.toHex() ?? ""
        );
        lines.push([key, batch.timestamps[row], ...values].join());
      }
    }
    nextTrail = batch.firstTrail + trails;
  }
  assertEquals(nextTrail, sorted.stats.trails);
  assertEquals(lines.length, sorted.stats.events);
  return { trails: sorted.stats.trails, lines, lexicons };
}

async function sortWith(
  events: readonly Event[],
  options: EventSorterOptions,
  batchRows = 50,
): Promise<Answer> {
  await using sorter = new EventSorter(options);
  for (let i = 0; i < events.length; i += batchRows) {
    const batch = toBatch(
      events.slice(i, i + batchRows),
      options.columns.length,
    );
    await sorter.add(batch);
    // The sorter must have copied: what it took may change now.
    for (const spans of [batch.trailKeys, ...batch.columns]) {
      spans.bytes.fill(0);
    }
  }
  await using sorted = await sorter.finish();
  const answer = await readAnswer(sorted);
  assertEquals(await readAnswer(sorted), answer, "a second scan differs");
  return answer;
}

const arbitraryKey = fc.oneof(
  fc.constantFrom(..."abcdefgh").map(encodeText),
  fc.uint8Array({ minLength: 1, maxLength: 6, max: 2 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
const arbitraryValue = fc.oneof(
  fc.constantFrom("x", "y", "a value of some length", "").map(encodeText),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(null),
);
const arbitraryEvents = (columns: number) =>
  fc.array(
    fc.record({
      key: arbitraryKey,
      time: fc.oneof(
        fc.nat(9),
        fc.maxSafeNat(),
        fc.constant(Number.MAX_SAFE_INTEGER),
      ),
      values: fc.array(arbitraryValue, {
        minLength: columns,
        maxLength: columns,
      }),
    }),
    { maxLength: 400, size: "max" },
  );

Deno.test("EventSorter gives what sorting an array gives, in memory", async () => {
  const columns: SortColumn[] = ["ids", "bytes", "ids"];
  await fc.assert(
    fc.asyncProperty(
      arbitraryEvents(3),
      fc.constantFrom<KeyOrder>("bytes", "reversed"),
      async (events, keyOrder) => {
        const answer = await sortWith(events, { columns, keyOrder });
        assertEquals(answer, sortNaively(events, columns, keyOrder));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("EventSorter gives the same with any budget", async () => {
  const columns: SortColumn[] = ["bytes", "ids", "bytes"];
  let files = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitraryEvents(3),
      fc.constantFrom<KeyOrder>("bytes", "reversed"),
      fc.integer({ min: 1, max: 80_000 }),
      fc.integer({ min: 1, max: 300 }),
      async (events, keyOrder, memoryBytes, batchRows) => {
        const scratch = new MemoryScratch();
        const options = { columns, keyOrder, memoryBytes, scratch };
        const answer = await sortWith(events, options, batchRows);
        assertEquals(answer, sortNaively(events, columns, keyOrder));
        assertEquals(scratch.open, 0, "files are left");
        files += scratch.created;
      },
    ),
    { numRuns: 60 },
  );
  assert(files > 0, "no run was ever spilled");
});

/** Many events of few and many trails, by a simple generator. */
function manyEvents(count: number, trails: number): Event[] {
  let state = 1;
  const draw = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, (_, i) => ({
    key: encodeText(`trail ${draw(trails)}`),
    time: draw(50) === 0 ? draw(1_000_000) : i,
    values: [encodeText(`v${draw(500)}`), encodeText(`payload ${i}`)],
  }));
}

Deno.test("EventSorter merges in several rounds when there are many runs", async () => {
  const columns: SortColumn[] = ["ids", "bytes"];
  for (const trails of [1, 7, 9000]) {
    const events = manyEvents(20_000, trails);
    const scratch = new MemoryScratch();
    const options = { columns, memoryBytes: 1 << 14, scratch };
    const answer = await sortWith(events, options, 777);
    assert(scratch.created > 40);
    assertEquals(answer, await sortWith(events, { columns }, 20_000));
  }
});

Deno.test("EventSorter keeps few files open however many runs there are", async () => {
  const columns: SortColumn[] = ["ids", "bytes"];
  const events = manyEvents(4000, 50);
  const scratch = new MemoryScratch();
  const options = { columns, memoryBytes: 1, scratch };
  const answer = await sortWith(events, options, 500);
  assert(scratch.created > 300, `${scratch.created} files`);
  assert(scratch.openMost <= 64, `${scratch.openMost} files at a time`);
  assertEquals(scratch.open, 0);
  assertEquals(answer, await sortWith(events, { columns }, 4000));
});

Deno.test("EventSorter spills to files on disk", async () => {
  const columns: SortColumn[] = ["ids", "bytes"];
  const events = manyEvents(5000, 40);
  await using scratch = createScratch();
  const options = { columns, memoryBytes: 1 << 16, scratch };
  assertEquals(
    await sortWith(events, options),
    sortNaively(events, columns, "bytes"),
  );
  assertEquals(
    await sortWith(events, { columns, memoryBytes: 1 << 16 }),
    sortNaively(events, columns, "bytes"),
  );
});

Deno.test("EventSorter keeps equal times in input order across runs", async () => {
  const events: Event[] = Array.from({ length: 3000 }, (_, i) => ({
    key: encodeText("one"),
    time: 5,
    values: [encodeText(String(i))],
  }));
  const columns: SortColumn[] = ["bytes"];
  const scratch = new MemoryScratch();
  const answer = await sortWith(events, { columns, memoryBytes: 1, scratch });
  assert(scratch.created > 2);
  assertEquals(answer.lines.length, 3000);
  answer.lines.forEach((line, i) =>
    assert(line.endsWith(`,${encodeText(String(i)).toHex()}`))
  );
});

Deno.test("EventSorter takes keys and values of thousands of bytes", async () => {
  const long = (tail: string) =>
    encodeText("k".repeat(5000) + tail + "k".repeat(5000));
  const events: Event[] = ["b", "a", "", "a"].map((tail, i) => ({
    key: long(tail),
    time: i,
    values: [new Uint8Array(100_000).fill(i), long(tail)],
  }));
  const columns: SortColumn[] = ["bytes", "ids"];
  for (const keyOrder of ["bytes", "reversed"] as const) {
    const wanted = sortNaively(events, columns, keyOrder);
    const scratch = new MemoryScratch();
    const options = { columns, keyOrder, memoryBytes: 1, scratch };
    assertEquals(await sortWith(events, options, 1), wanted);
    assertEquals(await sortWith(events, { columns, keyOrder }, 3), wanted);
  }
});

Deno.test("EventSorter gives chosen columns in the order asked for", async () => {
  const events = manyEvents(300, 5);
  for (const memoryBytes of [1 << 14, 1 << 30]) {
    await using sorter = new EventSorter({
      columns: ["ids", "bytes"],
      memoryBytes,
      scratch: new MemoryScratch(),
    });
    await sorter.add(toBatch(events, 2));
    const sorted = await sorter.finish();
    for await (const batch of sorted.scan({ columns: [1] })) {
      assertEquals(batch.columns.length, 1);
      assert(!ArrayBuffer.isView(batch.columns[0]));
    }
    for await (const batch of sorted.scan({ columns: [] })) {
      assertEquals(batch.columns, []);
    }
  }
});

Deno.test("EventSorter without events gives no batch and no times", async () => {
  await using sorter = new EventSorter({ columns: ["ids", "bytes"] });
  await using sorted = await sorter.finish();
  assertEquals(sorted.stats, {
    trails: 0,
    events: 0,
    minTimestamp: undefined,
    maxTimestamp: undefined,
  });
  assertEquals(sorted.lexicons[0]!.count, 0);
  assertEquals([...sorted.lexicons[0]!.offsets], [0]);
  assertEquals(await Array.fromAsync(sorted.scan()), []);
});

Deno.test("EventSorter states exact counts and times before the first batch", async () => {
  const events = manyEvents(4000, 90);
  for (const memoryBytes of [1 << 14, 1 << 30]) {
    const scratch = new MemoryScratch();
    await using sorter = new EventSorter({
      columns: ["ids", "ids"],
      memoryBytes,
      scratch,
    });
    await sorter.add(toBatch(events, 2));
    assertEquals(sorter.count, 4000);
    const { stats } = await sorter.finish();
    assertEquals(stats, {
      trails: 90,
      events: 4000,
      minTimestamp: Math.min(...events.map((event) => event.time)),
      maxTimestamp: Math.max(...events.map((event) => event.time)),
    });
  }
});

Deno.test("EventSorter leaves no file when writing a run fails", async () => {
  const scratch = new MemoryScratch();
  scratch.bytesMax = 100_000;
  const events = manyEvents(20_000, 100);
  await assertRejects(
    () =>
      sortWith(events, { columns: ["ids", "bytes"], memoryBytes: 1, scratch }),
    Error,
    "disk full",
  );
  assertEquals(scratch.open, 0);
});

Deno.test("EventSorter stops when the signal says so", async () => {
  const events = manyEvents(2000, 100);
  const scratch = new MemoryScratch();
  await using sorter = new EventSorter({
    columns: ["ids", "bytes"],
    memoryBytes: 1,
    scratch,
  });
  await sorter.add(toBatch(events, 2));
  const sorted = await sorter.finish();
  const controller = new AbortController();
  const error = await assertRejects(async () => {
    for await (const _ of sorted.scan({ signal: controller.signal })) {
      controller.abort("enough");
    }
  }, CairnError);
  assertEquals(error.code, "aborted");
  assertEquals(error.cause, "enough");
});

Deno.test("EventSorter refuses calls after the end", async () => {
  const sorter = new EventSorter({ columns: [] });
  await sorter.finish();
  await assertRejects(() => sorter.finish(), TypeError);
  await assertRejects(async () => await sorter.add(toBatch([], 0)), TypeError);
  await sorter[Symbol.asyncDispose]();
  await sorter[Symbol.asyncDispose]();
});

Deno.test("EventSorter ends a scan when it is disposed of", async () => {
  const sorter = new EventSorter({ columns: ["ids", "ids"] });
  await sorter.add(toBatch(manyEvents(10, 2), 2));
  const sorted = await sorter.finish();
  await sorter[Symbol.asyncDispose]();
  await assertRejects(() => Array.fromAsync(sorted.scan()), TypeError);
});

Deno.test("EventSorter lets scans go side by side", async () => {
  for (const memoryBytes of [1, 1 << 30]) {
    await using sorter = new EventSorter({
      columns: ["ids", "bytes"],
      memoryBytes,
      scratch: new MemoryScratch(),
    });
    await sorter.add(toBatch(manyEvents(3000, 30), 2));
    const sorted = await sorter.finish();
    const [first, second] = [sorted.scan(), sorted.scan()];
    await first.next();
    const whole = await readAnswer(sorted);
    assertEquals(whole.lines.length, 3000);
    let rows = 0;
    for await (const batch of second) rows += batch.count;
    assertEquals(rows, 3000);
    await first.return?.();
  }
});

Deno.test("EventSorter takes thousands of columns", async () => {
  const columns: SortColumn[] = Array.from(
    { length: 3000 },
    (_, c) => c % 2 === 0 ? "ids" : "bytes",
  );
  const events: Event[] = Array.from({ length: 40 }, (_, i) => ({
    key: encodeText(`k${i % 3}`),
    time: 100 - i,
    values: columns.map((_, c) => encodeText(`${(i * c) % 7}`)),
  }));
  const scratch = new MemoryScratch();
  const small = { columns, memoryBytes: 1 << 20, scratch };
  assertEquals(
    await sortWith(events, small, 7),
    sortNaively(events, columns, "bytes"),
  );
  assert(scratch.created > 1);
});

Deno.test("EventSorter.hasKey() knows keys in memory and in files", async () => {
  await using sorter = new EventSorter({
    columns: ["bytes"],
    keepKeys: true,
    memoryBytes: 1 << 14,
    scratch: new MemoryScratch(),
  });
  const keys = Array.from({ length: 3000 }, (_, i) => encodeText(`key ${i}`));
  for (let i = 0; i < keys.length; i += 100) {
    const events = keys.slice(i, i + 100).map((key) => ({
      key,
      time: 1,
      values: [key],
    }));
    await sorter.add(toBatch(events, 1));
    assert(sorter.hasKey(keys[i]!) && sorter.hasKey(keys[i + 99]!));
    assert(sorter.hasKey(keys[0]!));
    assert(!sorter.hasKey(encodeText(`key ${i + 100}`)));
  }
});

Deno.test("EventSorter.hasKey() throws when keys are not kept", async () => {
  await using sorter = new EventSorter({ columns: [] });
  assertThrows(() => sorter.hasKey(encodeText("a")), TypeError);
});
