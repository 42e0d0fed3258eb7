import { assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  encodeKeyParts,
  encodeText,
  type Finding,
  MemorySource,
  spanValue,
  type Store,
} from "@cairn/core";
import { GOLDEN } from "./testdata/golden.ts";
import { openSealed } from "./open_store.ts";

async function open(name: string, keyspace?: string): Promise<Store> {
  const bytes = await Deno.readFile(new URL(name, GOLDEN));
  return await openSealed(
    new MemorySource(bytes),
    keyspace === undefined ? {} : { keyspace },
  );
}

async function findings(store: Store): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of store.verify()) found.push(finding);
  return found;
}

for (const name of ["sealed-main.sst", "sealed-small.sst"]) {
  Deno.test(`RowStore.verify() finds nothing wrong with ${name}`, async () => {
    await using store = await open(
      name,
      name === "sealed-small.sst" ? "numbered" : undefined,
    );
    assertEquals(await findings(store), []);
  });
}

Deno.test("RowStore.find() and keys() agree in every mode", async () => {
  const keyspaces = [
    "user_events",
    "user_events_hashed",
    "numbered",
    "collide",
    "dense_collide",
  ];
  for (const keyspace of keyspaces) {
    await using store = await open("sealed-small.sst", keyspace);
    const { trails } = await store.stats();
    const keys = await store.keys({ start: 0, end: trails });
    for (let i = 0; i < trails; i++) {
      assertEquals(await store.find(spanValue(keys, i)!), i);
      const one = await store.keys({ start: i, end: i + 1 });
      assertEquals(spanValue(one, 0), spanValue(keys, i));
    }
    assertEquals(await store.find(encodeText("nobody")), undefined);
    await assertRejects(
      () => store.keys({ start: 0, end: trails + 1 }),
      RangeError,
    );
  }
});

Deno.test("RowStore gives row ids as trail keys", async () => {
  await using users = await open("sealed-small.sst", "user_events");
  const key = encodeKeyParts([encodeText("prod1"), encodeText("user2")]);
  assertEquals(await users.find(key), 1);
  await using numbered = await open("sealed-small.sst", "numbered");
  const last = String(2n ** 128n - 1n);
  assertEquals(await numbered.find(encodeText(last)), 15);
  assertEquals(await numbered.find(encodeText("0" + last)), undefined);
});

Deno.test("RowStore.scan() is unsupported and says why", async () => {
  await using store = await open("sealed-main.sst");
  const error = await assertRejects(() => store.scan().next(), CairnError);
  assertEquals([error.code, error.reason], ["unsupported", "rows-only"]);
});

Deno.test("openSealed() wants a keyspace named where there are several", async () => {
  const none = await assertRejects(() => open("sealed-small.sst"), CairnError);
  assertEquals([none.code, none.reason], ["unsupported", "keyspace"]);
  const other = await assertRejects(
    () => open("sealed-small.sst", "nothing"),
    CairnError,
  );
  assertEquals(other.code, "not-found");
});

Deno.test("RowStore refuses calls after close", async () => {
  const store = await open("sealed-main.sst");
  await store.close();
  await store.close();
  await assertRejects(() => store.stats(), TypeError);
});
