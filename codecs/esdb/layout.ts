/**
 * Constants of the store layout; see docs/formats/esdb.md.
 *
 * ```text
 * store: space | space | ... | space table | u64 length of the space table
 * space: 0x2a | section | ... | section table | u64 length of the section table
 * section: block | block | ...
 * block: u16 stored length | u8 encoding | stored bytes
 * ```
 *
 * @module
 */

/** First byte of a space. */
export const SPACE_MAGIC = 0x2a;
/** Length of the table before it, at the end of a space and of a store. */
export const TABLE_LENGTH_BYTES = 8;
/** Head of a block: stored length and encoding. */
export const BLOCK_HEAD_BYTES = 3;
/** Most bytes that a block can store. */
export const BLOCK_STORED_MAX = 65_535;
/** Content of every block that Go writes, but the last of a section. */
export const BLOCK_CONTENT_BYTES = 4096;
/** Content below this is never packed: Snappy adds two bytes to it. */
export const PACK_BYTES_MIN = 17;
/** Encoding of a block: as it is. */
export const ENCODING_NONE = 0;
/** Encoding of a block: Snappy. */
export const ENCODING_SNAPPY = 1;
/** First byte of the name of an event section. */
export const NAME_EVENTS = 0x67; // "g"
/** First byte of the name of a posting section. */
export const NAME_POSTINGS = 0x69; // "i"
/** Between index name and value in the name of a posting section. */
export const NAME_COLON = 0x3a; // ":"
/** The byte behind the last event or posting. */
export const END_MARK = 0;
/** Bytes of a posting: u64 block offset, u16 offset in block. */
export const POSTING_BYTES = 10;
/** Bytes of an event's timestamp. */
export const TIMESTAMP_BYTES = 4;
/** Largest timestamp. */
export const TIMESTAMP_MAX = 0xffff_ffff;
/** Bytes of a value in the space table: offset and length of a space. */
export const SPACE_VALUE_BYTES = 16;
/** The smallest space: magic, the smallest table, its length. */
export const SPACE_BYTES_MIN = 1 + 92 + 8;
/** Bytes of a store without spaces, and of no smaller one. */
export const STORE_BYTES_MIN = 100;
/** Go's reader stumbles over blocks that begin at a multiple of this. */
export const GO_BLIND_OFFSET = 256;
