/**
 * The ESDB codec in the table.
 *
 * @module
 */
import { esdbCodec } from "@cairn/esdb";
import type { CodecEntry } from "../codec_entry.ts";
import { oneOf } from "../text/flag_value.ts";
import { esdbStreams } from "./esdb_streams.ts";

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
        "right-answers, which Go ESDB reads without its faults, or same-bytes, as Go writes them",
      member: "layout",
      parse: (value) =>
        oneOf("--layout", String(value), ["right-answers", "same-bytes"]),
    },
  ],
  streams: esdbStreams,
};
