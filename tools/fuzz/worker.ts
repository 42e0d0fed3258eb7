/**
 * One worker of the fuzzer: takes seed after seed until it is told to stop.
 *
 * Shared state, as 32-bit words: 0 the seed at work, 1 inputs done, 2 opened and
 * read whole, 3 refused as corrupt, 4 refused otherwise, 5 largest resident
 * memory in MiB, 6 stop.
 *
 * @module
 */
/// <reference lib="webworker" />
import { mutate, survives, Workbench } from "@cairn/conformance";
import { CODECS } from "./codecs.ts";
import { loadCorpus } from "./corpus.ts";

/** What the main thread says to begin with. */
export interface FuzzOrder {
  /** Name of the codec. */
  readonly codec: string;
  /** The first seed. */
  readonly seed: number;
  /** Larger files of the corpus are left out. */
  readonly bytesMax: number;
  /** Shared state; see the module. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** What a worker found. */
export interface FuzzFault {
  /** The seed. */
  readonly seed: number;
  /** The file that was damaged. */
  readonly file: string;
  /** The damaged bytes. */
  readonly bytes: Uint8Array;
  /** What happened. */
  readonly message: string;
}

if (
  typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope
) {
  self.onmessage = (event: MessageEvent<FuzzOrder>) => work(event.data);
}

async function work(
  { codec, seed, bytesMax, state }: FuzzOrder,
): Promise<void> {
  const bench = new Workbench(CODECS.get(codec)!);
  const corpus = await loadCorpus(bench.codec, bytesMax);
  for (; state[6] === 0; seed = (seed + 1) >>> 0) {
    state[0] = seed | 0;
    const { name, bytes, parts } = corpus[seed % corpus.length]!;
    const damaged = mutate(bytes, seed, parts);
    try {
      const outcome = await survives(bench, damaged, `${name}, seed ${seed}`);
      state[outcome === "ok" ? 2 : outcome === "corrupt" ? 3 : 4]!++;
    } catch (error) {
      const message = error instanceof Error ? `${error.stack}` : String(error);
      const fault: FuzzFault = { seed, file: name, bytes: damaged, message };
      self.postMessage(fault);
    }
    const done = ++state[1]!;
    if (done % 200 === 0) {
      state[5] = Math.max(
        state[5]!,
        Math.round(Deno.memoryUsage().rss / 2 ** 20),
      );
    }
  }
  self.postMessage("stopped");
}
