/**
 * Reading and sorting the clickstream: time and peak memory.
 *
 * `deno run -A bench/sort.ts [FILE [MEMORY_MIB]]` reads FILE, or a small
 * clickstream that it makes, and prints what each step took and a hash of the
 * sorted events. The hash is the same for any memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  EventSorter,
  type SortedBatch,
  type SortedEvents,
} from "@cairn/core/sort";
import { fileInput } from "../packages/cli/input/input_file.ts";
import { openEvents } from "../packages/cli/input/read_events.ts";
import { clickstreamCsv } from "./clickstream.ts";

/** What a run took. */
interface Report {
  readonly events: number;
  readonly trails: number;
  readonly parseSeconds: number;
  readonly readSeconds: number;
  readonly sortSeconds: number;
  readonly scanSeconds: number;
  /** Processor time of all threads until the end of the scan. */
  readonly cpuSeconds: number;
  readonly peakMib: number | undefined;
  readonly hash: string;
}

/** Reads, sorts and scans a file. */
async function run(path: string, memoryBytes: number): Promise<Report> {
  const start = performance.now();
  await using reader = await openEvents([await fileInput(path)], {
    trail: "uuid",
    time: "time",
    keyBytes: { min: 16, max: 16 },
  });
  await using sorter = new EventSorter({
    columns: reader.fields.map(() => "ids"),
    keyOrder: "reversed",
    memoryBytes,
  });
  let adding = 0;
  for await (const batch of reader.batches()) {
    const before = performance.now();
    await sorter.add(batch);
    adding += performance.now() - before;
  }
  const read = performance.now();
  const sorted = await sorter.finish();
  const finished = performance.now();
  for await (const _ of sorted.scan());
  const scanned = performance.now();
  const cpu = process.cpuUsage();
  const peakMib = await peakMemoryMib();
  return {
    events: sorted.stats.events,
    trails: sorted.stats.trails,
    parseSeconds: (read - start - adding) / 1000,
    readSeconds: (read - start) / 1000,
    sortSeconds: (finished - read) / 1000,
    scanSeconds: (scanned - finished) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMib,
    hash: await hashEvents(sorted),
  };
}

/** Hashes events in a way that does not depend on how batches are cut. */
async function hashEvents(sorted: SortedEvents): Promise<string> {
  const columns = sorted.lexicons.length;
  const hashes = Array.from({ length: columns + 2 }, () => createHash("md5"));
  const update = (
    at: number,
    { buffer, byteOffset, byteLength }: ArrayBufferView,
  ) => hashes[at]!.update(new Uint8Array(buffer, byteOffset, byteLength));
  for await (const batch of sorted.scan()) {
    update(0, batch.timestamps);
    update(1, rowTrails(batch));
    batch.columns.forEach((column, c) => update(c + 2, column as Uint32Array));
  }
  const all = createHash("sha256");
  for (const hash of hashes) all.update(hash.digest());
  for (const lexicon of sorted.lexicons) all.update(lexicon!.bytes);
  return all.digest("hex").slice(0, 16);
}

function rowTrails(batch: SortedBatch): Uint32Array {
  const trails = new Uint32Array(batch.count);
  for (let t = 0; t + 1 < batch.trailOffsets.length; t++) {
    trails.fill(
      batch.firstTrail + t,
      batch.trailOffsets[t]!,
      batch.trailOffsets[t + 1]!,
    );
  }
  return trails;
}

/** Peak resident memory of this process, where the system tells. */
async function peakMemoryMib(): Promise<number | undefined> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const match = /VmHWM:\s+(\d+) kB/.exec(status);
  return match === null ? undefined : Number(match[1]) / 1024;
}

async function main(args: readonly string[]): Promise<void> {
  const memoryBytes = Number(args[1] ?? 1024) * 2 ** 20;
  if (args[0] !== undefined) {
    console.log(JSON.stringify(await run(args[0], memoryBytes), undefined, 2));
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "cairn-bench-"));
  try {
    const path = join(folder, "clickstream.csv");
    await writeFile(path, clickstreamCsv({ events: 50_000, trails: 2000 }));
    for (const bytes of [memoryBytes, 2 ** 20]) {
      console.log(JSON.stringify(await run(path, bytes), undefined, 2));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) await main(process.argv.slice(2));
