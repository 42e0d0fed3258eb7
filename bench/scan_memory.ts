/**
 * Memory of scanning a TrailDB that is larger than what a scan may take.
 *
 * `deno run -A bench/scan_memory.ts [EVENTS]` writes a store of so many events
 * of random values, 12,000,000 if left out, and scans it from the disk in
 * processes of their own: all columns, and a filter that nothing passes. What
 * a process takes that opens nothing is printed beside.
 *
 * @module
 */
import {
  createSchema,
  encodeText,
  equal,
  Filter,
  packSpans,
} from "@cairn/core";
import { createFile, openFile } from "@cairn/core/file";
import { createTrailStore, openTrailStore } from "@cairn/trail";
import { measureProcess } from "./_process_cost.ts";

const FIELDS = ["a", "b", "c", "d"];
const VALUES = 60_000;
const TRAILS = 20_000;
const BATCH = 50_000;

if (import.meta.main) {
  const [what = "12000000", path] = Deno.args;
  if (path !== undefined) await scan(what, path);
  else await compare(Number(what));
}

async function compare(events: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn-bench-" });
  try {
    const path = `${folder}/large.tdb`;
    await write(path, events);
    const { size } = await Deno.stat(path);
    console.log(`${events} events, ${(size / 2 ** 20).toFixed(0)} MiB`);
    for (const what of ["nothing", "everything", "filter"]) {
      const cost = await measureProcess([
        ...[Deno.execPath(), "run", "-A", import.meta.filename!, what, path],
      ]);
      const mib = cost?.peakMib?.toFixed(0) ?? "?";
      console.log(`${what}: ${cost?.seconds.toFixed(1)} s, peak ${mib} MiB`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(path: string, events: number): Promise<void> {
  let state = 1;
  const next = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * end);
  };
  const values = packSpans(
    Array.from({ length: VALUES }, (_, i) => encodeText(`value ${i}`)),
  );
  await using writer = await createTrailStore(
    await createFile(path),
    createSchema(FIELDS),
  );
  const keys = Array.from({ length: TRAILS }, (_, trail) => {
    const key = new Uint8Array(16);
    new DataView(key.buffer).setUint32(12, trail);
    return key;
  });
  const pick = (list: Uint32Array | Int32Array, ids: number[]): Uint32Array =>
    Uint32Array.from(ids, (id) => list[id]!);
  for (let done = 0; done < events; done += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, events - done) });
    await writer.addBatch({
      count: rows.length,
      trailKeys: packSpans(rows.map(() => keys[next(TRAILS)]!)),
      timestamps: Float64Array.from(rows, (_, i) => 1000 * (done + i)),
      columns: FIELDS.map(() => {
        const ids = rows.map(() => next(VALUES));
        return {
          bytes: values.bytes,
          starts: pick(values.starts, ids),
          ends: pick(values.ends, ids),
        };
      }),
    });
  }
  await writer.finish();
}

async function scan(what: string, path: string): Promise<void> {
  if (what === "nothing") return;
  await using store = await openTrailStore(await openFile(path));
  const filter = what === "filter"
    ? new Filter([[equal("a", "value 1")], [equal("b", "value 1")]])
    : Filter.all;
  let events = 0;
  for await (const batch of store.scan({ filter })) events += batch.count;
  console.log(events);
}
