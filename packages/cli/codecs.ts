/**
 * The one table that says which codecs are built in. Nothing else in the
 * command names a codec.
 *
 * @module
 */
import { bitmapEntry } from "./built_in/bitmap.ts";
import { esdbEntry } from "./built_in/esdb.ts";
import { trailEntry } from "./built_in/trail.ts";
import type { CodecTable } from "./codec_entry.ts";

/** The codecs that are built in. */
export const builtInCodecs: CodecTable = [esdbEntry, trailEntry, bitmapEntry];
