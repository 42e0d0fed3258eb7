/**
 * Arithmetic modulo 2^64 in registers of two 32-bit words, without bigint.
 *
 * @module
 */

/** A number as high and low word. */
export type Constant64 = readonly [number, number];

/**
 * Registers, each two words with the low one first, and the bytes that numbers
 * are fetched from. A register is named by the place of its low word.
 */
export class Registers64 {
  /** The words of all registers. */
  protected readonly r: Uint32Array;
  /** Where numbers are fetched from. */
  protected readonly bytes: Uint8Array;

  /** Makes registers of zeros. @param bytes Where from. @param words Two a register. */
  constructor(bytes: Uint8Array, words: number) {
    this.bytes = bytes;
    this.r = new Uint32Array(words);
  }

  protected word(at: number): number {
    const bytes = this.bytes;
    return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
      bytes[at + 3]! << 24) >>> 0;
  }

  protected fetch(to: number, at: number): void {
    this.r[to] = this.word(at);
    this.r[to + 1] = this.word(at + 4);
  }

  protected addFetched(to: number, at: number): void {
    this.addWords(to, this.word(at + 4), this.word(at));
  }

  protected copy(to: number, from: number): void {
    this.r[to] = this.r[from]!;
    this.r[to + 1] = this.r[from + 1]!;
  }

  protected set(to: number, constant: Constant64): void {
    this.r[to] = constant[1];
    this.r[to + 1] = constant[0];
  }

  protected setNumber(to: number, value: number): void {
    this.r[to] = value;
    this.r[to + 1] = 0;
  }

  protected add(to: number, from: number): void {
    this.addWords(to, this.r[from + 1]!, this.r[from]!);
  }

  protected addConstant(to: number, constant: Constant64): void {
    this.addWords(to, constant[0], constant[1]);
  }

  protected addNumber(to: number, value: number): void {
    this.addWords(to, 0, value);
  }

  protected addWords(to: number, high: number, low: number): void {
    const r = this.r;
    const sum = r[to]! + low;
    r[to] = sum;
    r[to + 1] = r[to + 1]! + high + (sum > 0xffff_ffff ? 1 : 0);
  }

  protected xor(to: number, from: number): void {
    this.r[to]! ^= this.r[from]!;
    this.r[to + 1]! ^= this.r[from + 1]!;
  }

  protected xorConstant(to: number, constant: Constant64): void {
    this.r[to]! ^= constant[1];
    this.r[to + 1]! ^= constant[0];
  }

  /** `r ^= r >> 47`. */
  protected shiftMix(to: number): void {
    this.r[to]! ^= this.r[to + 1]! >>> 15;
  }

  /** Rotates right by 1 to 63, not 32. */
  protected rotate(to: number, bits: number): void {
    const r = this.r;
    let low = r[to]!;
    let high = r[to + 1]!;
    if (bits > 32) {
      [low, high] = [high, low];
      bits -= 32;
    }
    r[to] = low >>> bits | high << (32 - bits);
    r[to + 1] = high >>> bits | low << (32 - bits);
  }

  protected multiply(to: number, constant: Constant64): void {
    this.multiplyWords(to, constant[0], constant[1]);
  }

  protected multiplyBy(to: number, by: number): void {
    this.multiplyWords(to, this.r[by + 1]!, this.r[by]!);
  }

  /** Multiplies modulo 2^64, by halves of 16 bits so that products stay exact. */
  protected multiplyWords(to: number, high: number, low: number): void {
    const r = this.r;
    const a = r[to]!;
    const a0 = a & 0xffff;
    const a1 = a >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const low0 = a0 * b0;
    const middle1 = a1 * b0;
    const middle2 = a0 * b1;
    const carry = (low0 >>> 16) + (middle1 & 0xffff) + (middle2 & 0xffff);
    const top = a1 * b1 + (middle1 >>> 16) + (middle2 >>> 16) + (carry >>> 16);
    r[to + 1] = top + Math.imul(r[to + 1]!, low) + Math.imul(a, high);
    r[to] = (low0 & 0xffff) | carry << 16;
  }
}
