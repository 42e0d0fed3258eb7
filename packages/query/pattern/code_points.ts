/**
 * Code points: in UTF-8, in ranges, in classes.
 *
 * @module
 */

/**
 * Gives where, going up, some set begins or ends: code points between two such
 * places are alike.
 *
 * @param sets Ranges of code points.
 * @returns Ascending, beginning with 0.
 */
export function findBounds(sets: readonly (readonly number[])[]): Int32Array {
  const bounds = new Set([0]);
  for (const ranges of sets) {
    for (let i = 0; i < ranges.length; i += 2) {
      bounds.add(ranges[i]!);
      bounds.add(ranges[i + 1]! + 1);
    }
  }
  return Int32Array.from(bounds).sort();
}

/**
 * Finds which of the classes a code point is in.
 *
 * @param bounds Where classes begin.
 * @param point The code point.
 */
export function findClass(bounds: Int32Array, point: number): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (bounds[middle]! <= point) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Tells whether ranges hold a code point.
 *
 * @param ranges Ascending, with gaps.
 * @param point The code point.
 */
export function contains(ranges: readonly number[], point: number): boolean {
  let low = 0;
  let high = ranges.length >>> 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[2 * middle + 1]! < point) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && ranges[2 * low]! <= point;
}

/**
 * Reads a code point of strict UTF-8.
 *
 * @param bytes The bytes.
 * @param at Where it begins; inside of them.
 * @returns The code point; -1 where there is none.
 */
export function decodePoint(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || at + more >= bytes.length) return -1;
  let point = first & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const byte = bytes[at + i]!;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = point << 6 | (byte & 0x3f);
  }
  if (more === 2 && (point < 0x800 || (point >> 11) === 0x1b)) return -1;
  if (more === 3 && (point < 0x10000 || point > 0x10ffff)) return -1;
  return point;
}
