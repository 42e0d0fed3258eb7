/**
 * Bytes of an input, decompressed where they are gzip.
 *
 * @module
 */
import { CairnError } from "@cairn/core";
import { Gunzip } from "fflate";
import { updateCrc32 } from "./_crc32.ts";

/** Most bytes given to the decompressor at a time: bounds what comes out of it. */
const PUSH_BYTES = 1 << 15;
/** Checksum and length behind each member. */
const TRAILER_BYTES = 8;
/**
 * Compressed bytes kept to find a trailer again. fflate tells of a member when
 * it has the whole header, so this bounds headers that lie across two pushes.
 */
const TAIL_BYTES = TRAILER_BYTES + 4096;

/**
 * Passes bytes on, decompressed when they begin as gzip does (1f 8b). Several
 * members one behind the other are one text.
 *
 * fflate inflates; the checksum and length of each member are compared here,
 * so that a cut file or one with something behind its end is found.
 *
 * @param pieces The bytes as they lie there.
 * @returns Pieces, valid until the next is asked for.
 * @throws {CairnError} `corrupt` with the part `gzip`.
 */
export async function* gunzipped(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  let reader: GzipReader | undefined;
  for await (const piece of pieces) {
    let bytes = piece;
    if (head !== undefined) {
      // Two bytes decide, and a piece may be a single one.
      bytes = new Uint8Array(head.length + piece.length);
      bytes.set(head);
      bytes.set(piece, head.length);
      if (bytes.length < 2) {
        head = bytes;
        continue;
      }
      head = undefined;
      if (bytes[0] === 0x1f && bytes[1] === 0x8b) reader = new GzipReader();
    }
    if (reader === undefined) yield bytes;
    else yield* reader.push(bytes);
  }
  if (head !== undefined && head.length > 0) yield head;
  if (reader !== undefined) yield* reader.finish();
}

/** Inflates and keeps count of members. */
class GzipReader {
  readonly #gunzip: Gunzip;
  #inflated: Uint8Array[] = [];
  #crc = 0;
  #byteLength = 0;
  /** Compressed bytes pushed. */
  #offset = 0;
  /** The last compressed bytes pushed before those of this step. */
  #tail: Uint8Array = new Uint8Array(0);
  #step: Uint8Array = new Uint8Array(0);

  constructor() {
    this.#gunzip = new Gunzip((bytes) => this.#take(bytes));
    this.#gunzip.onmember = (offset) => this.#endMember(offset);
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let start = 0; start < bytes.length; start += PUSH_BYTES) {
      yield* this.#push(bytes.slice(start, start + PUSH_BYTES), false);
    }
  }

  *finish(): Generator<Uint8Array> {
    yield* this.#push(new Uint8Array(0), true);
    this.#endMember(this.#offset);
  }

  *#push(bytes: Uint8Array, last: boolean): Generator<Uint8Array> {
    this.#step = bytes;
    try {
      this.#gunzip.push(bytes, last);
    } catch (error) {
      if (error instanceof CairnError) throw error;
      throw broken(
        error instanceof Error ? error.message : String(error),
        this.#offset,
        error,
      );
    }
    this.#offset += bytes.length;
    const joined = new Uint8Array(this.#tail.length + bytes.length);
    joined.set(this.#tail);
    joined.set(bytes, this.#tail.length);
    this.#tail = joined.slice(-TAIL_BYTES);
    this.#step = new Uint8Array(0);
    const inflated = this.#inflated;
    this.#inflated = [];
    yield* inflated;
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#crc = updateCrc32(this.#crc, bytes);
    this.#byteLength += bytes.length;
    this.#inflated.push(bytes);
  }

  /** Compares the trailer that ends at an offset with what was inflated. */
  #endMember(offset: number): void {
    const known = new Uint8Array(this.#tail.length + this.#step.length);
    known.set(this.#tail);
    known.set(this.#step, this.#tail.length);
    const end = offset - (this.#offset - this.#tail.length);
    if (end < TRAILER_BYTES || end > known.length) {
      throw broken("it is cut", offset);
    }
    const trailer = new DataView(known.buffer, end - TRAILER_BYTES);
    if (
      trailer.getUint32(0, true) !== this.#crc ||
      trailer.getUint32(4, true) !== this.#byteLength % 2 ** 32
    ) {
      throw broken(
        "checksum or length differ: it is damaged, cut, or something follows it",
        offset - TRAILER_BYTES,
      );
    }
    this.#crc = 0;
    this.#byteLength = 0;
  }
}

function broken(what: string, offset: number, cause?: unknown): CairnError {
  return new CairnError("corrupt", `Cannot decompress input: ${what}`, {
    where: { part: "gzip", offset: Math.max(0, offset) },
    cause,
  });
}
