import { assertRejects } from "@std/assert";
import {
  createSchema,
  encodeText,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { type Esdb, esdbCodec, openEsdb } from "./mod.ts";

async function openStore(): Promise<Esdb> {
  const sink = new MemorySink();
  await using writer = await esdbCodec.create(sink, createSchema(["page"]));
  for (let i = 0; i < 40; i++) {
    const key = encodeText(`space ${i % 4}`);
    await writer.add(key, i, [encodeText(`page ${i}`)]);
  }
  await writer.finish();
  return await openEsdb(new MemorySource(sink.bytes()));
}

const CALLS: Record<string, (esdb: Esdb) => Promise<unknown>> = {
  find: (esdb) => esdb.find(encodeText("space 1")),
  spaces: (esdb) => Array.fromAsync(esdb.spaces()),
  ids: (esdb) => Array.fromAsync(esdb.ids()),
  verify: (esdb) => Array.fromAsync(esdb.verify()),
};

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`Esdb.${name}() is a TypeError that says "closed" after close()`, async () => {
    const esdb = await openStore();
    await call(esdb);
    await esdb.close();
    await assertRejects(() => call(esdb), TypeError, "the store is closed");
  });
}

Deno.test("Esdb.spaces() ends with a TypeError at its next step after close()", async () => {
  const esdb = await openStore();
  const spaces = esdb.spaces()[Symbol.asyncIterator]();
  await spaces.next();
  await esdb.close();
  await assertRejects(() => spaces.next(), TypeError, "the store is closed");
});
