/**
 * What we add to a closed stream when asked to: a count and checksums, in a
 * block of the tail table that Go never sees.
 *
 * @module
 */
import { ByteReader, ByteWriter, CairnError } from "@cairn/core";
import { crc32c } from "@cairn/sstable";
import { decode, encode } from "cborg";

/** Name of the block in the tail table's meta-index block. */
export const CHECKSUMS_NAME = "cairn.stream";
/** What the block calls itself. */
const FORMAT = "cairn-stream";
const VERSION = 1;

/** Bytes of the file under one checksum. */
export const CHUNK_BYTES: number = 2 ** 20;

/** What the block says. */
export interface StreamChecksums {
  /** Number of events. */
  readonly events: number;
  /** Bytes of the file under one checksum; fewer under the last. */
  readonly chunkBytes: number;
  /** CRC-32C of each chunk, from the header up to the end mark. */
  readonly checksums: Uint32Array;
}

/** Computes the checksums of a file's bytes as they come. */
export class ChecksumBuilder {
  readonly #done = new ByteWriter(256);
  #checksum = 0;
  #filled = 0;

  /** Takes the next bytes of the file. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + CHUNK_BYTES - this.#filled);
      this.#checksum = crc32c(bytes, at, end, this.#checksum);
      this.#filled += end - at;
      at = end;
      if (this.#filled === CHUNK_BYTES) this.#next();
    }
  }

  /** Makes the block. @param events Number of events. */
  encode(events: number): Uint8Array {
    if (this.#filled > 0) this.#next();
    return encode({
      format: FORMAT,
      version: VERSION,
      events,
      chunkBytes: CHUNK_BYTES,
      checksums: this.#done.take(),
    });
  }

  #next(): void {
    this.#done.u32(this.#checksum);
    this.#checksum = 0;
    this.#filled = 0;
  }
}

/**
 * Reads the block.
 *
 * @param bytes Its content, whose own checksum was right.
 * @param end Where the events end: so many bytes have checksums.
 * @param file The file's name.
 * @returns What it says; `undefined` for a version that is not known here.
 * @throws {CairnError} `corrupt`
 */
export function decodeChecksums(
  bytes: Uint8Array,
  end: number,
  file: string,
): StreamChecksums | undefined {
  const place = { file, part: CHECKSUMS_NAME };
  const corrupt = (state: string, cause?: unknown) =>
    new CairnError("corrupt", `Cannot read checksums: ${state}`, {
      where: place,
      ...(cause === undefined ? {} : { cause }),
    });
  let map: Record<string, unknown>;
  try {
    map = decode(bytes, { rejectDuplicateMapKeys: true });
  } catch (error) {
    throw corrupt("not CBOR", error);
  }
  if (typeof map !== "object" || map === null || map.format !== FORMAT) {
    throw corrupt("another format");
  }
  if (map.version !== VERSION) return undefined;
  const { events, chunkBytes, checksums } = map;
  if (!isCount(events) || !isCount(chunkBytes) || chunkBytes === 0) {
    throw corrupt("counts that are none");
  }
  const count = Math.ceil(end / chunkBytes);
  if (!(checksums instanceof Uint8Array) || checksums.length !== 4 * count) {
    throw corrupt(`checksums that are not ${count}`);
  }
  const reader = new ByteReader(checksums, place);
  const words = Uint32Array.from({ length: count }, () => reader.u32("CRC"));
  return { events, chunkBytes, checksums: words };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
