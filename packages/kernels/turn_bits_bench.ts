/**
 * A column of 2,000,000 numbers of 13 digits, Zipf-like: kernel and reference.
 *
 * @module
 */
import { turnBits, turnBitsReference } from "./mod.ts";

const WORDS = 65_536;
const slices = Array.from({ length: 13 }, () => new Uint32Array(WORDS));
let state = 5;
for (let i = 0; i < 32 * WORDS; i++) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  const number = Math.floor(2 ** (13 * ((state >>> 0) / 2 ** 32))) - 1;
  for (let s = 0; s < 13; s++) {
    if (number >>> s & 1) slices[s]![i >>> 5]! |= 1 << (i & 31);
  }
}

Deno.bench({
  name: "turnBitsReference()",
  group: "turn bits",
  baseline: true,
  fn: () => turnBitsReference(slices, new Uint32Array(32 * WORDS)),
});

Deno.bench({
  name: "turnBits()",
  group: "turn bits",
  fn: () => turnBits(slices, new Uint32Array(32 * WORDS)),
});
