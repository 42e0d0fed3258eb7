/**
 * Reading a `.tdb` side by side with C TrailDB: decode all, two fields, filter.
 *
 * `deno run -A bench/trail_read.ts FILE [PASSES]`, with a FILE that has the
 * fields of the clickstream (see `bench/clickstream.ts`). The C side is
 * `bench/peers/scan.c`, compiled here where `cc` and `libtraildb-dev` are
 * found. Passes alternate, and the best of each side counts, so that both see
 * the same machine. The bytes are in memory on our side and mapped on C's.
 *
 * @module
 */
import { equal, Filter, MemorySource, type ScanOptions } from "@cairn/core";
import { openTrailStore } from "@cairn/trail";

const [path, passesText = "7"] = Deno.args;
if (path === undefined) {
  console.error("Usage: deno run -A bench/trail_read.ts FILE [PASSES]");
  Deno.exit(2);
}
const filter = new Filter([
  [equal("type", "purchase")],
  [equal("page", "/p/0"), equal("page", "/p/1")],
]);
const terms = ["type=purchase", "&", "page=/p/0", "page=/p/1"];
const cases: readonly [string, ScanOptions, readonly string[]][] = [
  ["decode all to columns", {}, []],
  ["decode two fields", { fields: ["type", "page"] }, []],
  ["filter, all fields", { filter }, terms],
  ["filter, times alone", { filter, fields: [] }, terms],
];

const folder = await Deno.makeTempDir();
try {
  const peer = await compilePeer(`${folder}/scan`);
  await using store = await openTrailStore(
    new MemorySource(Deno.readFileSync(path)),
  );
  for (const [name, options, words] of cases) {
    let ours = Infinity;
    let theirs = Infinity;
    let events = 0;
    for (let pass = 0; pass < Number(passesText); pass++) {
      const start = performance.now();
      events = 0;
      for await (const batch of store.scan(options)) events += batch.count;
      ours = Math.min(ours, performance.now() - start);
      if (peer === undefined) continue;
      const answer = await runPeer(peer, words);
      if (answer.events !== events) {
        throw new Error(`${name}: ${events} events, C has ${answer.events}`);
      }
      theirs = Math.min(theirs, 1000 * answer.seconds);
    }
    const ratio = peer === undefined
      ? ""
      : `, C ${theirs.toFixed(0)} ms: ${(theirs / ours).toFixed(1)} times`;
    console.log(`${name}: ${events} events, ${ours.toFixed(0)} ms${ratio}`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Compiles the C side; says so where it cannot. */
async function compilePeer(output: string): Promise<string | undefined> {
  const source = new URL("peers/scan.c", import.meta.url);
  try {
    const { success } = await new Deno.Command("cc", {
      args: ["-O2", "-o", output, source.pathname, "-ltraildb"],
      stderr: "null",
    }).output();
    if (success) return output;
  } catch {
    // No compiler: the same as no library.
  }
  console.warn("C TrailDB is not here: only our side is measured");
  return undefined;
}

async function runPeer(
  peer: string,
  words: readonly string[],
): Promise<{ events: number; seconds: number }> {
  const { stdout, success } = await new Deno.Command(peer, {
    args: [path!, "2", ...words],
  }).output();
  if (!success) throw new Error("The C side failed");
  const [head = "", ...times] = new TextDecoder().decode(stdout).trim().split(
    "\n",
  );
  return {
    events: Number(head.split(" ")[1]),
    seconds: Math.min(...times.map(Number)),
  };
}
