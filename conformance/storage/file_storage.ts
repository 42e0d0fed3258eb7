/**
 * Files in a folder.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "@cairn/core";
import { createFile, openFile } from "@cairn/core/file";
import type { Storage } from "./storage.ts";

/** How to open a file that the suite has put there. */
export interface FileStorageOptions {
  /** Opens a path; `openFile` of core if left out. */
  readonly open?: (path: string) => Promise<Source>;
}

/**
 * Makes sources and sinks of files in a folder, which the caller removes.
 *
 * @param folder An empty folder.
 * @param options How to open a file.
 */
export function fileStorage(
  folder: string,
  options: FileStorageOptions = {},
): Storage {
  const open = options.open ?? openFile;
  let files = 0;
  const nextPath = () => join(folder, `${files++}.store`);
  return {
    async makeSource(bytes) {
      const path = nextPath();
      await writeFile(path, bytes);
      return await open(path);
    },
    async makeSink() {
      const path = nextPath();
      return {
        sink: await createFile(path),
        bytes: () => readIfThere(path),
      };
    },
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
