/**
 * Opening whatever store a path names.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CairnError, type Source, type Store } from "@cairn/core";
import { FileSource, openFile } from "@cairn/core/file";
import { openHttp } from "@cairn/core/http";
import type { CodecEntry, CodecTable, OpenPathOptions } from "./codec_entry.ts";
import { codecByName, codecForReading } from "./find_codec.ts";
import { UsageError } from "./usage_error.ts";

/** An open store and what is known of where it came from. */
export interface OpenedStore {
  /** The store; the caller closes it. */
  readonly store: Store;
  /** Its codec. */
  readonly entry: CodecEntry;
  /** Its path or address. */
  readonly path: string;
  /** Its length in bytes; of a folder, that of all files in it. */
  readonly byteLength: number;
}

/** How to open. */
export interface OpenStoreOptions {
  /** What `--codec` says, if it was given. */
  readonly codec?: string | undefined;
  /** A file with an index of the store, or `false` for none. */
  readonly index?: string | false | undefined;
  /** Which keyspace of the store is meant. */
  readonly keyspace?: string | undefined;
  /** Stops opening. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the store at a path: a file, a folder that a codec knows, or an
 * address on the web.
 *
 * @param codecs The codecs there are.
 * @param path The path; `NAME` also finds `NAME.EXTENSION` of a codec. What
 * begins with `http://` or `https://` is an address.
 * @param options Codec and signal.
 * @throws {UsageError} For `-` and for an unknown codec.
 * @throws {CairnError} `not-found`, and what the codec throws.
 */
export async function openStore(
  codecs: CodecTable,
  path: string,
  options: OpenStoreOptions = {},
): Promise<OpenedStore> {
  if (path === "-") {
    throw new UsageError(
      "Cannot read a store from standard input: give a path",
    );
  }
  const how: OpenPathOptions = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.index === undefined ? {} : { index: options.index }),
    ...(options.keyspace === undefined ? {} : { keyspace: options.keyspace }),
  };
  if (/^https?:\/\//i.test(path)) {
    const source = await openHttp(path, how);
    return await openSource(codecs, source, options.codec, how);
  }
  const found = await findPath(codecs, path);
  if (found.isFolder) {
    return await openFolder(codecs, found.path, options.codec, how);
  }
  const source = await openFile(found.path);
  return await openSource(codecs, source, options.codec, how);
}

async function openSource(
  codecs: CodecTable,
  source: Source,
  name: string | undefined,
  how: OpenPathOptions,
): Promise<OpenedStore> {
  const { name: path, size: byteLength } = source;
  let entry: CodecEntry;
  try {
    entry = await codecForReading(codecs, source, name);
    assertServed(entry, how);
  } catch (error) {
    await source.close();
    throw error;
  }
  if (entry.sideIndexes !== undefined && source instanceof FileSource) {
    await source.close();
    const store = await entry.sideIndexes.open(path, how);
    return { store, entry, path, byteLength };
  }
  const { signal, keyspace } = how;
  const store = await entry.codec.open(source, {
    ...(signal === undefined ? {} : { signal }),
    ...(keyspace === undefined ? {} : { keyspace }),
  });
  return { store, entry, path, byteLength };
}

/** What was asked for must not be passed over. */
function assertServed(entry: CodecEntry, how: OpenPathOptions): void {
  const { codec, sideIndexes, hasKeyspaces } = entry;
  if (typeof how.index === "string" && sideIndexes === undefined) {
    throw new UsageError(
      `Cannot use --index: codec ${codec.name} has no indexes beside its stores`,
    );
  }
  if (how.keyspace !== undefined && !hasKeyspaces) {
    throw new UsageError(
      `Cannot use --keyspace: codec ${codec.name} has no keyspaces`,
    );
  }
}

async function findPath(codecs: CodecTable, path: string) {
  const extensions = codecs.flatMap(({ codec }) => codec.extensions);
  for (const candidate of [path, ...extensions.map((e) => path + e)]) {
    try {
      const info = await stat(candidate);
      return { path: candidate, isFolder: info.isDirectory() };
    } catch (error) {
      if (isAbsent(error)) continue;
      // It is there, and opening it will say what is in the way.
      return { path: candidate, isFolder: false };
    }
  }
  throw new CairnError(
    "not-found",
    "Cannot open store: there is no such file",
    {
      where: { file: path },
    },
  );
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ENOENT" || code === "ENOTDIR";
}

async function openFolder(
  codecs: CodecTable,
  path: string,
  name: string | undefined,
  how: OpenPathOptions,
): Promise<OpenedStore> {
  const candidates = name === undefined ? codecs : [codecByName(codecs, name)];
  for (const entry of candidates) {
    const { folders } = entry;
    if (folders === undefined) continue;
    if (name === undefined && !await folders.detect(path)) continue;
    const byteLength = await bytesOf(path);
    assertServed(entry, how);
    return { store: await folders.open(path, how), entry, path, byteLength };
  }
  throw new CairnError(
    "unsupported",
    name === undefined
      ? "Cannot open store: it is a folder of a kind that no codec knows"
      : `Cannot open store: it is a folder, and codec ${name} keeps files`,
    { where: { file: path } },
  );
}

async function bytesOf(path: string): Promise<number> {
  const info = await stat(path);
  if (!info.isDirectory()) return info.size;
  let bytes = 0;
  for (const name of await readdir(path)) {
    bytes += await bytesOf(join(path, name));
  }
  return bytes;
}
