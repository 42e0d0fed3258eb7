/**
 * Events into bits.
 *
 * Layout: docs/formats/traildb.md, parts 7 and 10.7.
 *
 * @module
 */
import { NO_DELTA } from "./delta_numbers.ts";
import { EdgeList } from "./edges.ts";
import { CODE_LENGTH_SHIFT, type EncodeModel } from "./encode_model.ts";
import { Cover } from "./grams.ts";
import { RESIDUAL_BITS } from "./layout.ts";
import { PAIR_CODE } from "./pair_table.ts";
import type { TrailRun } from "./trail_runs.ts";

const LENGTH_SHIFT = CODE_LENGTH_SHIFT;
const BITS_MASK = (1 << LENGTH_SHIFT) - 1;
/** Bytes of a new buffer. */
const BUFFER_BYTES_MIN = 65_536;
/** An open trail is handed out before it is complete when it is longer than this. */
const OPEN_BYTES_MAX = 4 * 2 ** 20;

/** The first byte of a trail that was handed out before its last bits were known. */
export interface TrailHead {
  /** Offset of the byte in `trails.data`. */
  readonly offset: number;
  /** Bits to be set in it. */
  readonly bits: number;
}

/** Encodes runs of events, one after the other. */
export class TrailEncoder {
  /** Where each complete trail ends in `trails.data`; forgotten by `take`. */
  readonly ends: number[] = [];
  /** Heads that must be mended in what was handed out; few. */
  readonly heads: TrailHead[] = [];
  readonly #model: EncodeModel;
  readonly #edges: EdgeList;
  readonly #cover: Cover;
  /** Most bits that one event can take. */
  readonly #eventBitsMax: number;
  #bytes: Uint8Array = new Uint8Array(BUFFER_BYTES_MIN);
  /** Offset in `trails.data` of the buffer's first byte. */
  #origin = 0;
  /** Bytes of the buffer that are complete. */
  #byteLength = 0;
  /** Bits behind them, and how many. */
  #bits = 0;
  #bitCount = 0;
  /** Offset in `trails.data` where the open trail begins; -1 if there is none. */
  #openStart = -1;

  /** Makes an encoder. @param model Of the same events. */
  constructor(model: EncodeModel) {
    this.#model = model;
    this.#edges = new EdgeList(model.numbers.bases);
    this.#cover = new Cover(model.pairs, model.partners);
    const { fieldBits, valueBits } = model.numbers;
    // A code can be longer than a literal only as one of a pair.
    this.#eventBitsMax = 32;
    for (const bits of valueBits) {
      this.#eventBitsMax += Math.max(32, 1 + fieldBits + bits);
    }
  }

  /** Encodes a run. @param run The events that follow those before. */
  encode(run: TrailRun): void {
    this.#reserve(run);
    const { trailOffsets } = run;
    for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
      if (trail > 0 || !run.continued) {
        this.#endTrail();
        this.#beginTrail();
      }
      this.#encodeRows(run, trailOffsets[trail]!, trailOffsets[trail + 1]!);
    }
  }

  /** Ends the last trail; nothing may follow but `take`. */
  finish(): void {
    this.#endTrail();
  }

  /**
   * Hands out the complete trails, and the open one if it has become long.
   *
   * @returns A view, valid until the next `encode`.
   */
  take(): Uint8Array {
    const open = this.#openStart < 0
      ? this.#byteLength
      : Math.max(0, this.#openStart - this.#origin);
    const byteLength = this.#byteLength - open > OPEN_BYTES_MAX
      ? this.#byteLength
      : open;
    const taken = this.#bytes.slice(0, byteLength);
    this.#bytes.copyWithin(0, byteLength, this.#byteLength);
    this.#byteLength -= byteLength;
    this.#origin += byteLength;
    this.ends.length = 0;
    return taken;
  }

  #beginTrail(): void {
    this.#openStart = this.#origin + this.#byteLength;
    this.#edges.beginTrail();
    this.#bits = 0;
    this.#bitCount = RESIDUAL_BITS;
  }

  #endTrail(): void {
    if (this.#openStart < 0) return;
    const residual = (8 - this.#bitCount) & 7;
    if (this.#bitCount > 0) this.#bytes[this.#byteLength++] = this.#bits;
    const head = this.#openStart - this.#origin;
    if (head >= 0) this.#bytes[head]! |= residual;
    else if (residual > 0) {
      this.heads.push({ offset: this.#openStart, bits: residual });
    }
    this.ends.push(this.#origin + this.#byteLength);
    this.#openStart = -1;
    this.#bitCount = 0;
    this.#bits = 0;
  }

  #encodeRows(run: TrailRun, start: number, end: number): void {
    const { deltas: numbers, numbers: { bases } } = this.#model;
    const edges = this.#edges;
    const deltaBase = bases[bases.length - 1]!;
    edges.clear();
    edges.addRows(run.columns, start, end);
    for (let event = 0; event < edges.count; event++) {
      const number = numbers.find(run.deltas[start + event]!);
      edges.deltas[event] = number === NO_DELTA ? NO_DELTA : deltaBase + number;
    }
    this.#encodeEdges(run.deltas.subarray(start, end));
  }

  #encodeEdges(deltas: Float64Array): void {
    const { codes, pairs: { words } } = this.#model;
    const edges = this.#edges;
    const cover = this.#cover;
    for (let event = 0; event < edges.count; event++) {
      const grams = cover.cover(edges, event);
      for (let g = 0; g < grams; g++) {
        const slot = cover.slots[g]!;
        if (slot < 0) {
          const item = cover.items[g]!;
          if (item === NO_DELTA) this.#writeLiteral(0, deltas[event]!);
          else this.#writeSingle(item, codes[item]!);
          continue;
        }
        const word = words[slot + PAIR_CODE]!;
        if (word !== 0) {
          this.#put(word & BITS_MASK, word >>> LENGTH_SHIFT);
          continue;
        }
        const first = words[slot]!;
        const second = words[slot + 1]!;
        this.#writeSingle(first, codes[first]!);
        this.#writeSingle(second, codes[second]!);
      }
    }
  }

  #writeSingle(item: number, word: number): void {
    if (word !== 0) {
      this.#put(word & BITS_MASK, word >>> LENGTH_SHIFT);
      return;
    }
    const { numbers } = this.#model;
    const field = numbers.field(item);
    this.#writeLiteral(field, numbers.value(item, field));
  }

  #writeLiteral(field: number, value: number): void {
    const { fieldBits, valueBits } = this.#model.numbers;
    this.#put(field << 1, 1 + fieldBits);
    const bits = valueBits[field]!;
    if (bits <= 24) {
      this.#put(value, bits);
    } else {
      this.#put(value % 0x100_0000, 24);
      this.#put(Math.floor(value / 0x100_0000), bits - 24);
    }
  }

  /** Writes at most 24 bits. */
  #put(bits: number, count: number): void {
    let pending = this.#bits | (bits << this.#bitCount);
    let pendingCount = this.#bitCount + count;
    while (pendingCount >= 8) {
      this.#bytes[this.#byteLength++] = pending;
      pending >>>= 8;
      pendingCount -= 8;
    }
    this.#bits = pending;
    this.#bitCount = pendingCount;
  }

  #reserve(run: TrailRun): void {
    const trails = run.trailOffsets.length;
    const wanted = this.#byteLength + 8 + trails +
      Math.ceil(run.count * this.#eventBitsMax / 8);
    if (wanted <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#byteLength));
    this.#bytes = bytes;
  }
}
