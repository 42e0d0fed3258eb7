/**
 * A table's index block, as columns.
 *
 * @module
 */
import { ByteReader, type ByteReaderPlace, CairnError } from "@cairn/core";
import { readHandle } from "./block.ts";
import { TRAILER_BYTES } from "./layout.ts";
import {
  type CompareKeys,
  entryKey,
  entryValue,
  lowerBound,
  type TableEntries,
} from "./table_entries.ts";

/** Where the data blocks of a table lie, and which keys they hold. */
export interface TableIndex {
  /** Number of data blocks. */
  readonly count: number;
  /** For each block a key at or after its last, and before the next block's first. */
  readonly separators: TableEntries;
  /** Offset of each block from the start of the table. */
  readonly offsets: Float64Array;
  /** Bytes of each block, without its trailer. */
  readonly lengths: Float64Array;
}

/**
 * Decodes the handles of an index block.
 *
 * @param separators The entries of the index block.
 * @param place Where the block lies, for errors.
 * @param end First byte of the table that no data block may cover.
 * @returns Columns.
 * @throws {CairnError} `corrupt` when a block leaves the table or overlaps the
 * one before.
 */
export function decodeIndex(
  separators: TableEntries,
  place: ByteReaderPlace,
  end: number,
): TableIndex {
  const { count } = separators;
  const offsets = new Float64Array(count);
  const lengths = new Float64Array(count);
  let covered = 0;
  for (let i = 0; i < count; i++) {
    const reader = new ByteReader(entryValue(separators, i), {
      ...place,
      offset: (place.offset ?? 0) + separators.values.starts[i]!,
    });
    const handle = readHandle(reader, end);
    reader.expectEnd();
    if (handle.offset < covered) {
      throw reader.corrupt(
        "Cannot read block handle: it overlaps the block before",
        0,
      );
    }
    covered = handle.offset + handle.length + TRAILER_BYTES;
    offsets[i] = handle.offset;
    lengths[i] = handle.length;
  }
  return { count, separators, offsets, lengths };
}

/**
 * Fails unless a block's keys lie where the index says.
 *
 * @param index The index.
 * @param block Which block.
 * @param entries Its entries.
 * @param place Where the block lies.
 * @param compare Order of keys.
 * @throws {CairnError} `corrupt`
 */
export function assertInIndex(
  index: TableIndex,
  block: number,
  entries: TableEntries,
  place: ByteReaderPlace,
  compare?: CompareKeys,
): void {
  const { separators } = index;
  const ends = entries.count === 0 ? index.count === 1 : (
    lowerBound(separators, entryKey(entries, 0), compare) === block &&
    lowerBound(separators, entryKey(entries, entries.count - 1), compare) ===
      block
  );
  if (!ends) {
    throw new CairnError(
      "corrupt",
      "Cannot read table block: its keys are not those that the index says",
      { where: { ...place } },
    );
  }
}
