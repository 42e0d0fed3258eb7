/**
 * Bytes that are written once and read once, in memory while they are few.
 *
 * @module
 */
import type { Scratch, ScratchFile } from "@cairn/core";

/** Bytes that are read from a temporary file at a time. */
const READ_BYTES = 1 << 20;

/** Keeps bytes in order; past a limit they go to a temporary file. */
export class Spool {
  readonly #scratch: Scratch;
  readonly #memoryBytesMax: number;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #file: ScratchFile | undefined;
  #byteLength = 0;

  /**
   * Makes an empty spool.
   *
   * @param scratch Where bytes go that do not fit in memory; borrowed, and
   * disposing of it frees them.
   * @param memoryBytesMax Bytes that are kept in memory.
   */
  constructor(scratch: Scratch, memoryBytesMax: number) {
    this.#scratch = scratch;
    this.#memoryBytesMax = memoryBytesMax;
  }

  /** Bytes written so far. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Takes bytes over: they must not be changed afterwards. @param bytes Any number. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
    this.#byteLength += bytes.length;
    if (this.#pieceBytes <= this.#memoryBytesMax) return;
    this.#file ??= await this.#scratch.create();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pieceBytes = 0;
    for (const piece of pieces) await this.#file.write(piece);
  }

  /** Gives everything in order, in pieces, and frees it. Once only. */
  async *read(): AsyncGenerator<Uint8Array> {
    if (this.#file !== undefined) {
      const source = await this.#file.source();
      for (let offset = 0; offset < source.size; offset += READ_BYTES) {
        yield await source.read(
          offset,
          Math.min(READ_BYTES, source.size - offset),
        );
      }
      await this.#file[Symbol.asyncDispose]();
      this.#file = undefined;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pieceBytes = 0;
    yield* pieces;
  }
}
