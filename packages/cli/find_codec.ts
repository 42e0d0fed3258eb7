/**
 * Which codec a path wants.
 *
 * @module
 */
import { CairnError, readProbe, type Source } from "@cairn/core";
import type { CodecEntry, CodecTable } from "./codec_entry.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Finds a codec by name.
 *
 * @param codecs The codecs there are.
 * @param name What `--codec` says.
 * @throws {UsageError} When there is none.
 */
export function codecByName(codecs: CodecTable, name: string): CodecEntry {
  const entry = codecs.find(({ codec }) => codec.name === name);
  if (entry === undefined) {
    const names = codecs.map(({ codec }) => codec.name).join(", ");
    throw new UsageError(`There is no codec "${name}"; codecs are ${names}`);
  }
  return entry;
}

/**
 * Finds a codec by a path's extension; the longest extension that fits wins.
 *
 * @param codecs The codecs there are.
 * @param path Any path.
 */
export function codecByExtension(
  codecs: CodecTable,
  path: string,
): CodecEntry | undefined {
  const plain = path.toLowerCase().replace(/\/+$/, "");
  let found: CodecEntry | undefined;
  let length = 0;
  for (const entry of codecs) {
    for (const extension of entry.codec.extensions) {
      if (extension.length > length && plain.endsWith(extension)) {
        found = entry;
        length = extension.length;
      }
    }
  }
  return found;
}

/**
 * Chooses the codec of a store to be written.
 *
 * @param codecs The codecs there are.
 * @param path The store's path.
 * @param name What `--codec` says, if it was given.
 * @throws {UsageError} When neither tells, and for `-`.
 */
export function codecForWriting(
  codecs: CodecTable,
  path: string,
  name: string | undefined,
): CodecEntry {
  if (path === "-") {
    throw new UsageError(
      "Cannot write a store to standard output: give a path",
    );
  }
  const entry = name === undefined
    ? codecByExtension(codecs, path)
    : codecByName(codecs, name);
  if (entry === undefined) {
    const known = codecs.flatMap(({ codec }) => codec.extensions).join(", ");
    throw new UsageError(
      `Cannot tell the codec of "${path}": give it an extension (${known}) or --codec`,
    );
  }
  return entry;
}

/**
 * Chooses the codec of a file to be opened: `--codec`, else the extension,
 * else what the file's bytes look like.
 *
 * @param codecs The codecs there are.
 * @param source The file; stays open.
 * @param name What `--codec` says, if it was given.
 * @throws {UsageError} For an unknown name.
 * @throws {CairnError} `unsupported` when nothing tells.
 */
export async function codecForReading(
  codecs: CodecTable,
  source: Source,
  name: string | undefined,
): Promise<CodecEntry> {
  if (name !== undefined) return codecByName(codecs, name);
  const known = codecByExtension(codecs, source.name);
  if (known !== undefined) return known;
  const probe = await readProbe(source);
  const entry = codecs.find(({ codec }) => codec.detect(probe));
  if (entry === undefined) {
    await assertNoStream(codecs, source.name);
    const names = codecs.map(({ codec }) => codec.name).join(", ");
    throw new CairnError(
      "unsupported",
      `Cannot tell what kind of store this is: no codec (${names}) knows its bytes`,
      { where: { file: source.name } },
    );
  }
  return entry;
}

/** Says what to do with a stream, which is no store. */
async function assertNoStream(codecs: CodecTable, path: string): Promise<void> {
  for (const { streams } of codecs) {
    if (streams === undefined || !await streams.detect(path)) continue;
    throw new CairnError(
      "unsupported",
      "Cannot open store: this is a stream; `cairn stream` reads it, and `cairn import` makes a store of it",
      { where: { file: path }, reason: "stream" },
    );
  }
}
