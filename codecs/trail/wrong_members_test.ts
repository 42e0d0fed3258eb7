/**
 * Members that are wrong and whose checksums, where there are any, are right:
 * only the checks of the layout can tell.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CairnError,
  encodeText,
  type Finding,
  MemorySource,
} from "@cairn/core";
import { readGolden } from "./testdata/golden.ts";
import { decodeSums, encodeSums } from "./additions.ts";
import { decodeFields } from "./fields.ts";
import { openTrailStore } from "./open_trail.ts";
import { TrailsToc } from "./trails_toc.ts";

const PART = {
  member: "trails.data",
  byteLength: 10,
  rangeBytes: 4,
  sums: Uint32Array.of(1, 2, 3),
};

/** A change of one property that leaves no part of checksums. */
const WRONG_PARTS: Record<string, Record<string, unknown>> = {
  "a member that is no text": { member: 7 },
  "a negative length": { byteLength: -1, sums: new Uint32Array(0) },
  "a length that is no integer": { byteLength: 9.5 },
  "ranges of no byte": { rangeBytes: 0 },
  "ranges of half a byte": { rangeBytes: 4.5 },
  "a sum too few": { sums: PART.sums.subarray(1) },
  "a sum too many": { sums: Uint32Array.of(1, 2, 3, 4) },
};

for (const [what, change] of Object.entries(WRONG_PARTS)) {
  Deno.test(`decodeSums() refuses ${what} under a right checksum`, () => {
    const bytes = encodeSums([{ ...PART, ...change } as typeof PART]);
    const error = assertThrows(
      () => decodeSums(bytes, { part: "cairn.sums", offset: 512 }),
      CairnError,
    );
    assertEquals([error.code, error.where.part], ["corrupt", "cairn.sums"]);
  });
}

Deno.test("decodeFields() refuses more fields than a TrailDB can have", () => {
  const source = new MemorySource(new Uint8Array(0));
  const window = { name: "fields", source, offset: 0, byteLength: 0 };
  const names = Array.from({ length: 16_383 }, (_, i) => `f${i}`);
  const bytes = (count: number) =>
    encodeText(`${names.slice(0, count).join("\n")}\n\n`);
  assertEquals(decodeFields(bytes(16_382), 1, window).length, 16_382);
  const error = assertThrows(
    () => decodeFields(bytes(16_383), 1, window),
    CairnError,
  );
  assertEquals([error.code, error.where.part], ["corrupt", "fields"]);
});

/** Offsets of trails, four bytes each. */
function makeToc(offsets: readonly number[]): TrailsToc {
  const bytes = new Uint8Array(4 * offsets.length);
  const view = new DataView(bytes.buffer);
  offsets.forEach((offset, i) => view.setUint32(4 * i, offset, true));
  const source = new MemorySource(bytes);
  const window = { source, offset: 0, byteLength: bytes.length };
  const data = { source, offset: 0, byteLength: 1_000_000 };
  return new TrailsToc(
    { name: "trails.toc", ...window },
    { name: "trails.data", ...data },
    offsets.length - 1,
  );
}

Deno.test("TrailsToc.read() refuses offsets that do not rise, at any place of any piece", async () => {
  // 16,384 offsets are a piece: the last of this table stands alone in its own.
  const count = 16_385;
  const rising = Array.from({ length: count }, (_, i) => 10 * i);
  const end = count - 1;
  assertEquals([...await makeToc(rising).read(0, end)], rising);
  assertEquals([...await makeToc(rising).read(3, 5)], [30, 40, 50]);
  for (const at of [1, 2, 8192, 16_383, 16_384]) {
    for (const less of [0, 10]) {
      const falling = rising.with(at, rising[at - 1]! - less);
      const error = await assertRejects(
        () => makeToc(falling).read(0, end),
        CairnError,
      );
      assertEquals(error.where.part, "trails.toc");
      assertEquals(error.where.offset, 4 * at);
    }
  }
});

/** Where a member of a package begins, by its table of contents. */
function memberStart(bytes: Uint8Array, name: string): number {
  const toc = new TextDecoder().decode(bytes.subarray(2560, 60_000));
  const line = toc.split("\n").find((line) => line.startsWith(`${name} `));
  return Number(line!.split(" ")[1]);
}

Deno.test("verify() finds a damaged lexicon in a file without checksums", async () => {
  const sound = readGolden("multi.tdb");
  const toc = new TextDecoder().decode(sound.subarray(2560, 60_000));
  const names = [...toc.matchAll(/^(lexicon\.\S+) /gm)].map(([, name]) =>
    name!
  );
  assert(names.length > 1);
  for (const name of names) {
    const bytes = sound.slice();
    const view = new DataView(bytes.buffer, memberStart(bytes, name));
    assert(view.getUint32(0, true) > 0, `${name} has values`);
    // Behind their number is where the first begins.
    view.setUint32(4, 0xffff_fff0, true);
    const found = await findings(bytes);
    assert(found.some(({ where }) => where.part === name), name);
  }
});

Deno.test("scan() refuses fields that do not exist, and nothing that verify() finds sound", async () => {
  let damaged = 0;
  for (const name of ["multi", "bigrams", "many-fields"]) {
    const sound = readGolden(`${name}.tdb`);
    const start = memberStart(sound, "trails.data");
    const next = randomNumbers(name.length);
    for (let i = 0; i < 30; i++) {
      const bytes = sound.slice();
      for (let k = 0; k < 3; k++) bytes[start + next(900)] = next(256);
      const found = (await findings(bytes)).filter(({ where }) =>
        where.part === "trails.data"
      );
      const refused = await partRefused(bytes);
      const what = `${name}, damage ${i}`;
      // Sums that differ from those stated are the fault of "info".
      if (found.length === 0) assert(refused !== "trails.data", what);
      // A value that another of the same field and event replaces harms nobody.
      if (found.some(({ detail }) => detail.includes("a literal of field"))) {
        assertEquals(refused, "trails.data", what);
        damaged++;
      }
    }
  }
  assert(damaged > 10, `${damaged} damaged`);
});

/** Damage that opening or verifying finds. */
async function findings(bytes: Uint8Array): Promise<Finding[]> {
  await using store = await openTrailStore(new MemorySource(bytes));
  const all = await Array.fromAsync(store.verify());
  return all.filter(({ severity }) => severity === "corrupt");
}

/** The part that a scan finds damaged. */
async function partRefused(bytes: Uint8Array): Promise<string | undefined> {
  await using store = await openTrailStore(new MemorySource(bytes));
  try {
    for await (const _ of store.scan());
    return undefined;
  } catch (error) {
    assert(error instanceof CairnError && error.code === "corrupt");
    return error.where.part;
  }
}

/** Small numbers that look random; the same each time. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed * 0x9e37_79b1 >>> 0;
  return (below) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b_3c6d) + 0x6d2b_79f5 >>> 0;
    return state % below;
  };
}
