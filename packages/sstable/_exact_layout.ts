/**
 * What tables look like that are written here, for those who want no other.
 *
 * @module
 */
import { ByteWriter } from "@cairn/core";
import type { BlockHandle, Footer } from "./block.ts";
import {
  FOOTER_BYTES,
  FOOTER_MAGIC_OFFSET,
  MAGIC,
  TRAILER_BYTES,
} from "./layout.ts";

/** Encodes a footer with handles in their shortest form, and zeros behind them. */
export function encodeFooter({ metaIndex, index }: Footer): Uint8Array {
  const handles = new ByteWriter(FOOTER_BYTES);
  for (const { offset, length } of [metaIndex, index]) {
    handles.uvarint(offset);
    handles.uvarint(length);
  }
  const footer = new Uint8Array(FOOTER_BYTES);
  footer.set(handles.view());
  footer.set(MAGIC, FOOTER_MAGIC_OFFSET);
  return footer;
}

/** Tells whether blocks and their trailers fill the bytes before `end`, each once. */
export function areTiled(
  handles: readonly BlockHandle[],
  end: number,
): boolean {
  let covered = 0;
  for (const { offset, length } of handles.toSorted(byOffset)) {
    if (offset !== covered) return false;
    covered = offset + length + TRAILER_BYTES;
  }
  return covered === end;
}

function byOffset(a: BlockHandle, b: BlockHandle): number {
  return a.offset - b.offset;
}
