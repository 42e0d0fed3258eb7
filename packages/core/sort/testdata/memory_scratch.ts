/**
 * Scratch files in memory, for tests.
 *
 * @module
 */
import { MemorySink } from "../../memory_sink.ts";
import { MemorySource } from "../../memory_source.ts";
import type { Scratch, ScratchFile } from "../../scratch.ts";
import type { Source } from "../../source.ts";

/** Keeps files in memory and counts them. */
export class MemoryScratch implements Scratch {
  /** Files made so far. */
  created = 0;
  /** Files made and not removed. */
  open = 0;
  /** The most files there were at a time. */
  openMost = 0;
  /** Bytes after which writing fails. */
  bytesMax = Infinity;

  create(): Promise<ScratchFile> {
    this.created++;
    this.open++;
    this.openMost = Math.max(this.openMost, this.open);
    const sink = new MemorySink();
    let disposed = false;
    const file: ScratchFile = {
      get byteLength() {
        return sink.byteLength;
      },
      write: (bytes) =>
        sink.byteLength + bytes.length > this.bytesMax
          ? Promise.reject(new Error("disk full"))
          : sink.write(bytes),
      source: async (): Promise<Source> => {
        await sink.finish();
        return new MemorySource(sink.bytes());
      },
      [Symbol.asyncDispose]: () => {
        if (!disposed) this.open--;
        disposed = true;
        return Promise.resolve();
      },
    };
    return Promise.resolve(file);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
