/**
 * The trail codec.
 *
 * @module
 */
import type { Codec } from "@cairn/core";
import { BoundedWriter } from "./write/_bounded_writer.ts";
import { TRAIL_CAPABILITIES } from "./capabilities.ts";
import type { TrailCreateOptions } from "./create_options.ts";
import {
  isTrailPackage,
  openTrailStore,
  type TrailOpenOptions,
} from "./open_trail.ts";
import { createTrailStore } from "./write/trail_writer.ts";

/**
 * Writes and opens TrailDB packages.
 *
 * @example Write a store and read it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSchema, encodeText, MemorySink, MemorySource } from "@cairn/core";
 * import { trailCodec } from "@cairn/trail";
 *
 * const sink = new MemorySink();
 * await using writer = await trailCodec.create(sink, createSchema(["page"]));
 * await writer.add(new Uint8Array(16).fill(7), 10, [encodeText("/home")]);
 * await writer.finish();
 * await using store = await trailCodec.open(new MemorySource(sink.bytes()));
 * for await (const batch of store.scan()) assertEquals(batch.count, 1);
 * ```
 */
export const trailCodec: Codec<TrailCreateOptions, TrailOpenOptions> = {
  name: "trail",
  extensions: [".tdb"],
  capabilities: TRAIL_CAPABILITIES,
  detect: isTrailPackage,
  create: async (sink, schema, options) => {
    const writer = await createTrailStore(sink, schema, options);
    return options?.lateTimes ? writer : new BoundedWriter(writer);
  },
  open: openTrailStore,
};
