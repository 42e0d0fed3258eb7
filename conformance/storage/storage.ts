/**
 * Where the suite puts the stores that it writes, and reads them from.
 *
 * @module
 */
import { MemorySink, MemorySource, type Sink, type Source } from "@cairn/core";

/** A sink that the suite made, and what came of it. */
export interface MadeSink {
  /** Where a writer writes. */
  readonly sink: Sink;
  /** Gives the file that appeared; `undefined` where none did. */
  bytes(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** Ways to make sources and sinks. */
export interface Storage {
  /**
   * Makes a source of these bytes. The suite closes it, or the codec does.
   *
   * @param bytes What it serves; never changed.
   * @param name What messages may call it.
   */
  makeSource(bytes: Uint8Array, name: string): Source | Promise<Source>;
  /** Makes an empty sink for a file that is not there yet. */
  makeSink(): MadeSink | Promise<MadeSink>;
}

/** Sources and sinks in memory; what the suite uses unless told otherwise. */
export const MEMORY_STORAGE: Storage = {
  makeSource: (bytes, name) => new MemorySource(bytes, { name }),
  makeSink: () => {
    const sink = new MemorySink();
    return { sink, bytes: () => finishedBytes(sink) };
  },
};

/** Before `finish` and after `abort` there is nothing to take. */
function finishedBytes(sink: MemorySink): Uint8Array | undefined {
  try {
    return sink.bytes();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
