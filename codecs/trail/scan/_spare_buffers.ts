/**
 * Buffers that are kept to be used again.
 *
 * @module
 */

/** Fewest bytes of a buffer. */
const BUFFER_BYTES_MIN = 65_536;

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
      spare.byteLength >= byteLength
    );
    if (found >= 0) return this.#spare.splice(found, 1)[0]!;
    // Lengths are made alike, so that a buffer fits what comes next.
    let length = BUFFER_BYTES_MIN;
    while (length < byteLength) length *= 2;
    return this.#make(length);
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
