import { assertEquals, assertRejects } from "@std/assert";
import {
  type AbortOptions,
  CairnError,
  createSchema,
  encodeText,
  type Index,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import {
  type Esdb,
  esdbCodec,
  type EsdbCreateOptions,
  openEsdb,
} from "./mod.ts";

async function writeStore(options?: EsdbCreateOptions): Promise<MemorySource> {
  const sink = new MemorySink();
  const schema = createSchema(["page"]);
  await using writer = await esdbCodec.create(sink, schema, options);
  for (let i = 0; i < 40; i++) {
    const key = encodeText(`space ${i % 4}`);
    await writer.add(key, i, [encodeText(`page ${i}`)]);
  }
  await writer.finish();
  return new MemorySource(sink.bytes());
}

const CALLS: Record<string, (esdb: Esdb) => Promise<unknown>> = {
  find: (esdb) => esdb.find(encodeText("space 1")),
  spaces: (esdb) => Array.fromAsync(esdb.spaces()),
  ids: (esdb) => Array.fromAsync(esdb.ids()),
  verify: (esdb) => Array.fromAsync(esdb.verify()),
};

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`Esdb.${name}() is a TypeError that says "closed" after close()`, async () => {
    const esdb = await openEsdb(await writeStore());
    await call(esdb);
    await esdb.close();
    await assertRejects(() => call(esdb), TypeError, "the store is closed");
  });
}

Deno.test("Esdb.spaces() ends with a TypeError at its next step after close()", async () => {
  const esdb = await openEsdb(await writeStore());
  const spaces = esdb.spaces()[Symbol.asyncIterator]();
  await spaces.next();
  await esdb.close();
  await assertRejects(() => spaces.next(), TypeError, "the store is closed");
});

const QUESTIONS: Record<
  string,
  (index: Index, options?: AbortOptions) => Promise<unknown>
> = {
  all: (index, options) => index.all(options),
  trails: (index, options) => index.trails({ field: "page" }, options),
  values: (index, options) => index.values!("page", options)!.next(),
};

for (const [name, ask] of Object.entries(QUESTIONS)) {
  Deno.test(`EsdbIndex.${name}() fails after close() and a signal, whatever it has kept`, async () => {
    const source = await writeStore({ indexed: ["page"] });
    await using store = await esdbCodec.open(source);
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
