/**
 * The codecs that the long-running tools work on, by name.
 *
 * @module
 */
import { bitmapCodec } from "@cairn/bitmap";
import type { Codec } from "@cairn/core";
import { esdbCodec } from "@cairn/esdb";
import { trailCodec } from "@cairn/trail";

/** Every codec of ours. */
export const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ["esdb", esdbCodec],
  ["trail", trailCodec],
  ["bitmap", bitmapCodec],
]);
