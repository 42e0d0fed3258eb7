/**
 * The codec.
 *
 * @module
 */
import {
  type Codec,
  equalBytes,
  type Probe,
  type Schema,
  type Sink,
  type StoreWriter,
} from "@cairn/core";
import { CAPABILITIES } from "./capabilities.ts";
import { type BitmapCreateOptions, planEvents } from "./create_options.ts";
import { EventWriter } from "./events/event_writer.ts";
import { SUPERBLOCK_KEY } from "./key.ts";
import { type BitmapOpenOptions, openSealed } from "./open_store.ts";

/** The last eight bytes of a table. */
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);
/** Where the key of the first entry is looked for, packed or not. */
const HEAD_BYTES = 64;

/**
 * Reads and writes sealed bitmap stores through the contract. A store that it
 * writes keeps the events, and answers every term about trails and events from
 * bitmaps; a store of rows has keys and an index, and no events.
 *
 * @example Write events, ask the index
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { bitmapCodec } from "@cairn/bitmap";
 *
 * const sink = new MemorySink();
 * const writer = await bitmapCodec.create(sink, createSchema(["page"]));
 * await writer.add(encodeText("ann"), 20, [encodeText("/home")]);
 * await writer.finish();
 *
 * await using store = await bitmapCodec.open(new MemorySource(sink.bytes()));
 * const index = (await store.index())!;
 * const found = await index.trails({
 *   field: "page",
 *   condition: { kind: "in", values: [encodeText("/home")] },
 * });
 * assertEquals([...found!.bitmap], [0]);
 * ```
 */
export const bitmapCodec: Codec<BitmapCreateOptions, BitmapOpenOptions> = Object
  .freeze({
    name: "bitmap",
    extensions: [".cairn-bitmap"],
    capabilities: CAPABILITIES,
    detect,
    create,
    open: openSealed,
  });

/** A table ends here, and the superblock's key is the first. */
function detect({ head, tail }: Probe): boolean {
  if (!equalBytes(tail.subarray(-MAGIC.length), MAGIC)) return false;
  const end = Math.min(HEAD_BYTES, head.length) - SUPERBLOCK_KEY.length;
  for (let at = 0; at <= end; at++) {
    const found = head.subarray(at, at + SUPERBLOCK_KEY.length);
    if (equalBytes(found, SUPERBLOCK_KEY)) return true;
  }
  return false;
}

async function create(
  sink: Sink,
  schema: Schema,
  options: BitmapCreateOptions = {},
): Promise<StoreWriter> {
  try {
    return new EventWriter(sink, planEvents(schema, options), options);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
