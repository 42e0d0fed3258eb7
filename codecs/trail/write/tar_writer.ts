/**
 * The tar file that a package is.
 *
 * Layout: docs/formats/traildb.md, part 3.2.
 *
 * @module
 */
import { encodeText } from "@cairn/core";
import {
  MEMBER_TAR_TOC,
  TAR_BLOCK_BYTES,
  TAR_NAME_BYTES_MAX,
  TAR_OCTAL_SIZE_END,
  TAR_TOC_MAGIC,
} from "../layout.ts";

/** Room for the numbers and separators of a line of `tar.toc`. */
const TOC_LINE_BYTES = 43;
/** Name of the entry in front of a member with a long name. */
const LONG_NAME = "././@LongLink";

/** A member and where it is. */
export interface TarPlace {
  /** Its name. */
  readonly name: string;
  /** File offset of its header, or of the entry with its long name. */
  readonly headerOffset: number;
  /** File offset of its content. */
  readonly offset: number;
  /** Bytes of its content. */
  readonly byteLength: number;
}

/**
 * Gives the bytes that are set aside for `tar.toc`: they must be known before
 * any offset is.
 *
 * @param names Names of all members but `tar.toc`.
 */
export function tarTocByteLength(names: readonly string[]): number {
  let byteLength = MEMBER_TAR_TOC.length + TOC_LINE_BYTES +
    TAR_TOC_MAGIC.length + 1;
  for (const name of names) byteLength += name.length + TOC_LINE_BYTES;
  return byteLength;
}

/**
 * Places a member.
 *
 * @param name Its name, in ASCII.
 * @param headerOffset File offset of its header.
 * @param byteLength Bytes of its content.
 */
export function placeMember(
  name: string,
  headerOffset: number,
  byteLength: number,
): TarPlace {
  const offset = headerOffset + encodeTarHeader(name, byteLength).length;
  return { name, headerOffset, offset, byteLength };
}

/** Gives the file offset behind a member and its padding. @param place The member. */
export function memberEnd(place: TarPlace): number {
  return place.offset + paddedLength(place.byteLength);
}

/** Encodes `tar.toc`, zeros behind it. @param places All members. @param byteLength Bytes set aside. */
export function encodeTarToc(
  places: readonly TarPlace[],
  byteLength: number,
): Uint8Array {
  const lines = places.map(({ name, offset, byteLength }) =>
    `${name} ${offset} ${byteLength}\n`
  );
  const bytes = new Uint8Array(byteLength);
  bytes.set(encodeText(TAR_TOC_MAGIC + lines.join("") + "\n"));
  return bytes;
}

/**
 * Encodes what comes before a member's content: its header, and in front of
 * that an entry with its name if it is long.
 *
 * @param name The member's name, in ASCII.
 * @param byteLength Bytes of its content.
 */
export function encodeTarHeader(name: string, byteLength: number): Uint8Array {
  const header = encodeHeader({
    name: name.slice(0, TAR_NAME_BYTES_MAX),
    mode: "0000644",
    byteLength,
    type: "0",
    user: "",
    group: "",
  });
  if (name.length <= TAR_NAME_BYTES_MAX) return header;
  // User and group are those of the library that the C program links to.
  const entry = encodeHeader({
    name: LONG_NAME,
    mode: "0000000",
    byteLength: name.length + 1,
    type: "L",
    user: "root",
    group: "wheel",
  });
  const nameBytes = paddedLength(name.length + 1);
  const bytes = new Uint8Array(entry.length + nameBytes + header.length);
  bytes.set(entry);
  bytes.set(encodeText(name), entry.length);
  bytes.set(header, entry.length + nameBytes);
  return bytes;
}

/** Rounds up to whole blocks. @param byteLength Any. */
export function paddedLength(byteLength: number): number {
  return Math.ceil(byteLength / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
}

interface TarHeader {
  readonly name: string;
  readonly mode: string;
  readonly byteLength: number;
  readonly type: string;
  readonly user: string;
  readonly group: string;
}

function encodeHeader(header: TarHeader): Uint8Array {
  const bytes = new Uint8Array(TAR_BLOCK_BYTES);
  const put = (text: string, at: number) => bytes.set(encodeText(text), at);
  put(header.name, 0);
  put(header.mode, 100);
  put("0000000", 108);
  put("0000000", 116);
  if (header.byteLength < TAR_OCTAL_SIZE_END) {
    put(header.byteLength.toString(8).padStart(11, "0"), 124);
  } else {
    bytes[124] = 0x80;
    new DataView(bytes.buffer).setBigUint64(128, BigInt(header.byteLength));
  }
  put("00000000000", 136);
  put("        ", 148);
  put(header.type, 156);
  put("ustar  ", 257);
  put(header.user, 265);
  put(header.group, 297);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
