/**
 * Batches as blocks of bytes for temporary files.
 *
 * A block is numbers as f64, then arrays, each filled up to 8 bytes:
 *
 * ```text
 * rows, trails, first trail, continued, key bytes, time base, time width,
 * and per column a width of ids (1, 2, 4) or minus one less its bytes
 * trail offsets (u32, one more than trails), key ends (u32), keys,
 * times (u32 or f64), and per column ids, or ends (u32) and bytes
 * ```
 *
 * Only the process that wrote a block reads it, so numbers have its own byte
 * order and nothing is checked.
 *
 * @module
 */
import type { ByteSpans } from "../column.ts";
import { areJoined, copyString, wordBytes } from "./_copy_bytes.ts";
import {
  isIds,
  narrowIds,
  narrowTimes,
  type PackedBytes,
} from "./_row_chunk.ts";
import { release } from "./_run.ts";
import type { SortedBatch, SortedColumn } from "./sorted_events.ts";

const FIXED_NUMBERS = 7;

/**
 * Encodes a batch.
 *
 * @param batch The batch.
 * @returns A copy; its length is a multiple of 8.
 */
export function encodeBlock(batch: SortedBatch): Uint8Array {
  const keys = packRows(batch.trailKeys, batch.trailKeys.starts.length);
  const times = narrowTimes(batch.timestamps);
  const columns = batch.columns.map((column) =>
    isSpans(column) ? packRows(column, batch.count) : narrowIds(column)
  );
  const head = Float64Array.of(
    batch.count,
    batch.trailOffsets.length - 1,
    batch.firstTrail,
    batch.continued ? 1 : 0,
    keys.bytes.length,
    times.base,
    times.offsets.BYTES_PER_ELEMENT,
    ...columns.map((column) =>
      isIds(column) ? column.BYTES_PER_ELEMENT : -1 - column.bytes.length
    ),
  );
  const arrays: ArrayBufferView[] = [
    head,
    batch.trailOffsets,
    keys.ends,
    keys.bytes,
    times.offsets,
  ];
  for (const column of columns) {
    if (isIds(column)) arrays.push(column);
    else arrays.push(column.ends, column.bytes);
  }
  let byteLength = 0;
  for (const array of arrays) byteLength += padded(array.byteLength);
  const block = new Uint8Array(byteLength);
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    block.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  release(times.offsets);
  for (const column of columns) if (isIds(column)) release(column);
  return block;
}

/**
 * Decodes a batch.
 *
 * @param block What `encodeBlock` gave; must not change while the batch is used.
 * @param columnCount Columns of the batch.
 * @param chosen Which columns to give, in which order.
 * @returns Views and copies.
 */
export function decodeBlock(
  block: Uint8Array,
  columnCount: number,
  chosen: readonly number[],
): SortedBatch {
  const reader = new BlockReader(block);
  const head = reader.f64(FIXED_NUMBERS + columnCount);
  const count = head[0]!;
  const trails = head[1]!;
  const trailOffsets = reader.u32(trails + 1);
  const keyEnds = reader.u32(trails);
  const trailKeys = unpack({ bytes: reader.u8(head[4]!), ends: keyEnds });
  const timestamps = readTimes(reader, count, head[5]!, head[6]!);
  const places = Array.from(head.subarray(FIXED_NUMBERS), (width) => {
    const at = reader.at;
    if (width > 0) reader.skip(count * width);
    else {
      reader.skip(4 * count);
      reader.skip(-1 - width);
    }
    return at;
  });
  return {
    count,
    firstTrail: head[2]!,
    continued: head[3] === 1,
    trailKeys,
    trailOffsets,
    timestamps,
    columns: chosen.map((c) => {
      reader.at = places[c]!;
      return readColumn(reader, count, head[FIXED_NUMBERS + c]!);
    }),
  };
}

function readTimes(
  reader: BlockReader,
  count: number,
  base: number,
  width: number,
): Float64Array {
  const times = new Float64Array(
    width === 8 ? reader.f64(count) : reader.u32(count),
  );
  if (base !== 0) { for (let i = 0; i < count; i++) times[i]! += base; }
  return times;
}

function readColumn(
  reader: BlockReader,
  count: number,
  width: number,
): SortedColumn {
  if (width < 0) {
    const ends = reader.u32(count);
    return unpack({ bytes: reader.u8(-1 - width), ends });
  }
  return width === 1
    ? new Uint32Array(reader.u8(count))
    : width === 2
    ? new Uint32Array(reader.u16(count))
    : reader.u32(count);
}

/** Takes arrays from a block, one behind the other. */
class BlockReader {
  readonly #block: Uint8Array;
  at = 0;

  constructor(block: Uint8Array) {
    // Arrays of numbers need an aligned buffer.
    this.#block = block.byteOffset % 8 === 0 ? block : block.slice();
  }

  skip(byteLength: number): number {
    const at = this.at;
    this.at += padded(byteLength);
    return this.#block.byteOffset + at;
  }

  u8(count: number): Uint8Array {
    return new Uint8Array(this.#block.buffer, this.skip(count), count);
  }

  u16(count: number): Uint16Array {
    return new Uint16Array(this.#block.buffer, this.skip(2 * count), count);
  }

  u32(count: number): Uint32Array {
    return new Uint32Array(this.#block.buffer, this.skip(4 * count), count);
  }

  f64(count: number): Float64Array {
    return new Float64Array(this.#block.buffer, this.skip(8 * count), count);
  }
}

function isSpans(column: SortedColumn): column is ByteSpans {
  return !ArrayBuffer.isView(column);
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8;
}

/** Puts spans one behind the other; a view where they already lie so. */
function packRows(spans: ByteSpans, count: number): PackedBytes {
  const { bytes, starts, ends } = spans;
  const packedEnds = new Uint32Array(count);
  let byteLength = 0;
  for (let i = 0; i < count; i++) {
    packedEnds[i] = byteLength += ends[i]! - starts[i]!;
  }
  if (count > 0 && areJoined(starts, ends, 0, count)) {
    return {
      bytes: bytes.subarray(starts[0]!, ends[count - 1]!),
      ends: packedEnds,
    };
  }
  const source = wordBytes(bytes);
  const packed = wordBytes(new Uint8Array(byteLength));
  for (let i = 0; i < count; i++) {
    const to = i === 0 ? 0 : packedEnds[i - 1]!;
    copyString(source, starts[i]!, ends[i]!, packed, to);
  }
  return { bytes: packed.bytes, ends: packedEnds };
}

function unpack({ bytes, ends }: PackedBytes): ByteSpans {
  const starts = new Uint32Array(ends.length);
  if (ends.length > 1) starts.set(ends.subarray(0, ends.length - 1), 1);
  return { bytes, starts, ends };
}
