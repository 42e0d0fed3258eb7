import { assert, assertEquals, assertRejects } from "@std/assert";
import { CairnError, encodeText, MemorySource } from "@cairn/core";
import { openTable, TableEncoder } from "@cairn/sstable";
import { BLOCKS_NAME, encodeBlockCounts, readBlockCounts } from "./manifest.ts";

/** A table of six spaces in small blocks; counts are made of those there are. */
async function read(
  make: (blocks: readonly number[]) => readonly number[],
  spaces: number,
): Promise<{ blocks: readonly number[]; counts: Float64Array }> {
  const encoder = new TableEncoder({ blockBytes: 30 });
  for (let i = 0; i < 6; i++) {
    encoder.add(encodeText(`space ${i}`), new Uint8Array(16));
  }
  encoder.addMetaBlock(
    BLOCKS_NAME,
    () => encodeBlockCounts(make(encoder.blockCounts)),
  );
  encoder.finish();
  const blocks = encoder.blockCounts;
  const table = await openTable(new MemorySource(encoder.take().slice()));
  return { blocks, counts: await readBlockCounts(table, spaces) };
}

Deno.test("readBlockCounts() gives back what encodeBlockCounts() wrote", async () => {
  const { blocks, counts } = await read((blocks) => blocks, 6);
  assert(blocks.length > 1);
  assertEquals([...counts], [...blocks]);
});

const WRONG: readonly [
  string,
  (blocks: readonly number[]) => number[],
  number,
][] = [
  ["a block too many", (blocks) => [...blocks, 0], 6],
  [
    "a block too few",
    ([first, second, ...rest]) => [first! + second!, ...rest],
    6,
  ],
  ["a space too many", (blocks) => blocks.with(0, blocks[0]! + 1), 6],
  ["other spaces than the manifest", (blocks) => [...blocks], 7],
];

for (const [what, make, spaces] of WRONG) {
  Deno.test(`readBlockCounts() refuses ${what}`, async () => {
    const error = await assertRejects(
      () => read(make, spaces),
      CairnError,
      "its counts",
    );
    assertEquals(error.code, "corrupt");
  });
}
