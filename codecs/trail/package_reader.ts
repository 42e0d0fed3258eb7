/**
 * The package: a tar file whose table of contents is at byte 2,560.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  type ErrorPlace,
  type Source,
} from "@cairn/core";
import { MEMBER_TAR_TOC, TAR_TOC_MAGIC, TAR_TOC_OFFSET } from "./layout.ts";
import {
  MemberMap,
  type MemberWindow,
  type TrailMembers,
} from "./trail_members.ts";

/** Bytes read at first; enough for the small members of most packages. */
const HEAD_BYTES = 65_536;
/** Longest table: 16,382 fields with the longest names take 9.4 MB. */
const TOC_BYTES_MAX = 16 * 2 ** 20;
const NEWLINE = 10;
const latin1 = new TextDecoder("latin1");

/**
 * Reads the table of contents of a package.
 *
 * @param source The package; owned by what is returned.
 * @throws {CairnError} `corrupt` when this is no package or its table is bad.
 */
export async function openPackage(
  source: Source,
  options: AbortOptions = {},
): Promise<TrailMembers> {
  const toc = await readToc(source, options);
  return new MemberMap(source.name, decodeToc(toc, source), source);
}

/**
 * Decodes the lines of `tar.toc`.
 *
 * @param toc From the first line up to and with the empty one.
 * @param source The package.
 * @returns The members, in the order of the lines.
 */
function decodeToc(toc: Uint8Array, source: Source): MemberWindow[] {
  const windows: MemberWindow[] = [];
  const names = new Set<string>();
  let start = TAR_TOC_MAGIC.length;
  while (start < toc.length - 1) {
    const end = toc.indexOf(NEWLINE, start);
    const [name = "", offsetText = "", sizeText = ""] = latin1
      .decode(toc.subarray(start, end)).split(" ");
    const offset = readNumber(offsetText);
    const byteLength = readNumber(sizeText);
    if (name === "" || offset === undefined || byteLength === undefined) {
      throw tocError(source, "a line without name, offset and size", start);
    }
    // The first line with a name counts; what later ones say does not matter.
    if (!names.has(name)) {
      if (offset > source.size || byteLength > source.size - offset) {
        throw tocError(
          source,
          `"${name}" has ${byteLength} bytes at ${offset}, the file ${source.size}`,
          start,
        );
      }
      names.add(name);
      windows.push({ name, source, offset, byteLength });
    }
    start = end + 1;
  }
  return windows;
}

/** Reads until the empty line; the table's own length is only in itself. */
async function readToc(
  source: Source,
  options: AbortOptions,
): Promise<Uint8Array> {
  if (source.size < TAR_TOC_OFFSET + TAR_TOC_MAGIC.length + 1) {
    throw tocError(source, `the file has ${source.size} bytes`, 0);
  }
  for (let bytes = HEAD_BYTES;; bytes *= 8) {
    const length = Math.min(bytes, source.size - TAR_TOC_OFFSET, TOC_BYTES_MAX);
    const head = await source.read(TAR_TOC_OFFSET, length, options);
    const magic = latin1.decode(head.subarray(0, TAR_TOC_MAGIC.length));
    if (magic !== TAR_TOC_MAGIC) {
      throw tocError(source, "its first line is another", 0);
    }
    const end = endOfToc(head);
    if (end !== undefined) return head.subarray(0, end);
    if (length < bytes) throw tocError(source, "no empty line ends it", length);
  }
}

/** Finds the byte behind the empty line. */
function endOfToc(bytes: Uint8Array): number | undefined {
  let at = TAR_TOC_MAGIC.length - 1;
  while (at >= 0 && at + 1 < bytes.length) {
    if (bytes[at + 1] === NEWLINE) return at + 2;
    at = bytes.indexOf(NEWLINE, at + 1);
  }
  return undefined;
}

function readNumber(text: string): number | undefined {
  if (!/^[0-9]{1,19}$/.test(text)) return undefined;
  // Beyond 2^53 it is past the end of any file, rounded or not.
  return Number(text);
}

function tocError(source: Source, state: string, offset: number): CairnError {
  const where: ErrorPlace = {
    file: source.name,
    part: MEMBER_TAR_TOC,
    offset: TAR_TOC_OFFSET + offset,
  };
  return new CairnError(
    "corrupt",
    `Cannot read table of contents: ${state}`,
    { where, reason: "invalid-package" },
  );
}
