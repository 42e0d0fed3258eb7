import { assert, assertEquals } from "@std/assert";
import { openBitmapDirectory } from "@cairn/bitmap";

/** More kills by environment: hundreds for a long run. */
const KILLS = Number(Deno.env.get("CAIRN_KILLS") ?? 16);
const WRITER = new URL("testdata/kill_writer.ts", import.meta.url);

/** Random, but the same each run: when to kill, counted in bytes of answers and then turns. */
function draws(): () => number {
  let state = 99;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Runs the writer, kills it at a random point, and gives what it acknowledged. */
async function runAndKill(
  path: string,
  sync: string,
  draw: () => number,
): Promise<{ opened: number; acknowledged: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER.href, path, sync],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const batches = Math.floor(draw() * 12);
  const turns = Math.floor(draw() * 40);
  let text = "";
  const decoder = new TextDecoder();
  let killed = false;
  for await (const bytes of child.stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (killed || text.split("\n").length - 1 <= batches) continue;
    killed = true;
    // Some turns of the loop later the next batch is somewhere on its way.
    for (let i = 0; i < turns; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    child.kill("SIGKILL");
  }
  await child.status;
  // A last line without its end was cut: it may or may not be a whole number.
  const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
  const opened = Number(lines[0]!.split(" ")[1]);
  const last = lines.findLast((line) => line.startsWith("added "));
  const acknowledged = last === undefined ? opened : Number(last.split(" ")[1]);
  return { opened, acknowledged };
}

for (const sync of ["sync", "system"]) {
  Deno.test(`openBitmapIndex() loses nothing acknowledged when the writer is killed (${sync})`, async () => {
    const path = await Deno.makeTempDir();
    const draw = draws();
    try {
      let acknowledged = 0;
      for (let kill = 0; kill < KILLS / 2; kill++) {
        const run = await runAndKill(path, sync, draw);
        assert(run.opened >= acknowledged, "an acknowledged batch is lost");
        assertEquals(run.opened % 20, 0, "half a batch is there");
        acknowledged = run.acknowledged;
      }
      await using store = await openBitmapDirectory(path);
      const { events } = await store.stats();
      assert(events >= acknowledged);
      const findings = [];
      for await (const finding of store.verify()) findings.push(finding);
      assertEquals(findings, []);
      const index = (await store.index())!;
      // Event n adds what n says, so the sum tells whether each came once.
      let wanted = 0;
      for (let event = 0; event < events; event += 20) {
        wanted += 20 * (event % 50);
      }
      const { sum } = await index.counters!.sum("visit");
      assertEquals(sum, BigInt(wanted));
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}
