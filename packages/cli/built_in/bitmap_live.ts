/**
 * Live stores of the bitmap codec: LevelDB folders that take row events.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { CairnError } from "@cairn/core";
import {
  type BitmapIndex,
  importLines,
  openBitmapIndex,
  parseKeyspaceSchema,
  seal,
} from "@cairn/bitmap";
import type { LiveStores } from "../codec_entry.ts";

/** How bitmap stores grow. */
export const bitmapLive: LiveStores = {
  async addLines(path, lines, options) {
    const { schema, keyspace, resume, sync, onBad, onProgress } = options;
    const create = schema !== undefined;
    if (!create) await assertThere(path);
    await using index = await openBitmapIndex(path, { create, sync });
    if (create) await addKeyspaces(index, schema);
    return await importLines(index, lines, {
      resume,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(keyspace === undefined ? {} : { keyspace }),
      ...(onBad === undefined ? {} : { skipBad: onBad }),
      ...(onProgress === undefined
        ? {}
        : { onBatch: ({ events }) => onProgress(events) }),
    });
  },

  async seal(path, sink, options) {
    await assertThere(path);
    await using index = await openBitmapIndex(path, { create: false });
    return await seal(index, sink, options);
  },
};

/** Makes the keyspaces of a schema file, one or a list, that are not there yet. */
async function addKeyspaces(index: BitmapIndex, schema: unknown) {
  for (const json of Array.isArray(schema) ? schema : [schema]) {
    const parsed = parseKeyspaceSchema(json);
    if (!index.keyspaces.has(parsed.name)) await index.createKeyspace(parsed);
  }
}

async function assertThere(path: string): Promise<void> {
  const there = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  if (there) return;
  throw new CairnError(
    "not-found",
    "Cannot open live store: there is no such folder; --schema makes one",
    { where: { file: path } },
  );
}
