/**
 * The ESDB codec in the table.
 *
 * @module
 */
import { esdbCodec } from "@cairn/esdb";
import type { CodecEntry } from "../codec_entry.ts";
import { oneOf } from "../text/flag_value.ts";
import { esdbStreams } from "./esdb_streams.ts";

/** The layouts, as people say them, and as the codec does. */
const LAYOUTS = {
  "right-from-go": "right-answers",
  "same-as-go": "same-bytes",
} as const;

/** ESDB stores and streams. */
export const esdbEntry: CodecEntry = {
  codec: esdbCodec,
  writeFlags: [
    {
      flags: "--grouping <field>",
      description: "keep events of a trail apart by this field's values",
      member: "grouping",
    },
    {
      flags: "--index <fields>",
      description: "find a trail's events by these fields at once: A,B",
      member: "indexed",
      parse: (value) => String(value).split(","),
    },
    {
      flags: "--layout <layout>",
      description:
        "right-from-go, which Go ESDB reads without its faults, or same-as-go, byte for byte",
      member: "layout",
      parse: (value) =>
        LAYOUTS[
          oneOf("--layout", String(value), [
            "right-from-go",
            "same-as-go",
          ])
        ],
    },
  ],
  streams: esdbStreams,
};
