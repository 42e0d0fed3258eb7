/**
 * Which trails the writer counts when there are too many events for all.
 *
 * The sample must be that of the C program, so this is its generator: dSFMT
 * with exponent 521, on pairs of 32-bit words in place of 64-bit ones.
 *
 * Layout: docs/formats/traildb.md, parts 10.4 and 11.
 *
 * @module
 */
import { SAMPLE_SEED, SAMPLE_SHARE } from "../layout.ts";

/** Words of the state: four pairs of u64 and the lung, a low word first. */
const STATE_WORDS = 20;
/** Index of the lung's first word. */
const LUNG = 16;
/** Numbers drawn before the state is refilled. */
const NUMBERS = 8;

/** Gives numbers of [0, 1), the same ones every time. */
export class SampleGenerator {
  readonly #words: Uint32Array;
  readonly #view: DataView;
  #next = NUMBERS;

  /** Starts a generator. @param seed 32 bits. */
  constructor(seed: number = SAMPLE_SEED) {
    this.#words = new Uint32Array(STATE_WORDS);
    this.#view = new DataView(new ArrayBuffer(8));
    seedState(this.#words, seed);
  }

  /** Draws the next number. @returns At least 0, below 1. */
  next(): number {
    if (this.#next === NUMBERS) {
      refill(this.#words);
      this.#next = 0;
    }
    const at = 2 * this.#next++;
    this.#view.setUint32(0, this.#words[at + 1]!);
    this.#view.setUint32(4, this.#words[at]!);
    return this.#view.getFloat64(0) - 1;
  }
}

/**
 * Tells trail by trail whether it is in the sample. The first always is.
 */
export class TrailSample {
  readonly #generator: SampleGenerator = new SampleGenerator();
  #first = true;

  /** Decides about the next trail, in file order. @returns Whether it is taken. */
  next(): boolean {
    if (this.#first) {
      this.#first = false;
      return true;
    }
    return this.#generator.next() < SAMPLE_SHARE;
  }
}

function seedState(words: Uint32Array, seed: number): void {
  words[0] = seed;
  for (let i = 1; i < STATE_WORDS; i++) {
    const before = words[i - 1]!;
    words[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  // Each u64 but the lung is a double of [1, 2): its exponent never changes.
  for (let i = 1; i < LUNG; i += 2) {
    words[i] = (words[i]! & 0x000f_ffff) | 0x3ff0_0000;
  }
  // The masks of the other two words of the lung are zero.
  let parity = ((words[LUNG + 1]! ^ 0xcfb3_93d6) & 0xccaa_5880) ^
    ((words[LUNG + 2]! ^ 0x83ae_2adb) & 1);
  for (let shift = 16; shift > 0; shift >>= 1) parity ^= parity >>> shift;
  if ((parity & 1) === 0) words[LUNG + 2]! ^= 1;
}

function refill(words: Uint32Array): void {
  let low0 = words[LUNG]!;
  let high0 = words[LUNG + 1]!;
  let low1 = words[LUNG + 2]!;
  let high1 = words[LUNG + 3]!;
  for (let i = 0; i < LUNG; i += 4) {
    const j = (i + 12) & 15;
    const a0 = words[i]!;
    const a1 = words[i + 2]!;
    // Each half of the lung takes the other one, its words exchanged.
    const newLow0 = (a0 << 25) ^ high1 ^ words[j]!;
    const newHigh0 = ((words[i + 1]! << 25) | (a0 >>> 7)) ^ low1 ^
      words[j + 1]!;
    const newLow1 = (a1 << 25) ^ high0 ^ words[j + 2]!;
    const newHigh1 = ((words[i + 3]! << 25) | (a1 >>> 7)) ^ low0 ^
      words[j + 3]!;
    low0 = newLow0;
    high0 = newHigh0;
    low1 = newLow1;
    high1 = newHigh1;
    words[i]! ^= ((low0 >>> 12) | (high0 << 20)) ^ (low0 & 0xff77_efff);
    words[i + 1]! ^= (high0 >>> 12) ^ (high0 & 0x000f_bfef);
    words[i + 2]! ^= ((low1 >>> 12) | (high1 << 20)) ^ (low1 & 0xfbdf_bfdf);
    words[i + 3]! ^= (high1 >>> 12) ^ (high1 & 0x000f_feeb);
  }
  words[LUNG] = low0;
  words[LUNG + 1] = high0;
  words[LUNG + 2] = low1;
  words[LUNG + 3] = high1;
}
