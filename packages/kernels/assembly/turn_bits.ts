// Bit matrices turned on their side, eight slices and thirty-two bits a step.
// Reference: ../turn_bits.ts

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

// @ts-ignore: decorator
@inline
function gather(at: usize, stride: usize): v128 {
  let words = i32x4.splat(load<u32>(at));
  words = i32x4.replace_lane(words, 1, load<u32>(at + stride));
  words = i32x4.replace_lane(words, 2, load<u32>(at + 2 * stride));
  return i32x4.replace_lane(words, 3, load<u32>(at + 3 * stride));
}

/** Turns the 8 by 8 bits of both lanes: byte i, bit j becomes byte j, bit i. */
// @ts-ignore: decorator
@inline
function turn8(x: v128): v128 {
  let t = v128.and(
    v128.xor(x, i64x2.shr_u(x, 7)),
    i64x2.splat(0x00aa00aa00aa00aa),
  );
  x = v128.xor(v128.xor(x, t), i64x2.shl(t, 7));
  t = v128.and(
    v128.xor(x, i64x2.shr_u(x, 14)),
    i64x2.splat(0x0000cccc0000cccc),
  );
  x = v128.xor(v128.xor(x, t), i64x2.shl(t, 14));
  t = v128.and(
    v128.xor(x, i64x2.shr_u(x, 28)),
    i64x2.splat(0x00000000f0f0f0f0),
  );
  return v128.xor(v128.xor(x, t), i64x2.shl(t, 28));
}

/** A byte of each of 16 numbers: bits 0 to 15 of eight slices. */
// @ts-ignore: decorator
@inline
function lowBytes(at: usize, stride: usize): v128 {
  return turn8(v128.shuffle<i8>(
    gather(at, stride),
    gather(at + 4 * stride, stride),
    0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29,
  ));
}

/** The same of bits 16 to 31. */
// @ts-ignore: decorator
@inline
function highBytes(at: usize, stride: usize): v128 {
  return turn8(v128.shuffle<i8>(
    gather(at, stride),
    gather(at + 4 * stride, stride),
    2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31,
  ));
}

/** Writes 16 numbers of four bytes. */
// @ts-ignore: decorator
@inline
function put(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const lowAb = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const highAb = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const lowCd = v128.shuffle<i8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const highCd = v128.shuffle<i8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(out, v128.shuffle<i16>(lowAb, lowCd, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(out, v128.shuffle<i16>(lowAb, lowCd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  v128.store(out, v128.shuffle<i16>(highAb, highCd, 0, 8, 1, 9, 2, 10, 3, 11), 32);
  v128.store(out, v128.shuffle<i16>(highAb, highCd, 4, 12, 5, 13, 6, 14, 7, 15), 48);
}

/**
 * Turns `words` words of `8 * groups` slices, which lie `stride` bytes apart
 * from `slices` on, into 32 numbers a word at `out`. `groups` is 1 to 4.
 */
export function turn(
  slices: usize,
  stride: usize,
  groups: u32,
  words: u32,
  out: usize,
): void {
  const zero = i32x4.splat(0);
  const step = stride << 3;
  for (let w: u32 = 0; w < words; w++) {
    const at = slices + (<usize> w << 2);
    const to = out + (<usize> w << 7);
    const a = lowBytes(at, stride);
    const aHigh = highBytes(at, stride);
    let b = zero;
    let bHigh = zero;
    let c = zero;
    let cHigh = zero;
    let d = zero;
    let dHigh = zero;
    if (groups > 1) {
      b = lowBytes(at + step, stride);
      bHigh = highBytes(at + step, stride);
    }
    if (groups > 2) {
      c = lowBytes(at + 2 * step, stride);
      cHigh = highBytes(at + 2 * step, stride);
    }
    if (groups > 3) {
      d = lowBytes(at + 3 * step, stride);
      dHigh = highBytes(at + 3 * step, stride);
    }
    put(to, a, b, c, d);
    put(to + 64, aHigh, bHigh, cHigh, dHigh);
  }
}
