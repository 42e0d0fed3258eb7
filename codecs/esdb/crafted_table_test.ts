/**
 * Stores whose space table was written anew: its checksums are right, and what
 * it says is wrong.
 */
import { assertEquals, assertRejects } from "@std/assert";
import {
  CairnError,
  createSchema,
  encodeText,
  type Finding,
  MemorySink,
  MemorySource,
} from "@cairn/core";
import { openTable, TableEncoder } from "@cairn/sstable";
import { esdbCodec } from "./mod.ts";

const KEYS = ["ann", "bob", "eve"];

async function writeStore(): Promise<Uint8Array> {
  const sink = new MemorySink();
  const schema = createSchema(["page", "note"]);
  await using writer = await esdbCodec.create(sink, schema);
  for (const [i, key] of KEYS.entries()) {
    for (let n = 0; n < 3; n++) {
      await writer.add(encodeText(key), 10 * i + n, [
        encodeText(`page of ${key}`),
        encodeText(`note ${n}`),
      ]);
    }
  }
  await writer.finish();
  return sink.bytes();
}

interface Place {
  offset: number;
  length: number;
}

/** The space table of a store, its entries as places. */
async function readTable(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(bytes.length - 8, true));
  const start = bytes.length - 8 - length;
  const table = await openTable(
    new MemorySource(bytes.subarray(start, bytes.length - 8)),
  );
  const places: Place[] = [];
  for await (const { values, count } of table.entries()) {
    for (let i = 0; i < count; i++) {
      const at = new DataView(values.bytes.slice(values.starts[i]).buffer);
      places.push({
        offset: Number(at.getBigUint64(0, true)),
        length: Number(at.getBigUint64(8, true)),
      });
    }
  }
  return { start, table, places };
}

/** The store with other places in its table. */
async function withPlaces(
  change: (places: Place[]) => void,
): Promise<Uint8Array> {
  const bytes = await writeStore();
  const { start, table, places } = await readTable(bytes);
  change(places);
  const encoder = new TableEncoder();
  for (const [i, { offset, length }] of places.entries()) {
    const value = new DataView(new ArrayBuffer(16));
    value.setBigUint64(0, BigInt(offset), true);
    value.setBigUint64(8, BigInt(length), true);
    encoder.add(encodeText(KEYS[i]!), new Uint8Array(value.buffer));
  }
  for (const name of await table.metaBlockNames()) {
    encoder.addMetaBlock(name, (await table.metaBlock(name))!);
  }
  encoder.finish();
  const made = encoder.take().slice();
  const result = new Uint8Array(start + made.length + 8);
  result.set(bytes.subarray(0, start));
  result.set(made, start);
  new DataView(result.buffer).setBigUint64(
    start + made.length,
    BigInt(made.length),
    true,
  );
  return result;
}

async function findings(bytes: Uint8Array): Promise<Finding[]> {
  await using store = await esdbCodec.open(new MemorySource(bytes));
  return (await Array.fromAsync(store.verify())).filter(({ severity }) =>
    severity === "corrupt"
  );
}

Deno.test("a table written anew without a change is sound", async () => {
  assertEquals(await findings(await withPlaces(() => {})), []);
});

Deno.test("verify() finds spaces that lie over each other", async () => {
  // The last one has no gap behind it that could be taken for the fault.
  for (const [from, to] of [[0, 1], [1, 2]] as const) {
    const bytes = await withPlaces((places) => {
      places[to] = { ...places[from]! };
    });
    const overlaps = (await findings(bytes)).filter(({ detail }) =>
      detail === "Spaces overlap"
    );
    assertEquals(overlaps.length, 1, `${from} and ${to}`);
  }
});

Deno.test("scan() says where the space begins whose data is no fields", async () => {
  for (const [i, key] of KEYS.entries()) {
    const bytes = await writeStore();
    const { places } = await readTable(bytes);
    // An array of two: the first value is 11 bytes long.
    const at = find(bytes, Uint8Array.of(0x82, 0x4b), places[i]!.offset);
    bytes[at] = 0x9f;
    await using store = await esdbCodec.open(new MemorySource(bytes));
    const error = await assertRejects(
      () => Array.fromAsync(store.scan()),
      CairnError,
      "no CBOR array",
    );
    assertEquals(
      [error.code, error.where.part, error.where.offset],
      ["corrupt", "events", places[i]!.offset],
      key,
    );
  }
});

function find(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  throw new Error("The bytes are not there");
}
