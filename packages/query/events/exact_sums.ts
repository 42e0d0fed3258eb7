/**
 * Sums of integers by number of group, exact however large.
 *
 * @module
 */

/** Sums, each begun at 0. */
export class ExactSums {
  #small: Float64Array = new Float64Array(64);
  readonly #large = new Map<number, bigint>();

  /**
   * Adds a number within 53 bits.
   *
   * @param at Which sum.
   * @param number What to add.
   */
  add(at: number, number: number): void {
    if (at >= this.#small.length) this.#grow(at);
    const sum = this.#small[at]! + number;
    if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) {
      this.#small[at] = sum;
    } else {
      this.addLarge(at, BigInt(number));
    }
  }

  /**
   * Adds any number.
   *
   * @param at Which sum.
   * @param number What to add.
   */
  addLarge(at: number, number: bigint): void {
    this.#large.set(at, (this.#large.get(at) ?? 0n) + number);
  }

  /** Gives a sum. @param at Which. */
  sum(at: number): bigint {
    return BigInt(this.#small[at] ?? 0) + (this.#large.get(at) ?? 0n);
  }

  #grow(at: number): void {
    const grown = new Float64Array(2 * at);
    grown.set(this.#small);
    this.#small = grown;
  }
}
