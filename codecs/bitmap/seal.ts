/**
 * Making the sealed file of a live index.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  equalBytes,
  type Sink,
  throwIfAborted,
} from "@cairn/core";
import { TableWriter } from "@cairn/sstable";
import type { BitmapIndex } from "./bitmap_index.ts";
import type { ChunkReader } from "./chunk_store.ts";
import { SUPERBLOCK_KEY } from "./key.ts";
import { decodeSuperblock, encodeSuperblock } from "./superblock.ts";

/** How a sealed file is laid out. */
export interface SealOptions extends AbortOptions {
  /** Bytes of a block before packing; 16,384 if left out. */
  readonly blockBytes?: number;
  /** How blocks are packed; `snappy` if left out. */
  readonly compression?: "none" | "snappy";
}

/** What a sealed file holds. */
export interface SealSummary {
  /** Number of keys. */
  readonly keys: number;
  /** Bytes of the file. */
  readonly byteLength: number;
}

const BLOCK_BYTES = 16_384;

/**
 * Writes all keys of an index, as they are now, into one immutable table.
 *
 * The same keys give the same bytes. The index goes on taking events meanwhile.
 *
 * @param live The index, or a reader of its keys.
 * @param sink Where to; finished, or aborted when something fails.
 * @param options Blocks and packing.
 * @throws {CairnError} `corrupt` when there is no superblock; `io`, `aborted`.
 */
export async function seal(
  live: BitmapIndex | ChunkReader,
  sink: Sink,
  options: SealOptions = {},
): Promise<SealSummary> {
  const reader = "snapshot" in live ? await live.snapshot() : live;
  try {
    const writer = createTable(sink, options);
    let keys = 0;
    const range = { from: new Uint8Array(0), to: Uint8Array.of(0xff, 0xff) };
    for await (const entries of reader.range(range, options)) {
      throwIfAborted(options.signal);
      for (let i = 0; i < entries.count; i++, keys++) {
        const key = entries.keys.bytes.subarray(
          entries.keys.starts[i],
          entries.keys.ends[i],
        );
        const value = entries.values.bytes.subarray(
          entries.values.starts[i],
          entries.values.ends[i],
        );
        await writer.add(key, keys === 0 ? sealed(key, value, reader) : value);
      }
    }
    if (keys === 0) throw noSuperblock(reader);
    const { byteLength } = await writer.finish();
    await sink.finish(
      options.signal === undefined ? {} : { signal: options.signal },
    );
    return { keys, byteLength };
  } catch (error) {
    await sink.abort();
    throw error;
  } finally {
    if (reader !== live) await reader.close();
  }
}

/** Begins a table as the format wants it. @param sink Where to. @param options Blocks and packing. */
export function createTable(sink: Sink, options: SealOptions): TableWriter {
  return new TableWriter((bytes) => sink.write(bytes), {
    blockBytes: options.blockBytes ?? BLOCK_BYTES,
    compression: options.compression ?? "snappy",
  });
}

function sealed(
  key: Uint8Array,
  value: Uint8Array,
  reader: ChunkReader,
): Uint8Array {
  if (!equalBytes(key, SUPERBLOCK_KEY)) throw noSuperblock(reader);
  return encodeSuperblock({ ...decodeSuperblock(value), sealed: true });
}

function noSuperblock(reader: ChunkReader): CairnError {
  return new CairnError(
    "corrupt",
    "Cannot seal store: its first key is not the superblock",
    { where: { file: reader.name, part: "superblock" } },
  );
}
