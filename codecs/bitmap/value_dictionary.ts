/**
 * The distinct values of a set of strings, loaded.
 *
 * @module
 */
import {
  type AbortOptions,
  type ByteSpans,
  CairnError,
  compareBytes,
  encodeText,
  throwIfAborted,
} from "@cairn/core";
import type { ChunkEntries } from "./chunk_store.ts";
import { namePrefix, prefixEnd, slotPrefix } from "./key.ts";
import type { KeyspaceReader } from "./keyspace_reader.ts";
import { KIND, SLOT_BYTES } from "./layout.ts";
import type { LongValues } from "./long_values.ts";
import { DenseSpace } from "./address_space.ts";

/** Values by ordinal. */
export class ValueDictionary {
  /** Number of values. */
  readonly count: number;
  /** The values, by ordinal; a span may be of the empty string. */
  readonly values: ByteSpans;
  /** Values that do not fit a key, by ordinal. */
  readonly long: LongValues;
  readonly #slots: Uint8Array;

  /**
   * Makes a dictionary.
   *
   * @param values By ordinal.
   * @param slots 16 bytes each.
   * @param long Values that the dictionary has only stand-ins of.
   */
  constructor(values: ByteSpans, slots: Uint8Array, long: LongValues) {
    this.count = values.starts.length;
    this.values = values;
    this.long = long;
    this.#slots = slots;
  }

  /** Gets a value; a view. @param ordinal Below `count`. */
  value(ordinal: number): Uint8Array {
    const { bytes, starts, ends } = this.values;
    if (this.long.size > 0) {
      const long = this.long.get(ordinal);
      if (long !== undefined) return long;
    }
    return bytes.subarray(starts[ordinal]!, ends[ordinal]!);
  }

  /** Gets the slot of a value; a view. @param ordinal Below `count`. */
  slot(ordinal: number): Uint8Array {
    return this.#slots.subarray(
      ordinal * SLOT_BYTES,
      (ordinal + 1) * SLOT_BYTES,
    );
  }

  /** Gives the ordinals in the order of their values' bytes. */
  sorted(): Uint32Array {
    const ordinals = Uint32Array.from({ length: this.count }, (_, i) => i);
    return ordinals.sort((a, b) => compareBytes(this.value(a), this.value(b)));
  }
}

/**
 * Loads values of a field by ordinal, in one run of reads.
 *
 * @param keyspace Holds the field.
 * @param field Its name.
 * @param range Ordinals; all if left out. The dictionary then has those only,
 * the first of them as 0.
 * @throws {CairnError} `corrupt` when ordinals are missing.
 */
export async function loadDictionary(
  keyspace: KeyspaceReader,
  field: string,
  range: { readonly start: number; readonly end: number },
  options: AbortOptions = {},
): Promise<ValueDictionary> {
  const prefix = namePrefix(
    keyspace.keyspace,
    KIND.valueOrdinal,
    encodeText(field),
  );
  const loaded = new DictionaryBuilder(prefix.length, range.start);
  const keys = {
    from: slotPrefix(prefix, range.start),
    to: range.end === Infinity
      ? prefixEnd(prefix)
      : slotPrefix(prefix, range.end),
  };
  for await (const entries of keyspace.reader.range(keys, options)) {
    throwIfAborted(options.signal);
    for (let row = 0; row < entries.count; row++) loaded.add(entries, row);
  }
  // Parts are only loaded of very many values, of which none is long.
  const whole = range.start === 0 && range.end === Infinity;
  return loaded.finish(
    whole ? await keyspace.longValues(field, options) : new Map(),
  );
}

class DictionaryBuilder {
  readonly #slotAt: number;
  readonly #first: number;
  #bytes = new Uint8Array(1024);
  #byteLength = 0;
  #ends = new Uint32Array(16);
  #slots = new Uint8Array(16 * SLOT_BYTES);
  #count = 0;

  constructor(slotAt: number, first: number) {
    this.#slotAt = slotAt;
    this.#first = first;
  }

  add(entries: ChunkEntries, row: number): void {
    const { keys, values } = entries;
    const at = keys.starts[row]! + this.#slotAt;
    const valueAt = at + SLOT_BYTES + 2;
    const valueLength = keys.ends[row]! - valueAt;
    const ordinal = new DenseSpace(this.#first + this.#count + 1).ordinal(
      keys.bytes.subarray(at, at + SLOT_BYTES),
    );
    if (
      ordinal !== this.#first + this.#count || valueLength < 0 ||
      (keys.bytes[valueAt - 2]! << 8 | keys.bytes[valueAt - 1]!) !==
        valueLength ||
      values.ends[row]! - values.starts[row]! !== SLOT_BYTES
    ) {
      throw new CairnError(
        "corrupt",
        `Cannot read dictionary: value ordinal ${
          this.#first + this.#count
        } is not where it should be`,
        { where: { part: "dictionary" } },
      );
    }
    this.#reserve(valueLength);
    this.#bytes.set(
      keys.bytes.subarray(valueAt, keys.ends[row]),
      this.#byteLength,
    );
    this.#byteLength += valueLength;
    this.#slots.set(
      values.bytes.subarray(values.starts[row], values.ends[row]),
      this.#count * SLOT_BYTES,
    );
    this.#ends[this.#count++] = this.#byteLength;
  }

  finish(long: LongValues): ValueDictionary {
    const ends = this.#ends.slice(0, this.#count);
    const starts = new Uint32Array(this.#count);
    for (let i = 1; i < this.#count; i++) starts[i] = ends[i - 1]!;
    return new ValueDictionary(
      { bytes: this.#bytes.slice(0, this.#byteLength), starts, ends },
      this.#slots.slice(0, this.#count * SLOT_BYTES),
      long,
    );
  }

  #reserve(valueLength: number): void {
    const wanted = this.#byteLength + valueLength;
    if (wanted > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (this.#count < this.#ends.length) return;
    const ends = new Uint32Array(2 * this.#count);
    const slots = new Uint8Array(2 * this.#count * SLOT_BYTES);
    ends.set(this.#ends);
    slots.set(this.#slots);
    this.#ends = ends;
    this.#slots = slots;
  }
}
