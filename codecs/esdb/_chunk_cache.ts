/**
 * A bounded cache of a file's bytes, for lookups at random places.
 *
 * @module
 */
import { type ReadOptions, type Source, throwIfAborted } from "@cairn/core";

/** Bytes that are read and kept together. */
const CHUNK_BYTES = 65_536;
/** Longer reads go past the cache. */
const READ_BYTES_MAX = 2 * CHUNK_BYTES;

/**
 * Serves short reads from chunks of 64 KiB that are kept, the latest used
 * longest. Reads that fail are forgotten; long ones are passed on.
 *
 * A source that can be read at once needs no chunks: the system keeps the
 * file, and a short read of it costs less than the promise for a long one.
 */
export class ChunkCache implements Source {
  /** Name for messages. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** Reads at once, where the source can. */
  readonly readSync?: (offset: number, length: number) => Uint8Array;
  readonly #source: Source;
  readonly #chunksMax: number;
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #pending = new Map<number, Promise<Uint8Array>>();

  /** Puts a cache before a source. @param source Borrowed. @param bytes How much to keep. */
  constructor(source: Source, bytes: number) {
    this.name = source.name;
    this.size = source.size;
    this.#source = source;
    this.#chunksMax = Math.floor(bytes / CHUNK_BYTES);
    if (source.readSync !== undefined) {
      this.readSync = (offset, length) => source.readSync!(offset, length);
    }
  }

  /** Reads a range; a view or a copy. */
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    const first = Math.floor(offset / CHUNK_BYTES);
    const last = Math.floor((offset + length - 1) / CHUNK_BYTES);
    if (length > READ_BYTES_MAX || length < 1 || this.#chunksMax < 2) {
      return await this.#source.read(offset, length, options);
    }
    throwIfAborted(options.signal);
    if (this.readSync !== undefined) return this.readSync(offset, length);
    if (first === last) {
      const chunk = this.#kept(first) ?? await this.#load(first);
      const start = offset - first * CHUNK_BYTES;
      return chunk.subarray(start, start + length);
    }
    const bytes = new Uint8Array(length);
    for (let chunk = first; chunk <= last; chunk++) {
      const loaded = this.#kept(chunk) ?? await this.#load(chunk);
      const base = chunk * CHUNK_BYTES;
      const from = Math.max(offset, base);
      const to = Math.min(offset + length, base + loaded.length);
      bytes.set(loaded.subarray(from - base, to - base), from - offset);
    }
    return bytes;
  }

  /** Gives a short range that can be read at once or is kept, without a promise. */
  readNow(offset: number, length: number): Uint8Array | undefined {
    if (this.readSync !== undefined) {
      return length > READ_BYTES_MAX
        ? undefined
        : this.readSync(offset, length);
    }
    const first = Math.floor(offset / CHUNK_BYTES);
    const start = offset - first * CHUNK_BYTES;
    if (length < 1 || start + length > CHUNK_BYTES) return undefined;
    return this.#kept(first)?.subarray(start, start + length);
  }

  /** Forgets everything. The source stays open. */
  close(): Promise<void> {
    this.#chunks.clear();
    return Promise.resolve();
  }

  /** Forgets everything. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #kept(chunk: number): Uint8Array | undefined {
    const bytes = this.#chunks.get(chunk);
    if (bytes !== undefined) {
      this.#chunks.delete(chunk);
      this.#chunks.set(chunk, bytes);
    }
    return bytes;
  }

  /** Reads a chunk once, whoever asks; nobody's signal stops it for others. */
  #load(chunk: number): Promise<Uint8Array> {
    let pending = this.#pending.get(chunk);
    if (pending === undefined) {
      const offset = chunk * CHUNK_BYTES;
      const length = Math.min(CHUNK_BYTES, this.size - offset);
      pending = this.#source.read(offset, length).then((bytes) => {
        this.#chunks.set(chunk, bytes);
        if (this.#chunks.size > this.#chunksMax) {
          for (const oldest of this.#chunks.keys()) {
            this.#chunks.delete(oldest);
            break;
          }
        }
        return bytes;
      }).finally(() => this.#pending.delete(chunk));
      this.#pending.set(chunk, pending);
    }
    return pending;
  }
}
