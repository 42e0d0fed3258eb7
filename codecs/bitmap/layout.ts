/**
 * Numbers of the bitmap codec's format: kinds of keys, sizes, limits.
 *
 * ```
 * partition = keyspace * 16 + kind                       u16, big-endian
 * chunk key   partition  len name  slot  offset          2, 2 + n, 16, 16
 * entry key   partition  len name  slot  len id          2, 2 + n, 16, 2 + m
 * meta key    partition  len name                        2, 2 + n
 * ```
 *
 * Layout: docs/formats/bitmap.md, part "Keys".
 *
 * @module
 */

/** Kinds of keys: the lower four bits of a partition. Never reused. */
export const KIND = {
  /** Metadata: superblock, schema, state. */
  meta: 0,
  /** Rows that have an event of a field. */
  presence: 1,
  /** Rows that hold a value. */
  equality: 2,
  /** Rows whose total has a binary digit set. */
  slice: 3,
  /** Value ordinals whose value has three code points in a row. */
  trigram: 4,
  /** Bit address to row id. */
  row: 5,
  /** Row id to bit address. */
  rowLookup: 6,
  /** Value slot to value bytes. */
  value: 7,
  /** Value ordinal to value bytes and slot. */
  valueOrdinal: 8,
} as const;

/** One of the kinds of keys. */
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Largest number of a keyspace; 0 is the store itself. */
export const KEYSPACE_MAX = 4095;
/** Bytes of a slot: a value, a hash, an offset, an address. */
export const SLOT_BYTES = 16;
/** Bits of a slot. */
export const SLOT_BITS = 128;
/** Longest byte string in a key. */
export const KEY_BYTES_MAX = 0xffff;
/** Longest field name: room is left for `_2013_05_04`. */
export const FIELD_NAME_BYTES_MAX = 65_524;
/** Most steps of a search for a free slot. */
export const PROBES_MAX = 65_536;
/** Version of the format that is written and the highest that is read. */
export const FORMAT_VERSION = 1;
/** What the superblock says it is. */
export const FORMAT_NAME = "cairn-bitmap";
/** Name of the superblock's key in partition 0. */
export const SUPERBLOCK_NAME = "cairn";
/** Name of a schema's key. */
export const SCHEMA_NAME = "schema";
/** Name of a state's key. */
export const STATE_NAME = "state";
/** Largest total a counter can reach. */
export const COUNTER_MAX: bigint = (1n << 128n) - 1n;
