/**
 * The meta-index block: named blocks of a table.
 *
 * @module
 */
import { ByteReader, type ByteReaderPlace } from "@cairn/core";
import { type BlockHandle, readHandle } from "./block.ts";
import { entryKey, entryValue, type TableEntries } from "./table_entries.ts";

/**
 * Decodes the names and handles of a meta-index block.
 *
 * @param entries The entries of the block.
 * @param place Where it lies, for errors.
 * @param end First byte of the table that no block may cover.
 * @returns Handles by name, in the order of the block.
 *
 * @throws {CairnError} `corrupt` when a block leaves the table.
 */
export function decodeMetaIndex(
  entries: TableEntries,
  place: ByteReaderPlace,
  end: number,
): Map<string, BlockHandle> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const handles = new Map<string, BlockHandle>();
  for (let i = 0; i < entries.count; i++) {
    const reader = new ByteReader(entryValue(entries, i), {
      ...place,
      offset: (place.offset ?? 0) + entries.values.starts[i]!,
    });
    const handle = readHandle(reader, end);
    reader.expectEnd();
    handles.set(decoder.decode(entryKey(entries, i)), handle);
  }
  return handles;
}
