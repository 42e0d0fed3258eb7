/**
 * Events in order, in a temporary file.
 *
 * @module
 */
import { throwIfAborted } from "../errors.ts";
import type { Scratch, ScratchFile } from "../scratch.ts";
import type { Source } from "../source.ts";
import { decodeBlock, encodeBlock } from "./_batch_block.ts";
import { release, type Run } from "./_run.ts";
import type { SortedBatch, SortedScanOptions } from "./sorted_events.ts";

/** A sorted run of blocks, one behind the other. */
class FileRun implements Run {
  readonly trails: number;
  readonly #columnCount: number;
  readonly #file: ScratchFile;
  readonly #source: Source;
  /** Where each block begins, and the end of the last. */
  readonly #offsets: readonly number[];

  constructor(
    file: ScratchFile,
    source: Source,
    facts: { trails: number; columnCount: number; offsets: readonly number[] },
  ) {
    this.#file = file;
    this.#source = source;
    this.trails = facts.trails;
    this.#columnCount = facts.columnCount;
    this.#offsets = facts.offsets;
  }

  async *scan(options: SortedScanOptions): AsyncGenerator<SortedBatch> {
    const chosen = options.columns ??
      Array.from({ length: this.#columnCount }, (_, c) => c);
    for (let i = 0; i + 1 < this.#offsets.length; i++) {
      throwIfAborted(options.signal);
      const offset = this.#offsets[i]!;
      const block = await this.#source.read(
        offset,
        this.#offsets[i + 1]! - offset,
      );
      const batch = decodeBlock(block, this.#columnCount, chosen);
      yield batch;
      // The batch is over. Waiting for the collector would let memory pass its
      // bound by what many batches hold.
      releaseOwn(batch.timestamps);
      for (const column of batch.columns) {
        if (ArrayBuffer.isView(column)) releaseOwn(column);
      }
    }
  }

  async dispose(): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/**
 * Writes sorted batches to a temporary file.
 *
 * @param scratch Makes the file.
 * @param batches The events; the ordinals of their trails are right.
 * @param columnCount Columns of the events.
 * @returns The run. Its file is removed when writing fails.
 */
export async function writeRun(
  scratch: Scratch,
  batches: AsyncIterable<SortedBatch>,
  columnCount: number,
): Promise<Run> {
  const file = await scratch.create();
  try {
    const offsets = [0];
    let trails = 0;
    for await (const batch of batches) {
      const block = encodeBlock(batch);
      await file.write(block);
      release(block);
      offsets.push(file.byteLength);
      trails = batch.firstTrail + batch.trailOffsets.length - 1;
    }
    const source = await file.source();
    return new FileRun(file, source, { trails, columnCount, offsets });
  } catch (error) {
    // The first error wins; the scratch removes what is left.
    await Promise.allSettled([file[Symbol.asyncDispose]()]);
    throw error;
  }
}

/** Gives an array's memory back unless others lie in the same buffer. */
function releaseOwn(array: ArrayBufferView): void {
  if (array.byteLength === array.buffer.byteLength) release(array);
}
