/** A growing file in memory that can fail, and forget what was not synced. */
import { CairnError, concatBytes } from "@cairn/core";
import type { StreamFile } from "../_stream_file.ts";

/** What happens at each call. */
export interface FakeFaults {
  /** Runs before each call; what it throws, the call throws. */
  before?: (call: string, ordinal: number) => void;
  /** Bytes that the disk holds. */
  diskBytes?: number;
  /** Most bytes that one write takes. */
  pieceBytes?: number;
}

/** The file. `faults` may be changed while it is used. */
export class FakeStreamFile implements StreamFile {
  readonly name = "fake";
  readonly faults: FakeFaults;
  /** What a reader sees. */
  bytes: Uint8Array;
  /** What is left when the machine stops. */
  synced: Uint8Array;
  closed = false;
  #calls = 0;

  constructor(bytes: Uint8Array, faults: FakeFaults = {}) {
    this.bytes = bytes.slice();
    this.synced = bytes.slice();
    this.faults = faults;
  }

  size(): Promise<number> {
    return this.#call("size", () => this.bytes.length);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#call("read", () => {
      if (offset + length > this.bytes.length) throw ioError("short");
      return this.bytes.slice(offset, offset + length);
    });
  }

  write(bytes: Uint8Array, offset: number): Promise<number> {
    return this.#call("write", () => {
      const { pieceBytes = Infinity, diskBytes = Infinity } = this.faults;
      const count = Math.min(bytes.length, pieceBytes, diskBytes - offset);
      if (pieceBytes === 0) return 0;
      if (count <= 0) throw ioError("ENOSPC");
      if (offset > this.bytes.length) throw new Error("A hole in the file");
      this.bytes = concatBytes([
        this.bytes.subarray(0, offset),
        bytes.subarray(0, count),
        this.bytes.subarray(offset + count),
      ]);
      return count;
    });
  }

  sync(): Promise<void> {
    return this.#call("sync", () => {
      this.synced = this.bytes.slice();
    });
  }

  truncate(byteLength: number): Promise<void> {
    return this.#call("truncate", () => {
      this.bytes = this.bytes.slice(0, byteLength);
    });
  }

  close(): Promise<void> {
    return this.#call("close", () => {
      this.closed = true;
    });
  }

  async #call<T>(call: string, run: () => T): Promise<T> {
    await Promise.resolve();
    if (this.closed) throw new Error(`${call} after close`);
    this.faults.before?.(call, this.#calls++);
    return run();
  }
}

/** An error as the real file makes it. */
export function ioError(reason: string): CairnError {
  return new CairnError("io", `injected ${reason}`, { reason });
}
