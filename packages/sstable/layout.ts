/**
 * Constants of LevelDB's table format; see docs/formats/sstable.md.
 *
 * ```text
 * data block | ... | meta block | ... | meta-index block | index block | footer
 * ```
 *
 * Behind each block lie 5 bytes that handles do not count: its type, and the
 * masked CRC-32C of the block and the type.
 *
 * @module
 */

/** Bytes of the footer: two handles, zeros up to 40 bytes, the magic. */
export const FOOTER_BYTES = 48;
/** Where the magic lies in the footer. */
export const FOOTER_MAGIC_OFFSET = 40;
/** The last eight bytes of a table. */
export const MAGIC: Uint8Array = Uint8Array.of(
  0x57,
  0xfb,
  0x80,
  0x8b,
  0x24,
  0x75,
  0x47,
  0xdb,
);
/** Type and checksum behind each block. */
export const TRAILER_BYTES = 5;
/** Block type: the bytes are as they are. */
export const TYPE_NONE = 0;
/** Block type: the bytes are packed with Snappy. */
export const TYPE_SNAPPY = 1;
/** Data blocks end once they have so many bytes, unless an option says otherwise. */
export const BLOCK_BYTES = 4096;
/** Entries to a restart in data blocks, unless an option says otherwise. */
export const RESTART_INTERVAL = 16;
/** Entries to a restart in the index block, unless an option says otherwise. */
export const INDEX_RESTART_INTERVAL = 1;
/** Bytes read from the end of a table when it is opened. */
export const TAIL_BYTES = 65_536;
/** Neighbouring blocks are read together up to so many bytes. */
export const READ_BYTES = 1_048_576;
/** Stored bytes of blocks that lookups keep decoded. */
export const CACHE_BYTES = 4_194_304;
/** Keys of one block may unpack to so many bytes ... */
export const KEY_BYTES_MAX = 16_777_216;
/** ... or to so many times the bytes of the block, whichever is more. */
export const KEY_EXPANSION_MAX = 16;
/** A Snappy stream of m bytes unpacks to no more than so many times m. */
export const SNAPPY_EXPANSION_MAX = 22;
