/**
 * Copying many short byte strings.
 *
 * @module
 */

/** Strings from this length on are copied by the engine, which takes a while to begin. */
const LARGE_BYTES = 256;

/** Bytes and a view of them, for word access. */
export interface WordBytes {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly view: DataView;
}

/** Makes a view of bytes. */
export function wordBytes(bytes: Uint8Array): WordBytes {
  const { buffer, byteOffset, byteLength } = bytes;
  return { bytes, view: new DataView(buffer, byteOffset, byteLength) };
}

/**
 * Copies one string; the two do not overlap.
 *
 * @param source Where it is.
 * @param start Where it begins.
 * @param end Where it ends.
 * @param target Where it goes; must have room.
 * @param at Where it begins there.
 */
export function copyString(
  source: WordBytes,
  start: number,
  end: number,
  target: WordBytes,
  at: number,
): void {
  if (end - start >= LARGE_BYTES) {
    target.bytes.set(source.bytes.subarray(start, end), at);
    return;
  }
  const from = source.view;
  const to = target.view;
  for (; start + 4 <= end; start += 4, at += 4) {
    to.setInt32(at, from.getInt32(start, true), true);
  }
  for (; start < end; start++, at++) to.setUint8(at, from.getUint8(start));
}

/** Tells whether spans lie one behind the other, without gaps. */
export function areJoined(
  starts: Uint32Array,
  ends: Uint32Array,
  start: number,
  end: number,
): boolean {
  for (let i = start + 1; i < end; i++) {
    if (starts[i] !== ends[i - 1]) return false;
  }
  return true;
}
