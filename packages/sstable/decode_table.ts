/**
 * Decoding of whole tables that are in memory.
 *
 * @module
 */
import { ByteReader, type ByteReaderPlace } from "@cairn/core";
import {
  type BlockHandle,
  type BlockOptions,
  decodeFooter,
  openEntries,
} from "./block.ts";
import { FOOTER_BYTES, TRAILER_BYTES } from "./layout.ts";
import { assertInIndex, decodeIndex } from "./table_index.ts";
import type { TableEntries } from "./table_entries.ts";

/**
 * Decodes a whole table, synchronously: for small ones.
 *
 * All blocks but the meta blocks are checked. Entries of several blocks are
 * joined; keys are copies, values views of `bytes` where there is one block.
 *
 * @param bytes The table, from its first block to the end of its footer.
 * @param place Where it lies; `part` names it in errors.
 * @param options Order of keys, packing.
 * @returns Its entries, in key order.
 * @throws {CairnError} `corrupt`
 */
export function decodeTable(
  bytes: Uint8Array,
  place: ByteReaderPlace,
  options: BlockOptions = {},
): TableEntries {
  const base = place.offset ?? 0;
  if (bytes.length < FOOTER_BYTES) {
    throw new ByteReader(bytes, place).corrupt(
      `Cannot read table: ${bytes.length} bytes, at least ${FOOTER_BYTES} wanted`,
    );
  }
  const footerOffset = bytes.length - FOOTER_BYTES;
  const footer = decodeFooter(
    bytes.subarray(footerOffset),
    { ...place, offset: base + footerOffset },
    bytes.length,
  );
  const open = (handle: BlockHandle): TableEntries =>
    openEntries(
      bytes.subarray(
        handle.offset,
        handle.offset + handle.length + TRAILER_BYTES,
      ),
      { ...place, offset: base + handle.offset },
      options,
    );
  open(footer.metaIndex);
  const index = decodeIndex(
    open(footer.index),
    { ...place, offset: base + footer.index.offset },
    footerOffset,
  );
  const blocks: TableEntries[] = [];
  for (let i = 0; i < index.count; i++) {
    const offset = index.offsets[i]!;
    const entries = open({ offset, length: index.lengths[i]! });
    assertInIndex(
      index,
      i,
      entries,
      { ...place, offset: base + offset },
      options.compare,
    );
    blocks.push(entries);
  }
  return blocks.length === 1 ? blocks[0]! : joinEntries(blocks);
}

/** Joins blocks of entries into one; all bytes are copies. */
function joinEntries(blocks: readonly TableEntries[]): TableEntries {
  let count = 0;
  for (const block of blocks) count += block.count;
  return {
    count,
    keys: joinSpans(blocks.map((block) => block.keys), count),
    values: joinSpans(blocks.map((block) => block.values), count),
  };
}

function joinSpans(
  parts: readonly TableEntries["keys"][],
  count: number,
): TableEntries["keys"] {
  let byteLength = 0;
  for (const { starts, ends } of parts) {
    for (let i = 0; i < starts.length; i++) byteLength += ends[i]! - starts[i]!;
  }
  const joined = {
    bytes: new Uint8Array(byteLength),
    starts: new Uint32Array(count),
    ends: new Uint32Array(count),
  };
  let row = 0;
  let at = 0;
  for (const { bytes, starts, ends } of parts) {
    for (let i = 0; i < starts.length; i++) {
      joined.starts[row] = at;
      joined.bytes.set(bytes.subarray(starts[i]!, ends[i]!), at);
      at += ends[i]! - starts[i]!;
      joined.ends[row++] = at;
    }
  }
  return joined;
}
