/**
 * Bitmaps, one ordinal after the other.
 *
 * @module
 */
import { MemberCollector } from "./_member_collector.ts";
import { Bitmap } from "./bitmap.ts";

/**
 * Collects ordinals, in any order, into a bitmap. Ascending order costs least:
 * 2 bytes a member and 8 a chunk.
 */
export class BitmapBuilder {
  readonly #collector = new MemberCollector();

  /** Adds an ordinal. @param ordinal 0 to 2^43 - 1. */
  add(ordinal: number): void {
    this.#collector.add(ordinal);
  }

  /** Makes the bitmap. The builder may go on. */
  finish(): Bitmap {
    const { chunks, starts, bits } = this.#collector.finish();
    return Bitmap.fromMembers(chunks, starts, bits);
  }
}
