/**
 * ESDB stores beside the Go program, in one run: writing, scanning everything,
 * scanning one index over all spaces, finding spaces at random.
 *
 * `deno run -A bench/esdb.ts [EVENTS [TRAILS]]` makes a clickstream of that
 * size, small if left out; a full run is 1000000 200000. The space is the user,
 * the index the type of the event, the data the rest of its line. Where
 * CAIRN_GO_ESDB names no program, only ours is measured. Each work is done in a
 * process of its own; what is timed leaves out its start and the parsing of the
 * CSV. Times are those of the best (least CPU) of CAIRN_BENCH_ROUNDS runs, in
 * turns with the other program; 1 if left out. Both write from columns.
 *
 * The Go program is called with `store-write CSV FILE`, `store-scan FILE`,
 * `store-index FILE NAME VALUE`, `store-random FILE IDS` (a file of hex ids), and
 * prints `{"seconds":..,"cpuSeconds":..,"count":..,"memoryMiB":..}`.
 *
 * @module
 */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { formatHex, parseHex } from "@cairn/core";
import { createEsdb, openEsdb } from "@cairn/esdb";
import { clickstreamCsv, type ClickstreamSize } from "./clickstream.ts";

/** What a work took, as both programs print it. */
interface Cost {
  readonly seconds: number;
  /** Time of all processors; says more than `seconds` on a busy machine. */
  readonly cpuSeconds: number;
  readonly count: number;
  readonly memoryMiB: number;
  /** `cpuSeconds` of the third time in one process, where it was done so often. */
  readonly warmSeconds?: number;
}

/** One line of the report. */
export interface EsdbWork {
  /** What is done. */
  readonly work: string;
  /** What it costs us. */
  readonly ours: Cost;
  /** What it costs Go; `undefined` where it is not there. */
  readonly theirs: Cost | undefined;
}

/** Every so many spaces one is found at random. */
const FIND_EVERY = 17;

/** Does one work in this process. */
async function work(name: string, args: readonly string[]): Promise<Cost> {
  const [file, second] = args as [string, string];
  if (name === "write") return await write(file, second);
  const first = await read(name, file, second);
  await read(name, file, second);
  const { cpuSeconds } = await read(name, file, second);
  return { ...first, warmSeconds: cpuSeconds };
}

async function read(name: string, file: string, second: string): Promise<Cost> {
  const ids = name === "random"
    ? (await readFile(second, "utf8")).trim().split("\n").map((id) =>
      parseHex(id)!
    )
    : [];
  const start = now();
  await using store = await openEsdb(file);
  let count = 0;
  if (name === "scan") {
    for await (const { events } of store.scan()) count += events.count;
  } else if (name === "index") {
    for await (const { events } of store.scanIndex("type", "purchase")) {
      count += events.count;
    }
  } else {
    for (const id of ids) {
      const space = await store.find(id);
      for await (const events of space!.scan("")) count += events.count;
    }
  }
  return await cost(start, count);
}

/** The events of a CSV as columns, so that the collector has little to walk over. */
class Rows {
  count = 0;
  readonly types: string[] = [];
  readonly times: Float64Array;
  readonly #ids: Uint8Array;
  readonly #data: Uint8Array;
  readonly #dataEnds: Uint32Array;

  constructor(csv: string) {
    const lines = csv.split("\n").slice(1).filter((line) => line !== "");
    this.times = new Float64Array(lines.length);
    this.#ids = new Uint8Array(16 * lines.length);
    this.#data = new Uint8Array(csv.length);
    this.#dataEnds = new Uint32Array(lines.length + 1);
    const types = new Map<string, string>();
    const encoder = new TextEncoder();
    let end = 0;
    for (const line of lines) {
      const [id, time, type] = line.split(",", 3) as [string, string, string];
      this.#ids.set(parseHex(id)!, 16 * this.count);
      this.times[this.count++] = Number(time);
      // A type of its own for each row would be a slice that keeps the CSV.
      if (!types.has(type)) types.set(type, type);
      this.types.push(types.get(type)!);
      const rest = line.slice(id.length + time.length + type.length + 3);
      end += encoder.encodeInto(rest, this.#data.subarray(end)).written;
      this.#dataEnds[this.count] = end;
    }
  }

  id(row: number): Uint8Array {
    return this.#ids.subarray(16 * row, 16 * row + 16);
  }

  data(row: number): Uint8Array {
    return this.#data.subarray(this.#dataEnds[row]!, this.#dataEnds[row + 1]!);
  }
}

async function write(csv: string, file: string): Promise<Cost> {
  const rows = new Rows(await readFile(csv, "utf8"));
  const start = now();
  const writer = await createEsdb(file, { replace: true });
  for (let row = 0; row < rows.count; row++) {
    const room = writer.add(rows.id(row), rows.data(row), rows.times[row]!, {
      indexes: { type: rows.types[row]! },
    });
    if (room !== undefined) await room;
  }
  const { events } = await writer.finish();
  return await cost(start, events);
}

/** Milliseconds by the clock and of all processors. */
function now(): { clock: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), cpu: (user + system) / 1000 };
}

async function cost(
  start: { clock: number; cpu: number },
  count: number,
): Promise<Cost> {
  const { clock, cpu } = now();
  const seconds = (clock - start.clock) / 1000;
  const cpuSeconds = (cpu - start.cpu) / 1000;
  let memoryMiB = 0;
  try {
    const status = await readFile("/proc/self/status", "utf8");
    memoryMiB = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024);
  } catch {
    // Only Linux tells.
  }
  return { seconds, cpuSeconds, count, memoryMiB };
}

/** Runs a program that prints a cost. */
async function run(args: readonly string[]): Promise<Cost> {
  const { stdout, stderr, success } = await new Deno.Command(args[0]!, {
    args: args.slice(1),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as Cost;
}

/** The less of two costs; the least of a third time stands for itself. */
function better(a: Cost | undefined, b: Cost): Cost {
  if (a === undefined) return b;
  const warm = [a, b].flatMap(({ warmSeconds }) => warmSeconds ?? []);
  const least = a.cpuSeconds <= b.cpuSeconds ? a : b;
  return warm.length === 0
    ? least
    : { ...least, warmSeconds: Math.min(...warm) };
}

/**
 * Runs the bench.
 *
 * @param size The clickstream.
 * @param rounds How often each work is done; the best counts.
 * @param report Called with each line as it is there.
 */
export async function benchEsdb(
  size: ClickstreamSize,
  rounds: number,
  report: (line: string) => void,
): Promise<EsdbWork[]> {
  const go = process.env.CAIRN_GO_ESDB;
  const folder = await mkdtemp(join(tmpdir(), "cairn-bench-"));
  try {
    const csv = join(folder, "events.csv");
    await writeFile(csv, clickstreamCsv(size));
    const ours = join(folder, "ours.esdb");
    const theirs = join(folder, "theirs.esdb");
    const ids = join(folder, "ids");
    const works: EsdbWork[] = [];
    const add = async (
      name: string,
      ourArgs: readonly string[],
      goArgs: readonly string[],
    ): Promise<void> => {
      const self = new URL(import.meta.url).href;
      let ours: Cost | undefined;
      let theirs: Cost | undefined;
      // In turns, so that a busy minute is one for both.
      for (let round = 0; round < rounds; round++) {
        ours = better(
          ours,
          await run([
            ...[process.execPath, "run", "-A", "--no-check", self],
            ...["--work", name, ...ourArgs],
          ]),
        );
        if (go === undefined) continue;
        if (name === "write") await rm(goArgs[1]!, { force: true });
        theirs = better(theirs, await run([go, `store-${name}`, ...goArgs]));
      }
      const made: EsdbWork = { work: name, ours: ours!, theirs };
      works.push(made);
      report(formatWork(made));
    };
    await add("write", [csv, ours], [csv, theirs]);
    await writeFile(ids, (await someIds(ours)).join("\n") + "\n");
    await add("scan", [ours], [theirs]);
    await add("index", [ours], [ours, "type", "purchase"]);
    await add("random", [ours, ids], [theirs, ids]);
    const bytes = (await stat(ours)).size;
    report(
      `Bytes: ours ${bytes}` +
        (go === undefined ? "" : `, Go's ${(await stat(theirs)).size}`),
    );
    return works;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Ids of some spaces, shuffled, always the same way. */
async function someIds(file: string): Promise<string[]> {
  await using store = await openEsdb(file);
  const ids: string[] = [];
  let count = 0;
  for await (const { bytes, starts, ends } of store.ids()) {
    for (let i = 0; i < starts.length; i++) {
      if (count++ % FIND_EVERY === 0) {
        ids.push(formatHex(bytes.subarray(starts[i]!, ends[i]!)));
      }
    }
  }
  for (let i = ids.length - 1; i > 0; i--) {
    const other = (i * 7919 + 13) % (i + 1);
    [ids[i], ids[other]] = [ids[other]!, ids[i]!];
  }
  return ids;
}

function formatWork({ work, ours, theirs }: EsdbWork): string {
  const cells = [
    work,
    ours.count,
    `${ours.seconds.toFixed(3)} s`,
    `${ours.cpuSeconds.toFixed(3)} s`,
    ours.warmSeconds === undefined ? "" : `${ours.warmSeconds.toFixed(3)} s`,
    `${ours.memoryMiB} MiB`,
  ];
  if (theirs !== undefined) {
    if (theirs.count !== ours.count) {
      cells.push(`differs: ${theirs.count} events`);
    }
    cells.push(
      `${theirs.seconds.toFixed(3)} s`,
      `${theirs.cpuSeconds.toFixed(3)} s`,
      `${theirs.memoryMiB} MiB`,
      `${(theirs.seconds / ours.seconds).toFixed(1)}x`,
      `${(theirs.cpuSeconds / ours.cpuSeconds).toFixed(1)}x`,
    );
  }
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) {
  const [first, second, ...rest] = process.argv.slice(2);
  if (first === "--work") {
    console.log(JSON.stringify(await work(second!, rest)));
  } else {
    const events = Number(first ?? 20_000);
    const size = { events, trails: Number(second ?? Math.ceil(events / 5)) };
    const rounds = Number(process.env.CAIRN_BENCH_ROUNDS ?? 1);
    console.log(
      "| work | events | ours | CPU | third time | memory | Go | CPU | memory | ratio | CPU |",
    );
    console.log(`|${" --- |".repeat(11)}`);
    await benchEsdb(size, rounds, (line) => console.log(line));
  }
}
