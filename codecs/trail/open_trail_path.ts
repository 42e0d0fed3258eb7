/**
 * Opening TrailDBs by path, as `tdb` finds them. Needs a file system, which is
 * loaded when it is first asked for: the package itself loads anywhere.
 *
 * @module
 */
import type { OpenOptions } from "@cairn/core";
import type { TrailPathOptions } from "./trail_path_options.ts";
import type { TrailStore } from "./trail_store.ts";

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
  const { openPath } = await import("./_path_opener.ts");
  return await openPath(path, options);
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
  const { openDirectory } = await import("./_path_opener.ts");
  return await openDirectory(path, options);
}

/**
 * Finds the item index that belongs to a path: `PATH/index`, `PATH.index`,
 * `PATH.tdb.index`, whichever is there first.
 *
 * @param path The TrailDB, as given to `tdb`.
 */
export async function findItemIndex(path: string): Promise<string | undefined> {
  const { findIndex } = await import("./_path_opener.ts");
  return await findIndex(path);
}
