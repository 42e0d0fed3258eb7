import { assertEquals } from "@std/assert";
import { encodeText } from "@cairn/core";
import { toBase64 } from "./testdata/golden_store.ts";
import { createEsdb, type EsdbLayout } from "./mod.ts";

/**
 * A program over the Go library, named by CAIRN_GO_ESDB:
 * `store-dump FILE` prints a line of JSON for each grouping, in order: `space`,
 * `grouping` and `events`, newest first, each with `t` and `d`, bytes in base64;
 * `store-dump FILE indexes` reads lines with `Space`, `Name` and `Value` and
 * prints the events of each.
 */
const GO = Deno.env.get("CAIRN_GO_ESDB");

interface GoEvent {
  readonly t: number;
  readonly d: string;
}

interface Added {
  readonly space: string;
  readonly grouping: string;
  readonly kind: string;
  readonly t: number;
  readonly d: Uint8Array;
}

async function runGo(input: string, ...args: string[]): Promise<unknown[]> {
  const child = new Deno.Command(GO!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const stdin = child.stdin.getWriter();
  await stdin.write(encodeText(input));
  await stdin.close();
  const { stdout, stderr, success } = await output;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Events that fill many blocks, with long posting lists and ties. */
function events(count: number, spaces: number): Added[] {
  let seed = 5;
  const random = (below: number): number => {
    seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  return Array.from({ length: count }, (_, i) => ({
    space: `space ${random(spaces)}`,
    grouping: ["", "g", "h\u00e9"][random(3)]!,
    kind: `${random(4)}:x`,
    t: random(count / 3),
    d: encodeText(`${i} ${"abcdefgh".repeat(random(12))}${random(1e9)}`),
  }));
}

/** Newest first, ties as added. */
function scanned(added: readonly Added[]): GoEvent[] {
  return added.map((event, i) => ({ event, i }))
    .sort((a, b) => b.event.t - a.event.t || a.i - b.i)
    .map(({ event }) => ({ t: event.t, d: toBase64(event.d) }));
}

async function assertGoReads(
  path: string,
  added: readonly Added[],
  layout: EsdbLayout,
): Promise<void> {
  const writer = await createEsdb(path, { layout });
  for (const { space, grouping, kind, t, d } of added) {
    await writer.add(space, d, t, { grouping, indexes: { kind } });
  }
  await writer.finish();
  const groups = new Map<string, Added[]>();
  const keys = new Map<string, Added[]>();
  for (const event of added) {
    const group = JSON.stringify([event.space, event.grouping]);
    groups.set(group, [...groups.get(group) ?? [], event]);
    const key = JSON.stringify([event.space, event.kind]);
    keys.set(key, [...keys.get(key) ?? [], event]);
  }
  const base64 = (text: string): string => toBase64(encodeText(text));
  const wanted = [...groups].sort(([a], [b]) => a < b ? -1 : 1).map((
    [name, own],
  ) => {
    const [space, grouping] = JSON.parse(name) as [string, string];
    return {
      events: scanned(own),
      grouping: base64(grouping),
      space: base64(space),
    };
  });
  assertEquals(
    JSON.stringify(await runGo("", "store-dump", path)),
    JSON.stringify(wanted),
  );
  const asked = [...keys.keys()].map((name) => {
    const [space, kind] = JSON.parse(name) as [string, string];
    return JSON.stringify({
      Space: base64(space),
      Name: base64("kind"),
      Value: base64(kind),
    });
  });
  const found = await runGo(
    asked.join("\n") + "\n",
    "store-dump",
    path,
    "indexes",
  );
  assertEquals(
    JSON.stringify(found),
    JSON.stringify([...keys.values()].map(scanned)),
  );
}

Deno.test("Go reads the stores that we write, groupings and indexes", async () => {
  if (GO === undefined) {
    console.warn("Go ESDB: CAIRN_GO_ESDB names no program");
    return;
  }
  const folder = await Deno.makeTempDir();
  try {
    // Small spaces, where Go's own layout happens to be read right.
    await assertGoReads(`${folder}/a`, events(300, 100), "same-bytes");
    await assertGoReads(`${folder}/b`, events(3000, 200), "right-answers");
    // Long lists and thousands of blocks: only our layout is read right.
    await assertGoReads(`${folder}/c`, events(40_000, 2), "right-answers");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
