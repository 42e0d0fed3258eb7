/**
 * Bitmaps that were read, kept for the next question.
 *
 * @module
 */
import type { Bitmap } from "@cairn/core";

/** Bitmaps used last, up to a number of bytes. */
export class BitmapCache {
  readonly #bytesMax: number;
  readonly #kept = new Map<string, { value: unknown; bytes: number }>();
  #bytes = 0;

  /** Makes an empty cache. @param bytesMax Most bytes of bitmaps. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Gets what was kept under a name. @param name The name. */
  get<T>(name: string): T | undefined {
    const found = this.#kept.get(name);
    if (found === undefined) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, found);
    return found.value as T;
  }

  /** Keeps something. @param name Its name. @param value What. @param bitmaps What it takes. */
  put(name: string, value: unknown, bitmaps: readonly Bitmap[]): void {
    let bytes = 200;
    for (const bitmap of bitmaps) bytes += bitmap.byteLength;
    if (bytes > this.#bytesMax / 2 || this.#kept.has(name)) return;
    this.#kept.set(name, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, kept] of this.#kept) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#kept.delete(oldest);
      this.#bytes -= kept.bytes;
    }
  }
}
