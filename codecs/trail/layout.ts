/**
 * Constants of the TrailDB format, versions 0 and 1.
 *
 * ```text
 * package          header 512 | version | header | info | header | tar.toc ...
 * offset           0            512       1024     1536   2048     2560
 *
 * lexicon.NAME     count N (4 or 8 bytes) | N + 1 offsets | values
 * trails.toc       T + 1 offsets (4 or 8 bytes) into trails.data
 * trails.data      T trails, each from a byte on | 8 zero bytes
 *   a trail        3 bits: unused bits of its last byte | codes
 *   a code         1, codeword (1 to 16 bits)  or  0, field (I bits), value (V bits)
 * trails.codebook  65,536 entries: first item u64, second item u64, length u32
 * uuids            16 bytes a trail, ascending as little-endian numbers
 * ```
 *
 * Layout: docs/formats/traildb.md. Numbers that are stored never change.
 *
 * @module
 */

/** Newest format version; the only one that is written. */
export const TRAIL_FORMAT_VERSION = 1;

/** Member: format version as text. */
export const MEMBER_VERSION = "version";
/** Member: five decimal numbers. */
export const MEMBER_INFO = "info";
/** Member: table of contents, in packages only. */
export const MEMBER_TAR_TOC = "tar.toc";
/** Member: field names, a line each. */
export const MEMBER_FIELDS = "fields";
/** Member: the codewords. */
export const MEMBER_CODEBOOK = "trails.codebook";
/** Member: where trails begin. */
export const MEMBER_TRAILS_TOC = "trails.toc";
/** Member: the events. */
export const MEMBER_TRAILS_DATA = "trails.data";
/** Member: trail keys, version 1. */
export const MEMBER_UUIDS = "uuids";
/** Member: trail keys, version 0; in any order. */
export const MEMBER_COOKIES = "cookies";
/** What the name of a lexicon's member begins with. */
export const LEXICON_PREFIX = "lexicon.";

/** Bytes of a tar block and of a tar header. */
export const TAR_BLOCK_BYTES = 512;
/** File offset of the content of `tar.toc` in a package. */
export const TAR_TOC_OFFSET = 2560;
/** First line of `tar.toc`, with its newline. */
export const TAR_TOC_MAGIC = "TAR TOC FOR TDB VER 1\n";
/** Zero bytes behind the last member of a package. */
export const TAR_TRAILER_BYTES = 1024;
/** Longest member name that fits a tar header; longer ones take an entry of their own. */
export const TAR_NAME_BYTES_MAX = 100;
/** Least file size that a tar header states as a binary number. */
export const TAR_OCTAL_SIZE_END = 0x2_0000_0000;

/** Most fields of a schema. */
export const TRAIL_FIELDS_MAX = 16_382;
/** Longest field name in bytes. */
export const FIELD_NAME_BYTES_MAX = 511;
/** What a field name looks like; `time` is taken. */
export const FIELD_NAME_PATTERN: RegExp = /^[A-Za-z0-9_%-]{1,511}$/;
/** The name of field 0, which no field of a user can have. */
export const TIME_FIELD_NAME = "time";
/** Largest time difference, and largest smallest time of a file: 2^47 - 2. */
export const TIME_DELTA_MAX: number = 2 ** 47 - 2;
/** Time of a file without events: the smallest is the largest u64. */
export const NO_EVENTS_MIN_TIME: bigint = 0xffff_ffff_ffff_ffffn;

/** Most events a writer counts whole; above, it takes a sample of trails. */
export const SAMPLE_EVENTS_MIN = 1_000_000;
/** Divisor for the support of pairs: floor(1 / 0.00001) in doubles. */
export const SUPPORT_DIVISOR = 99_999;
/** Seed of the generator that takes the sample. */
export const SAMPLE_SEED = 238_713;
/** Share of the trails in the sample. */
export const SAMPLE_SHARE = 0.1;

/** Largest value of a narrow item. */
export const NARROW_VALUE_MAX: number = 2 ** 24 - 1;
/** Largest field of a narrow item. */
export const NARROW_FIELD_MAX = 127;
/** Bit of an item that says it is wide. */
export const WIDE_FLAG = 0x80;

/** Entries of the codebook. */
export const CODEBOOK_ENTRIES = 65_536;
/** Longest codeword in bits. */
export const CODE_BITS_MAX = 16;
/** Bytes of a codebook entry, version 1. */
export const CODEBOOK_ENTRY_BYTES = 20;
/** Bytes of a codebook entry, version 0. */
export const CODEBOOK_ENTRY_BYTES_V0 = 12;
/** Zero bytes behind the last trail. */
export const TRAILS_DATA_PADDING_BYTES = 8;
/** Bits at the start of a trail: how many of its last byte are unused. */
export const RESIDUAL_BITS = 3;
/** Least member size of which a lexicon or `trails.toc` states offsets as u64. */
export const WIDE_LEXICON_BYTES_MIN = 0x1_0000_0000;
/** Least size of `trails.data` of which `trails.toc` has u64 entries. */
export const WIDE_TOC_DATA_BYTES_MIN = 0xffff_ffff;

/** Seed of the checksum of an index file. */
export const INDEX_CHECKSUM_SEED = 2016;
/** Version in the header of an index file. */
export const INDEX_VERSION = 1;
/** Pages of an index file: trails are spread over at most so many. */
export const INDEX_PAGES_MAX = 65_534;
/** Longest page list that an index file stores only once. */
export const INDEX_SHARED_PAGES_MAX = 4;

/**
 * Gives the number of bits of a field id in a literal.
 *
 * @param fieldCount Fields of the schema, time not counted.
 * @returns The binary digits of `fieldCount + 1`.
 */
export function fieldIdBits(fieldCount: number): number {
  return 32 - Math.clz32(fieldCount + 1);
}
