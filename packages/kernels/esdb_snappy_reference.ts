/**
 * Unpacking of Snappy's raw format, in TypeScript alone: as kernels do it.
 *
 * @module
 */
import { ESDB_STATUS } from "./esdb_decode_layout.ts";

const { full, unusual } = ESDB_STATUS;

/**
 * Unpacks a stream.
 *
 * @param packed The stream.
 * @param room Bytes that it may unpack to.
 * @returns What comes out; `full` where that is more than there is room for,
 * `unusual` where the stream is damaged or has elements that packers of blocks
 * do not write.
 */
export function unpackSnappyReference(
  packed: Uint8Array,
  room: number,
): Uint8Array | number {
  let i = 0;
  let length = 0;
  for (let scale = 1;; scale *= 128) {
    if (i === packed.length || i === 5) return unusual;
    const byte = packed[i++]!;
    length += (byte & 0x7f) * scale;
    if (length >= 2 ** 32) return unusual;
    if (byte < 0x80) break;
  }
  if (length > room) return full;
  const out = new Uint8Array(length);
  let o = 0;
  while (i < packed.length) {
    const tag = packed[i++]!;
    const type = tag & 3;
    if (type === 3) return unusual;
    let count = (tag >>> 2) + 1;
    if (type === 0) {
      if (count > 60) {
        const extra = count - 60;
        if (extra > 2 || extra > packed.length - i) return unusual;
        count = packed[i]! + 1 + (extra === 2 ? packed[i + 1]! << 8 : 0);
        i += extra;
      }
      if (count > packed.length - i || count > length - o) return unusual;
      out.set(packed.subarray(i, i + count), o);
      i += count;
      o += count;
      continue;
    }
    if (packed.length - i < type) return unusual;
    let offset = packed[i]!;
    if (type === 1) {
      count = (tag >>> 2 & 7) + 4;
      offset |= tag >>> 5 << 8;
    } else offset |= packed[i + 1]! << 8;
    i += type;
    if (offset === 0 || offset > o || count > length - o) return unusual;
    for (const end = o + count; o < end; o++) out[o] = out[o - offset]!;
  }
  return o === length ? out : unusual;
}
