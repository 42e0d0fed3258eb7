/**
 * Reading of single events by their places, in spaces that are not read whole.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteReaderPlace,
  ByteWriter,
  type Source,
} from "@cairn/core";
import { corruptAt } from "./_corrupt.ts";
import { EsdbEvents } from "./esdb_events.ts";
import { BLOCK_HEAD_BYTES, TIMESTAMP_BYTES } from "./layout.ts";
import type { Postings } from "./postings.ts";
import { SectionContent } from "./section_content.ts";
import type { SectionTable } from "./section_table.ts";

/** What is read for a block whose length is not known yet. */
const BLOCK_GUESS_BYTES = 8192;
/** Places nearer than this are read together. */
const GAP_BYTES = 65_536;
/** Bytes of a read at most. */
const READ_BYTES = 4_194_304;
/** Bytes that are held at a time; more places than that are read in turn. */
const HELD_BYTES = 33_554_432;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Reads events of one space. For one scan; scans do not share it. */
export class PlaceReader {
  readonly #source: Source;
  readonly #spaceOffset: number;
  readonly #sections: SectionTable;
  /** Event sections by their place. */
  readonly #ranges: { start: number; end: number }[] = [];
  #pieces: Piece[] = [];
  /** Blocks from the last one that was asked for on. */
  readonly #content = new SectionContent();
  #block = -1;
  /** Where the next block begins that is not in `#content`. */
  #next = 0;

  /** Makes a reader. */
  constructor(source: Source, spaceOffset: number, sections: SectionTable) {
    this.#source = source;
    this.#spaceOffset = spaceOffset;
    this.#sections = sections;
    for (let row = 0; row < sections.count; row++) {
      if (!sections.isEvents(row)) continue;
      const start = sections.offsets[row]!;
      this.#ranges.push({ start, end: start + sections.lengths[row]! });
    }
    this.#ranges.sort((a, b) => a.start - b.start);
  }

  /** Reads the events of postings `start` up to `end`, exclusive; copies. */
  async read(
    postings: Postings,
    start: number,
    end: number,
    options: AbortOptions,
  ): Promise<EsdbEvents> {
    await this.#load(postings, start, end, options);
    const timestamps = new Float64Array(end - start);
    const starts = new Uint32Array(end - start);
    const ends = new Uint32Array(end - start);
    const data = new ByteWriter(4096);
    for (let i = start; i < end; i++) {
      const { blocks, offsets } = postings;
      const event = await this.#event(blocks[i]!, offsets[i]!, options);
      timestamps[i - start] = event.timestamp;
      starts[i - start] = data.byteLength;
      data.bytes(event.data);
      ends[i - start] = data.byteLength;
    }
    return new EsdbEvents(timestamps, { bytes: data.take(), starts, ends });
  }

  /** Reads ahead what the places will need, neighbours together. */
  async #load(
    postings: Postings,
    start: number,
    end: number,
    options: AbortOptions,
  ): Promise<void> {
    const blocks = postings.blocks.slice(start, end).sort();
    const ranges: { offset: number; end: number }[] = [];
    let held = 0;
    for (const block of blocks) {
      const limit = this.#sectionEnd(block);
      const stop = Math.min(limit, block + BLOCK_GUESS_BYTES);
      const last = ranges[ranges.length - 1];
      if (last !== undefined && stop <= last.end) continue;
      if (
        last !== undefined && block - last.end <= GAP_BYTES &&
        stop - last.offset <= READ_BYTES
      ) {
        held += stop - last.end;
        last.end = stop;
      } else {
        held += stop - block;
        ranges.push({ offset: block, end: stop });
      }
      if (held > HELD_BYTES) break;
    }
    this.#pieces = await Promise.all(ranges.map(async (range) => ({
      offset: range.offset,
      bytes: await this.#source.read(
        this.#spaceOffset + range.offset,
        range.end - range.offset,
        options,
      ),
    })));
  }

  async #event(
    block: number,
    offset: number,
    options: AbortOptions,
  ): Promise<{ timestamp: number; data: Uint8Array }> {
    const content = this.#content;
    const end = this.#sectionEnd(block);
    if (block !== this.#block) {
      content.clear();
      this.#block = -1;
      this.#next = block;
      await this.#appendBlock(end, options);
      this.#block = block;
    }
    const firstEnd = content.blockCount > 1
      ? content.blockStarts[1]!
      : content.byteLength;
    if (offset > firstEnd) throw this.#bad(block, offset);
    // The end mark lies behind every event: so do its bytes.
    let at = offset;
    let length = 0;
    for (let scale = 1;; scale *= 128) {
      if (scale > 2 ** 49) throw this.#bad(block, offset);
      while (at >= content.byteLength) await this.#appendBlock(end, options);
      const byte = content.bytes[at++]!;
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    const from = at + TIMESTAMP_BYTES;
    while (from + length >= content.byteLength) {
      await this.#appendBlock(end, options);
    }
    const { bytes } = content;
    return {
      timestamp: (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
        bytes[at + 3]! << 24) >>> 0,
      data: bytes.subarray(from, from + length),
    };
  }

  async #appendBlock(end: number, options: AbortOptions): Promise<void> {
    const offset = this.#next;
    if (end - offset < BLOCK_HEAD_BYTES) {
      throw corruptAt(
        this.#place(),
        offset,
        "Cannot follow posting: its event leaves the section",
      );
    }
    const head = await this.#bytes(offset, BLOCK_HEAD_BYTES, options);
    const length = BLOCK_HEAD_BYTES + (head[0]! | head[1]! << 8);
    const stored = length > end - offset
      ? head // reported there
      : await this.#bytes(offset, length, options);
    this.#content.unpack(stored, 0, stored.length, offset, {
      ...this.#place(),
      offset: this.#spaceOffset + offset,
    });
    this.#next = offset + length;
  }

  async #bytes(
    offset: number,
    length: number,
    options: AbortOptions,
  ): Promise<Uint8Array> {
    const piece = this.#pieces.find((piece) =>
      piece.offset <= offset &&
      offset + length <= piece.offset + piece.bytes.length
    );
    if (piece !== undefined) {
      const start = offset - piece.offset;
      return piece.bytes.subarray(start, start + length);
    }
    return await this.#source.read(
      this.#spaceOffset + offset,
      length,
      options,
    );
  }

  /** Where the event section ends that holds a block. */
  #sectionEnd(block: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.end <= block) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    if (range === undefined || block < range.start) throw this.#bad(block, 0);
    return range.end;
  }

  #place(): ByteReaderPlace {
    return {
      file: this.#source.name,
      part: "postings",
      offset: this.#spaceOffset,
    };
  }

  #bad(block: number, offset: number): Error {
    return corruptAt(
      this.#place(),
      Math.min(block, this.#sections.tableOffset),
      `Cannot follow posting: no event begins at block ${block}, offset ${offset}`,
    );
  }
}
