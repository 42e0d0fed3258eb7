/**
 * Bit addresses and ordinals: which row is which.
 *
 * An ordinal is the number of rows with a smaller address. In dense mode it is
 * the address. In the other modes the existence bitmap says; sets of ordinals
 * are then as dense as there are rows, however far apart the addresses lie.
 *
 * @module
 */
import {
  Bitmap,
  BitmapBuilder,
  CairnError,
  CHUNK_BITS,
  CHUNK_BYTES,
  CHUNK_WORDS,
  compareBytes,
} from "@cairn/core";
import type { ChunkEntries } from "./chunk_store.ts";
import { SLOT_BYTES } from "./layout.ts";
import { joinAddress, splitAddress } from "./slot.ts";

/** Collects the chunks of one bitmap, in order of their offsets. */
export interface ChunkCollector {
  /** How many chunks were taken. */
  readonly chunks: number;
  /**
   * Takes a chunk.
   *
   * @param entries Where key and value are.
   * @param row Which entry; its key ends with the offset.
   * @throws {CairnError} `corrupt` when the chunk has not 256 bytes or names a
   * row that is not there.
   */
  add(entries: ChunkEntries, row: number): void;
  /** Gives the bitmap, of ordinals. */
  finish(): Bitmap;
}

/** The rows of a keyspace, or the values of a field, by bit address. */
export interface AddressSpace {
  /** How many there are. */
  readonly count: number;
  /** Begins a bitmap. */
  collector(): ChunkCollector;
  /** Finds the ordinal of an address. @param address 16 bytes. */
  ordinal(address: Uint8Array): number | undefined;
  /** Gets the address of an ordinal below `count`. @param ordinal Which one. */
  address(ordinal: number): Uint8Array;
}

/** Addresses 0 to `count` - 1. */
export class DenseSpace implements AddressSpace {
  /** How many there are. */
  readonly count: number;

  /** Makes a space. @param count How many addresses. */
  constructor(count: number) {
    this.count = count;
  }

  /** Begins a bitmap. */
  collector(): ChunkCollector {
    return new DenseCollector(this.count);
  }

  /** Finds the ordinal of an address. @param address 16 bytes. */
  ordinal(address: Uint8Array): number | undefined {
    let ordinal = 0;
    for (let i = 0; i < SLOT_BYTES; i++) {
      ordinal = ordinal * 256 + address[i]!;
      if (ordinal >= this.count) return undefined;
    }
    return ordinal;
  }

  /** Gets the address of an ordinal. @param ordinal Which one. */
  address(ordinal: number): Uint8Array {
    return joinAddress(
      offsetOf(Math.floor(ordinal / CHUNK_BITS)),
      ordinal % CHUNK_BITS,
    );
  }
}

class DenseCollector implements ChunkCollector {
  readonly #count: number;
  readonly #chunksMax: number;
  #chunks = new Uint32Array(8);
  #words = new Uint32Array(8 * CHUNK_WORDS);
  #bytes = new Uint8Array(this.#words.buffer);
  #made = 0;

  constructor(count: number) {
    this.#count = count;
    this.#chunksMax = Math.ceil(count / CHUNK_BITS);
  }

  get chunks(): number {
    return this.#made;
  }

  add(entries: ChunkEntries, row: number): void {
    const { keys, values } = entries;
    const end = keys.ends[row]!;
    let chunk = 0;
    for (let i = end - SLOT_BYTES; i < end; i++) {
      chunk = chunk * 256 + keys.bytes[i]!;
      if (chunk >= this.#chunksMax) throw noSuchRow(this.#count);
    }
    assertChunk(entries, row);
    if (this.#made === this.#chunks.length) this.#grow();
    const at = this.#made * CHUNK_BYTES;
    this.#bytes.set(
      values.bytes.subarray(values.starts[row]!, values.ends[row]!),
      at,
    );
    const words = this.#words;
    let any = 0;
    for (let w = at >>> 2; w < (at + CHUNK_BYTES) >>> 2; w++) any |= words[w]!;
    if (any === 0) return; // a chunk of zeros counts as absent
    if (chunk === this.#chunksMax - 1) this.#checkLast(at);
    this.#chunks[this.#made++] = chunk;
  }

  finish(): Bitmap {
    return new Bitmap(
      this.#chunks.slice(0, this.#made),
      // Little-endian words, as every machine of today has them.
      this.#words.slice(0, this.#made * CHUNK_WORDS),
    ).compact();
  }

  /** No bit of the last chunk may be of a row behind the last. */
  #checkLast(at: number): void {
    const bits = this.#count - (this.#chunksMax - 1) * CHUNK_BITS;
    for (let i = bits >>> 3; i < CHUNK_BYTES; i++) {
      const byte = this.#bytes[at + i]!;
      if ((i === bits >>> 3 ? byte >>> (bits & 7) : byte) !== 0) {
        throw noSuchRow(this.#count);
      }
    }
  }

  #grow(): void {
    const chunks = new Uint32Array(2 * this.#made);
    const words = new Uint32Array(2 * this.#made * CHUNK_WORDS);
    chunks.set(this.#chunks);
    words.set(this.#words);
    this.#chunks = chunks;
    this.#words = words;
    this.#bytes = new Uint8Array(words.buffer);
  }
}

/**
 * Addresses of up to 128 bits, as the existence bitmap lists them. Memory: 2
 * bytes a row and 20 a chunk.
 */
export class SparseSpace implements AddressSpace {
  readonly #offsets: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #bits: Uint16Array;

  /** Not for callers: see {@linkcode SparseSpaceBuilder}. */
  constructor(offsets: Uint8Array, starts: Uint32Array, bits: Uint16Array) {
    this.#offsets = offsets;
    this.#starts = starts;
    this.#bits = bits;
  }

  /** How many rows there are. */
  get count(): number {
    return this.#bits.length;
  }

  /** Begins a bitmap. */
  collector(): ChunkCollector {
    return new SparseCollector(this);
  }

  /** Finds the ordinal of an address. @param address 16 bytes. */
  ordinal(address: Uint8Array): number | undefined {
    const { offset, bit } = splitAddress(address);
    const chunk = this.findChunk(offset, 0, 0);
    return chunk < 0 ? undefined : this.ordinalIn(chunk, bit);
  }

  /** Gets the address of an ordinal. @param ordinal Which one. */
  address(ordinal: number): Uint8Array {
    let low = 0;
    let high = this.#starts.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= ordinal) low = middle;
      else high = middle;
    }
    const at = low * SLOT_BYTES;
    return joinAddress(
      this.#offsets.subarray(at, at + SLOT_BYTES),
      this.#bits[ordinal]!,
    );
  }

  /** Finds a chunk from `first` on; -1 when no row has that offset. */
  findChunk(bytes: Uint8Array, at: number, first: number): number {
    let low = first;
    let high = this.#starts.length - 2;
    const wanted = bytes.subarray(at, at + SLOT_BYTES);
    // The next chunk is mostly the one: look there before searching.
    if (low <= high && compareBytes(this.#offset(low), wanted) === 0) {
      return low;
    }
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = compareBytes(this.#offset(middle), wanted);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Finds the ordinal of a bit of a chunk. */
  ordinalIn(chunk: number, bit: number): number | undefined {
    let low = this.#starts[chunk]!;
    let high = this.#starts[chunk + 1]! - 1;
    if (high - low === CHUNK_BITS - 1) return low + bit;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#bits[middle]!;
      if (found === bit) return middle;
      if (found < bit) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  #offset(chunk: number): Uint8Array {
    const at = chunk * SLOT_BYTES;
    return this.#offsets.subarray(at, at + SLOT_BYTES);
  }
}

class SparseCollector implements ChunkCollector {
  readonly #space: SparseSpace;
  readonly #builder = new BitmapBuilder();
  #chunk = 0;
  chunks = 0;

  constructor(space: SparseSpace) {
    this.#space = space;
  }

  add(entries: ChunkEntries, row: number): void {
    assertChunk(entries, row);
    const { keys, values } = entries;
    const at = values.starts[row]!;
    this.chunks++;
    let chunk = -1;
    for (let i = 0; i < CHUNK_BYTES; i++) {
      let byte = values.bytes[at + i]!;
      while (byte !== 0) {
        if (chunk < 0) {
          chunk = this.#space.findChunk(
            keys.bytes,
            keys.ends[row]! - SLOT_BYTES,
            this.#chunk,
          );
          if (chunk < 0) throw noSuchRow(this.#space.count);
          this.#chunk = chunk + 1;
        }
        const bit = 8 * i + 31 - Math.clz32(byte & -byte);
        const ordinal = this.#space.ordinalIn(chunk, bit);
        if (ordinal === undefined) throw noSuchRow(this.#space.count);
        this.#builder.add(ordinal);
        byte &= byte - 1;
      }
    }
  }

  finish(): Bitmap {
    return this.#builder.finish();
  }
}

/** Makes a space of the chunks of an existence bitmap, in order. */
export class SparseSpaceBuilder {
  #offsets = new Uint8Array(8 * SLOT_BYTES);
  #starts = new Uint32Array(9);
  #bits = new Uint16Array(64);
  #chunks = 0;
  #count = 0;

  /** Takes a chunk. @param entries Where key and value are. @param row Which entry. */
  add(entries: ChunkEntries, row: number): void {
    assertChunk(entries, row);
    const { keys, values } = entries;
    const before = this.#count;
    for (let i = 0; i < CHUNK_BYTES; i++) {
      let byte = values.bytes[values.starts[row]! + i]!;
      while (byte !== 0) {
        if (this.#count === this.#bits.length) {
          const bits = new Uint16Array(2 * this.#count);
          bits.set(this.#bits);
          this.#bits = bits;
        }
        this.#bits[this.#count++] = 8 * i + 31 - Math.clz32(byte & -byte);
        byte &= byte - 1;
      }
    }
    if (this.#count === before) return;
    if (this.#chunks === this.#starts.length - 1) this.#grow();
    const end = keys.ends[row]!;
    const offset = keys.bytes.subarray(end - SLOT_BYTES, end);
    if (offset[0] !== 0 || offset[1]! >= 0x20) {
      throw new CairnError(
        "corrupt",
        "Cannot read bitmap: a chunk number of 2^117 or more",
        {
          where: { part: "chunks" },
        },
      );
    }
    this.#offsets.set(offset, this.#chunks * SLOT_BYTES);
    this.#starts[++this.#chunks] = this.#count;
  }

  /** Gives the space. */
  finish(): SparseSpace {
    return new SparseSpace(
      this.#offsets.slice(0, this.#chunks * SLOT_BYTES),
      this.#starts.slice(0, this.#chunks + 1),
      this.#bits.slice(0, this.#count),
    );
  }

  #grow(): void {
    const offsets = new Uint8Array(2 * this.#chunks * SLOT_BYTES);
    const starts = new Uint32Array(2 * this.#chunks + 1);
    offsets.set(this.#offsets);
    starts.set(this.#starts);
    this.#offsets = offsets;
    this.#starts = starts;
  }
}

function offsetOf(chunk: number): Uint8Array {
  const offset = new Uint8Array(SLOT_BYTES);
  new DataView(offset.buffer).setUint32(12, chunk);
  return offset;
}

function assertChunk(entries: ChunkEntries, row: number): void {
  const byteLength = entries.values.ends[row]! - entries.values.starts[row]!;
  if (byteLength === CHUNK_BYTES) return;
  throw new CairnError(
    "corrupt",
    `Cannot read chunk: ${byteLength} bytes, ${CHUNK_BYTES} wanted`,
    { where: { part: "chunks" } },
  );
}

function noSuchRow(count: number): CairnError {
  return new CairnError(
    "corrupt",
    `Cannot read bitmap: a bit of none of the ${count} there are`,
    { where: { part: "chunks" } },
  );
}
