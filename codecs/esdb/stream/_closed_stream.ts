/**
 * Telling a closed stream from an open one, and reading its tail table.
 *
 * @module
 */
import {
  ByteReader,
  CairnError,
  decodeText,
  equalBytes,
  formatHex,
  type ReadOptions,
  type Source,
} from "@cairn/core";
import { openTable, type Table, TABLE_MAGIC } from "@cairn/sstable";
import {
  EVENT_LENGTH_BYTES,
  STREAM_FOOTER,
  STREAM_HEADER,
  STREAM_START,
  TAIL_LENGTH_BYTES,
  TAIL_TABLE_BYTES_MIN,
} from "./layout.ts";

/** What a closed stream says of itself. */
export interface ClosedStream {
  /** Where the events end: the offset of the end mark. */
  readonly end: number;
  /** The last event of each key. */
  readonly table: Table;
}

/**
 * Fails unless a file begins as a stream.
 *
 * @throws {CairnError} `corrupt`; `unsupported` for headers of 2014.
 */
export async function assertStreamHeader(
  source: Source,
  options: ReadOptions,
): Promise<void> {
  const length = Math.min(source.size, STREAM_START);
  const header = await source.read(0, length, options);
  if (equalBytes(header, STREAM_HEADER)) return;
  const text = new TextDecoder("latin1").decode(header);
  const where = { file: source.name, part: "header", offset: 0 };
  if (text === "esdbstream" || text.startsWith("stream")) {
    throw new CairnError(
      "unsupported",
      "Cannot open stream: it has a layout of before 2 October 2014",
      { where, reason: "older-layout" },
    );
  }
  const found = length === 0 ? "is empty" : `begins with ${formatHex(header)}`;
  throw new CairnError(
    "corrupt",
    `Cannot open stream: it ${found}, "${decodeText(STREAM_HEADER)}" wanted`,
    { where },
  );
}

/**
 * Looks whether a stream is closed: the footer, a table of the stated length
 * with right checksums, and the end mark before it. An open stream may end
 * like a closed one by chance or by a crash, and lacks one of the others.
 *
 * @param source The file, with a stream's header.
 * @param options Stops reading.
 * @returns Where the events end, and the table; `undefined` for an open one.
 */
export async function findClosedStream(
  source: Source,
  options: ReadOptions,
): Promise<ClosedStream | undefined> {
  const footBytes = TABLE_MAGIC.length + TAIL_LENGTH_BYTES +
    STREAM_FOOTER.length;
  const lengthMax = source.size - STREAM_START - EVENT_LENGTH_BYTES -
    TAIL_LENGTH_BYTES - STREAM_FOOTER.length;
  if (lengthMax < TAIL_TABLE_BYTES_MIN) return undefined;
  const foot = await source.read(source.size - footBytes, footBytes, options);
  const reader = new ByteReader(foot, { part: "footer" });
  const magic = reader.bytes(TABLE_MAGIC.length, "magic");
  const length = Number(reader.bigU64("length of the tail table"));
  const footer = reader.bytes(STREAM_FOOTER.length, "footer");
  if (
    !equalBytes(footer, STREAM_FOOTER) || !equalBytes(magic, TABLE_MAGIC) ||
    !(length >= TAIL_TABLE_BYTES_MIN && length <= lengthMax)
  ) return undefined;
  const offset = STREAM_START + EVENT_LENGTH_BYTES + lengthMax - length;
  const end = offset - EVENT_LENGTH_BYTES;
  const mark = await source.read(end, EVENT_LENGTH_BYTES, options);
  if (!mark.every((byte) => byte === 0)) return undefined;
  const table = await openTail(source, offset, length, options);
  return table === undefined ? undefined : { end, table };
}

/** Decodes where a key's last event begins. */
export function decodeTail(
  value: Uint8Array,
  closed: ClosedStream,
  file: string,
): number {
  // The table's own place in errors: a value's place in it is not known here.
  const place = {
    file,
    part: "tail table",
    offset: closed.end + EVENT_LENGTH_BYTES,
  };
  const reader = new ByteReader(value, place);
  const offset = reader.uvarint("offset of the last event", closed.end - 1);
  reader.expectEnd();
  if (offset >= STREAM_START) return offset;
  throw reader.corrupt(`Cannot read tail: ${offset} is inside the header`, 0);
}

/** Opens the tail table; `undefined` when anything in it is damaged. */
async function openTail(
  source: Source,
  offset: number,
  length: number,
  options: ReadOptions,
): Promise<Table | undefined> {
  try {
    const table = await openTable(source, {
      offset,
      length,
      part: "tail table",
      ...options,
    });
    for await (const finding of table.verify(options)) {
      if (finding.severity === "corrupt") return undefined;
    }
    return table;
  } catch (error) {
    if (error instanceof CairnError && error.code === "corrupt") {
      return undefined;
    }
    throw error;
  }
}
