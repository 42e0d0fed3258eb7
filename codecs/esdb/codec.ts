/**
 * The codec.
 *
 * @module
 */
import {
  type Codec,
  type OpenOptions,
  type Probe,
  type Schema,
  type Sink,
  type Source,
  type Store,
  type StoreWriter,
  throwIfAborted,
} from "@cairn/core";
import { TABLE_MAGIC } from "@cairn/sstable";
import { CAPABILITIES } from "./capabilities.ts";
import type { EsdbCreateOptions } from "./create_options.ts";
import { openEsdb } from "./esdb.ts";
import { EsdbStore } from "./esdb_store.ts";
import { STORE_BYTES_MIN, TABLE_LENGTH_BYTES } from "./layout.ts";
import { readU64 } from "./section_table.ts";
import { EsdbStoreWriter, layoutOf } from "./store_writer.ts";

/**
 * Reads and writes ESDB stores through the contract. A trail is a space, its
 * key the space id; trails come in bytewise order of their keys.
 *
 * @example Write events and scan them
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { esdbCodec } from "@cairn/esdb";
 *
 * const sink = new MemorySink();
 * const writer = await esdbCodec.create(sink, createSchema(["page"]));
 * await writer.add(encodeText("ann"), 20, [encodeText("/home")]);
 * await writer.finish();
 *
 * await using store = await esdbCodec.open(new MemorySource(sink.bytes()));
 * for await (const batch of store.scan()) {
 *   assertEquals([...batch.timestamps], [20]);
 * }
 * ```
 */
export const esdbCodec: Codec<EsdbCreateOptions, OpenOptions> = Object.freeze({
  name: "esdb",
  extensions: [".esdb"],
  capabilities: CAPABILITIES,
  detect,
  create,
  open,
});

/** The magic of a table lies before the length of a table that fits. */
function detect(probe: Probe): boolean {
  const { tail, size } = probe;
  if (size < STORE_BYTES_MIN || tail.length < 16) return false;
  const magic = tail.length - TABLE_LENGTH_BYTES - TABLE_MAGIC.length;
  return TABLE_MAGIC.every((byte, i) => tail[magic + i] === byte) &&
    readU64(tail, tail.length - TABLE_LENGTH_BYTES) <=
      size - TABLE_LENGTH_BYTES;
}

async function create(
  sink: Sink,
  schema: Schema,
  options: EsdbCreateOptions = {},
): Promise<StoreWriter> {
  try {
    throwIfAborted(options.signal);
    const layout = layoutOf(schema, options);
    return new EsdbStoreWriter(sink, schema, layout, options);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function open(
  source: Source,
  options: OpenOptions = {},
): Promise<Store> {
  return new EsdbStore(await openEsdb(source, options));
}
