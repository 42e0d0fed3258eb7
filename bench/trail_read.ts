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
import { MemorySource } from "@cairn/core";
import { openTrailStore } from "@cairn/trail";
import { compileTrailPeer, runTrailPeer } from "./_trail_peer.ts";
import { TRAIL_QUESTIONS } from "./_trail_questions.ts";

const [path, passesText = "7"] = Deno.args;
if (path === undefined) {
  console.error("Usage: deno run -A bench/trail_read.ts FILE [PASSES]");
  Deno.exit(2);
}

const folder = await Deno.makeTempDir();
try {
  const peer = await compileTrailPeer(`${folder}/scan`);
  await using store = await openTrailStore(
    new MemorySource(Deno.readFileSync(path)),
  );
  for (const [name, options, words] of TRAIL_QUESTIONS) {
    let ours = Infinity;
    let theirs = Infinity;
    let events = 0;
    for (let pass = 0; pass < Number(passesText); pass++) {
      const start = performance.now();
      events = 0;
      for await (const batch of store.scan(options)) events += batch.count;
      ours = Math.min(ours, performance.now() - start);
      if (peer === undefined) continue;
      const answer = await runTrailPeer(peer, path, words);
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
