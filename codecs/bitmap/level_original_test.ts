import { assert, assertEquals } from "@std/assert";
import { importLines, openBitmapIndex } from "@cairn/bitmap";
import {
  goldenListing,
  goldenSmallSchemas,
  goldenText,
} from "./testdata/golden.ts";

const PROGRAM = new URL("testdata/list_level.cc", import.meta.url).pathname;

/** Compiles the lister; `undefined` where compiler or library are missing. */
async function compileLister(folder: string): Promise<string | undefined> {
  const out = `${folder}/list_level`;
  try {
    const { success } = await new Deno.Command("g++", {
      args: ["-O1", "-o", out, PROGRAM, "-lleveldb"],
      stderr: "null",
    }).output();
    return success ? out : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("the original LevelDB lists what openBitmapIndex() wrote", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lister = await compileLister(folder);
    if (lister === undefined) {
      console.warn("left out: g++ or libleveldb-dev is not there");
      return;
    }
    const path = `${folder}/small`;
    {
      await using index = await openBitmapIndex(path);
      for (const schema of await goldenSmallSchemas()) {
        await index.createKeyspace(schema);
      }
      const lines = (await goldenText("small-events.ndjson")).split("\n");
      await importLines(index, lines, { batchLines: 10 });
    }
    const { success, stdout } = await new Deno.Command(lister, {
      args: [path],
    }).output();
    assert(success);
    const listed = new TextDecoder().decode(stdout).trimEnd().split("\n");
    assertEquals(
      listed,
      [...await goldenListing("small")].map(([k, v]) => `${k} ${v}`),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
