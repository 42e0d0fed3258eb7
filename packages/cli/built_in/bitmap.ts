/**
 * The bitmap codec in the table.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { bitmapCodec, openBitmapDirectory, type Quantum } from "@cairn/bitmap";
import type { CodecEntry } from "../codec_entry.ts";
import { oneOf } from "../text/flag_value.ts";
import { UsageError } from "../usage_error.ts";
import { bitmapLive } from "./bitmap_live.ts";
import { createLiveStore } from "./bitmap_live_writer.ts";

const QUANTA = ["Y", "YM", "YMD"] as const;

/** Sealed bitmap stores, and LevelDB folders that grow. */
export const bitmapEntry: CodecEntry = {
  codec: bitmapCodec,
  writeFlags: [
    {
      flags: "--set <fields>",
      description:
        "index the values of these fields by trail: A,B; all if left out",
      member: "sets",
      parse: (value) => value === "" ? [] : String(value).split(","),
    },
    {
      flags: "--counter <counters>",
      description: "add up fields of numbers by trail: NAME=FIELD,NAME=FIELD",
      member: "counters",
      parse: (value) => pairs("--counter", String(value)),
    },
    {
      flags: "--quantum <quantum>",
      description:
        "also keep years, months, days: Y, YM or YMD; or NAME=YM,NAME=Y for some",
      member: "quantum",
      parse: (value) => parseQuantum(String(value)),
    },
    {
      flags: "--no-trigram",
      description: "no index for patterns: smaller, slower to search",
      member: "trigram",
    },
  ],
  timeUnitMember: "timeUnit",
  hasKeyspaces: true,
  folders: {
    detect: async (path) =>
      await stat(join(path, "CURRENT")).then((f) => f.isFile(), () => false),
    open: openBitmapDirectory,
    create: createLiveStore,
  },
  live: bitmapLive,
};

function parseQuantum(text: string): Quantum | Record<string, Quantum> {
  if (!text.includes("=")) return oneOf("--quantum", text, QUANTA);
  return Object.fromEntries(
    Object.entries(pairs("--quantum", text))
      .map(([name, value]) => [name, oneOf("--quantum", value, QUANTA)]),
  );
}

function pairs(flag: string, text: string): Record<string, string> {
  const found: [string, string][] = text.split(",").map((part) => {
    const split = part.lastIndexOf("=");
    if (split <= 0 || split === part.length - 1) {
      throw new UsageError(`Cannot use ${flag} "${part}": NAME=VALUE wanted`);
    }
    return [part.slice(0, split), part.slice(split + 1)];
  });
  return Object.fromEntries(found);
}
