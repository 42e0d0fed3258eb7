/**
 * Seeded damage to files: cuts, flips, splices, numbers set to extremes.
 *
 * @module
 */
import { randomNumbers } from "./dataset.ts";

/** Numbers that length and offset fields are set to. */
const EXTREMES: readonly number[] = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff_ffff,
  0xffff_ffff,
];

/** A run of bytes of a file. */
export interface ByteRange {
  /** Its first byte. */
  readonly start: number;
  /** The byte behind its last. */
  readonly end: number;
}

/**
 * Damages a file in one way that the seed chooses; the same seed, the same damage.
 *
 * @param bytes A file; not changed.
 * @param seed Any number.
 * @param parts Parts of the file, none of them empty: each is as likely to be
 * hit as any other, however long. Without them all bytes are alike.
 * @returns A damaged copy, at most a little longer.
 */
export function mutate(
  bytes: Uint8Array,
  seed: number,
  parts?: readonly ByteRange[],
): Uint8Array {
  const random = randomNumbers(Math.imul(seed + 1, 0x9e37_79b1) ^ 0x5bd1_e995);
  for (let i = 0; i < 4; i++) random(2);
  const size = bytes.length;
  const place: Place = parts === undefined || parts.length === 0
    ? () => placeIn(random, 0, size)
    : () => {
      const { start, end } = parts[random(parts.length)]!;
      return placeIn(random, start, end);
    };
  if (size === 0) return Uint8Array.of(random(256));
  switch (random(7)) {
    case 0:
      return bytes.slice(0, place());
    case 1: {
      const copy = bytes.slice();
      copy[place()]! ^= 1 << random(8);
      return copy;
    }
    case 2: {
      const copy = bytes.slice();
      for (let i = 1 + random(8); i > 0; i--) {
        copy[place()] = random(256);
      }
      return copy;
    }
    case 3: {
      const copy = bytes.slice();
      const at = place();
      const value = EXTREMES[random(EXTREMES.length)]!;
      for (let i = 0; i < 1 + random(8) && at + i < size; i++) {
        copy[at + i] = value >>> (8 * (i & 3));
      }
      return copy;
    }
    case 4: {
      const copy = bytes.slice();
      const length = 1 + random(Math.min(64, size));
      const from = random(size - length + 1);
      const to = parts === undefined ? random(size - length + 1) : place();
      copy.copyWithin(to, from, from + length);
      return copy;
    }
    case 5: {
      const at = place();
      const length = Math.min(size - at, 1 + random(32));
      return splice(bytes, at, length, new Uint8Array(0));
    }
    default: {
      const extra = Uint8Array.from(
        { length: 1 + random(32) },
        () => random(256),
      );
      return splice(bytes, place(), 0, extra);
    }
  }
}

/** Gives a byte to damage. */
type Place = () => number;

/** Half of all places are near the ends, where tables of contents lie. */
function placeIn(
  random: (below: number) => number,
  start: number,
  end: number,
): number {
  const near = Math.min(end - start, 600);
  switch (random(4)) {
    case 0:
      return start + random(near);
    case 1:
      return end - 1 - random(near);
    default:
      return start + random(end - start);
  }
}

function splice(
  bytes: Uint8Array,
  at: number,
  removed: number,
  added: Uint8Array,
): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + added.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(bytes.subarray(at + removed), at + added.length);
  return result;
}
