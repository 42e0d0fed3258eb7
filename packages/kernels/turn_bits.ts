/**
 * Bit matrices turned on their side: slices in, numbers out.
 *
 * @module
 */
import { Kernel, type KernelExports, type KernelInstance } from "./_kernel.ts";
import { WASM_BASE64 } from "./turn_bits_wasm.ts";

interface TurnBitsExports extends KernelExports {
  readonly turn: (
    slices: number,
    stride: number,
    groups: number,
    words: number,
    out: number,
  ) => void;
}

/** Words of each slice that go through the kernel at a time: its memory stays in a near cache. */
const PIECE_WORDS = 512;
const PIECE_BYTES = PIECE_WORDS * 4;
/** Below this the copies cost more than they save. */
const KERNEL_WORDS_MIN = 32;
const SLICES_MAX = 32;

const kernel = new Kernel<TurnBitsExports>(WASM_BASE64);
let shared: KernelInstance<TurnBitsExports> | null | undefined;

/**
 * Reads numbers from their binary digits: bit `i` of word `w` of slice `s` is
 * digit `s` of number `32 w + i`.
 *
 * @example Three numbers of two digits
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { turnBits } from "@cairn/kernels";
 *
 * const numbers = new Uint32Array(32);
 * turnBits([Uint32Array.of(0b101), Uint32Array.of(0b110)], numbers);
 * assertEquals([...numbers.subarray(0, 3)], [1, 2, 3]);
 * ```
 * @param slices Words of each slice, lowest first, at most 32; all of one length.
 * @param out A number for each bit, 32 a word; must be zeros.
 */
export function turnBits(
  slices: readonly Uint32Array[],
  out: Uint32Array,
): void {
  const words = slices[0]?.length ?? 0;
  const instance = words < KERNEL_WORDS_MIN || slices.length > SLICES_MAX
    ? null
    : shared === undefined
    ? (shared = start())
    : shared;
  if (instance === null) return turnBitsReference(slices, out);
  const { exports, heapStart } = instance;
  const groups = Math.ceil(slices.length / 8);
  const outAt = heapStart + SLICES_MAX * PIECE_BYTES;
  const { buffer } = exports.memory;
  for (let at = 0; at < words; at += PIECE_WORDS) {
    const count = Math.min(PIECE_WORDS, words - at);
    for (let s = 0; s < 8 * groups; s++) {
      const piece = new Uint32Array(buffer, heapStart + s * PIECE_BYTES, count);
      const slice = slices[s];
      if (slice === undefined) piece.fill(0);
      else piece.set(slice.subarray(at, at + count));
    }
    exports.turn(heapStart, PIECE_BYTES, groups, count, outAt);
    out.set(new Uint32Array(buffer, outAt, 32 * count), 32 * at);
  }
}

/**
 * Does what {@linkcode turnBits} does, in TypeScript alone: works through the
 * ones of each slice.
 *
 * @param slices Words of each slice, lowest first, at most 32; all of one length.
 * @param out A number for each bit, 32 a word; must be zeros.
 */
export function turnBitsReference(
  slices: readonly Uint32Array[],
  out: Uint32Array,
): void {
  for (let s = 0; s < slices.length; s++) {
    const words = slices[s]!;
    const digit = 1 << s;
    for (let w = 0; w < words.length; w++) {
      let word = words[w]!;
      const base = 32 * w;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        out[base + bit]! |= digit;
        word &= word - 1;
      }
    }
  }
}

function start(): KernelInstance<TurnBitsExports> | null {
  const instance = kernel.instantiate();
  if (instance === undefined) return null;
  const bytes = SLICES_MAX * PIECE_BYTES + 32 * PIECE_BYTES;
  instance.reserve(instance.heapStart + bytes);
  return instance;
}
