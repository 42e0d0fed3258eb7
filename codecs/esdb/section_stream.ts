/**
 * Reading of event sections of any size, piece by piece.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteReaderPlace,
  CairnError,
  concatBytes,
  EMPTY_BYTES,
  type Source,
  throwIfAborted,
} from "@cairn/core";
import { EsdbEvents } from "./esdb_events.ts";
import { EventColumns } from "./event_columns.ts";
import { BLOCK_HEAD_BYTES } from "./layout.ts";
import { diagnoseOlderLayout, isUntimed } from "./older_layout.ts";
import { SectionContent } from "./section_content.ts";

/** The first piece is small, so that a scan that stops early reads little. */
const FIRST_PIECE_BYTES = 65_536;
/** Each piece is twice the one before, up to this. */
const PIECE_BYTES_MAX = 4_194_304;

/**
 * Reads the events of a section in the order of the file, one piece ahead
 * from the second piece on.
 *
 * @param source The file.
 * @param spaceOffset Where the space begins in the file.
 * @param offset Where the section begins in the space.
 * @param length Stored bytes of the section.
 */
export async function* streamEvents(
  source: Source,
  spaceOffset: number,
  offset: number,
  length: number,
  options: AbortOptions,
): AsyncGenerator<EsdbEvents, void, undefined> {
  const place: ByteReaderPlace = {
    file: source.name,
    part: "events",
    offset: spaceOffset + offset,
  };
  const events = new EventColumns();
  let content = new SectionContent();
  let stored: Uint8Array = EMPTY_BYTES;
  /** From the start of the section: of `stored`, and behind it. */
  let storedOffset = 0;
  for await (
    const piece of pieces(source, spaceOffset + offset, length, options)
  ) {
    throwIfAborted(options.signal);
    stored = stored.length === 0 ? piece : concatBytes([stored, piece]);
    const isLast = storedOffset + stored.length === length;
    const end = isLast ? stored.length : wholeBlocks(stored);
    try {
      content.unpack(stored, 0, end, offset + storedOffset, {
        ...place,
        offset: spaceOffset + offset + storedOffset,
      });
      if (content.byteLength === 0 && !isLast) continue;
      const rest = events.read(
        content.bytes,
        0,
        content.byteLength,
        isLast,
        place,
      );
      storedOffset += end;
      stored = stored.subarray(end);
      const carried = content.bytes.slice(rest, content.byteLength);
      const run = new EsdbEvents(events.timestamps.slice(0, events.count), {
        bytes: content.bytes.subarray(0, content.byteLength),
        starts: events.starts.slice(0, events.count),
        ends: events.ends.slice(0, events.count),
      });
      events.clear();
      if (run.count > 0) {
        content = new SectionContent();
        yield run;
      } else content.clear();
      content.prepend(carried);
    } catch (error) {
      const untimed = error instanceof CairnError &&
        error.reason === "events" &&
        isUntimed(content.bytes, 0, content.byteLength);
      throw diagnoseOlderLayout(
        untimed
          ? new CairnError("corrupt", error.detail, {
            where: error.where,
            reason: "untimed",
          })
          : error,
        EMPTY_BYTES,
      );
    }
  }
}

/** Reads a range in growing pieces, one ahead. */
async function* pieces(
  source: Source,
  offset: number,
  length: number,
  options: AbortOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const abort = new AbortController();
  const signal = options.signal === undefined
    ? abort.signal
    : AbortSignal.any([abort.signal, options.signal]);
  let at = 0;
  let size = FIRST_PIECE_BYTES;
  const read = (): Promise<Uint8Array> => {
    const part = Math.min(size, length - at);
    const bytes = source.read(offset + at, part, { signal });
    bytes.catch(() => {}); // told when it is awaited
    at += part;
    size = Math.min(PIECE_BYTES_MAX, 2 * size);
    return bytes;
  };
  let ahead: Promise<Uint8Array> | undefined;
  try {
    for (let count = 0; at < length || ahead !== undefined; count++) {
      const piece = await (ahead ?? read());
      ahead = count > 0 && at < length ? read() : undefined;
      yield piece;
    }
  } finally {
    if (ahead !== undefined) abort.abort();
  }
}

/** Bytes of the blocks that are whole. */
function wholeBlocks(stored: Uint8Array): number {
  let at = 0;
  while (stored.length - at >= BLOCK_HEAD_BYTES) {
    const end = at + BLOCK_HEAD_BYTES + (stored[at]! | stored[at + 1]! << 8);
    if (end > stored.length) break;
    at = end;
  }
  return at;
}
