/**
 * Damages sound files from a seed and opens them, as long as wished:
 * `deno task fuzz [--codec NAME] [--minutes N] [--inputs N] [--seed N]`.
 *
 * An input that crashes, throws anything but a `CairnError`, or takes longer
 * than ten seconds is kept under `conformance/regressions/`, where the tests
 * find it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loadCorpus } from "./corpus.ts";
import { CODECS } from "./codecs.ts";
import type { FuzzFault, FuzzOrder } from "./worker.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    codec: { type: "string", multiple: true },
    minutes: { type: "string", default: "1" },
    inputs: { type: "string", default: "Infinity" },
    seed: { type: "string", default: String(Date.now() >>> 0) },
    "max-bytes": { type: "string", default: "1600000" },
  },
});
const HANG_SECONDS = 10;
let faults = 0;
for (const codec of values.codec ?? CODECS.keys()) {
  if (!CODECS.has(codec)) {
    console.error(`No codec "${codec}": ${[...CODECS.keys()].join(", ")}`);
    Deno.exit(2);
  }
  await fuzz(
    codec,
    Number(values.seed),
    Number(values.minutes),
    Number(values.inputs),
  );
}
Deno.exit(faults === 0 ? 0 : 1);

async function fuzz(
  codec: string,
  firstSeed: number,
  minutes: number,
  inputs: number,
): Promise<void> {
  const began = performance.now();
  const until = began + minutes * 60_000;
  const totals = { done: 0, ok: 0, corrupt: 0, other: 0, memory: 0 };
  let seed = firstSeed >>> 0;
  while (performance.now() < until && totals.done < inputs) {
    const state = new Int32Array(new SharedArrayBuffer(28));
    const hung = await runWorker(
      codec,
      seed,
      state,
      until,
      inputs - totals.done,
    );
    totals.done += state[1]!;
    totals.ok += state[2]!;
    totals.corrupt += state[3]!;
    totals.other += state[4]!;
    totals.memory = Math.max(totals.memory, state[5]!);
    if (hung) await keepHang(codec, state[0]! >>> 0);
    seed = (state[0]! + 1) >>> 0;
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${codec}: ${totals.done} inputs from seed ${firstSeed} in ${
      seconds.toFixed(0)
    } s; ` +
      `${totals.ok} read whole, ${totals.corrupt} corrupt, ${totals.other} refused otherwise, ` +
      `${faults} faults; at most ${totals.memory} MiB resident`,
  );
}

/** Runs until time or inputs are up; true when an input hangs. */
function runWorker(
  codec: string,
  seed: number,
  state: Int32Array<SharedArrayBuffer>,
  until: number,
  inputs: number,
): Promise<boolean> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  });
  const order: FuzzOrder = {
    codec,
    seed,
    bytesMax: Number(values["max-bytes"]),
    state,
  };
  worker.postMessage(order);
  return new Promise((resolve) => {
    let [before, still] = [-1, 0];
    const timer = setInterval(() => {
      still = state[1] === before ? still + 1 : 0;
      before = state[1]!;
      // Loading the corpus comes before the first input and may take its time.
      if (still >= HANG_SECONDS * (before === 0 ? 6 : 1)) end(true);
      if (performance.now() > until || state[1]! >= inputs) state[6] = 1;
    }, 1000);
    const end = (hung: boolean) => {
      clearInterval(timer);
      worker.terminate();
      resolve(hung);
    };
    worker.onmessage = (event: MessageEvent<FuzzFault | "stopped">) => {
      if (event.data === "stopped") end(false);
      else keep(codec, event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      console.error(`${codec}: the worker died: ${event.message}`);
      end(true);
    };
  });
}

async function keepHang(codec: string, seed: number): Promise<void> {
  const { mutate } = await import("@cairn/conformance");
  const corpus = await loadCorpus(
    CODECS.get(codec)!,
    Number(values["max-bytes"]),
  );
  const { name, bytes, parts } = corpus[seed % corpus.length]!;
  keep(codec, {
    seed,
    file: name,
    bytes: mutate(bytes, seed, parts),
    message: "it hangs",
  });
}

function keep(codec: string, fault: FuzzFault): void {
  faults++;
  const folder = new URL(
    `../../conformance/regressions/${codec}/`,
    import.meta.url,
  );
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeFileSync(new URL(`${fault.seed}.bin`, folder), fault.bytes);
  console.error(
    `${codec}: seed ${fault.seed} (${fault.file}): ${fault.message}`,
  );
}
