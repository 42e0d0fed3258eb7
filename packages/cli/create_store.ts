/**
 * Beginning a store at a path.
 *
 * @module
 */
import { lstat, rm } from "node:fs/promises";
import {
  CairnError,
  type CreateOptions,
  type Schema,
  type StoreWriter,
} from "@cairn/core";
import { createFile } from "@cairn/core/file";
import type { CodecEntry } from "./codec_entry.ts";
import { UsageError } from "./usage_error.ts";

/** How to begin. */
export interface CreateStoreOptions {
  /** Options for the codec. */
  readonly create: CreateOptions;
  /** Whether an existing store is replaced. */
  readonly replace: boolean;
  /** Whether a folder is wanted instead of a file. */
  readonly folder: boolean;
}

/**
 * Fails when a store cannot be written at a path because something is there;
 * asked before any input is read.
 *
 * @param path The target.
 * @param replace Whether an existing file may be replaced.
 * @throws {CairnError} `exists`.
 */
export async function assertFree(
  path: string,
  replace: boolean,
): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  // Other files may lie in a folder too: nobody but its owner removes it.
  if (there.isDirectory()) {
    throw new CairnError(
      "exists",
      "Cannot write store: a folder lies there, which --replace leaves alone; remove it, or take another name",
      { where: { file: path } },
    );
  }
  // What is no file at all is refused by the file that is to appear.
  if (!replace && (there.isFile() || there.isSymbolicLink())) {
    throw new CairnError(
      "exists",
      "Cannot write store: there is one already, --replace replaces it",
      { where: { file: path } },
    );
  }
}

/**
 * Takes away the index that lies beside a path where a new store is about to
 * appear: it is of another store, and need not be found out.
 *
 * @param entry The codec of the new store.
 * @param path The target.
 * @param replace Whether it may be removed.
 * @throws {CairnError} `exists` when it may not.
 */
export async function removeSideIndex(
  entry: CodecEntry,
  path: string,
  replace: boolean,
): Promise<void> {
  const index = await entry.sideIndexes?.find(path);
  if (index === undefined) return;
  if (replace) return await rm(index);
  throw new CairnError(
    "exists",
    "Cannot write store: the index of another one lies there, --replace removes it",
    { where: { file: index } },
  );
}

/**
 * Begins a store at a path.
 *
 * @param entry Its codec.
 * @param path The target.
 * @param schema The fields.
 * @param options How.
 * @throws {UsageError} For a folder where the codec has none.
 * @throws {CairnError} `exists`, and what the codec throws.
 */
export async function createStore(
  entry: CodecEntry,
  path: string,
  schema: Schema,
  options: CreateStoreOptions,
): Promise<StoreWriter> {
  await assertFree(path, options.replace);
  if (!options.replace) await removeSideIndex(entry, path, false);
  if (options.folder) {
    const create = entry.folders?.create;
    if (create === undefined) {
      throw new UsageError(`Codec ${entry.codec.name} cannot write folders`);
    }
    return await create.call(entry.folders, path, schema, options.create);
  }
  const sink = await createFile(path, { replace: options.replace });
  return await entry.codec.create(sink, schema, options.create);
}
