/**
 * Reading a `.tdb` by several threads, beside one thread of ours and C
 * TrailDB: decode all, two fields, filter.
 *
 * `deno run -A bench/trail_workers.ts FILE [WORKERS] [PASSES]`, with a FILE
 * that has the fields of the clickstream (see `bench/clickstream.ts`). The
 * three sides take turns. Of each its best pass and its middle one are told,
 * and, for ours, the processor time of all threads. The bytes are in memory on
 * our side and mapped on C's.
 *
 * @module
 */
import process from "node:process";
import { MemorySource, type ScanOptions } from "@cairn/core";
import { openTrailStore, ScanWorkers, type TrailStore } from "@cairn/trail";
import { compileTrailPeer, runTrailPeer } from "./_trail_peer.ts";
import { TRAIL_QUESTIONS } from "./_trail_questions.ts";

const [path, workersText = "2", passesText = "9"] = Deno.args;
if (path === undefined) {
  console.error(
    "Usage: deno run -A bench/trail_workers.ts FILE [WORKERS] [PASSES]",
  );
  Deno.exit(2);
}

/** What passes of one side took, in milliseconds. */
interface Passes {
  readonly wall: number[];
  readonly processor: number[];
}

const folder = await Deno.makeTempDir();
try {
  const peer = await compileTrailPeer(`${folder}/scan`);
  const bytes = Deno.readFileSync(path);
  using workers = new ScanWorkers({ count: Number(workersText) });
  const began = performance.now();
  if (!await workers.start()) throw new Error("There are no workers here");
  const started = performance.now() - began;
  console.log(`${workers.count} workers, started in ${started.toFixed(0)} ms`);
  const source = () => new MemorySource(bytes);
  await using one = await openTrailStore(source());
  await using many = await openTrailStore(source(), { workers });
  for (const [name, options, words] of TRAIL_QUESTIONS) {
    const sides: readonly Passes[] = [0, 1, 2]
      .map(() => ({ wall: [], processor: [] }));
    const [ours, spread, theirs] = sides as [Passes, Passes, Passes];
    let events = 0;
    for (let pass = 0; pass < Number(passesText); pass++) {
      events = await scan(one, options, ours);
      const answers = [await scan(many, options, spread)];
      if (peer !== undefined) {
        const answer = await runTrailPeer(peer, path, words);
        theirs.wall.push(1000 * answer.seconds);
        answers.push(answer.events);
      }
      if (answers.some((answer) => answer !== events)) {
        throw new Error(`${name}: ${events} events, others have ${answers}`);
      }
    }
    console.log(`${name}: ${events} events, ms as best / middle`);
    tell("one thread", ours, ours);
    tell(`${workers.count} workers`, spread, ours);
    if (peer !== undefined) tell("C", theirs, ours);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function scan(
  store: TrailStore,
  options: ScanOptions,
  passes: Passes,
): Promise<number> {
  const cost = process.cpuUsage();
  const start = performance.now();
  let events = 0;
  for await (const batch of store.scan(options)) events += batch.count;
  passes.wall.push(performance.now() - start);
  const { user, system } = process.cpuUsage(cost);
  passes.processor.push((user + system) / 1000);
  return events;
}

function tell(name: string, passes: Passes, base: Passes): void {
  const [best, middle] = bestAndMiddle(passes.wall);
  const [baseBest, baseMiddle] = bestAndMiddle(base.wall);
  const processor = passes.processor.length === 0
    ? ""
    : `, processor ${
      bestAndMiddle(passes.processor).map((ms) => ms.toFixed(0)).join(" / ")
    }`;
  console.log(
    `  ${name.padEnd(10)} ${best.toFixed(0)} / ${
      middle.toFixed(0)
    }${processor}` +
      `; ${(baseBest / best).toFixed(2)} / ${
        (baseMiddle / middle).toFixed(2)
      } times one thread`,
  );
}

function bestAndMiddle(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[0]!, sorted[sorted.length >> 1]!];
}
