/**
 * Posting sections: places of the events that have a key.
 *
 * @module
 */
import type { AbortOptions, ByteReaderPlace, Source } from "@cairn/core";
import { corruptAt } from "./_corrupt.ts";
import { POSTING_BYTES } from "./layout.ts";
import { SectionContent } from "./section_content.ts";
import { readU64 } from "./section_table.ts";

/** Places of events, in the order of the section. */
export interface Postings {
  /** How many. */
  readonly count: number;
  /** Offset of each event's block from the start of the space. */
  readonly blocks: Float64Array;
  /** Where each event begins in the content of its block. */
  readonly offsets: Uint16Array;
}

/**
 * Decodes the content of a posting section.
 *
 * @param content Holds it from `start` to `end`.
 * @param place Where the section lies, for errors.
 * @throws {CairnError} `corrupt` when it is not entries and an end mark.
 */
function decodePostings(
  content: Uint8Array,
  start: number,
  end: number,
  place: ByteReaderPlace,
): Postings {
  const count = (end - start - 1) / POSTING_BYTES;
  if (!Number.isInteger(count) || count < 0 || content[end - 1] !== 0) {
    throw corruptAt(
      place,
      0,
      `Cannot read postings: ${
        end - start
      } bytes are no postings and an end mark`,
    );
  }
  const blocks = new Float64Array(count);
  const offsets = new Uint16Array(count);
  for (let i = 0, at = start; i < count; i++, at += POSTING_BYTES) {
    blocks[i] = readU64(content, at);
    offsets[i] = content[at + 8]! | content[at + 9]! << 8;
  }
  return { count, blocks, offsets };
}

/**
 * Reads a posting section of any size.
 *
 * @param source The file.
 * @param spaceOffset Where the space begins in the file.
 * @param offset Where the section begins in the space.
 * @param length Stored bytes of the section.
 */
export async function readPostings(
  source: Source,
  spaceOffset: number,
  offset: number,
  length: number,
  options: AbortOptions,
): Promise<Postings> {
  const stored = await source.read(spaceOffset + offset, length, options);
  const place: ByteReaderPlace = {
    file: source.name,
    part: "postings",
    offset: spaceOffset + offset,
  };
  const content = new SectionContent();
  content.unpack(stored, 0, length, offset, place);
  return decodePostings(content.bytes, 0, content.byteLength, place);
}
