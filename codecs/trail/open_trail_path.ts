/**
 * Opening TrailDBs by path, as `tdb` finds them. Needs a file system.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenOptions, Source } from "@cairn/core";
import { openFile } from "@cairn/core/file";
import { isDirectory, openDirectoryMembers } from "./directory_reader.ts";
import { openTrailMembers, openTrailStore } from "./open_trail.ts";
import type { TrailStore } from "./trail_store.ts";

/** How to open a TrailDB by path. */
export interface TrailPathOptions extends OpenOptions {
  /**
   * The item index: a path, `"find"` to use the one beside the TrailDB if it is
   * there, or `"none"`; `"none"` if left out.
   */
  readonly index?: "find" | "none" | { readonly path: string };
  /** Whether to decode in TypeScript alone; not if left out. */
  readonly reference?: boolean;
}

/**
 * Opens a package or a directory: the path if it is there, else with `.tdb`.
 *
 * @param path As given to `tdb`.
 * @throws {CairnError} `not-found`, `corrupt`, `unsupported`, `io`.
 */
export async function openTrailPath(
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

/**
 * Opens a TrailDB in a directory.
 *
 * @param path The directory.
 * @throws {CairnError} `not-found`, `corrupt`, `unsupported`, `io`.
 */
export async function openTrailDirectory(
  path: string,
  options: OpenOptions = {},
): Promise<TrailStore> {
  return await openTrailMembers(
    await openDirectoryMembers(path, options),
    options,
  );
}

/**
 * Finds the item index that belongs to a path: `PATH/index`, `PATH.index`,
 * `PATH.tdb.index`, whichever is there first.
 *
 * @param path The TrailDB, as given to `tdb`.
 */
export async function findItemIndex(path: string): Promise<string | undefined> {
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
  const found = index === "find" ? await findItemIndex(path) : index.path;
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
