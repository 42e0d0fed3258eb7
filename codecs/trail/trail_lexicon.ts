/**
 * The lexicon of a field.
 *
 * @module
 */
import { EMPTY_BYTES, equalBytes, type Lexicon } from "@cairn/core";
import { WIDE_LEXICON_BYTES_MIN } from "./layout.ts";
import { corruptMember, type MemberWindow } from "./trail_members.ts";

/** Searches that go through the values one by one before a map is built. */
const LINEAR_FINDS = 4;

/** Where each value lies in the bytes of a lexicon. */
export interface ValueTable {
  /** Start of each value, from id 1. */
  readonly starts: Uint32Array | Float64Array;
  /** End of each value, exclusive. */
  readonly ends: Uint32Array | Float64Array;
}

/** A field's distinct values over the bytes of its member. */
export class TrailLexicon implements Lexicon {
  /** Distinct values and one, for id 0. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #table: ValueTable;
  #finds = 0;
  #map: Int32Array | undefined;

  /**
   * Makes a lexicon over a checked table.
   *
   * @param bytes The member.
   * @param table Start and end of each value, from id 1.
   */
  constructor(bytes: Uint8Array, table: ValueTable) {
    this.#bytes = bytes;
    this.#table = table;
    this.size = table.starts.length + 1;
  }

  /** Gets the bytes of an id. See {@linkcode Lexicon.value}. */
  value(id: number): Uint8Array {
    if (!Number.isInteger(id) || id < 0 || id >= this.size) {
      throw new RangeError(`Cannot get value ${id}: ids end at ${this.size}`);
    }
    if (id === 0) return EMPTY_BYTES;
    return this.#bytes.subarray(
      this.#table.starts[id - 1]!,
      this.#table.ends[id - 1]!,
    );
  }

  /** Finds the id of a value. See {@linkcode Lexicon.find}. */
  find(value: Uint8Array): number | undefined {
    if (value.length === 0) return 0;
    if (this.#map === undefined && this.#finds++ < LINEAR_FINDS) {
      return this.#findLinear(value);
    }
    this.#map ??= this.#buildMap();
    const mask = this.#map.length - 1;
    for (let slot = hashBytes(value) & mask;; slot = (slot + 1) & mask) {
      const id = this.#map[slot]!;
      if (id === 0) return undefined;
      if (equalBytes(this.value(id), value)) return id;
    }
  }

  #findLinear(value: Uint8Array): number | undefined {
    const { starts, ends } = this.#table;
    const bytes = this.#bytes;
    const last = value.length - 1;
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i]!;
      if (
        ends[i]! - start === value.length &&
        bytes[start + last] === value[last] &&
        equalBytes(bytes.subarray(start, ends[i]), value)
      ) return i + 1;
    }
    return undefined;
  }

  /** Open addressing, at most half full; of equal values the first stays. */
  #buildMap(): Int32Array {
    const capacity = 2 ** Math.ceil(Math.log2(2 * this.size + 2));
    const map = new Int32Array(capacity);
    for (let id = 1; id < this.size; id++) {
      const value = this.value(id);
      let slot = hashBytes(value) & (capacity - 1);
      while (map[slot] !== 0 && !equalBytes(this.value(map[slot]!), value)) {
        slot = (slot + 1) & (capacity - 1);
      }
      if (map[slot] === 0) map[slot] = id;
    }
    return map;
  }
}

/**
 * Decodes a lexicon of version 1.
 *
 * @param bytes The member.
 * @param window Where it is.
 * @param options Whether offsets have 8 bytes; by the member's size if left out.
 * @throws {CairnError} `corrupt` when the table does not fit the member, or
 * offsets go down or out.
 */
export function decodeLexicon(
  bytes: Uint8Array,
  window: MemberWindow,
  options: { readonly wide?: boolean } = {},
): TrailLexicon {
  const wide = options.wide ?? window.byteLength >= WIDE_LEXICON_BYTES_MIN;
  const width = wide ? 8 : 4;
  const count = lexiconCount(bytes, window, width);
  const tableEnd = (count + 2) * width;
  if (tableEnd > bytes.length) {
    throw corruptMember(
      window,
      `Cannot read lexicon: ${count} values, but ${bytes.length} bytes`,
    );
  }
  const view = viewOf(bytes);
  const offsets = wide
    ? new Float64Array(count + 1)
    : new Uint32Array(count + 1);
  let before = tableEnd;
  for (let i = 0; i <= count; i++) {
    const at = (i + 1) * width;
    const offset = wide ? bigOffset(view, at) : view.getUint32(at, true);
    if (offset < before || offset > bytes.length) {
      throw corruptMember(
        window,
        `Cannot read lexicon: offset ${offset} of value ${
          i + 1
        }, ${before} to ${bytes.length} wanted`,
        at,
      );
    }
    offsets[i] = offset;
    before = offset;
  }
  return new TrailLexicon(bytes, {
    starts: offsets.subarray(0, count),
    ends: offsets.subarray(1),
  });
}

/**
 * Decodes a lexicon of version 0: offsets in any order, each value ended by a
 * zero byte.
 *
 * @param bytes The member.
 * @param window Where it is.
 * @throws {CairnError} `corrupt`.
 */
export function decodeLexiconV0(
  bytes: Uint8Array,
  window: MemberWindow,
): TrailLexicon {
  const count = lexiconCount(bytes, window, 4);
  const tableEnd = (count + 1) * 4;
  if (tableEnd > bytes.length) {
    throw corruptMember(
      window,
      `Cannot read lexicon: ${count} values, but ${bytes.length} bytes`,
    );
  }
  const view = viewOf(bytes);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  // Values may share their ends, so a file could make every search long; the
  // ends of all values are found in one walk from the back.
  const stops = nextZero(bytes, tableEnd);
  for (let i = 0; i < count; i++) {
    const start = view.getUint32((i + 1) * 4, true);
    const end = start < tableEnd || start >= bytes.length
      ? -1
      : stops[start - tableEnd]!;
    if (end < 0) {
      throw corruptMember(
        window,
        `Cannot read lexicon: offset ${start} of value ${
          i + 1
        } leads to no ended value`,
        (i + 1) * 4,
      );
    }
    starts[i] = start;
    ends[i] = end;
  }
  return new TrailLexicon(bytes, { starts, ends });
}

/** For each byte from `start` on, where the next zero byte is, or -1. */
function nextZero(bytes: Uint8Array, start: number): Float64Array {
  const stops = new Float64Array(bytes.length - start);
  let stop = -1;
  for (let i = bytes.length - 1; i >= start; i--) {
    if (bytes[i] === 0) stop = i;
    stops[i - start] = stop;
  }
  return stops;
}

/** Reads the count of values and holds it against the bytes there are. */
function lexiconCount(
  bytes: Uint8Array,
  window: MemberWindow,
  width: number,
): number {
  if (bytes.length < width) {
    throw corruptMember(window, `Cannot read lexicon: ${bytes.length} bytes`);
  }
  const view = viewOf(bytes);
  const count = width === 8 ? bigOffset(view, 0) : view.getUint32(0, true);
  if (count > bytes.length / width) {
    throw corruptMember(
      window,
      `Cannot read lexicon: ${count} values, but ${bytes.length} bytes`,
    );
  }
  return count;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A u64; what is too large to be exact is past the end anyhow. */
function bigOffset(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

/** FNV-1a, mixed once more so that low bits depend on all. */
function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
