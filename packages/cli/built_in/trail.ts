/**
 * The trail codec in the table.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  createTrailDirectory,
  findItemIndex,
  openTrailPath,
  trailCodec,
  type TrailPathOptions,
  writeItemIndex,
} from "@cairn/trail";
import type { CodecEntry, OpenPathOptions } from "../codec_entry.ts";
import { oneOf } from "../text/flag_value.ts";

/** TrailDB packages and directories, and their item indexes. */
export const trailEntry: CodecEntry = {
  codec: trailCodec,
  writeFlags: [
    {
      flags: "--tdb-format <format>",
      description: "pkg, a file, or dir, a folder of files",
      member: "folder",
      parse: (value) =>
        oneOf("--tdb-format", String(value), ["pkg", "dir"]) === "dir",
    },
    {
      flags: "--no-bigrams",
      description: "no codes for pairs of values: faster to write, larger",
      member: "bigrams",
    },
    {
      flags: "--no-additions",
      description: "no checksums, field types and times of ours",
      member: "additions",
    },
    {
      flags: "--equal-times <order>",
      description:
        "keep events of the same time as they come: input; or reversed, as C does",
      member: "equalTimes",
      parse: (value) =>
        oneOf("--equal-times", String(value), ["input", "reversed"]),
    },
  ],
  tdbStyle: { equalTimes: "reversed", lateTimes: true },
  folders: {
    detect: async (path) => await isFile(join(path, "info")),
    open: (path, options) => openTrailPath(path, pathOptions(options)),
    create: createTrailDirectory,
  },
  sideIndexes: {
    open: (path, options) => openTrailPath(path, pathOptions(options)),
    find: findItemIndex,
    pathOf: async (path) =>
      await isFile(path) ? `${path}.index` : join(path, "index"),
    async build(path, sink, options) {
      await using store = await openTrailPath(path, options);
      return await writeItemIndex(sink, store, store.file, options);
    },
  },
};

function pathOptions({ signal, index }: OpenPathOptions): TrailPathOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    index: index === undefined
      ? "find"
      : index === false
      ? "none"
      : { path: index },
  };
}

async function isFile(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() ?? false;
}
