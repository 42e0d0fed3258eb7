/**
 * Decoded blocks that lookups keep.
 *
 * @module
 */
import type { TableBatch } from "./table_options.ts";

/** Blocks of a table up to a sum of stored bytes, the latest used longest. */
export class KeptBlocks {
  readonly #bytesMax: number;
  /** By number, the latest last. */
  readonly #blocks = new Map<
    number,
    { readonly batch: TableBatch; readonly byteLength: number }
  >();
  #byteLength = 0;

  /** Keeps nothing yet. @param bytesMax Stored bytes of all at most. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Gives a block that is kept, and makes it the latest. */
  get(block: number): TableBatch | undefined {
    const kept = this.#blocks.get(block);
    if (kept === undefined) return undefined;
    this.#blocks.delete(block);
    this.#blocks.set(block, kept);
    return kept.batch;
  }

  /** Keeps a block, and lets go of those that were not used for longest. */
  add(batch: TableBatch, byteLength: number): void {
    if (byteLength > this.#bytesMax || this.#blocks.has(batch.block)) return;
    this.#blocks.set(batch.block, { batch, byteLength });
    this.#byteLength += byteLength;
    for (const [block, kept] of this.#blocks) {
      if (this.#byteLength <= this.#bytesMax) break;
      this.#blocks.delete(block);
      this.#byteLength -= kept.byteLength;
    }
  }
}
