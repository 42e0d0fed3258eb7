/**
 * Blocks as they lie in a table: their handles, trailers and packing.
 *
 * @module
 */
import { ByteReader, type ByteReaderPlace, CairnError } from "@cairn/core";
import { crc32c, maskCrc } from "./crc32c.ts";
import {
  FOOTER_BYTES,
  FOOTER_MAGIC_OFFSET,
  MAGIC,
  TRAILER_BYTES,
  TYPE_NONE,
  TYPE_SNAPPY,
} from "./layout.ts";
import { unpackSnappy } from "./snappy_unpack.ts";
import {
  type CompareKeys,
  decodeBlock,
  type TableEntries,
} from "./table_entries.ts";

/** Where a block lies in its table. */
export interface BlockHandle {
  /** From the start of the table. */
  readonly offset: number;
  /** Bytes, without the trailer. */
  readonly length: number;
}

/** The two handles of a footer. */
export interface Footer {
  /** The meta-index block. */
  readonly metaIndex: BlockHandle;
  /** The index block. */
  readonly index: BlockHandle;
}

/** How to look at a table's blocks. */
export interface BlockOptions {
  /** Order of keys; that of unsigned bytes if left out. */
  readonly compare?: CompareKeys;
  /** Whether blocks may be packed; true if left out. */
  readonly packed?: boolean;
}

/**
 * Decodes a footer.
 *
 * @param bytes The last 48 bytes of a table.
 * @param place Where they lie; `part` names the table.
 * @param tableLength Bytes of the whole table.
 * @throws {CairnError} `corrupt` when the magic is missing or a handle leaves
 * the table. What lies between the handles and the magic is not looked at.
 */
export function decodeFooter(
  bytes: Uint8Array,
  place: ByteReaderPlace,
  tableLength: number,
): Footer {
  const reader = new ByteReader(bytes, place);
  for (let i = 0; i < MAGIC.length; i++) {
    if (bytes[FOOTER_MAGIC_OFFSET + i] !== MAGIC[i]) {
      throw reader.corrupt(
        "Cannot read table: no table ends here",
        FOOTER_MAGIC_OFFSET,
      );
    }
  }
  const end = tableLength - FOOTER_BYTES;
  const metaIndex = readHandle(reader, end);
  const index = readHandle(reader, end);
  return { metaIndex, index };
}

/**
 * Reads a handle that must lie before `end`, its trailer too.
 *
 * @param reader Left behind the handle.
 * @param end First byte of the table that no block may cover.
 */
export function readHandle(reader: ByteReader, end: number): BlockHandle {
  const start = reader.position;
  const offset = reader.uvarint("block offset");
  const length = reader.uvarint("block length");
  if (
    offset > end || length > end - offset ||
    TRAILER_BYTES > end - offset - length
  ) {
    throw reader.corrupt(
      "Cannot read block handle: it leaves the table",
      start,
    );
  }
  return { offset, length };
}

/**
 * Checks a block's trailer and unpacks it.
 *
 * @param stored The block and its trailer.
 * @param place Where it begins.
 * @param options Whether it may be packed.
 * @returns A view of `stored`, or a copy where it was packed.
 * @throws {CairnError} `corrupt` for a wrong checksum, type or Snappy stream.
 */
export function openBlock(
  stored: Uint8Array,
  place: ByteReaderPlace,
  options: BlockOptions = {},
): Uint8Array {
  const length = stored.length - TRAILER_BYTES;
  const reader = new ByteReader(stored, place);
  reader.skip(length, "table block");
  const type = reader.u8("block type");
  const wanted = maskCrc(crc32c(stored, 0, length + 1));
  const found = reader.u32("block checksum");
  if (found !== wanted) {
    throw reader.corrupt(
      `Cannot read table block: checksum ${found}, ${wanted} wanted`,
      0,
    );
  }
  const block = stored.subarray(0, length);
  if (type === TYPE_NONE) return block;
  if (type !== TYPE_SNAPPY || options.packed === false) {
    throw reader.corrupt(
      `Cannot read table block: type ${type}, ${
        options.packed === false ? "0" : "0 or 1"
      } wanted`,
      length,
    );
  }
  return unpackSnappy(block, place);
}

/**
 * Opens and decodes a block.
 *
 * @param stored The block and its trailer.
 * @param place Where it begins.
 * @param options Order of keys, packing.
 * @returns Its entries.
 */
export function openEntries(
  stored: Uint8Array,
  place: ByteReaderPlace,
  options: BlockOptions,
): TableEntries {
  const block = openBlock(stored, place, options);
  try {
    return decodeBlock(block, place, options.compare);
  } catch (error) {
    // Positions in what was unpacked are no places in the file.
    if (error instanceof CairnError && block.buffer !== stored.buffer) {
      throw new CairnError(error.code, error.detail, {
        where: { ...place },
        cause: error,
      });
    }
    throw error;
  }
}
