/**
 * The reference of the encoder, in TypeScript alone; for any number of fields.
 *
 * @module
 */
import { type DeltaNumbers, NO_DELTA } from "./trail_deltas.ts";
import { EdgeList } from "./trail_edges.ts";
import {
  CODE_LENGTH_SHIFT,
  eventBitsMax,
  type TrailCountKernel,
  type TrailEncodeKernel,
  type TrailEncodeOutput,
  type TrailEncodeRun,
  type TrailEncodeTables,
} from "./trail_encode_layout.ts";
import { Cover } from "./trail_grams.ts";
import { PAIR_CODE, PAIR_WORDS } from "./trail_pairs.ts";

const CODE_BITS = (1 << CODE_LENGTH_SHIFT) - 1;
/** Bits at the start of a trail that say how many at its end are unused. */
const RESIDUAL_BITS = 3;

/**
 * Makes an encoder that does what the compiled one does.
 *
 * @param tables The model of the events.
 */
export function createTrailEncoderReference(
  tables: TrailEncodeTables,
): TrailEncodeKernel {
  return new ReferenceEncoder(tables);
}

/**
 * Makes a counter that does what the compiled one does.
 *
 * @param tables The model so far; `codes` are only looked at for their number.
 */
export function createTrailCounterReference(
  tables: TrailEncodeTables,
): TrailCountKernel {
  const { bases, codes, deltas, pairs, partners } = tables;
  const edges = new EdgeList(bases);
  const cover = new Cover(pairs, partners);
  const singles = new Uint32Array(codes.length);
  const chosen = new Uint32Array(pairs.words.length / PAIR_WORDS);
  return {
    count(run) {
      listEdges(edges, run, deltas, bases[bases.length - 1]!);
      for (let event = 0; event < edges.count; event++) {
        const grams = cover.cover(edges, event);
        for (let g = 0; g < grams; g++) {
          const slot = cover.slots[g]!;
          const item = cover.items[g]!;
          if (slot >= 0) chosen[slot / PAIR_WORDS]!++;
          else if (item !== NO_DELTA) singles[item]!++;
        }
      }
    },
    counts: () => ({ singles: singles.slice(), pairs: chosen.slice() }),
  };
}

/** Lists what changes in the events of a run. */
function listEdges(
  edges: EdgeList,
  run: TrailEncodeRun,
  deltas: DeltaNumbers,
  deltaBase: number,
): void {
  const { trailOffsets } = run;
  edges.clear();
  for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
    if (trail > 0 || !run.continued) edges.beginTrail();
    edges.addRows(run.columns, trailOffsets[trail]!, trailOffsets[trail + 1]!);
  }
  for (let event = 0; event < edges.count; event++) {
    const number = deltas.find(run.deltas[event]!);
    edges.deltas[event] = number === NO_DELTA ? NO_DELTA : deltaBase + number;
  }
}

class ReferenceEncoder implements TrailEncodeKernel {
  readonly #tables: TrailEncodeTables;
  readonly #edges: EdgeList;
  readonly #cover: Cover;
  readonly #eventBits: number;
  readonly #deltaBase: number;
  #bytes: Uint8Array = new Uint8Array(1024);
  #byteLength = 0;
  #ends: Uint32Array = new Uint32Array(16);
  #residuals: Uint8Array = new Uint8Array(16);
  #ended = 0;
  #bits = 0;
  #bitCount = 0;
  #open = false;

  constructor(tables: TrailEncodeTables) {
    this.#tables = tables;
    this.#edges = new EdgeList(tables.bases);
    this.#cover = new Cover(tables.pairs, tables.partners);
    this.#eventBits = eventBitsMax(tables);
    this.#deltaBase = tables.bases[tables.bases.length - 1]!;
  }

  encode(run: TrailEncodeRun): TrailEncodeOutput {
    const { trailOffsets } = run;
    this.#begin(run.count, trailOffsets.length);
    listEdges(this.#edges, run, this.#tables.deltas, this.#deltaBase);
    for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
      if (trail > 0 || !run.continued) {
        this.#endTrail();
        this.#open = true;
        this.#bitCount = RESIDUAL_BITS;
      }
      this.#encodeRows(run, trailOffsets[trail]!, trailOffsets[trail + 1]!);
    }
    return this.#output();
  }

  finish(): TrailEncodeOutput {
    this.#begin(0, 1);
    this.#endTrail();
    return this.#output();
  }

  #encodeRows(run: TrailEncodeRun, start: number, end: number): void {
    const { codes, pairs: { words } } = this.#tables;
    const cover = this.#cover;
    for (let event = start; event < end; event++) {
      const grams = cover.cover(this.#edges, event);
      for (let g = 0; g < grams; g++) {
        const slot = cover.slots[g]!;
        if (slot < 0) {
          const item = cover.items[g]!;
          if (item === NO_DELTA) this.#putLiteral(0, run.deltas[event]!);
          else this.#putItem(item, codes[item]!);
          continue;
        }
        const word = words[slot + PAIR_CODE]!;
        if (word !== 0) {
          this.#put(word & CODE_BITS, word >>> CODE_LENGTH_SHIFT);
          continue;
        }
        this.#putItem(words[slot]!, codes[words[slot]!]!);
        this.#putItem(words[slot + 1]!, codes[words[slot + 1]!]!);
      }
    }
  }

  #endTrail(): void {
    if (!this.#open) return;
    if (this.#bitCount > 0) this.#bytes[this.#byteLength++] = this.#bits;
    this.#ends[this.#ended] = this.#byteLength;
    this.#residuals[this.#ended++] = (8 - this.#bitCount) & 7;
    this.#bits = 0;
    this.#bitCount = 0;
    this.#open = false;
  }

  #putItem(item: number, word: number): void {
    if (word !== 0) {
      this.#put(word & CODE_BITS, word >>> CODE_LENGTH_SHIFT);
      return;
    }
    const { bases, deltas } = this.#tables;
    if (item >= this.#deltaBase) {
      this.#putLiteral(0, deltas.value(item - this.#deltaBase));
      return;
    }
    let field = 0;
    while (item >= bases[field + 1]!) field++;
    this.#putLiteral(field + 1, item - bases[field]!);
  }

  #putLiteral(field: number, value: number): void {
    const { fieldBits, valueBits } = this.#tables;
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

  #begin(events: number, trails: number): void {
    this.#byteLength = 0;
    this.#ended = 0;
    const wanted = Math.ceil(events * this.#eventBits / 8) + 3 * trails + 16;
    if (wanted > this.#bytes.length) this.#bytes = new Uint8Array(2 * wanted);
    if (trails > this.#ends.length) {
      this.#ends = new Uint32Array(2 * trails);
      this.#residuals = new Uint8Array(2 * trails);
    }
  }

  #output(): TrailEncodeOutput {
    return {
      bytes: this.#bytes.subarray(0, this.#byteLength),
      ends: this.#ends.subarray(0, this.#ended),
      residuals: this.#residuals.subarray(0, this.#ended),
    };
  }
}
