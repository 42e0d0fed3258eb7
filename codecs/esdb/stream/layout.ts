/**
 * Constants of the stream layout; see docs/formats/esdb-streams.md.
 *
 * ```text
 * open:   "ESDBstream" | event | event | ...
 * closed: "ESDBstream" | event | ... | u32 0 | tail table | u64 length of the table | "closedESDBstream"
 * event:  u32 length of what follows | uvarint n | n bytes | uvarint k | k keys
 * key:    uvarint m | m bytes | uvarint offset of the event before with this key, 0 for none
 * ```
 *
 * @module
 */
import { encodeText } from "@cairn/core";

/** The first bytes of every stream. */
export const STREAM_HEADER: Uint8Array = encodeText("ESDBstream");
/** The last bytes of a closed stream. */
export const STREAM_FOOTER: Uint8Array = encodeText("closedESDBstream");
/** Offset of the first event. */
export const STREAM_START = 10;
/** Bytes of the length before each event; all 0 for the end mark. */
export const EVENT_LENGTH_BYTES = 4;
/** Most bytes of an event behind its length; the format has room for twice as many. */
export const EVENT_BYTES_MAX = 0x7fff_ffff;
/** Bytes of the length behind the tail table. */
export const TAIL_LENGTH_BYTES = 8;
/** The smallest tail table has more; Go looks at a footer of so many. */
export const TAIL_TABLE_BYTES_MIN = 48;
/** Between index name and value in a key. */
export const KEY_COLON = 0x3a;
/** A key has at least a length, a colon and an offset. */
export const KEY_BYTES_MIN = 3;
