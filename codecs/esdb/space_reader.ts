/**
 * Reading of one space: whole where it is small, by pieces where it is not.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteReaderPlace,
  type ByteSpans,
  concatBytes,
  type Source,
} from "@cairn/core";
import type { BulkScanOptions } from "./bulk_options.ts";
import { EsdbEvents } from "./esdb_events.ts";
import { diagnoseOlderLayout } from "./older_layout.ts";
import { readPostings } from "./postings.ts";
import { PlaceReader } from "./place_reader.ts";
import { arrangeRows } from "./row_order.ts";
import { arrange, type EsdbScanOptions } from "./scan_order.ts";
import { SECTION_TABLE_PART, SectionTable } from "./section_table.ts";
import { streamEvents } from "./section_stream.ts";
import type { SpaceDecoder } from "./space_decoder.ts";
import type { SpacePlace } from "./space_directory.ts";
import { WHOLE_SPACE_BYTES } from "./space_loader.ts";
import { joinEvents, sortedByTime } from "./time_order.ts";

/** Bytes read from the end of a large space at first. */
const TAIL_BYTES = 65_536;
/** Events of an index that are looked up together. */
const INDEXED_EVENTS = 1024;

/** Reads the sections of one space. */
export class SpaceReader {
  /** Its sections, where the space is large. */
  readonly #sections: SectionTable | undefined;
  /** Bytes of the space. */
  readonly byteLength: number;
  readonly #source: Source;
  readonly #offset: number;
  /** The whole space, where it is small. */
  readonly #bytes: Uint8Array | undefined;
  readonly #decoder: SpaceDecoder;

  private constructor(
    source: Source,
    place: SpacePlace,
    sections: SectionTable | undefined,
    bytes: Uint8Array | undefined,
    decoder: SpaceDecoder,
  ) {
    this.#source = source;
    this.#offset = place.offset;
    this.byteLength = place.length;
    this.#sections = sections;
    this.#bytes = bytes;
    this.#decoder = decoder;
  }

  /**
   * Reads the section table of a space, or all of a small one.
   *
   * @param source The file.
   * @param place Where the space lies.
   * @param decoder Used by synchronous code only; may be shared.
   */
  static async open(
    source: Source,
    place: SpacePlace,
    decoder: SpaceDecoder,
    options: AbortOptions = {},
  ): Promise<SpaceReader> {
    const { offset, length } = place;
    if (length <= WHOLE_SPACE_BYTES) {
      const bytes = await source.read(offset, length, options);
      return SpaceReader.openWhole(source, place, decoder, bytes);
    }
    const sections = new SectionTable();
    let tailLength = TAIL_BYTES;
    for (;;) {
      const from = offset + length - tailLength;
      const tail = await source.read(from, tailLength, options);
      const at: ByteReaderPlace = {
        file: source.name,
        part: SECTION_TABLE_PART,
        offset: from,
      };
      try {
        const needed = sections.decode(tail, 0, tailLength, length, at);
        if (needed === 0) {
          const head = await source.read(offset, 1, options);
          SectionTable.assertMagic(head, 0, { ...at, part: "space", offset });
          return new SpaceReader(source, place, sections, undefined, decoder);
        }
        tailLength = needed;
      } catch (error) {
        throw diagnoseOlderLayout(error, tail);
      }
    }
  }

  /** Takes a space whose bytes are there. @param bytes All of them, in a view of their own. */
  static openWhole(
    source: Source,
    place: SpacePlace,
    decoder: SpaceDecoder,
    bytes: Uint8Array,
  ): SpaceReader {
    decoder.openWhole(bytes, place.offset);
    return new SpaceReader(source, place, undefined, bytes, decoder);
  }

  /** Whether the space is in memory, so that `wholeEvents` gives its events. */
  get isWhole(): boolean {
    return this.#bytes !== undefined;
  }

  /** Reads an event section of a space in memory, in the order of `events`. */
  wholeEvents(row: number, options: EsdbScanOptions): EsdbEvents {
    const events = this.#decodeSection(this.#bytes!, row);
    return options.order === "oldest" ? events.reversed() : events;
  }

  /** Reads a posting section of a space in memory, in the order of `indexed`. */
  wholeIndexed(row: number, options: EsdbScanOptions): EsdbEvents {
    const events = this.#decodeIndexed(this.#bytes!, row);
    return options.order === "oldest" ? events.reversed() : events;
  }

  /** The sections; of a small space valid until anything else is read. */
  get sections(): SectionTable {
    if (this.#sections !== undefined) return this.#sections;
    this.#decoder.openWhole(this.#bytes!, this.#offset);
    return this.#decoder.sections;
  }

  /**
   * Reads an event section in the order of the file, or, with `order` oldest,
   * in the exact reverse.
   */
  async *events(
    row: number,
    options: EsdbScanOptions,
  ): AsyncGenerator<EsdbEvents, void, undefined> {
    if (this.#bytes !== undefined) {
      yield this.wholeEvents(row, options);
      return;
    }
    const stream = streamEvents(
      this.#source,
      this.#offset,
      this.sections.offsets[row]!,
      this.sections.lengths[row]!,
      options,
    );
    if (options.order !== "oldest") {
      yield* stream;
      return;
    }
    const runs: EsdbEvents[] = [];
    for await (const run of stream) runs.push(run);
    while (runs.length > 0) yield runs.pop()!.reversed();
  }

  /** Reads all event sections, merged by time. */
  async *allEvents(
    options: EsdbScanOptions,
  ): AsyncGenerator<EsdbEvents, void, undefined> {
    const runs: EsdbEvents[] = [];
    const { signal } = options;
    for (const row of this.#eventRows()) {
      for await (const run of this.events(row, signal ? { signal } : {})) {
        runs.push(run);
      }
    }
    const merged = sortedByTime(runs);
    yield options.order === "oldest" ? merged.reversed() : merged;
  }

  /** Reads the events of a posting section, in its order or the reverse. */
  async *indexed(
    row: number,
    options: EsdbScanOptions,
  ): AsyncGenerator<EsdbEvents, void, undefined> {
    if (this.#bytes !== undefined) {
      yield this.wholeIndexed(row, options);
      return;
    }
    const postings = await readPostings(
      this.#source,
      this.#offset,
      this.sections.offsets[row]!,
      this.sections.lengths[row]!,
      options,
    );
    const places = new PlaceReader(this.#source, this.#offset, this.sections);
    const { count } = postings;
    const isBackward = options.order === "oldest";
    const most = Math.min(options.limit ?? Infinity, INDEXED_EVENTS);
    for (let done = 0; done < count;) {
      const part = Math.min(Math.max(1, most), count - done);
      const start = isBackward ? count - done - part : done;
      const events = await places.read(postings, start, start + part, options);
      yield isBackward ? events.reversed() : events;
      done += part;
    }
  }

  /** Reads what a scan over many spaces asks for, in the order asked for. */
  async *scanWhole(
    options: BulkScanOptions,
  ): AsyncGenerator<
    { events: EsdbEvents; groupings: ByteSpans | undefined },
    void,
    undefined
  > {
    const { section } = options;
    const row = section === undefined ? -1 : this.sections.find(section);
    if (section !== undefined) {
      if (row < 0) return;
      for await (
        const events of arrange(this.indexed(row, options), options, false)
      ) yield { events, groupings: undefined };
      return;
    }
    const rows = this.#eventRows();
    if (rows.length === 1 && options.sorted !== true) {
      const stream = this.events(rows[0]!, options);
      for await (const events of arrange(stream, options, false)) {
        yield {
          events,
          groupings: this.#groupingOf(rows, [events.count], options),
        };
      }
      return;
    }
    const runs: EsdbEvents[] = [];
    const counts: number[] = [];
    const { signal } = options;
    for (const i of rows) {
      let count = 0;
      for await (const run of this.events(i, signal ? { signal } : {})) {
        runs.push(run);
        count += run.count;
      }
      counts.push(count);
    }
    const all = joinEvents(runs);
    const order = Uint32Array.from({ length: all.count }, (_, i) => i);
    const end = arrangeRows(order, 0, all.count, all.timestamps, {
      ...options,
      sorted: true,
      rank: options.rank && ((row) => {
        const { bytes, starts, ends } = all.data;
        return options.rank!(bytes, starts[row]!, ends[row]!);
      }),
    });
    const picked = order.subarray(0, end);
    const groupings = this.#groupingOf(rows, counts, options);
    yield {
      events: all.pick(picked),
      groupings: groupings && {
        bytes: groupings.bytes,
        starts: Uint32Array.from(picked, (i) => groupings.starts[i]!),
        ends: Uint32Array.from(picked, (i) => groupings.ends[i]!),
      },
    };
  }

  /** Rows of the event sections. */
  #eventRows(): number[] {
    const { sections } = this;
    const rows: number[] = [];
    for (let row = 0; row < sections.count; row++) {
      if (sections.isEvents(row)) rows.push(row);
    }
    return rows;
  }

  /** The grouping of each event, where runs of events come from given sections. */
  #groupingOf(
    rows: readonly number[],
    counts: readonly number[],
    options: BulkScanOptions,
  ): ByteSpans | undefined {
    if (options.groupings !== true) return undefined;
    const names = rows.map((row) => this.sections.nameOf(row));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const starts = new Uint32Array(total);
    const ends = new Uint32Array(total);
    let at = 0;
    let nameAt = 0;
    counts.forEach((count, i) => {
      starts.fill(nameAt, at, at + count);
      nameAt += names[i]!.length;
      ends.fill(nameAt, at, at + count);
      at += count;
    });
    return { bytes: concatBytes(names), starts, ends };
  }

  #decodeSection(bytes: Uint8Array, row: number): EsdbEvents {
    const decoder = this.#decoder;
    decoder.openWhole(bytes, this.#offset);
    decoder.readEvents(row);
    return decoder.copyEvents();
  }

  #decodeIndexed(bytes: Uint8Array, row: number): EsdbEvents {
    const decoder = this.#decoder;
    decoder.openWhole(bytes, this.#offset);
    const rows = decoder.readPostings(row);
    const { events, content } = decoder;
    return new EsdbEvents(events.timestamps, {
      bytes: content.bytes.slice(0, content.byteLength),
      starts: events.starts,
      ends: events.ends,
    }).pick(rows);
  }
}
