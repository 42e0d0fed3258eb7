/**
 * The trail codec beside the original program, in one run: building a store
 * from CSV, dumping it, size and peak memory.
 *
 * `deno run -A bench/trail.ts [EVENTS [TRAILS]]` makes a clickstream of that
 * size, small if left out. Where `tdb` (Debian package traildb-cli) is not
 * found, only ours is measured. Both dumps are compared before anything is
 * printed. Times are the best of `CAIRN_BENCH_ROUNDS` runs, 1 if left out, of
 * a process each, its start included.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { measureProcess, type ProcessCost } from "./_process_cost.ts";
import { clickstreamCsv, type ClickstreamSize } from "./clickstream.ts";

/** What one kind of work costs. */
export interface WorkReport {
  /** What is done. */
  readonly work: string;
  /** What it costs us. */
  readonly ours: ProcessCost;
  /** What it costs the original; `undefined` where it is not found. */
  readonly theirs: ProcessCost | undefined;
}

/** What a run of the bench found. */
export interface TrailReport {
  /** Events of the clickstream. */
  readonly events: number;
  /** Bytes of the CSV. */
  readonly csvBytes: number;
  /** Bytes of our store, with our additions. */
  readonly oursBytes: number;
  /** Bytes of our store without them. */
  readonly plainBytes: number;
  /** Bytes of the original's store. */
  readonly theirsBytes: number | undefined;
  /** Time and memory by work. */
  readonly works: readonly WorkReport[];
}

const MAIN = new URL("../packages/cli/main.ts", import.meta.url).href;
const CAIRN = [process.execPath, "run", "-A", "--no-check", MAIN];

/**
 * Runs the bench.
 *
 * @param size The clickstream.
 * @param rounds How often each work is done; the best counts.
 */
export async function benchTrail(
  size: ClickstreamSize,
  rounds: number,
): Promise<TrailReport> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-bench-"));
  try {
    const csv = join(folder, "events.csv");
    await writeClickstream(csv, size);
    return await measureAll(folder, csv, size, rounds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measureAll(
  folder: string,
  csv: string,
  size: ClickstreamSize,
  rounds: number,
): Promise<TrailReport> {
  const ours = join(folder, "ours.tdb");
  const plain = join(folder, "plain.tdb");
  const theirs = join(folder, "theirs");
  const columns = ["--trail", "uuid", "--time", "time"];
  const best = (args: readonly string[]) => bestOf(rounds, args);
  const works: WorkReport[] = [];
  works.push({
    work: "build",
    ours: (await best([
      ...[...CAIRN, "import", csv, ...columns, "-o", ours, "--replace"],
    ]))!,
    theirs: await bestOf(
      rounds,
      ["tdb", "make", "-d", ",", "--csv-header", "-i", csv, "-o", theirs],
      `${theirs}.tdb`,
    ),
  });
  await bestOf(1, [
    ...[...CAIRN, "import", csv, ...columns, "-o", plain],
    ...["--no-additions", "--equal-times", "reversed"],
  ]);
  const there = works[0]!.theirs !== undefined;
  if (there) await assertSameDump(ours, `${theirs}.tdb`);
  for (const [work, format, flag] of FORMATS) {
    works.push({
      work,
      ours: (await best([
        ...[...CAIRN, "dump", ours, "--format", format],
      ]))!,
      theirs: there
        ? await best(["tdb", "dump", flag, "-i", theirs, "-o", "-"])
        : undefined,
    });
  }
  return {
    events: size.events,
    csvBytes: (await stat(csv)).size,
    oursBytes: (await stat(ours)).size,
    plainBytes: (await stat(plain)).size,
    theirsBytes: there ? (await stat(`${theirs}.tdb`)).size : undefined,
    works,
  };
}

const FORMATS = [
  ["dump as CSV", "csv", "-c"],
  ["dump as JSON", "ndjson", "-j"],
] as const;

/** Does work several times; `made` is removed before each. */
async function bestOf(
  rounds: number,
  args: readonly string[],
  made?: string,
): Promise<ProcessCost | undefined> {
  let best: ProcessCost | undefined;
  for (let round = 0; round < rounds; round++) {
    if (made !== undefined) await rm(made, { force: true });
    const cost = await measureProcess(args);
    if (cost === undefined) return undefined;
    if (best === undefined || cost.seconds < best.seconds) best = cost;
  }
  return best;
}

/** Fails unless the original sees the same events in both, in any order of equal times. */
async function assertSameDump(ours: string, theirs: string): Promise<void> {
  const digests: string[] = [];
  for (const path of [ours, theirs]) {
    const { stdout } = await new Deno.Command("tdb", {
      args: ["dump", "-d", ",", "-i", path],
    }).output();
    digests.push(digestLines(stdout));
  }
  if (digests[0] !== digests[1]) {
    throw new Error("The original does not see the same events in both stores");
  }
}

/** A digest of lines that does not depend on their order. */
function digestLines(bytes: Uint8Array): string {
  const sum = new Uint32Array(4);
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start);
    const line = bytes.subarray(start, end);
    const digest = createHash("md5").update(line).digest();
    for (let i = 0; i < 4; i++) sum[i]! += digest.readUInt32LE(4 * i);
    start = end + 1;
  }
  return sum.join();
}

async function writeClickstream(
  path: string,
  size: ClickstreamSize,
): Promise<void> {
  await using file = await open(path, "w");
  for (const piece of clickstreamCsv(size)) await file.write(piece);
}

function formatCost(cost: ProcessCost | undefined): string {
  if (cost === undefined) return "not found";
  const memory = cost.peakMib === undefined
    ? ""
    : `, ${cost.peakMib.toFixed(0)} MiB`;
  return `${cost.seconds.toFixed(2)} s${memory}`;
}

async function main(args: readonly string[]): Promise<void> {
  const events = Number(args[0] ?? 20_000);
  const trails = Number(args[1] ?? Math.max(1, Math.floor(events / 25)));
  const rounds = Number(process.env.CAIRN_BENCH_ROUNDS ?? 1);
  const report = await benchTrail({ events, trails }, rounds);
  console.log(`${events} events of ${trails} trails, ${report.csvBytes} bytes`);
  for (const { work, ours, theirs } of report.works) {
    console.log(
      `${work.padEnd(14)} ours ${formatCost(ours).padEnd(20)} tdb ${
        formatCost(theirs)
      }`,
    );
  }
  console.log(
    `bytes          ours ${report.oursBytes} (${report.plainBytes} without additions), tdb ${
      report.theirsBytes ?? "not found"
    }`,
  );
}

if (import.meta.main) await main(process.argv.slice(2));
