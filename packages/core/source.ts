/**
 * Where bytes come from.
 *
 * @module
 */

/** How to read from a source. */
export interface ReadOptions {
  /** Stops the read. */
  readonly signal?: AbortSignal;
}

/**
 * Random access to immutable bytes: memory, a file, a remote object.
 *
 * Reads are asked for in large pieces, any number at once. A source never
 * reads more of the file than it must, and never by a file's word: a caller
 * checks lengths against `size` first.
 */
export interface Source extends AsyncDisposable {
  /** Name for messages, such as a path; never parsed. */
  readonly name: string;

  /** Length in bytes; does not change while the source is open. */
  readonly size: number;

  /**
   * Reads exactly `length` bytes from `offset`. The result is a view or a
   * copy, valid until the source is closed; it must not be written to.
   *
   * @throws {RangeError} When the range is not inside `[0, size)`.
   * @throws {CairnError} `io` when the read fails or comes back short;
   * `aborted`, with the signal's reason as `cause`.
   */
  read(
    offset: number,
    length: number,
    options?: ReadOptions,
  ): Promise<Uint8Array>;

  /**
   * Reads as `read` does, but at once: the thread waits. For short reads at
   * random places, where a promise costs more than the bytes. Absent where a
   * read may take long, as over a network.
   *
   * @throws {RangeError} When the range is not inside `[0, size)`.
   * @throws {CairnError} `io` when the read fails or comes back short.
   */
  readSync?(offset: number, length: number): Uint8Array;

  /**
   * Says that a range will be read soon, or no more. A hint: it may do nothing
   * and never fails. Absent where it means nothing.
   */
  advise?(offset: number, length: number, need: "soon" | "no-more"): void;

  /** Frees what the source holds. May be called twice; reads fail afterwards. */
  close(): Promise<void>;
}

/**
 * Fails unless a range lies inside a source.
 *
 * @param size Bytes of the source.
 * @param offset Start of the range.
 * @param length Bytes of the range.
 * @throws {RangeError} When it does not.
 */
export function assertRange(
  size: number,
  offset: number,
  length: number,
): void {
  if (
    !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) ||
    offset < 0 || length < 0 || offset > size || length > size - offset
  ) {
    throw new RangeError(
      `Cannot read ${length} bytes at ${offset}: the source has ${size} bytes`,
    );
  }
}
