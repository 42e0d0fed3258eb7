/**
 * Cutting content into blocks and packing them.
 *
 * @module
 */
import {
  createSnappyTable,
  packSnappyInto,
  snappyPackedMax,
} from "@cairn/sstable";
import {
  BLOCK_CONTENT_BYTES,
  BLOCK_HEAD_BYTES,
  BLOCK_STORED_MAX,
  ENCODING_NONE,
  ENCODING_SNAPPY,
  GO_BLIND_OFFSET,
  PACK_BYTES_MIN,
} from "./layout.ts";
import { type Output, reserve } from "./_output.ts";

/** Writes sections into the output of a space. Used again for all. */
export class SectionPacker {
  /** Offset of each block of the last section, from the start of the space. */
  blockOffsets: Float64Array = new Float64Array(16);
  readonly #table = createSnappyTable();

  /**
   * Writes events: blocks of 4,096 bytes of content, the last one shorter.
   *
   * @param content The content, end mark included.
   * @param byteLength Its bytes.
   * @param out Where blocks go.
   * @param spaceStart Where the space begins in `out`.
   * @param avoidBlind True: no block begins at a multiple of 256.
   */
  packEvents(
    content: Uint8Array,
    byteLength: number,
    out: Output,
    spaceStart: number,
    avoidBlind: boolean,
  ): void {
    const count = Math.ceil(byteLength / BLOCK_CONTENT_BYTES);
    if (count > this.blockOffsets.length) {
      this.blockOffsets = new Float64Array(2 * count);
    }
    for (let block = 0; block < count; block++) {
      const from = block * BLOCK_CONTENT_BYTES;
      const to = Math.min(byteLength, from + BLOCK_CONTENT_BYTES);
      if (
        avoidBlind && block > 0 &&
        (out.byteLength - spaceStart) % GO_BLIND_OFFSET === 0
      ) writeEmptyBlock(out);
      this.blockOffsets[block] = out.byteLength - spaceStart;
      this.#packBlock(content, from, to, out);
    }
  }

  /**
   * Writes postings, as one block where that is asked for and possible.
   *
   * @param content The content, end mark included.
   * @param byteLength Its bytes.
   * @param out Where blocks go.
   * @param inOneBlock True: as Go's reader needs it.
   */
  packPostings(
    content: Uint8Array,
    byteLength: number,
    out: Output,
    inOneBlock: boolean,
  ): void {
    if (
      inOneBlock && byteLength > BLOCK_CONTENT_BYTES &&
      this.#packWhole(content, byteLength, out)
    ) return;
    for (let from = 0; from < byteLength; from += BLOCK_CONTENT_BYTES) {
      const to = Math.min(byteLength, from + BLOCK_CONTENT_BYTES);
      this.#packBlock(content, from, to, out);
    }
  }

  /** One block of any content, where its stored form is short enough. */
  #packWhole(content: Uint8Array, byteLength: number, out: Output): boolean {
    reserve(out, BLOCK_HEAD_BYTES + snappyPackedMax(byteLength));
    const head = out.byteLength;
    const from = head + BLOCK_HEAD_BYTES;
    const end = packSnappyInto(
      content,
      0,
      byteLength,
      out.bytes,
      from,
      this.#table,
    );
    if (end - from > BLOCK_STORED_MAX) return false;
    writeHead(out.bytes, head, end - from, ENCODING_SNAPPY);
    out.byteLength = end;
    return true;
  }

  /** Packed where that is not longer, else as it is. */
  #packBlock(
    content: Uint8Array,
    from: number,
    to: number,
    out: Output,
  ): void {
    const length = to - from;
    reserve(out, BLOCK_HEAD_BYTES + snappyPackedMax(length));
    const head = out.byteLength;
    const start = head + BLOCK_HEAD_BYTES;
    if (length >= PACK_BYTES_MIN) {
      const end = packSnappyInto(
        content,
        from,
        to,
        out.bytes,
        start,
        this.#table,
      );
      if (end - start <= length) {
        writeHead(out.bytes, head, end - start, ENCODING_SNAPPY);
        out.byteLength = end;
        return;
      }
    }
    writeHead(out.bytes, head, length, ENCODING_NONE);
    if (length < 64) {
      for (let i = from, at = start; i < to;) out.bytes[at++] = content[i++]!;
    } else out.bytes.set(content.subarray(from, to), start);
    out.byteLength = start + length;
  }
}

/** A block without content, which readers pass over. */
function writeEmptyBlock(out: Output): void {
  reserve(out, BLOCK_HEAD_BYTES);
  writeHead(out.bytes, out.byteLength, 0, ENCODING_NONE);
  out.byteLength += BLOCK_HEAD_BYTES;
}

function writeHead(
  bytes: Uint8Array,
  at: number,
  length: number,
  encoding: number,
): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = encoding;
}
