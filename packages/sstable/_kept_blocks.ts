/**
 * Blocks that lookups keep.
 *
 * @module
 */
/** Blocks of a table up to a sum of bytes, the latest used longest. */
export class KeptBlocks<Block> {
  readonly #bytesMax: number;
  /** By number, the latest last. */
  readonly #blocks = new Map<
    number,
    { readonly content: Block; readonly byteLength: number }
  >();
  #byteLength = 0;

  /** Keeps nothing yet. @param bytesMax Bytes of all at most. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Gives a block that is kept, and makes it the latest. */
  get(block: number): Block | undefined {
    const kept = this.#blocks.get(block);
    if (kept === undefined) return undefined;
    this.#blocks.delete(block);
    this.#blocks.set(block, kept);
    return kept.content;
  }

  /** Keeps a block, and lets go of those that were not used for longest. */
  add(block: number, content: Block, byteLength: number): void {
    if (byteLength > this.#bytesMax || this.#blocks.has(block)) return;
    this.#blocks.set(block, { content, byteLength });
    this.#byteLength += byteLength;
    for (const [oldest, kept] of this.#blocks) {
      if (this.#byteLength <= this.#bytesMax) break;
      this.#blocks.delete(oldest);
      this.#byteLength -= kept.byteLength;
    }
  }
}
