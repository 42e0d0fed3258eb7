/**
 * Columns of a run of events, read from bitmaps as they lie.
 *
 * @module
 */
import {
  type AbortOptions,
  CairnError,
  CHUNK_BITS,
  CHUNK_BYTES,
  CHUNK_WORDS,
  encodeText,
  throwIfAborted,
} from "@cairn/core";
import type { ChunkReader } from "../chunk_store.ts";
import { namePrefix, prefixEnd, slotPrefix } from "../key.ts";
import { KIND, type Kind, SLOT_BYTES } from "../layout.ts";
import type { KeyspaceReader } from "../keyspace_reader.ts";
import { turnBits } from "@cairn/kernels";

/** A run of chunks. */
export interface ChunkRange {
  /** The first. */
  readonly start: number;
  /** The first behind. */
  readonly end: number;
}

/** Reads at once for the slices of a part of the events. */
const READS_AT_ONCE = 8;

/** Reads bitmaps of the events' keyspace for runs of chunks. */
export class EventColumns {
  readonly #reader: ChunkReader;
  readonly #keyspace: KeyspaceReader;
  /** Chunks of all events. */
  readonly #chunks: number;

  /** Makes it. @param keyspace The events. @param events How many there are, checked. */
  constructor(keyspace: KeyspaceReader, events: number) {
    this.#reader = keyspace.reader;
    this.#keyspace = keyspace;
    this.#chunks = Math.ceil(events / CHUNK_BITS);
  }

  /** Reads one bitmap of value `slot` over a run of chunks. */
  async value(
    name: string,
    slot: number,
    range: ChunkRange,
    options: AbortOptions,
  ): Promise<Uint32Array> {
    return await this.#words(KIND.equality, name, slot, range, options);
  }

  /**
   * Reads the slices of a counter over a run of chunks: one read where the run
   * is everything, else one a slice.
   *
   * @param name The counter.
   * @param bitsMax Most slices that make sense.
   */
  async slices(
    name: string,
    bitsMax: number,
    range: ChunkRange,
    options: AbortOptions,
  ): Promise<Uint32Array[]> {
    const bits = this.#keyspace.state.fields.get(name)?.bits ?? 0;
    if (bits > bitsMax) {
      throw this.#corrupt(
        `counter "${name}" has ${bits} slices, at most ${bitsMax} wanted`,
      );
    }
    const length = (range.end - range.start) * CHUNK_WORDS;
    if (range.start > 0 || range.end < this.#chunks) {
      const slices: Uint32Array[] = [];
      for (let bit = 0; bit < bits; bit += READS_AT_ONCE) {
        const count = Math.min(READS_AT_ONCE, bits - bit);
        slices.push(
          ...await Promise.all(
            Array.from(
              { length: count },
              (_, i) => this.#words(KIND.slice, name, bit + i, range, options),
            ),
          ),
        );
      }
      return slices;
    }
    const slices = Array.from({ length: bits }, () => new Uint32Array(length));
    const prefix = namePrefix(
      this.#keyspace.keyspace,
      KIND.slice,
      encodeText(name),
    );
    const keys = { from: prefix, to: prefixEnd(prefix) };
    for await (
      const { count, keys: found, values } of this.#reader.range(keys, options)
    ) {
      throwIfAborted(options.signal);
      for (let row = 0; row < count; row++) {
        const at = found.starts[row]! + prefix.length;
        const slot = numberAt(found.bytes, at);
        const slice = slices[slot];
        if (slice === undefined || found.ends[row]! - at !== 2 * SLOT_BYTES) {
          throw this.#corrupt(`a slice of "${name}" above the ${bits} stated`);
        }
        const chunk = numberAt(found.bytes, at + SLOT_BYTES);
        this.#copy(values, row, slice, chunk);
      }
    }
    return slices;
  }

  /** Reads value ids; 0 where there is no value. */
  async ids(
    name: string,
    range: ChunkRange,
    options: AbortOptions,
  ): Promise<Uint32Array> {
    const slices = await this.slices(name, 32, range, options);
    const ids = new Uint32Array((range.end - range.start) * CHUNK_BITS);
    turnBits(slices, ids);
    return ids;
  }

  /** Reads times. @param base What is added to each. */
  async times(
    name: string,
    base: number,
    range: ChunkRange,
    options: AbortOptions,
  ): Promise<Float64Array> {
    const slices = await this.slices(name, 53, range, options);
    const count = (range.end - range.start) * CHUNK_BITS;
    const low = new Uint32Array(count);
    turnBits(slices.slice(0, 32), low);
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) times[i] = base + low[i]!;
    if (slices.length > 32) {
      const high = new Uint32Array(count);
      turnBits(slices.slice(32), high);
      for (let i = 0; i < count; i++) {
        times[i] = base + low[i]! + high[i]! * 0x1_0000_0000;
      }
    }
    return times;
  }

  async #words(
    kind: Kind,
    name: string,
    slot: number,
    range: ChunkRange,
    options: AbortOptions,
  ): Promise<Uint32Array> {
    const words = new Uint32Array((range.end - range.start) * CHUNK_WORDS);
    const prefix = slotPrefix(
      namePrefix(this.#keyspace.keyspace, kind, encodeText(name)),
      slot,
    );
    const keys = {
      from: slotPrefix(prefix, range.start),
      to: slotPrefix(prefix, range.end),
    };
    for await (
      const { count, keys: found, values } of this.#reader.range(keys, options)
    ) {
      throwIfAborted(options.signal);
      for (let row = 0; row < count; row++) {
        const at = found.starts[row]! + prefix.length;
        if (found.ends[row]! - at !== SLOT_BYTES) {
          throw this.#corrupt(`a key of "${name}" of another length`);
        }
        const chunk = numberAt(found.bytes, at) - range.start;
        this.#copy(values, row, words, chunk);
      }
    }
    return words;
  }

  #copy(
    values: { bytes: Uint8Array; starts: Uint32Array; ends: Uint32Array },
    row: number,
    words: Uint32Array,
    chunk: number,
  ): void {
    const start = values.starts[row]!;
    if (
      !(chunk >= 0 && (chunk + 1) * CHUNK_WORDS <= words.length) ||
      values.ends[row]! - start !== CHUNK_BYTES
    ) throw this.#corrupt("a chunk of no event, or not of 256 bytes");
    const bytes = new Uint8Array(
      words.buffer,
      chunk * CHUNK_BYTES,
      CHUNK_BYTES,
    );
    bytes.set(values.bytes.subarray(start, start + CHUNK_BYTES));
  }

  #corrupt(what: string): CairnError {
    return new CairnError("corrupt", `Cannot read events: ${what}`, {
      where: { file: this.#reader.name, part: "events" },
    });
  }
}

/** Reads a slot that should be small; larger ones become so large that nothing fits. */
function numberAt(bytes: Uint8Array, at: number): number {
  let number = 0;
  for (let i = at; i < at + SLOT_BYTES; i++) number = number * 256 + bytes[i]!;
  return number;
}
