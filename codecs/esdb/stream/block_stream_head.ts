/**
 * Heads of blocks in block streams.
 *
 * ```text
 * block stream: block | block | ...
 * block: u16, u32 or u64 stored length | u8 encoding | stored bytes
 * ```
 *
 * @module
 */

/** Bytes of content of a block, unless the caller says otherwise. */
export const BLOCK_STREAM_BYTES = 4096;

/** Most bytes of content of one block that are kept in memory here. */
export const BLOCK_STREAM_BYTES_MAX: number = 2 ** 30;

/** Bytes of the encoding, behind the length in a head. */
export const ENCODING_BYTES = 1;

/**
 * Tells how wide the length in a head is: the smallest of three that could
 * hold the block size, whatever the block holds.
 *
 * @param blockBytes The block size of the stream.
 * @returns 2, 4 or 8 bytes.
 * @throws {RangeError} For a size that is none.
 */
export function blockLengthBytes(blockBytes: number): 2 | 4 | 8 {
  if (!Number.isSafeInteger(blockBytes) || blockBytes < 1) {
    throw new RangeError(`Cannot cut blocks of ${blockBytes} bytes`);
  }
  if (blockBytes < 0x1_0000) return 2;
  return blockBytes < 0x1_0000_0000 ? 4 : 8;
}
