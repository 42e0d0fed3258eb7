import { assertEquals, assertNotEquals } from "@std/assert";
import {
  compileFilter,
  createSchema,
  encodeText,
  equal,
  Filter,
  MemorySink,
  MemorySource,
  notEqual,
  timeRange,
} from "@cairn/core";
import { MEMBER_TRAILS_DATA } from "../layout.ts";
import { openTrailStore } from "../open_trail.ts";
import { RowDecoder } from "./_row_decoder.ts";
import { planRowsOf } from "./_scan_plan.ts";
import type { ScanRows } from "./scan_buffer.ts";
import { readExtents } from "./trail_extents.ts";
import { getMember } from "../trail_members.ts";
import type { TrailStore } from "../trail_store.ts";
import { createTrailStore } from "../write/trail_writer.ts";

const TRAILS = 400;
const EVENTS = 200;

/** Trails in stretches: in some all events have the value "a", in others few. */
function isA(trail: number, i: number): boolean {
  const stretch = Math.floor(trail / 50) % 3;
  return stretch === 0 ? true : stretch === 1 ? i % 97 === 0 : i % 15 === 0;
}

async function write(): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = await createTrailStore(
    sink,
    createSchema(["kind", "note"]),
  );
  for (let trail = 0; trail < TRAILS; trail++) {
    // Keys are in order by their last bytes first.
    const key = new Uint8Array(16);
    key.set([trail & 0xff, trail >> 8], 14);
    for (let i = 0; i < EVENTS; i++) {
      await writer.add(key, 1000 * trail + i, [
        encodeText(isA(trail, i) ? "a" : "b"),
        encodeText(`${(trail * i) % 700}`),
      ]);
    }
  }
  await writer.finish();
  return sink.bytes();
}

/** Decodes in extents of some bytes, twice with one decoder. */
async function decodeRows(
  store: TrailStore,
  filter: Filter,
  options: { readonly reference: boolean; readonly extentBytes: number },
): Promise<string[][]> {
  const { reference, extentBytes } = options;
  const { file, schema } = store;
  const lexicons = await Promise.all(
    schema.fields.map((_, field) => file.lexicon(field)),
  );
  const compiled = compileFilter(filter, schema, lexicons);
  const bound = { fields: [1, 0], columnCount: 1, filter: compiled };
  const plan = planRowsOf(file, bound, { batchEvents: 300, reference });
  const decoder = new RowDecoder(await file.model(), plan);
  const passes: string[][] = [];
  for (let pass = 0; pass < 2; pass++) {
    const seen: string[] = [];
    const take = (rows: ScanRows): void => {
      assertEquals(rows.columns.length, 1);
      rows.trailOrdinals.forEach((ordinal, t) => {
        const end = rows.trailOffsets[t + 1]!;
        for (let row = rows.trailOffsets[t]!; row < end; row++) {
          const note = lexicons[1]!.value(rows.columns[0]![row]!);
          const text = new TextDecoder().decode(note);
          seen.push(`${ordinal} ${rows.times[row]} ${text}`);
        }
      });
    };
    const extents = readExtents(file, { start: 0, end: TRAILS }, {
      extentBytes: () => extentBytes,
    });
    for await (const extent of extents) {
      for (const rows of decoder.decode(extent)) take(rows);
    }
    for (const rows of decoder.flush()) take(rows);
    passes.push(seen);
  }
  return passes;
}

function wanted(holds: (trail: number, i: number) => boolean): string[] {
  const rows: string[] = [];
  for (let trail = 0; trail < TRAILS; trail++) {
    for (let i = 0; i < EVENTS; i++) {
      if (!holds(trail, i)) continue;
      rows.push(`${trail} ${1000 * trail + i} ${(trail * i) % 700}`);
    }
  }
  return rows;
}

// Many extents, and one that is long enough for a part of it to be tried first.
for (const extentBytes of [1500, 2 ** 21]) {
  for (const reference of [false, true]) {
    const by = reference ? "the reference" : "the kernel";
    const how = `${by}, ${extentBytes} bytes at a time,`;
    const options = { reference, extentBytes };
    Deno.test(`RowDecoder keeps what matches by ${how} where now few and now all do`, async () => {
      await using store = await openTrailStore(new MemorySource(await write()));
      const { byteLength } = getMember(store.file.members, MEMBER_TRAILS_DATA);
      assertEquals(byteLength > 2 ** 16, true);
      const rows = wanted(isA);
      assertNotEquals(rows.length, 0);
      const filter = new Filter([[equal("kind", "a")]]);
      const passes = await decodeRows(store, filter, options);
      assertEquals(passes, [rows, rows]);
    });

    Deno.test(`RowDecoder looks at times by ${how} where values alone do not say`, async () => {
      await using store = await openTrailStore(new MemorySource(await write()));
      const rows = wanted((trail, i) =>
        !isA(trail, i) && (trail < 9 || trail >= 70)
      );
      const filter = new Filter([
        [notEqual("kind", "a")],
        [timeRange(0, 9000), timeRange(70_000, 1e7)],
      ]);
      const passes = await decodeRows(store, filter, options);
      assertEquals(passes, [rows, rows]);
    });
  }
}

Deno.test("RowDecoder takes a field for empty that a trail never states", async () => {
  // C states all fields of a first event; others need not.
  await using store = await openTrailStore(new MemorySource(await write()));
  const { file, schema } = store;
  const lexicons = await Promise.all(
    schema.fields.map((_, field) => file.lexicon(field)),
  );
  const model = await file.model();
  const bits = 3 + 1 + model.fieldBits + model.valueBits[0]!;
  const bytes = new Uint8Array(Math.ceil(bits / 8) + 8);
  bytes[0] = 8 * (bytes.length - 8) - bits; // a literal time of 0, nothing else
  const extent = {
    ordinals: Float64Array.of(7),
    starts: Float64Array.of(0),
    ends: Float64Array.of(bytes.length - 8),
    bytes,
    offset: 0,
  };
  const count = (filter: Filter, reference: boolean): number => {
    const compiled = compileFilter(filter, schema, lexicons);
    const bound = { fields: [0, 1], columnCount: 2, filter: compiled };
    const plan = planRowsOf(file, bound, { batchEvents: 10, reference });
    const decoder = new RowDecoder(model, plan);
    const batches = [...decoder.decode(extent), ...decoder.flush()];
    return batches.reduce((sum, { times }) => sum + times.length, 0);
  };
  for (const reference of [false, true]) {
    assertEquals(count(new Filter([[equal("kind", null)]]), reference), 1);
    assertEquals(count(new Filter([[notEqual("kind", "a")]]), reference), 1);
    assertEquals(count(new Filter([[equal("kind", "a")]]), reference), 0);
    assertEquals(count(new Filter([[notEqual("note", null)]]), reference), 0);
  }
});
