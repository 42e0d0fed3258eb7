/**
 * Decoding of whole spaces that are in memory.
 *
 * @module
 */
import { type ByteReaderPlace, CairnError } from "@cairn/core";
import { corruptAt } from "./_corrupt.ts";
import { EventPool } from "./_event_pool.ts";
import type { EsdbEvents } from "./esdb_events.ts";
import { EventColumns } from "./event_columns.ts";
import { POSTING_BYTES } from "./layout.ts";
import { readU64, SECTION_TABLE_PART, SectionTable } from "./section_table.ts";
import { SectionContent } from "./section_content.ts";
import { diagnoseOlderLayout, isUntimed } from "./older_layout.ts";

/** An event section that was read, and which events and blocks are its own. */
interface ReadSection {
  readonly row: number;
  readonly event: number;
  readonly eventEnd: number;
  readonly block: number;
  readonly blockEnd: number;
  readonly contentEnd: number;
}

/**
 * Decodes space after space with arrays that are used again. Synchronous:
 * what it gives is valid until the next space is opened.
 */
export class SpaceDecoder {
  /** The sections of the space. */
  readonly sections: SectionTable = new SectionTable();
  /** Content of the event sections that were asked for. */
  readonly content: SectionContent = new SectionContent();
  /** Their events. */
  readonly events: EventColumns = new EventColumns();
  readonly #postings = new SectionContent();
  readonly #pool = new EventPool();
  #bytes: Uint8Array = new Uint8Array(0);
  /** The space that is open, where it is a view of its own. */
  #whole: Uint8Array | undefined;
  #start = 0;
  #length = 0;
  #file: string;
  #fileOffset = 0;
  #read: ReadSection[] = [];
  #lastRead: ReadSection | undefined;

  /** Makes a decoder. @param file Name of the file, for errors. */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Looks at a space.
   *
   * @param bytes Holds it whole.
   * @param start Where it begins.
   * @param length Its bytes.
   * @param fileOffset Where it begins in the file.
   * @param keepEvents True: content and events of the spaces before stay, and
   * what is read goes behind.
   * @throws {CairnError} `corrupt`, or `unsupported` for older layouts.
   */
  open(
    bytes: Uint8Array,
    start: number,
    length: number,
    fileOffset: number,
    keepEvents = false,
  ): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#length = length;
    this.#fileOffset = fileOffset;
    this.#whole = undefined;
    this.#forget(keepEvents);
    try {
      const place = this.#place(SECTION_TABLE_PART);
      SectionTable.assertMagic(bytes, start, this.#place("space"));
      const needed = this.sections.decode(
        bytes,
        start,
        start + length,
        length,
        place,
      );
      if (needed !== 0) {
        throw corruptAt(
          place,
          start + length - 8,
          "Cannot read section table: it leaves its space",
        );
      }
    } catch (error) {
      throw this.#diagnosed(error);
    }
  }

  /**
   * Looks at a space of which all bytes are there; does not decode its table
   * again where it was the last.
   *
   * @param bytes All of it, and nothing else; told from others by identity.
   * @param fileOffset Where it begins in the file.
   * @throws {CairnError} As `open`.
   */
  openWhole(bytes: Uint8Array, fileOffset: number): void {
    if (bytes === this.#whole) this.#forget(false);
    else {
      this.open(bytes, 0, bytes.length, fileOffset);
      this.#whole = bytes;
    }
  }

  /** Forgets what was read, but for what spaces before have left. */
  #forget(keepEvents: boolean): void {
    if (!keepEvents) {
      this.content.clear();
      this.events.clear();
    }
    this.content.blockCount = 0;
    // Making an empty array shorter costs too.
    if (this.#read.length > 0) this.#read = [];
    this.#lastRead = undefined;
  }

  /**
   * Reads all events of a section; they are added to `events`.
   *
   * @param row Which section; must hold events.
   * @returns Number of the first event read; the last is `events.count - 1`.
   */
  readEvents(row: number): number {
    const first = this.events.count;
    const { content, sections } = this;
    const from = content.byteLength;
    const block = content.blockCount;
    const place = this.#place("events");
    try {
      this.#unpack(content, row, place);
      if (content.byteLength === from) {
        throw corruptAt(
          place,
          this.#start + sections.offsets[row]!,
          "Cannot read events: their section has no end mark",
        );
      }
      this.events.read(content.bytes, from, content.byteLength, true, {
        ...place,
        offset: this.#fileOffset + sections.offsets[row]!,
      });
    } catch (error) {
      throw this.#diagnosed(
        isEventDamage(error) &&
          isUntimed(content.bytes, from, content.byteLength)
          ? new CairnError("corrupt", error.detail, {
            where: error.where,
            reason: "untimed",
          })
          : error,
      );
    }
    this.#read.push({
      row,
      event: first,
      eventEnd: this.events.count,
      block,
      blockEnd: content.blockCount,
      contentEnd: content.byteLength,
    });
    return first;
  }

  /**
   * Reads a posting section and finds its events.
   *
   * Event sections that are named are read as needed; each place is checked
   * to be the beginning of an event.
   *
   * @param row Which section; must hold postings.
   * @returns Row numbers of `events`, in the order of the postings; a copy.
   */
  readPostings(row: number): Uint32Array {
    const postings = this.#postings;
    postings.clear();
    const place = this.#place("postings");
    this.#unpack(postings, row, place);
    const count = (postings.byteLength - 1) / POSTING_BYTES;
    const at = this.#start + this.sections.offsets[row]!;
    if (
      !Number.isInteger(count) || count < 0 ||
      postings.bytes[postings.byteLength - 1] !== 0
    ) {
      throw corruptAt(
        place,
        at,
        `Cannot read postings: ${postings.byteLength} bytes are no postings and an end mark`,
      );
    }
    const rows = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const block = readU64(postings.bytes, i * POSTING_BYTES);
      const offset = postings.bytes[i * POSTING_BYTES + 8]! |
        postings.bytes[i * POSTING_BYTES + 9]! << 8;
      const found = this.#eventAt(block, offset);
      if (found < 0) {
        throw corruptAt(
          place,
          at,
          `Cannot follow posting ${i}: no event begins at block ${block}, offset ${offset}`,
        );
      }
      rows[i] = found;
    }
    return rows;
  }

  /** Copies all events that were read, and their content; stays valid. */
  copyEvents(): EsdbEvents {
    return this.#pool.copy(this.events, this.content);
  }

  /** Finds the event that begins at a place; -1 when there is none. */
  #eventAt(block: number, offset: number): number {
    let section = this.#lastRead;
    if (section === undefined || !this.#holds(section.row, block)) {
      section = this.#read.find((read) => this.#holds(read.row, block));
      if (section === undefined) {
        const row = this.#eventSection(block);
        if (row < 0) return -1;
        this.readEvents(row);
        section = this.#read[this.#read.length - 1]!;
      }
      this.#lastRead = section;
    }
    const { blockOffsets, blockStarts } = this.content;
    const found = search(blockOffsets, section.block, section.blockEnd, block);
    if (found < 0) return -1;
    const begin = blockStarts[found]! + offset;
    const blockEnd = found + 1 < section.blockEnd
      ? blockStarts[found + 1]!
      : section.contentEnd;
    if (begin > blockEnd) return -1;
    return search(this.events.begins, section.event, section.eventEnd, begin);
  }

  #holds(row: number, offset: number): boolean {
    const start = this.sections.offsets[row]!;
    return offset >= start && offset < start + this.sections.lengths[row]!;
  }

  #eventSection(offset: number): number {
    for (let row = 0; row < this.sections.count; row++) {
      if (this.sections.isEvents(row) && this.#holds(row, offset)) return row;
    }
    return -1;
  }

  #unpack(into: SectionContent, row: number, place: ByteReaderPlace): void {
    const offset = this.sections.offsets[row]!;
    const start = this.#start + offset;
    into.unpack(
      this.#bytes,
      start,
      start + this.sections.lengths[row]!,
      offset,
      place,
    );
  }

  /** Where `#bytes` lies in the file. */
  #place(part: string): ByteReaderPlace {
    return {
      file: this.#file,
      part,
      offset: this.#fileOffset - this.#start,
    };
  }

  #diagnosed(error: unknown): unknown {
    return diagnoseOlderLayout(
      error,
      this.#bytes.subarray(this.#start, this.#start + this.#length),
    );
  }
}

function isEventDamage(error: unknown): error is CairnError {
  return error instanceof CairnError && error.reason === "events";
}

/** Finds a number in a run that ascends; -1 when it is not there. */
function search(
  numbers: Float64Array | Uint32Array,
  start: number,
  end: number,
  wanted: number,
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low < end && numbers[low] === wanted ? low : -1;
}
