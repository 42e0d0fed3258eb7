/**
 * Buffers that are kept to be used again.
 *
 * @module
 */

/** Lengths are made alike, so that a buffer fits what comes next. */
const STEP_BYTES = 65_536;

/** Keeps a few buffers; new memory costs more than what is written to it. */
export class SpareBuffers<Buffer extends ArrayBuffer | SharedArrayBuffer> {
  readonly #make: (byteLength: number) => Buffer;
  readonly #countMax: number;
  #spare: Buffer[] = [];

  /**
   * Keeps nothing yet.
   *
   * @param make Makes a buffer.
   * @param countMax Most buffers kept.
   */
  constructor(make: (byteLength: number) => Buffer, countMax: number) {
    this.#make = make;
    this.#countMax = countMax;
  }

  /** Gives a buffer of at least so many bytes; what is in it is no matter. */
  take(byteLength: number): Buffer {
    const found = this.#spare.findIndex((spare) =>
      spare.byteLength >= byteLength && spare.byteLength <= 4 * byteLength
    );
    if (found >= 0) return this.#spare.splice(found, 1)[0]!;
    return this.#make(Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES);
  }

  /** Takes a buffer that nobody uses any more; the oldest go. */
  give(buffer: Buffer): void {
    this.#spare.unshift(buffer);
    if (this.#spare.length > this.#countMax) this.#spare.pop();
  }

  /** Lets go of all. */
  clear(): void {
    this.#spare = [];
  }
}
