/**
 * A TrailDB in a directory, each member a file.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type AbortOptions,
  CairnError,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { openFile } from "@cairn/core/file";
import { ADDITIONS_PREFIX } from "./additions.ts";
import {
  LEXICON_PREFIX,
  MEMBER_CODEBOOK,
  MEMBER_COOKIES,
  MEMBER_FIELDS,
  MEMBER_INFO,
  MEMBER_TRAILS_DATA,
  MEMBER_TRAILS_TOC,
  MEMBER_UUIDS,
  MEMBER_VERSION,
} from "./layout.ts";
import {
  MemberMap,
  type MemberWindow,
  type TrailMembers,
} from "./trail_members.ts";

const MEMBERS: ReadonlySet<string> = new Set([
  MEMBER_VERSION,
  MEMBER_INFO,
  MEMBER_FIELDS,
  MEMBER_CODEBOOK,
  MEMBER_TRAILS_TOC,
  MEMBER_TRAILS_DATA,
  MEMBER_UUIDS,
  MEMBER_COOKIES,
]);

/**
 * Opens the members of a directory; other files in it are passed over.
 *
 * @param path The directory.
 * @throws {CairnError} `not-found`, `io`.
 */
export async function openDirectoryMembers(
  path: string,
  options: AbortOptions = {},
): Promise<TrailMembers> {
  const windows: MemberWindow[] = [];
  try {
    for (const name of (await listNames(path)).sort()) {
      if (!isMember(name)) continue;
      throwIfAborted(options.signal);
      const source = new LateSource(join(path, name), await sizeOf(path, name));
      windows.push({ name, source, offset: 0, byteLength: source.size });
    }
  } catch (error) {
    await Promise.allSettled(windows.map((window) => window.source.close()));
    throw error;
  }
  return new MemberMap(path, windows);
}

/** Tells whether a path is a directory; a missing one is not. */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function isMember(name: string): boolean {
  return MEMBERS.has(name) || name.startsWith(LEXICON_PREFIX) ||
    name.startsWith(ADDITIONS_PREFIX);
}

async function listNames(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (cause) {
    throw directoryError(path, "open directory", cause);
  }
}

async function sizeOf(path: string, name: string): Promise<number> {
  try {
    return (await stat(join(path, name))).size;
  } catch (cause) {
    throw directoryError(join(path, name), "open member", cause);
  }
}

function directoryError(
  path: string,
  action: string,
  cause: unknown,
): CairnError {
  const missing = (cause as { code?: unknown } | null)?.code === "ENOENT";
  return new CairnError(
    missing ? "not-found" : "io",
    `Cannot ${action}: ${missing ? "it is not there" : String(cause)}`,
    { where: { file: path }, cause },
  );
}

/** A file that is opened when it is first read: a directory can have thousands. */
class LateSource implements Source {
  readonly name: string;
  readonly size: number;
  #open: Promise<Source> | undefined;
  #closed = false;

  constructor(path: string, size: number) {
    this.name = path;
    this.size = size;
  }

  async read(
    offset: number,
    length: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Uint8Array> {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    this.#open ??= openFile(this.name);
    const source = await this.#open.catch((error) => {
      this.#open = undefined;
      throw error;
    });
    if (source.size < this.size) {
      throw new CairnError(
        "io",
        `Cannot read member: it had ${this.size} bytes, now ${source.size}`,
        { where: { file: this.name } },
      );
    }
    return await source.read(offset, length, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = this.#open;
    if (open !== undefined) {
      await open.then((source) => source.close(), () => {});
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
