import { assertEquals, assertRejects } from "@std/assert";
import {
  type AbortOptions,
  CairnError,
  type Index,
  MemorySource,
} from "@cairn/core";
import { openTrailStore } from "./open_trail.ts";
import { readGolden } from "./testdata/golden.ts";

const QUESTIONS: Record<
  string,
  (index: Index, options?: AbortOptions) => Promise<unknown>
> = {
  all: (index, options) => index.all(options),
  trails: (index, options) => index.trails({ field: "type" }, options),
};

for (const [name, ask] of Object.entries(QUESTIONS)) {
  Deno.test(`TrailIndex.${name}() fails after close() and a signal, whatever it has kept`, async () => {
    const read = (path: string) => new MemorySource(readGolden(path));
    await using store = await openTrailStore(read("multi.tdb"), {
      index: read("multi.tdb.index"),
    });
    const index = (await store.index())!;
    await ask(index);
    const error = await assertRejects(
      () => ask(index, { signal: AbortSignal.abort() }),
      CairnError,
    );
    assertEquals(error.code, "aborted");
    await store.close();
    await assertRejects(() => ask(index), TypeError, "the store is closed");
  });
}
