/**
 * Tables whose blocks have right checksums and whose entries are wrong: only
 * the checks of the layout can tell.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  compareBytes,
  createSchema,
  encodeText,
  type Finding,
  MemorySink,
  MemorySource,
  type Store,
} from "@cairn/core";
import { openTable, TableEncoder } from "@cairn/sstable";
import { bitmapCodec } from "./codec.ts";
import {
  EQUAL_PREFIX,
  EVENTS,
  EVENTS_FIELD,
  TRAILS,
} from "./events/event_layout.ts";
import { namePrefix } from "./key.ts";
import { KIND, SLOT_BYTES } from "./layout.ts";

type Entry = [key: Uint8Array, value: Uint8Array];

async function writeStore(): Promise<Uint8Array> {
  const sink = new MemorySink();
  await using writer = await bitmapCodec.create(
    sink,
    createSchema(["page", { name: "price", type: "integer" }]),
  );
  for (let i = 0; i < 90; i++) {
    await writer.add(encodeText(`trail ${i % 9}`), 100 + i, [
      encodeText(`page ${i % 7}`),
      encodeText(`${i % 5}`),
    ]);
  }
  await writer.finish();
  return sink.bytes();
}

/** The same table with entries changed, written anew: every checksum is right. */
async function changed(
  change: (entries: Entry[]) => Entry[],
): Promise<Uint8Array> {
  const table = await openTable(new MemorySource(await writeStore()));
  const entries: Entry[] = [];
  for await (const { keys, values, count } of table.entries()) {
    for (let i = 0; i < count; i++) {
      entries.push([
        keys.bytes.slice(keys.starts[i], keys.ends[i]),
        values.bytes.slice(values.starts[i], values.ends[i]),
      ]);
    }
  }
  const encoder = new TableEncoder();
  for (const [key, value] of change(entries)) encoder.add(key, value);
  for (const name of await table.metaBlockNames()) {
    encoder.addMetaBlock(name, (await table.metaBlock(name))!);
  }
  encoder.finish();
  return encoder.take().slice();
}

async function findings(bytes: Uint8Array): Promise<Finding[]> {
  await using store = await bitmapCodec.open(new MemorySource(bytes));
  return (await Array.fromAsync(store.verify())).filter(({ severity }) =>
    severity === "corrupt"
  );
}

/** Entries of the dictionary of pages, by ordinal, and their keyspace. */
function dictionaryOf(entries: Entry[]): [keyspace: number, Entry[]] {
  for (const { number } of [TRAILS, EVENTS]) {
    const prefix = prefixOf(number, "page");
    const found = entries.filter(([key]) =>
      prefix.every((byte, i) => key[i] === byte)
    );
    if (found.length > 0) return [number, found];
  }
  throw new Error("There is no dictionary of pages");
}

function prefixOf(keyspace: number, field: string): Uint8Array {
  return namePrefix(keyspace, KIND.valueOrdinal, encodeText(field));
}

async function lexiconRefuses(bytes: Uint8Array, what: string): Promise<void> {
  await using store: Store = await bitmapCodec.open(new MemorySource(bytes));
  const error = await assertRejects(() => store.lexicon("page"), CairnError);
  assertEquals([error.code, error.where.part], ["corrupt", "dictionary"], what);
}

Deno.test("a table written anew without a change is sound", async () => {
  assertEquals(await findings(await changed((entries) => entries)), []);
});

Deno.test("lexicon() refuses a dictionary with an ordinal missing", async () => {
  const bytes = await changed((entries) => {
    const [, found] = dictionaryOf(entries);
    return entries.filter((entry) => entry !== found[2]);
  });
  await lexiconRefuses(bytes, "a gap");
});

Deno.test("lexicon() refuses a dictionary whose values have another length than stated", async () => {
  for (const step of [-1, 1]) {
    const bytes = await changed((entries) => {
      const [keyspace, found] = dictionaryOf(entries);
      const prefix = prefixOf(keyspace, "page");
      // The low byte of the length lies behind the slot.
      found[1]![0][prefix.length + SLOT_BYTES + 1]! += step;
      return entries;
    });
    await lexiconRefuses(bytes, `${step} byte`);
  }
});

Deno.test("lexicon() refuses a dictionary whose slots are cut", async () => {
  for (const length of [0, SLOT_BYTES - 1, SLOT_BYTES + 1]) {
    const bytes = await changed((entries) => {
      const [, found] = dictionaryOf(entries);
      found[1]![1] = new Uint8Array(length);
      return entries;
    });
    await lexiconRefuses(bytes, `slots of ${length} bytes`);
  }
});

for (const field of ["price", EVENTS_FIELD, `${EQUAL_PREFIX}page`]) {
  Deno.test(`verify() finds values of "${field}", which is no set of strings`, async () => {
    const bytes = await changed((entries) => {
      const [, found] = dictionaryOf(entries);
      const length = prefixOf(TRAILS.number, "page").length;
      const keyspace = field === EVENTS_FIELD ? TRAILS : EVENTS;
      const to = prefixOf(keyspace.number, field);
      const moved = found.map(([key, value]): Entry => [
        Uint8Array.of(...to, ...key.subarray(length)),
        value,
      ]);
      return [...entries, ...moved].sort(([a], [b]) => compareBytes(a, b));
    });
    const found = await findings(bytes);
    assert(
      found.some(({ detail }) => detail.includes("no set of strings")),
      JSON.stringify(found),
    );
  });
}
