/**
 * A window on another source.
 *
 * @module
 */
import { assertRange, type ReadOptions, type Source } from "./source.ts";

/** What a slice can be told. */
export interface SliceSourceOptions {
  /** Name for messages; that of the whole if left out. */
  readonly name?: string;
  /** Whether closing the slice closes the whole; it does not if left out. */
  readonly owns?: boolean;
}

/**
 * Serves a range of another source as a source of its own.
 *
 * @example Look at the middle
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemorySource, SliceSource } from "@cairn/core";
 *
 * await using whole = new MemorySource(Uint8Array.of(1, 2, 3, 4));
 * await using slice = new SliceSource(whole, { offset: 1, length: 2 });
 * assertEquals(await slice.read(1, 1), Uint8Array.of(3));
 * ```
 */
export class SliceSource implements Source {
  /** Name for messages. */
  readonly name: string;
  /** Length of the window in bytes. */
  readonly size: number;
  /** Reads a range of the window at once, where the whole can be read so. */
  readonly readSync?: (offset: number, length: number) => Uint8Array;
  readonly #whole: Source;
  readonly #offset: number;
  readonly #owns: boolean;
  #closed = false;

  /**
   * Makes a window.
   *
   * @param whole Where the bytes are; must stay open.
   * @param range Where the window starts and how many bytes it has.
   * @param options Name and ownership.
   * @throws {RangeError} When the window is not inside the whole.
   */
  constructor(
    whole: Source,
    range: { readonly offset: number; readonly length: number },
    options: SliceSourceOptions = {},
  ) {
    assertRange(whole.size, range.offset, range.length);
    this.name = options.name ?? whole.name;
    this.size = range.length;
    this.#whole = whole;
    this.#offset = range.offset;
    this.#owns = options.owns ?? false;
    if (whole.readSync !== undefined) {
      this.readSync = (offset, length) => this.#readSync(offset, length);
    }
  }

  /** Reads a range of the window. See {@linkcode Source.read}. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    this.#assertReadable(offset, length);
    return await this.#whole.read(this.#offset + offset, length, options);
  }

  #readSync(offset: number, length: number): Uint8Array {
    this.#assertReadable(offset, length);
    return this.#whole.readSync!(this.#offset + offset, length);
  }

  #assertReadable(offset: number, length: number): void {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    assertRange(this.size, offset, length);
  }

  /** Passes a hint on. See {@linkcode Source.advise}. */
  advise(offset: number, length: number, need: "soon" | "no-more"): void {
    if (this.#closed || !(offset >= 0 && offset < this.size)) return;
    const inside = Math.min(length, this.size - offset);
    this.#whole.advise?.(this.#offset + offset, inside, need);
  }

  /** Ends the window; closes the whole if it is owned. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#owns) await this.#whole.close();
  }

  /** Closes the window. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
