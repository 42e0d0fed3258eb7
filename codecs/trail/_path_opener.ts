/**
 * What opens TrailDBs by path: the part that needs a file system.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions, Source } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import { isDirectory, openDirectoryMembers } from "./directory_reader.ts";
import { openTrailMembers, openTrailStore } from "./open_trail.ts";
import type { TrailPathOptions } from "./trail_path_options.ts";
import type { TrailStore } from "./trail_store.ts";

/** See `openTrailPath`. */
export async function openPath(
  path: string,
  options: TrailPathOptions = {},
): Promise<TrailStore> {
  const found = await exists(path) || !await exists(`${path}.tdb`)
    ? path
    : `${path}.tdb`;
  const index = await openIndex(path, options.index ?? "none");
  const complete = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(index === undefined ? {} : { index }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    reference: options.reference ?? false,
  };
  let given = false;
  try {
    if (await isDirectory(found)) {
      const members = await openDirectoryMembers(found, options);
      given = true;
      return await openTrailMembers(members, complete);
    }
    const source = await openFile(found);
    given = true;
    return await openTrailStore(source, complete);
  } catch (error) {
    if (!given) await index?.close();
    throw error;
  }
}

/** See `openTrailDirectory`. */
export async function openDirectory(
  path: string,
  options: OpenOptions = {},
): Promise<TrailStore> {
  return await openTrailMembers(
    await openDirectoryMembers(path, options),
    options,
  );
}

/** See `findItemIndex`. */
export async function findIndex(path: string): Promise<string | undefined> {
  for (
    const candidate of [
      join(path, "index"),
      `${path}.index`,
      `${path}.tdb.index`,
    ]
  ) {
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}

async function openIndex(
  path: string,
  index: "find" | "none" | { readonly path: string },
): Promise<Source | undefined> {
  if (index === "none") return undefined;
  const found = index === "find" ? await findIndex(path) : index.path;
  return found === undefined ? undefined : await openFile(found);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
