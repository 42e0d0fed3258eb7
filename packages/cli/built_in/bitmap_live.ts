/**
 * Live stores of the bitmap codec: LevelDB folders that take row events.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { CairnError } from "@cairn/core";
import {
  type BitmapIndex,
  importLines,
  type KeyspaceSchema,
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
    // Before the folder is made: of a wrong schema nothing is left.
    const keyspaces = create ? readSchemas(schema) : [];
    if (!create) await assertThere(path);
    await using index = await openBitmapIndex(path, { create, sync });
    await addKeyspaces(index, keyspaces);
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

/** Reads the keyspaces of a schema file, one or a list. */
function readSchemas(schema: unknown): KeyspaceSchema[] {
  return (Array.isArray(schema) ? schema : [schema]).map(parseKeyspaceSchema);
}

/** Makes the keyspaces that are not there yet. */
async function addKeyspaces(
  index: BitmapIndex,
  schemas: readonly KeyspaceSchema[],
) {
  for (const schema of schemas) {
    const there = index.keyspaces.get(schema.name);
    if (there === undefined) await index.createKeyspace(schema);
    else if (!isDeepStrictEqual(there.schema, schema)) {
      throw new CairnError(
        "exists",
        `Cannot make keyspace "${schema.name}": there is one with another schema, which cannot change`,
      );
    }
  }
}

async function assertThere(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw found === undefined
    ? new CairnError(
      "not-found",
      "Cannot open live store: there is no such folder; --schema makes one",
      { where: { file: path } },
    )
    : new CairnError(
      "invalid-input",
      "Cannot open live store: it is a file, which does not grow; a folder wanted",
      { where: { file: path } },
    );
}
