/**
 * Reading of neighbouring blocks together, one piece ahead.
 *
 * @module
 */
import type { Source } from "@cairn/core";
import { TRAILER_BYTES } from "./layout.ts";
import type { TableIndex } from "./table_index.ts";

/** Which blocks to read, and how. */
export interface BlockRunsOptions {
  /** Number of the first block. */
  readonly first: number;
  /** Number of the last block. */
  readonly last: number;
  /** Where the table begins in the source. */
  readonly base: number;
  /** Most bytes of a piece, but always a block. */
  readonly readBytes: number;
  /** Stops reads. */
  readonly signal: AbortSignal | undefined;
}

/** A run of blocks that is read in one request. */
interface Run {
  readonly first: number;
  readonly end: number;
  readonly offset: number;
  readonly bytes: Promise<Uint8Array>;
}

/** Hands out the stored bytes of blocks `first` to `last`, in that order. */
export class BlockRuns {
  readonly #source: Source;
  readonly #index: TableIndex;
  readonly #options: BlockRunsOptions;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  #bytes: Uint8Array | undefined;
  #run: Run | undefined;
  #next: Run | undefined;

  constructor(source: Source, index: TableIndex, options: BlockRunsOptions) {
    this.#source = source;
    this.#index = index;
    this.#options = options;
    this.#signal = options.signal === undefined
      ? this.#abort.signal
      : AbortSignal.any([this.#abort.signal, options.signal]);
  }

  /** Gives a block that has been read already. */
  block(block: number): Uint8Array | undefined {
    const run = this.#run;
    if (this.#bytes === undefined || run === undefined || block >= run.end) {
      return undefined;
    }
    const start = this.#index.offsets[block]! - run.offset;
    return this.#bytes.subarray(
      start,
      start + this.#index.lengths[block]! + TRAILER_BYTES,
    );
  }

  /** Waits for the run that begins with a block, and asks for the next one. */
  async load(block: number): Promise<Uint8Array> {
    this.#run = this.#next ?? this.#read(block);
    this.#next = undefined;
    this.#bytes = await this.#run.bytes;
    if (this.#run.end <= this.#options.last) {
      this.#next = this.#read(this.#run.end);
    }
    return this.block(block)!;
  }

  /** Stops what is under way. */
  stop(): void {
    if (this.#next !== undefined) this.#abort.abort();
  }

  #read(first: number): Run {
    const { offsets, lengths } = this.#index;
    const { last, base, readBytes } = this.#options;
    const offset = offsets[first]!;
    let end = first + 1;
    let length = lengths[first]! + TRAILER_BYTES;
    while (end <= last) {
      const reach = offsets[end]! + lengths[end]! + TRAILER_BYTES - offset;
      if (reach > readBytes) break;
      length = reach;
      end++;
    }
    const bytes = this.#source.read(base + offset, length, {
      signal: this.#signal,
    });
    bytes.catch(() => {}); // told when it is awaited, or not wanted any more
    return { first, end, offset, bytes };
  }
}
