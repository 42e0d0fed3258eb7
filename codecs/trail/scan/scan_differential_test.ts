import { assertEquals, assertRejects } from "@std/assert";
import {
  Bitmap,
  CairnError,
  createSchema,
  encodeText,
  equal,
  type EventBatch,
  Filter,
  type FilterTerm,
  MemorySink,
  MemorySource,
  notEqual,
  test,
  timeRange,
} from "@cairn/core";
import fc from "fast-check";
import { EventDecoder } from "../event_decoder.ts";
import { MEMBER_TRAILS_DATA } from "../layout.ts";
import { openTrailStore } from "../open_trail.ts";
import { getMember } from "../trail_members.ts";
import type { TrailStore } from "../trail_store.ts";
import { createTrailStore } from "../write/trail_writer.ts";

/** An event of a random store. */
interface RandomEvent {
  readonly trail: number;
  readonly timestamp: number;
  readonly values: readonly (string | null)[];
}

/** Rows of any scan: trail, time, values. */
type Row = readonly [number, number, ...(string | null)[]];

function randomStore(fieldCount: number): fc.Arbitrary<RandomEvent[]> {
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("a", "b", null) },
    fc.nat(300).map((n) => `v${n}`),
  );
  return fc.array(
    fc.record({
      trail: fc.oneof(fc.nat(3), fc.nat(40)),
      timestamp: fc.oneof(fc.nat(20), fc.nat(1e6), fc.nat(2 ** 46)),
      values: fc.tuple(...Array.from({ length: fieldCount }, () => value)),
    }),
    { maxLength: 400, size: "max" },
  );
}

async function write(
  fieldCount: number,
  events: readonly RandomEvent[],
): Promise<Uint8Array> {
  const sink = new MemorySink();
  const names = Array.from({ length: fieldCount }, (_, i) => `f${i}`);
  await using writer = await createTrailStore(sink, createSchema(names));
  for (const { trail, timestamp, values } of events) {
    const key = new Uint8Array(16);
    key[15] = trail;
    await writer.add(
      key,
      timestamp,
      values.map((value) => value === null ? null : encodeText(value)),
    );
  }
  await writer.finish();
  return sink.bytes();
}

async function rowsOf(
  scan: AsyncIterable<EventBatch>,
  batchEvents: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  const decoder = new TextDecoder();
  for await (const batch of scan) {
    assertEquals(batch.count <= batchEvents, true);
    for (const { trail, timestamp, values } of batch.events()) {
      rows.push([
        trail,
        timestamp,
        ...values.map((value) => value && decoder.decode(value)),
      ]);
    }
  }
  return rows;
}

/** Decodes with every check, event by event. */
async function modelRows(store: TrailStore): Promise<Row[]> {
  const rows: Row[] = [];
  const { file } = store;
  if (file.info.trails === 0) return rows;
  const decoder = new EventDecoder(await file.model());
  const text = new TextDecoder();
  for (let trail = 0; trail < file.info.trails; trail++) {
    const { bytes, byteLength, offset } = await file.trailBytes(trail);
    decoder.load(bytes, byteLength, offset);
    while (decoder.next()) {
      const values: (string | null)[] = [];
      for (let field = 0; field < store.schema.fields.length; field++) {
        const lexicon = await file.lexicon(field);
        const id = decoder.values[field + 1]!;
        values.push(id === 0 ? null : text.decode(lexicon.value(id)));
      }
      rows.push([trail, Number(decoder.time), ...values]);
    }
  }
  return rows;
}

function holds(filter: Filter, row: Row): boolean {
  const [, time, ...values] = row;
  const encoded = values.map((value) => value === null ? null : value);
  return filter.clauses.every((clause) =>
    clause.some((term: FilterTerm) => {
      if (term.kind === "time") return term.from <= time && time < term.to;
      const field = Number(term.field.slice(1));
      if (!(field < encoded.length)) {
        return term.kind === "equal" && term.negated;
      }
      const value = encoded[field] ?? null;
      if (term.kind === "test") {
        return term.test(value === null ? null : encodeText(value));
      }
      const wanted = term.value === null
        ? null
        : new TextDecoder().decode(term.value);
      return (value === wanted) !== term.negated;
    })
  );
}

function randomFilter(fieldCount: number): fc.Arbitrary<Filter> {
  const field = fc.nat(fieldCount).map((i) => `f${i}`);
  const value = fc.constantFrom(null, "a", "b", "v1", "v2", "nobody");
  const term: fc.Arbitrary<FilterTerm> = fc.oneof(
    fc.tuple(field, value).map(([f, v]) => equal(f, v)),
    fc.tuple(field, value).map(([f, v]) => notEqual(f, v)),
    fc.tuple(fc.nat(1e6), fc.nat(1e6)).map(([from, length]) =>
      timeRange(from, from + 1 + length)
    ),
    field.map((f) => test(f, "long", (v) => v !== null && v.length > 2)),
  );
  return fc.array(fc.array(term, { maxLength: 3 }), { maxLength: 4 })
    .map((clauses) => new Filter(clauses));
}

for (const fieldCount of [0, 1, 2, 3, 7, 30]) {
  Deno.test(`scan() equals the checked decoder over ${fieldCount} fields`, async () => {
    await fc.assert(
      fc.asyncProperty(
        randomStore(fieldCount),
        randomFilter(fieldCount),
        fc.constantFrom(1, 2, 7, 100, 65_536),
        async (events, filter, batchEvents) => {
          const bytes = await write(fieldCount, events);
          const stores = await Promise.all([
            openTrailStore(new MemorySource(bytes)),
            openTrailStore(new MemorySource(bytes), { reference: true }),
          ]);
          const wanted = await modelRows(stores[0]!);
          const matching = wanted.filter((row) => holds(filter, row));
          for (const store of stores) {
            assertEquals(
              await rowsOf(store.scan({ batchEvents }), batchEvents),
              wanted,
            );
            assertEquals(
              await rowsOf(store.scan({ filter, batchEvents }), batchEvents),
              matching,
            );
            const descending = await rowsOf(
              store.scan({ filter, batchEvents, order: "descending" }),
              batchEvents,
            );
            assertEquals(descending, reverseTrails(matching));
            const trails = Bitmap.from([0, 2, 3, 9, 1000]);
            assertEquals(
              await rowsOf(store.scan({ trails, fields: [] }), 65_536),
              wanted.filter(([trail]) => trails.has(trail))
                .map(([trail, time]): Row => [trail, time]),
            );
            await store.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  });
}

Deno.test("scan() cuts a trail that is longer than lanes, data and batches", async () => {
  const events = Array.from({ length: 40_000 }, (_, i): RandomEvent => ({
    trail: i % 5 === 0 ? i % 7 : 3,
    timestamp: (i * 7919) % 100_003,
    values: [`v${i % 3000}`, i % 2 === 0 ? `x${i}` : null],
  }));
  const bytes = await write(2, events);
  for (const reference of [false, true]) {
    await using store = await openTrailStore(new MemorySource(bytes), {
      reference,
    });
    const wanted = await modelRows(store);
    for (const batchEvents of [1000, 65_536]) {
      const rows = await rowsOf(store.scan({ batchEvents }), batchEvents);
      assertEquals(rows, wanted);
      assertEquals(
        await rowsOf(
          store.scan({ batchEvents, order: "descending" }),
          batchEvents,
        ),
        reverseTrails(wanted),
      );
    }
    const filter = new Filter([[equal("f0", "v7"), equal("f0", "v8")]]);
    assertEquals(
      await rowsOf(store.scan({ filter }), 65_536),
      wanted.filter((row) => holds(filter, row)),
    );
  }
});

Deno.test("scan() decodes a trail that is longer than the kernel's data", async () => {
  // Unique values and times: literals of 20 bits and more for each event.
  const events = Array.from({ length: 200_000 }, (_, i): RandomEvent => ({
    trail: i === 77 ? 1 : 2,
    timestamp: i * (1000 + i % 991),
    // The last field changes long before the end.
    values: [`${i}`, `${(i * 7919) % 200_003}`, i < 30_000 ? "x" : "y"],
  }));
  const bytes = await write(3, events);
  for (const reference of [false, true]) {
    await using store = await openTrailStore(new MemorySource(bytes), {
      reference,
    });
    const { offset, byteLength } = await store.file.trailBytes(1);
    assertEquals(byteLength > 2 ** 20, true);
    assertEquals(offset > 0, true);
    const wanted = await modelRows(store);
    assertEquals(await rowsOf(store.scan(), 65_536), wanted);
    for (
      const filter of [
        new Filter([[equal("f0", "123456"), equal("f1", "5")]]),
        new Filter([[equal("f2", "y")], [equal("f0", "199999")]]),
      ]
    ) {
      assertEquals(
        await rowsOf(store.scan({ filter }), 65_536),
        wanted.filter((row) => holds(filter, row)),
      );
    }
  }
});

Deno.test("scan() gives rows to the trails that they are of where a trail goes on without any", async () => {
  const events: RandomEvent[] = [];
  // As many that match as a lane or a batch holds, or more, and then others.
  const counts = [0, 5000, 3, 0, 1];
  for (let rows = 250; rows <= 260; rows++) counts.push(rows, 2);
  counts.forEach((matching, trail) => {
    for (let i = 0; i < 2 * matching + 10; i++) {
      const value = i < matching ? "a" : "b";
      events.push({
        trail,
        timestamp: i,
        values: [value, `v${i % 9}`],
      });
    }
  });
  const filters = [
    new Filter([[equal("f0", "a")]]),
    new Filter([[equal("f0", "a")], [
      timeRange(0, 3000),
      timeRange(9e5, 1e6),
    ]]),
  ];
  const bytes = await write(2, events);
  for (const reference of [false, true]) {
    await using store = await openTrailStore(new MemorySource(bytes), {
      reference,
    });
    const wanted = await modelRows(store);
    for (const filter of filters) {
      const matching = wanted.filter((row) => holds(filter, row));
      for (const batchEvents of [100, 256, 1000, 4096, 65_536]) {
        const rows = await rowsOf(
          store.scan({ filter, batchEvents }),
          batchEvents,
        );
        assertEquals(rows.length, matching.length);
        assertEquals(rows, matching);
      }
    }
  }
});

Deno.test("scan() stops when its signal says so, and when the store is closed", async () => {
  const bytes = await write(1, [{ trail: 1, timestamp: 1, values: ["a"] }]);
  const store = await openTrailStore(new MemorySource(bytes));
  const controller = new AbortController();
  const scan = store.scan({ signal: controller.signal });
  controller.abort();
  const error = await assertRejects(() => rowsOf(scan, 1), CairnError);
  assertEquals(error.code, "aborted");
  const late = store.scan();
  await store.close();
  await assertRejects(() => rowsOf(late, 1), TypeError);
});

function reverseTrails(rows: readonly Row[]): Row[] {
  const reversed: Row[] = [];
  let start = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && rows[i]![0] === rows[start]![0]) continue;
    reversed.push(...rows.slice(start, i).reverse());
    start = i;
  }
  return reversed;
}

/** Scans with the kernel and its reference, filtered and not, and compares. */
async function assertScansEqualModel(
  bytes: Uint8Array,
  filter: Filter,
): Promise<void> {
  for (const reference of [false, true]) {
    await using store = await openTrailStore(new MemorySource(bytes), {
      reference,
    });
    const wanted = await modelRows(store);
    const matching = wanted.filter((row) => holds(filter, row));
    assertEquals(await rowsOf(store.scan(), 65_536), wanted);
    assertEquals(await rowsOf(store.scan({ filter }), 65_536), matching);
    const times = matching.map(([trail, time]): Row => [trail, time]);
    assertEquals(
      await rowsOf(store.scan({ filter, fields: [] }), 65_536),
      times,
    );
  }
}

// From what fits a slot of 32 bits, over what does not, to the widest that the
// codec writes; some of them so often that they get codewords with an item.
for (const step of [2 ** 25, 2 ** 26, 2 ** 27, 2 ** 32, 2 ** 40]) {
  Deno.test(`scan() adds up times that are ${step} apart`, async () => {
    const times = [0, 0];
    const events = Array.from({ length: 900 }, (_, i): RandomEvent => {
      const trail = i % 2;
      times[trail]! += i % 5 === 0 ? step - 1 + i % 3 : i % 7 === 0 ? step : i;
      return {
        trail,
        timestamp: times[trail]!,
        values: [i % 5 === 0 ? "a" : "b", `v${i % 300}`],
      };
    });
    await assertScansEqualModel(
      await write(2, events),
      new Filter([[equal("f0", "a")], [notEqual("f1", "v10")]]),
    );
  });
}

for (const count of [0, 1, 2, 255, 256, 257]) {
  Deno.test(`scan() decodes ${count} values of a field, the last among them`, async () => {
    const events = Array.from({ length: count }, (_, i): RandomEvent => ({
      trail: i % 3,
      timestamp: i,
      values: [`v${i}`],
    }));
    await assertScansEqualModel(
      await write(1, events),
      new Filter([[equal("f0", `v${count - 1}`), equal("f0", "v0")]]),
    );
  });
}

Deno.test("scan() gives trails in order beside one that takes all rows of a lane", async () => {
  const events: RandomEvent[] = [];
  for (let trail = 0; trail < 60; trail++) {
    const count = trail === 7 ? 30_000 : trail === 30 ? 9000 : 40 * (trail % 9);
    for (let i = 0; i < count; i++) {
      events.push({ trail, timestamp: i, values: [`v${i % 50}`, `${trail}`] });
    }
  }
  await assertScansEqualModel(
    await write(2, events),
    new Filter([[equal("f0", "v7"), equal("f1", "30")]]),
  );
});

// A batch that is cut behind a short trail leaves more than a batch, to which
// as many rows again may come at once.
Deno.test("scan() keeps all rows of a long trail behind a short one, in small batches", async () => {
  const events: RandomEvent[] = [
    { trail: 0, timestamp: 0, values: ["a", "x"] },
  ];
  for (let i = 0; i < 9000; i++) {
    events.push({ trail: 1, timestamp: i, values: ["a", `v${i % 7}`] });
  }
  const bytes = await write(2, events);
  // Rows are decoded 4,096 at a time, and times looked at then.
  const filter = new Filter([
    [equal("f0", "a")],
    [timeRange(0, 98), timeRange(4096, 8999)],
  ]);
  for (const reference of [false, true]) {
    await using store = await openTrailStore(new MemorySource(bytes), {
      reference,
    });
    const wanted = (await modelRows(store)).filter((row) => holds(filter, row));
    for (const batchEvents of [1, 99, 100, 101, 197, 4096]) {
      assertEquals(
        await rowsOf(store.scan({ filter, batchEvents }), batchEvents),
        wanted,
      );
    }
  }
});

Deno.test("scan() with the kernel and without take and refuse the same damage", async () => {
  const events = Array.from({ length: 600 }, (_, i): RandomEvent => ({
    trail: i % 5,
    timestamp: i * i,
    values: [`v${(i * i) % 41}`, i % 3 === 0 ? "a" : `x${i}`],
  }));
  const bytes = await write(2, events);
  const filter = new Filter([[equal("f0", "v7"), equal("f1", "a")]]);
  await using sound = await openTrailStore(new MemorySource(bytes));
  const data = getMember(sound.file.members, MEMBER_TRAILS_DATA);
  const outcome = async (
    damaged: Uint8Array,
    reference: boolean,
    options: { filter?: Filter },
  ): Promise<Row[] | string> => {
    await using store = await openTrailStore(new MemorySource(damaged), {
      reference,
    });
    try {
      return await rowsOf(store.scan(options), 65_536);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      return error.code;
    }
  };
  for (let i = 0; i < 200; i++) {
    const damaged = bytes.slice();
    const at = data.offset + (i * 37) % data.byteLength;
    damaged[at]! ^= 1 << (i % 8);
    for (const options of [{}, { filter }]) {
      assertEquals(
        await outcome(damaged, false, options),
        await outcome(damaged, true, options),
      );
    }
  }
});
