/**
 * Bytes of a stream to events.
 *
 * @module
 */
import { ByteReader, type ByteReaderPlace, CairnError } from "@cairn/core";
import { EventLists } from "./_event_lists.ts";
import type { KeyChain } from "./_key_chain.ts";
import type { StreamBatch, StreamEvent } from "./stream_batch.ts";
import { keyText } from "./stream_key.ts";
import {
  EVENT_BYTES_MAX,
  EVENT_LENGTH_BYTES,
  KEY_BYTES_MIN,
  KEY_COLON,
} from "./layout.ts";

/** A piece of a stream. */
export interface StreamPiece {
  /** Its bytes; the first begins an event. */
  readonly bytes: Uint8Array;
  /** File offset of the first byte. */
  readonly offset: number;
  /** File offset where the events end at the latest. */
  readonly limit: number;
  /** The file's name. */
  readonly file: string;
}

/** How to decode. */
export interface DecodeEventsOptions {
  /** Most events. */
  readonly eventsMax: number;
  /**
   * The keys of all events before the piece; those of the piece are added. A
   * `previous` that does not agree gives an error.
   */
  readonly chain?: KeyChain | undefined;
}

/** What came of it. */
export interface DecodedEvents {
  /** The events. */
  readonly batch: StreamBatch;
  /**
   * Why decoding stopped: `more` bytes of the file are needed, or the batch
   * is full; a `cut` event or none up to the limit; an end `mark`; `damage`.
   */
  readonly stop: "more" | "full" | "cut" | "mark" | "damage";
  /** Bytes that the next event needs, for `more`. */
  readonly needs: number;
  /** The error, for `damage`. */
  readonly error: CairnError | undefined;
}

/** One event, or why there is none. */
export interface DecodedEvent extends Omit<DecodedEvents, "batch"> {
  /** The event, over the bytes of the piece. */
  readonly event: StreamEvent | undefined;
}

/**
 * Decodes as many events as the piece holds.
 *
 * @param piece The bytes.
 * @param options Bounds and checks.
 * @returns Events in columns, over the bytes of the piece.
 */
export function decodeEvents(
  piece: StreamPiece,
  options: DecodeEventsOptions,
): DecodedEvents {
  const place: ByteReaderPlace = {
    part: "events",
    offset: piece.offset,
    file: piece.file,
  };
  const reader = new ByteReader(piece.bytes, place);
  const columns = new EventColumns(reader, piece, options.chain);
  let start = 0;
  const end = (
    stop: DecodedEvents["stop"],
    needs = 0,
    error?: CairnError,
  ): DecodedEvents => ({ batch: columns.batch(start), stop, needs, error });
  while (columns.count < options.eventsMax) {
    const left = piece.limit - (piece.offset + start);
    const here = reader.remaining;
    if (left < EVENT_LENGTH_BYTES) return end("cut");
    if (here < EVENT_LENGTH_BYTES) return end("more", EVENT_LENGTH_BYTES);
    const length = reader.u32("event length");
    if (length === 0) return end("mark");
    if (length > left - EVENT_LENGTH_BYTES) return end("cut");
    const whole = EVENT_LENGTH_BYTES + length;
    try {
      if (length > EVENT_BYTES_MAX) throw tooLong(piece, start, length);
      if (whole > here) return end("more", whole);
      columns.add(piece.offset + start, start + whole);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      columns.undo();
      return end("damage", 0, error);
    }
    start += whole;
  }
  return end("full");
}

/**
 * Decodes the first event of a piece, for those who need no columns.
 *
 * @param piece The bytes.
 * @returns The event, or why there is none.
 */
export function decodeEvent(piece: StreamPiece): DecodedEvent {
  const { bytes, offset, limit, file } = piece;
  const none = (
    stop: DecodedEvents["stop"],
    needs = 0,
    error?: CairnError,
  ): DecodedEvent => ({ event: undefined, stop, needs, error });
  const left = limit - offset;
  if (left < EVENT_LENGTH_BYTES) return none("cut");
  if (bytes.length < EVENT_LENGTH_BYTES) {
    return none("more", EVENT_LENGTH_BYTES);
  }
  const reader = new ByteReader(bytes, { part: "events", offset, file });
  const length = reader.u32("event length");
  if (length === 0) return none("mark");
  if (length > left - EVENT_LENGTH_BYTES) return none("cut");
  const whole = EVENT_LENGTH_BYTES + length;
  const columns = new EventColumns(reader, piece, undefined);
  try {
    if (length > EVENT_BYTES_MAX) throw tooLong(piece, 0, length);
    if (whole > bytes.length) return none("more", whole);
    columns.add(offset, whole);
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    return none("damage", 0, error);
  }
  const event = columns.only();
  return { event, stop: "full", needs: 0, error: undefined };
}

function tooLong(
  piece: StreamPiece,
  start: number,
  length: number,
): CairnError {
  return new CairnError(
    "limit",
    `Cannot read event: ${length} bytes, at most ${EVENT_BYTES_MAX} wanted`,
    {
      where: { file: piece.file, part: "events", offset: piece.offset + start },
    },
  );
}

/** Columns on their way. */
class EventColumns {
  readonly #reader: ByteReader;
  readonly #piece: StreamPiece;
  readonly #chain: KeyChain | undefined;
  readonly #lists = new EventLists();

  constructor(
    reader: ByteReader,
    piece: StreamPiece,
    chain: KeyChain | undefined,
  ) {
    this.#reader = reader;
    this.#piece = piece;
    this.#chain = chain;
  }

  get count(): number {
    return this.#lists.offsets.length;
  }

  /**
   * Takes one event; the reader is behind its length.
   *
   * @param offset Where the event begins in the file.
   * @param end Where it ends in the piece, which holds all of it.
   */
  add(offset: number, end: number): void {
    const reader = this.#reader;
    const dataLength = reader.uvarint("data length");
    const dataStart = reader.position;
    this.#skip(dataLength, end, "data");
    const count = reader.uvarint("key count");
    if (count > (end - reader.position) / KEY_BYTES_MIN) {
      throw reader.corrupt(
        `Cannot read key count: ${count} keys do not fit in the event`,
      );
    }
    for (let i = 0; i < count; i++) this.#addKey(offset, end);
    if (reader.position !== end) {
      throw reader.corrupt("Cannot read event: its parts are not its length");
    }
    this.#lists.offsets.push(offset);
    this.#lists.dataStarts.push(dataStart);
    this.#lists.dataEnds.push(dataStart + dataLength);
    this.#lists.keyOffsets.push(this.#lists.keyStarts.length);
  }

  /** Takes back the keys of an event that failed half-way. */
  undo(): void {
    const kept = this.#lists.keyOffsets.at(-1)!;
    // From the last to the first, as a key may come twice.
    for (let i = this.#lists.keyStarts.length - 1; i >= kept; i--) {
      this.#chain?.set(this.#keyText(i), this.#lists.previous[i]!);
    }
    this.#lists.keyStarts.length = kept;
    this.#lists.keyEnds.length = kept;
    this.#lists.previous.length = kept;
  }

  /** Gives the only event. */
  only(): StreamEvent {
    const { bytes } = this.#piece;
    return {
      offset: this.#lists.offsets[0]!,
      data: bytes.subarray(
        this.#lists.dataStarts[0]!,
        this.#lists.dataEnds[0]!,
      ),
      keys: this.#lists.previous.map((previous, i) => ({
        key: bytes.subarray(this.#lists.keyStarts[i]!, this.#lists.keyEnds[i]!),
        previous,
      })),
    };
  }

  /** Makes the batch. @param end Where the last event ends in the piece. */
  batch(end: number): StreamBatch {
    const { bytes, offset } = this.#piece;
    return this.#lists.toBatch(bytes, offset + end);
  }

  #addKey(offset: number, end: number): void {
    const reader = this.#reader;
    const keyLength = reader.uvarint("key length");
    const start = reader.position;
    this.#skip(keyLength, end, "key");
    const colon = this.#piece.bytes.indexOf(KEY_COLON, start);
    if (colon < 0 || colon >= reader.position) {
      throw reader.corrupt("Cannot read key: there is no colon in it");
    }
    const keyEnd = reader.position;
    const previous = reader.uvarint("previous event");
    if (previous >= offset) {
      throw reader.corrupt(
        `Cannot read previous event: ${previous}, not before ${offset}`,
      );
    }
    if (this.#chain !== undefined) {
      const text = keyText(this.#piece.bytes, start, keyEnd);
      const wanted = this.#chain.last(text);
      if (wanted !== previous) {
        throw reader.corrupt(
          `Cannot read previous event: ${previous}, ${wanted} wanted by the events before`,
        );
      }
      this.#chain.set(text, offset);
    }
    this.#lists.keyStarts.push(start);
    this.#lists.keyEnds.push(keyEnd);
    this.#lists.previous.push(previous);
  }

  /** Passes over bytes that must lie in the event. */
  #skip(byteLength: number, end: number, what: string): void {
    const left = end - this.#reader.position;
    if (byteLength > left) {
      throw this.#reader.corrupt(
        `Cannot read ${what}: ${left} bytes left in the event, ${byteLength} wanted`,
      );
    }
    this.#reader.skip(byteLength, what);
  }

  #keyText(key: number): string {
    return keyText(
      this.#piece.bytes,
      this.#lists.keyStarts[key]!,
      this.#lists.keyEnds[key]!,
    );
  }
}
