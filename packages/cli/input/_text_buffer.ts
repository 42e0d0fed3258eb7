/**
 * The text of an input, a window at a time.
 *
 * @module
 */
import { gunzipped } from "./gunzip.ts";
import type { InputFile } from "./input_file.ts";

/** Bytes of the window, unless a record is longer. */
const WINDOW_BYTES = 1 << 20;

/**
 * A window on an input: `bytes` from `start` to `end` are text not parsed yet,
 * and behind them is room for one more byte.
 */
export class TextBuffer {
  /** The window. */
  bytes: Uint8Array = new Uint8Array(WINDOW_BYTES + 1);
  /** First byte not parsed. */
  start = 0;
  /** Behind the last byte. */
  end = 0;
  /** Whether the input ends at `end`. */
  final = false;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #next: Promise<IteratorResult<Uint8Array>> | undefined;
  #piece: Uint8Array | undefined;

  /**
   * Opens an input.
   *
   * @param file The input.
   * @param onRead Told of the length of each piece read.
   */
  constructor(file: InputFile, onRead: (byteLength: number) => void) {
    this.#pieces = gunzipped(counted(file, onRead));
  }

  /**
   * Drops what is parsed and reads until the window is full or the input ends.
   * The window grows when all of it is one record.
   */
  async fill(): Promise<void> {
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    const full = this.bytes.length - 1;
    if (this.end === full) {
      const grown = new Uint8Array(2 * full + 1);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    const room = this.bytes.length - 1;
    while (this.end < room && !this.final) {
      if (this.#piece === undefined) {
        const step = await (this.#next ?? this.#pieces.next());
        this.#next = undefined;
        if (step.done === true) {
          this.final = true;
          return;
        }
        this.#piece = step.value;
      }
      const part = this.#piece.subarray(0, room - this.end);
      this.bytes.set(part, this.end);
      this.end += part.length;
      if (part.length < this.#piece.length) {
        this.#piece = this.#piece.subarray(part.length);
      } else {
        this.#piece = undefined;
        // The next piece is read while this one is parsed.
        this.#next = this.#pieces.next();
        // Its failure is thrown where it is awaited.
        this.#next.catch(() => {});
      }
    }
  }

  /** Closes the input. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#next]);
    await this.#pieces.return?.(undefined);
  }
}

async function* counted(
  file: InputFile,
  onRead: (byteLength: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of file.open()) {
    onRead(piece.length);
    yield piece;
  }
}
