/**
 * Which codec's live store a path is.
 *
 * @module
 */
import type { CodecEntry, CodecTable, LiveStores } from "./codec_entry.ts";
import { codecByExtension, codecByName } from "./find_codec.ts";
import { UsageError } from "./usage_error.ts";

/** A codec whose stores grow. */
export interface LiveCodec {
  /** The codec. */
  readonly entry: CodecEntry;
  /** How its stores grow. */
  readonly live: LiveStores;
}

/**
 * Finds the codec of a live store: `--codec`, else the extension, else what a
 * folder looks like, else the only codec whose stores grow.
 *
 * @param codecs The codecs there are.
 * @param path The store.
 * @param name What `--codec` says, if it was given.
 * @throws {UsageError} When no codec fits.
 */
export async function findLive(
  codecs: CodecTable,
  path: string,
  name: string | undefined,
): Promise<LiveCodec> {
  const growing = codecs.filter(({ live }) => live !== undefined);
  let entry = name === undefined
    ? codecByExtension(codecs, path)
    : codecByName(codecs, name);
  for (const candidate of entry === undefined ? growing : []) {
    if (await candidate.folders?.detect(path)) entry = candidate;
  }
  entry ??= growing.length === 1 ? growing[0] : undefined;
  if (entry?.live === undefined) {
    throw new UsageError(
      entry === undefined
        ? `Cannot tell the codec of "${path}": give --codec`
        : `Stores of codec ${entry.codec.name} do not grow`,
    );
  }
  return { entry, live: entry.live };
}
