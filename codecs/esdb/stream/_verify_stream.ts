/**
 * A complete look at a stream.
 *
 * @module
 */
import {
  CairnError,
  type Finding,
  type ReadOptions,
  type Source,
} from "@cairn/core";
import { crc32c, entryKey, entryValue } from "@cairn/sstable";
import { type ClosedStream, decodeTail } from "./_closed_stream.ts";
import type { KeyChain } from "./_key_chain.ts";
import { loadEvents } from "./_load_events.ts";
import {
  CHECKSUMS_NAME,
  CHUNK_BYTES,
  decodeChecksums,
  type StreamChecksums,
} from "./stream_checksums.ts";
import { keyText } from "./stream_key.ts";
import { EVENT_LENGTH_BYTES, STREAM_FOOTER } from "./layout.ts";

/**
 * Reports what is wrong with a stream.
 *
 * @param source The file, with a stream's header.
 * @param closed What it says of itself, if it is closed.
 * @param options Stops reading.
 */
export async function* verifyStream(
  source: Source,
  closed: ClosedStream | undefined,
  options: ReadOptions,
): AsyncGenerator<Finding, void, undefined> {
  const limit = closed?.end ?? source.size;
  const { extent, chain, count, error } = await loadEvents(
    source,
    limit,
    options,
  );
  const where = { file: source.name, part: "events", offset: extent.end };
  if (error !== undefined) {
    yield { severity: "corrupt", detail: error.detail, where: error.where };
  } else if (closed !== undefined && extent.end !== limit) {
    const detail = `The events end here, the end mark is at ${limit}`;
    yield { severity: "corrupt", detail, where };
  } else if (extent.rest !== undefined) {
    const { byteLength, reason } = extent.rest;
    const what = reason === "cut" ? "an event that was cut" : "no event";
    const detail = `${byteLength} bytes behind the events are ${what}`;
    yield { severity: "note", detail, where };
  }
  if (closed === undefined) {
    yield* lookForFooter(source, options);
    return;
  }
  if (error === undefined) {
    yield* compareTails(source.name, closed, chain, options);
  }
  yield* compareChecksums(source, closed, count, options);
}

/** Compares what our writers add when asked to. */
async function* compareChecksums(
  source: Source,
  closed: ClosedStream,
  count: number,
  options: ReadOptions,
): AsyncGenerator<Finding, void, undefined> {
  const block = await closed.table.metaBlock(CHECKSUMS_NAME, options);
  if (block === undefined) return;
  const file = source.name;
  const found = readChecksums(block, closed.end, file);
  if (found instanceof CairnError) {
    yield { severity: "corrupt", detail: found.detail, where: found.where };
    return;
  }
  if (found === undefined) {
    const detail = "The checksums are of a later version, and not looked at";
    yield { severity: "note", detail, where: { file, part: CHECKSUMS_NAME } };
    return;
  }
  if (found.events !== count) {
    const detail = `There are ${count} events, ${found.events} were written`;
    const where = { file, part: "events", offset: closed.end };
    yield { severity: "corrupt", detail, where };
  }
  for (let chunk = 0; chunk < found.checksums.length; chunk++) {
    const offset = chunk * found.chunkBytes;
    const end = Math.min(closed.end, offset + found.chunkBytes);
    let checksum = 0;
    // A file may say that its chunks are long; they are read in pieces.
    for (let at = offset; at < end; at += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, end - at);
      const bytes = await source.read(at, length, options);
      checksum = crc32c(bytes, 0, length, checksum);
    }
    if (checksum === found.checksums[chunk]) continue;
    const detail = `The checksum of bytes ${offset} to ${end} is wrong`;
    yield {
      severity: "corrupt",
      detail,
      where: { file, part: "events", offset },
    };
  }
}

function readChecksums(
  block: Uint8Array,
  end: number,
  file: string,
): StreamChecksums | CairnError | undefined {
  try {
    return decodeChecksums(block, end, file);
  } catch (error) {
    if (error instanceof CairnError) return error;
    throw error;
  }
}

/** A footer that does not count is worth a word: the tail table is damaged. */
async function* lookForFooter(
  source: Source,
  options: ReadOptions,
): AsyncGenerator<Finding, void, undefined> {
  const length = Math.min(source.size, STREAM_FOOTER.length);
  const offset = source.size - length;
  const bytes = await source.read(offset, length, options);
  if (!bytes.every((byte, i) => byte === STREAM_FOOTER[i])) return;
  yield {
    severity: "note",
    detail: "The stream ends as a closed one does, but has no sound tail table",
    where: { file: source.name, part: "footer", offset },
  };
}

async function* compareTails(
  file: string,
  closed: ClosedStream,
  chain: KeyChain,
  options: ReadOptions,
): AsyncGenerator<Finding, void, undefined> {
  const offset = closed.end + EVENT_LENGTH_BYTES;
  const where = { file, part: "tail table", offset };
  let count = 0;
  for await (const batch of closed.table.entries(options)) {
    for (let row = 0; row < batch.count; row++) {
      const key = entryKey(batch, row);
      const wanted = chain.last(keyText(key, 0, key.length));
      let detail: string | undefined;
      try {
        const found = decodeTail(entryValue(batch, row), closed, file);
        if (found !== wanted) {
          detail = `The tail of a key is ${found}, its last event at ${wanted}`;
        }
      } catch (error) {
        detail = error instanceof Error ? error.message : String(error);
      }
      if (detail !== undefined) yield { severity: "corrupt", detail, where };
      if (wanted !== 0) count++;
    }
  }
  if (count !== chain.size) {
    const detail = `${chain.size - count} keys have no tail`;
    yield { severity: "corrupt", detail, where };
  }
}
