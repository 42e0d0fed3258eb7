/**
 * A source over a file that is mapped into memory.
 *
 * @module
 */
import { loadMmap, MMAP, type MmapSymbols } from "./_mmap_library.ts";
import { fileError } from "./_file_system.ts";
import { CairnError, throwIfAborted } from "./errors.ts";
import { assertRange, type ReadOptions, type Source } from "./source.ts";

/** A mapping, as the system gave it. */
interface Mapping {
  readonly calls: MmapSymbols;
  readonly pointer: Deno.PointerObject;
  readonly buffer: ArrayBuffer;
}

/**
 * Serves ranges of a file as views of the mapped file: nothing is copied, and
 * the system reads pages when they are touched.
 *
 * **Danger.** The system ends the process, without an error that could be
 * caught, when a page is touched that cannot be read: when somebody cuts the
 * file while it is mapped, or the disk fails. Map only files that nobody
 * writes to. Views must not be written to: that ends the process too. A touch
 * may wait for the disk, and the whole thread waits with it.
 *
 * Closing makes all views empty.
 */
export class MappedFileSource implements Source {
  /** The file's path. */
  readonly name: string;
  /** Length in bytes when the file was mapped. */
  readonly size: number;
  #mapping: Mapping | undefined;
  #closed = false;

  /** Maps a file. @param path The file. */
  private constructor(path: string, size: number, mapping?: Mapping) {
    this.name = path;
    this.size = size;
    this.#mapping = mapping;
  }

  /**
   * Maps a file; see {@linkcode openMappedFile}.
   *
   * @param path The file.
   * @returns A source, to be closed.
   */
  static open(path: string): Promise<MappedFileSource> {
    const { calls, openFlags } = loadMmap(path);
    assertPlainFile(path);
    const encoded = new TextEncoder().encode(`${path}\0`);
    const descriptor = calls.open(encoded, openFlags);
    if (descriptor < 0) throw mapError(path, "the system does not open it");
    try {
      const size = Number(calls.lseek(descriptor, 0n, MMAP.seekEnd));
      if (!(size >= 0)) throw mapError(path, "its length is not known");
      // A mapping of no bytes is refused by the system, and not needed.
      const mapping = size === 0
        ? undefined
        : mapWhole(calls, path, descriptor, size);
      return Promise.resolve(new MappedFileSource(path, size, mapping));
    } finally {
      // A mapping lives on without its descriptor.
      calls.close(descriptor);
    }
  }

  /** Reads a range as a view, empty once the source is closed. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async read(
    offset: number,
    length: number,
    options: ReadOptions = {},
  ): Promise<Uint8Array> {
    throwIfAborted(options.signal);
    return this.readSync(offset, length);
  }

  /** Reads a range as a view, at once. See {@linkcode Source.readSync}. */
  readSync(offset: number, length: number): Uint8Array {
    if (this.#closed) {
      throw new TypeError(`Cannot read "${this.name}": the source is closed`);
    }
    assertRange(this.size, offset, length);
    if (this.#mapping === undefined) return new Uint8Array(0);
    return new Uint8Array(this.#mapping.buffer, offset, length);
  }

  /** Tells the system what will be needed. See {@linkcode Source.advise}. */
  advise(offset: number, length: number, need: "soon" | "no-more"): void {
    if (this.#mapping === undefined || !(offset >= 0 && length > 0)) return;
    const { calls, pointer } = this.#mapping;
    const pageBytes = calls.getpagesize();
    const soon = need === "soon";
    const last = Math.min(this.size, offset + length);
    // Whole pages only: outwards for what is needed, inwards for what is not.
    const start = pageBytes *
      (soon ? Math.floor(offset / pageBytes) : Math.ceil(offset / pageBytes));
    const end = soon || last === this.size
      ? last
      : pageBytes * Math.floor(last / pageBytes);
    if (!(start < end)) return;
    const place = Deno.UnsafePointer.create(
      Deno.UnsafePointer.value(pointer) + BigInt(start),
    );
    const advice = soon ? MMAP.adviceSoon : MMAP.adviceNoMore;
    calls.madvise(place, BigInt(end - start), advice);
  }

  /** Unmaps the file; all views become empty. */
  // deno-lint-ignore require-await -- errors must arrive as a rejected promise
  async close(): Promise<void> {
    this.#closed = true;
    const mapping = this.#mapping;
    this.#mapping = undefined;
    if (mapping === undefined) return;
    // Views that outlive the mapping would reach into freed memory.
    mapping.buffer.transfer(0);
    if (mapping.calls.munmap(mapping.pointer, BigInt(this.size)) !== 0) {
      throw mapError(this.name, "the system does not unmap it");
    }
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Maps a file into memory, where Deno runs on Unix and `--allow-ffi` is given.
 *
 * Faster than reading for a file that is read over and over or at random;
 * see {@linkcode MappedFileSource} for what it endangers.
 *
 * @param path The file.
 * @returns A source, to be closed.
 * @throws {CairnError} `unsupported`, with reason `no-ffi` or
 * `ffi-not-permitted`; `not-found`; `io`.
 */
// deno-lint-ignore require-await -- errors must arrive as a rejected promise
export async function openMappedFile(path: string): Promise<MappedFileSource> {
  return MappedFileSource.open(path);
}

/** Also asks for the permission to read, which a C call would not. */
function assertPlainFile(path: string): void {
  let isFile: boolean;
  try {
    isFile = Deno.statSync(path).isFile;
  } catch (error) {
    throw fileError(error, "open file", path);
  }
  if (!isFile) throw mapError(path, "it is not a plain file", "not-a-file");
}

function mapWhole(
  calls: MmapSymbols,
  path: string,
  descriptor: number,
  size: number,
): Mapping {
  const length = BigInt(size);
  const pointer = calls.mmap(
    null,
    length,
    MMAP.protRead,
    MMAP.mapShared,
    descriptor,
    0n,
  );
  // The system says -1 for a failure.
  if (
    pointer === null || Deno.UnsafePointer.value(pointer) === 2n ** 64n - 1n
  ) {
    throw mapError(path, "the system does not map it");
  }
  try {
    const buffer = Deno.UnsafePointerView.getArrayBuffer(pointer, size);
    return { calls, pointer, buffer };
  } catch (error) {
    calls.munmap(pointer, length);
    throw mapError(path, "it is too large for one buffer", "size", error);
  }
}

function mapError(
  file: string,
  why: string,
  reason?: string,
  cause?: unknown,
): CairnError {
  return new CairnError("io", `Cannot map file: ${why}`, {
    where: { file },
    ...(reason === undefined ? {} : { reason }),
    ...(cause === undefined ? {} : { cause }),
  });
}
