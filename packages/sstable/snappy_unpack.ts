/**
 * Unpacking of Snappy's raw format.
 *
 * @module
 */
import { type ByteReaderPlace, CairnError } from "@cairn/core";
import { SNAPPY_EXPANSION_MAX } from "./layout.ts";

/**
 * Reads the length that a Snappy stream says it unpacks to.
 *
 * @param packed Holds the stream.
 * @param start Where it begins.
 * @param end Where it ends, exclusive.
 * @returns The length; -1 when the bytes are no length or one that a stream
 * of this size cannot reach, so that it is safe to allocate by.
 */
export function snappyLength(
  packed: Uint8Array,
  start: number,
  end: number,
): number {
  let length = 0;
  for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
    if (start + i >= end) return -1;
    const byte = packed[start + i]!;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return length <= SNAPPY_EXPANSION_MAX * (end - start) &&
          length <= 0xffff_ffff
        ? length
        : -1;
    }
  }
  return -1;
}

/**
 * Unpacks a Snappy stream into given room; the plain loop.
 *
 * Nothing outside `[at, at + length)` of `out` is written, whatever the
 * stream says.
 *
 * @param packed Holds the stream.
 * @param start Where it begins.
 * @param end Where it ends, exclusive.
 * @param out Room for what comes out; not the same buffer.
 * @param at Where to write.
 * @param length What `snappyLength` gave; `out` must have that much room.
 * @returns -1 when all is well, else the position in `packed` of the damage.
 */
export function unpackSnappyInto(
  packed: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  length: number,
): number {
  let i = start;
  while (i < end && packed[i]! >= 0x80) i++;
  i++;
  let o = at;
  const stop = at + length;
  while (i < end) {
    const tag = packed[i]!;
    const tagAt = i;
    if ((tag & 3) === 0) {
      let count = (tag >>> 2) + 1;
      i++;
      if (count > 60) {
        const extra = count - 60;
        if (extra > end - i) return tagAt;
        count = packed[i]!;
        if (extra > 1) count |= packed[i + 1]! << 8;
        if (extra > 2) count |= packed[i + 2]! << 16;
        if (extra > 3) count += packed[i + 3]! * 0x100_0000;
        count++;
        i += extra;
      }
      if (count > end - i || count > stop - o) return tagAt;
      if (count < 32) {
        for (const literalEnd = i + count; i < literalEnd;) {
          out[o++] = packed[i++]!;
        }
      } else {
        out.set(packed.subarray(i, i + count), o);
        i += count;
        o += count;
      }
      continue;
    }
    let count: number;
    let offset: number;
    if ((tag & 3) === 1) {
      if (end - i < 2) return tagAt;
      count = (tag >>> 2 & 7) + 4;
      offset = tag >>> 5 << 8 | packed[i + 1]!;
      i += 2;
    } else if ((tag & 3) === 2) {
      if (end - i < 3) return tagAt;
      count = (tag >>> 2) + 1;
      offset = packed[i + 1]! | packed[i + 2]! << 8;
      i += 3;
    } else {
      if (end - i < 5) return tagAt;
      count = (tag >>> 2) + 1;
      offset = (packed[i + 1]! | packed[i + 2]! << 8 | packed[i + 3]! << 16) +
        packed[i + 4]! * 0x100_0000;
      i += 5;
    }
    if (offset === 0 || offset > o - at || count > stop - o) return tagAt;
    for (const copyEnd = o + count; o < copyEnd; o++) {
      out[o] = out[o - offset]!;
    }
  }
  return o === stop ? -1 : end;
}

/**
 * Unpacks a Snappy stream.
 *
 * @param packed The whole stream.
 * @param place Where it lies, for errors.
 * @returns A copy.
 * @throws {CairnError} `corrupt` when it is not a valid stream.
 */
export function unpackSnappy(
  packed: Uint8Array,
  place: ByteReaderPlace,
): Uint8Array {
  const length = snappyLength(packed, 0, packed.length);
  if (length < 0) {
    throw damaged(place, 0, "its length cannot be");
  }
  const out = new Uint8Array(length);
  const at = unpackSnappyInto(packed, 0, packed.length, out, 0, length);
  if (at >= 0) throw damaged(place, at, "not a valid stream");
  return out;
}

function damaged(
  place: ByteReaderPlace,
  position: number,
  what: string,
): CairnError {
  return new CairnError("corrupt", `Cannot unpack Snappy block: ${what}`, {
    where: { ...place, offset: (place.offset ?? 0) + position },
  });
}
