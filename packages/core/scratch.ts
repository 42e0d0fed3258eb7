/**
 * Room for data that does not fit in memory while a store is written.
 *
 * @module
 */
import type { Source } from "./source.ts";

/** One temporary file: written from front to end, then read. */
export interface ScratchFile extends AsyncDisposable {
  /** Bytes written so far. */
  readonly byteLength: number;

  /** Appends bytes, which the caller may change once the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;

  /** Ends writing. The source may be read in any order and closes with the file. */
  source(): Promise<Source>;
}

/**
 * Makes temporary files and removes them all when disposed, also after a
 * failure. What a killed process leaves behind is never read by another.
 */
export interface Scratch extends AsyncDisposable {
  /** Makes an empty temporary file. */
  create(): Promise<ScratchFile>;
}
