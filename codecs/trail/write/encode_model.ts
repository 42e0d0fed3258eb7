/**
 * The model of a file: which grams have which codes.
 *
 * Three counting passes, as the C program makes them. The first walks over all
 * events; what it counts is kept in memory where that takes little, so that
 * the other two need not sort again.
 *
 * Layout: docs/formats/traildb.md, parts 10.3 to 10.6.
 *
 * @module
 */
import {
  CODE_LENGTH_SHIFT,
  countPairs,
  Cover,
  createTrailCountKernel,
  DeltaNumbers,
  EdgeList,
  FIRST,
  flagPartners,
  itemBases,
  PAIR_CODE,
  PairTable,
  SECOND,
  type TrailEncodeTables,
} from "@cairn/kernels";
import { buildHuffmanCode } from "../huffman.ts";
import { ItemNumbers } from "./item_numbers.ts";
import { SAMPLE_EVENTS_MIN, SUPPORT_DIVISOR } from "../layout.ts";
import { NO_ITEM, rankGrams } from "./gram_ranking.ts";
import { TrailSample } from "./sampler.ts";
import type { TrailRun, TrailRuns } from "./trail_runs.ts";

/** Counted events up to this are kept in memory between passes, in bytes. */
const KEPT_BYTES_MAX = 96 * 2 ** 20;
/**
 * Distinct pairs that are counted at most: a table of 1 GiB. With more the
 * file is written without pairs.
 */
const PAIRS_MAX = 45_000_000;

/** What encoding events needs. */
export interface EncodeModel {
  /** What the encoder needs. */
  readonly tables: TrailEncodeTables;
  /** Codes and items, for the codebook. */
  readonly symbols: {
    readonly codes: Uint16Array;
    readonly lengths: Uint8Array;
    readonly itemWords: Uint32Array;
  };
  /** Facts about all events. */
  readonly totals: EventTotals;
}

/** Facts about all events, known after the first pass. */
export interface EventTotals {
  /** Number of events. */
  events: number;
  /** Largest time; 0 without events. */
  maxTime: bigint;
  /** Largest time difference. */
  maxDelta: number;
}

/** How to build a model. */
export interface EncodeModelOptions {
  /** Whether pairs get codes. */
  readonly bigrams: boolean;
  /**
   * Whether codes are made for all events, also where only a sample decides
   * which pairs there are.
   */
  readonly countAll: boolean;
  /** Number of values of each field. */
  readonly lexiconCounts: readonly number[];
  /** Number of events. */
  readonly events: number;
}

/**
 * Counts events and builds their code.
 *
 * @param runs The events.
 * @param options What is known of them.
 * @returns The model.
 * @throws {CairnError} `limit` when a time is too far from the one before.
 */
export async function buildModel(
  runs: TrailRuns,
  options: EncodeModelOptions,
): Promise<EncodeModel> {
  const counting = new Counting(runs, options);
  const totals = await counting.countItems();
  const numbers = new ItemNumbers(
    counting.bases,
    counting.deltas,
    totals.maxDelta,
  );
  const pairs = await counting.chooseGrams();
  const ranked = rankGrams(counting.singles, pairs, numbers);
  const huffman = buildHuffmanCode(ranked.counts);
  const itemWords = new Uint32Array(4 * ranked.firsts.length);
  for (let g = 0; g < ranked.firsts.length; g++) {
    numbers.write(ranked.firsts[g]!, itemWords, 4 * g);
    if (ranked.seconds[g] !== NO_ITEM) {
      numbers.write(ranked.seconds[g]!, itemWords, 4 * g + 2);
    }
  }
  const partners = new Uint8Array(numbers.count);
  flagPartners(pairs, partners);
  const codes = literalCodes(numbers, counting.singles);
  for (let g = 0; g < ranked.firsts.length; g++) {
    const length = huffman.lengths[g]!;
    if (length === 0) continue;
    const word = ((length + 1) << CODE_LENGTH_SHIFT) |
      (huffman.codes[g]! << 1) | 1;
    const first = ranked.firsts[g]!;
    if (ranked.seconds[g] !== NO_ITEM) {
      const slot = pairs.find(first, ranked.seconds[g]!);
      pairs.words[slot + PAIR_CODE] = word;
    } else if (length + 1 < literalBits(numbers, numbers.field(first))) {
      codes[first] = word;
    }
  }
  const { bases, fieldBits, valueBits } = numbers;
  const { deltas } = counting;
  return {
    tables: { bases, fieldBits, valueBits, deltas, pairs, partners, codes },
    symbols: { ...huffman, itemWords },
    totals,
  };
}

function literalBits(numbers: ItemNumbers, field: number): number {
  return 1 + numbers.fieldBits + numbers.valueBits[field]!;
}

/** Literals as code words where they fit; written over the counts. */
function literalCodes(numbers: ItemNumbers, codes: Uint32Array): Uint32Array {
  const { bases } = numbers;
  for (let field = 0; field < bases.length; field++) {
    const start = field === 0 ? bases[bases.length - 1]! : bases[field - 1]!;
    const end = field === 0 ? codes.length : bases[field]!;
    const bits = literalBits(numbers, field);
    if (bits > CODE_LENGTH_SHIFT) {
      codes.fill(0, start, end);
      continue;
    }
    const head = (bits << CODE_LENGTH_SHIFT) | (field << 1);
    for (let item = start; item < end; item++) {
      codes[item] = head |
        (numbers.value(item, field) << (1 + numbers.fieldBits));
    }
  }
  return codes;
}

/** The counting passes and what they share. */
class Counting {
  readonly bases: Uint32Array;
  readonly deltas: DeltaNumbers = new DeltaNumbers();
  /** Counts of single items by item number, of the pass that was last. */
  singles: Uint32Array = new Uint32Array(0);
  readonly #runs: TrailRuns;
  readonly #options: EncodeModelOptions;
  /** The counted events; `undefined` once they take too much room. */
  #kept: EdgeList[] | undefined = [];
  #keptBytes = 0;

  constructor(runs: TrailRuns, options: EncodeModelOptions) {
    this.#runs = runs;
    this.#options = options;
    this.bases = itemBases(options.lexiconCounts);
  }

  /** The first pass: single items, and facts about all events. */
  async countItems(): Promise<EventTotals> {
    const deltaBase = this.bases[this.bases.length - 1]!;
    const counts = new Uint32Array(deltaBase);
    const totals = { events: 0, maxTime: 0n, maxDelta: 0 };
    for await (const edges of this.#walk(totals)) {
      const itemCount = edges.starts[edges.count]!;
      for (let i = 0; i < itemCount; i++) counts[edges.items[i]!]!++;
      if (this.#kept === undefined) continue;
      this.#keptBytes += edges.byteLength;
      if (this.#keptBytes > KEPT_BYTES_MAX) this.#kept = undefined;
      else this.#kept.push(edges.compact());
    }
    this.singles = new Uint32Array(deltaBase + this.deltas.size);
    this.singles.set(counts);
    this.singles.set(this.deltas.counts, deltaBase);
    return totals;
  }

  /** The other two passes: pairs, then the grams that cover all events. */
  async chooseGrams(): Promise<PairTable> {
    const { bigrams, countAll, events } = this.#options;
    const pairs = bigrams ? await this.#countPairs() : new PairTable();
    this.#kept = pairs.size === 0 ? undefined : this.#kept;
    if (countAll && events > SAMPLE_EVENTS_MIN) {
      return await this.#countAllGrams(pairs);
    }
    return pairs.size === 0 ? pairs : await this.#countGrams(pairs);
  }

  /** The second pass: pairs of what occurs often enough. */
  async #countPairs(): Promise<PairTable> {
    const pairs = new PairTable();
    const flags = this.#candidates();
    if (flags === undefined) return pairs;
    for await (const edges of this.#again()) {
      if (!countPairs(edges, flags, pairs, PAIRS_MAX)) return new PairTable();
    }
    return pairs;
  }

  /** The third pass: the grams that cover the counted events. */
  async #countGrams(pairs: PairTable): Promise<PairTable> {
    const flags = new Uint8Array(this.singles.length);
    flagPartners(pairs, flags);
    const cover = new Cover(pairs, flags);
    const singles = new Uint32Array(this.singles.length);
    const final = new PairTable();
    for await (const edges of this.#again()) {
      for (let event = 0; event < edges.count; event++) {
        const grams = cover.cover(edges, event);
        for (let g = 0; g < grams; g++) {
          const slot = cover.slots[g]!;
          if (slot < 0) singles[cover.items[g]!]!++;
          else final.add(pairs.words[slot]!, pairs.words[slot + 1]!);
        }
      }
    }
    this.singles = singles;
    this.#kept = undefined;
    return final;
  }

  /** The third pass over all events: what the sample has not seen has no number. */
  async #countAllGrams(pairs: PairTable): Promise<PairTable> {
    const partners = new Uint8Array(this.singles.length);
    flagPartners(pairs, partners);
    const counter = createTrailCountKernel({
      bases: this.bases,
      fieldBits: 0,
      valueBits: new Uint8Array(this.bases.length),
      deltas: this.deltas,
      pairs,
      partners,
      codes: this.singles,
    });
    for await (const run of this.#runs.scan()) counter.count(run);
    const counts = counter.counts();
    this.singles = counts.singles;
    this.#kept = undefined;
    return pairs.recount(counts.pairs);
  }

  /** Flags what occurs often enough to be part of a pair; `undefined` if nothing does. */
  #candidates(): Uint8Array | undefined {
    let total = 0;
    for (const count of this.singles) total += count;
    const support = Math.floor(total / SUPPORT_DIVISOR);
    const flags = new Uint8Array(this.singles.length);
    let found = false;
    for (let item = 0; item < flags.length; item++) {
      if (this.singles[item]! <= support) continue;
      flags[item] = FIRST | SECOND;
      found = true;
    }
    return found ? flags : undefined;
  }

  /** The counted events once more. */
  async *#again(): AsyncGenerator<EdgeList> {
    if (this.#kept !== undefined) yield* this.#kept;
    else yield* this.#walk(undefined);
  }

  /** The events that are counted: all, or those of a sample of the trails. */
  async *#walk(totals: EventTotals | undefined): AsyncGenerator<EdgeList> {
    const { events } = this.#options;
    const sample = events > SAMPLE_EVENTS_MIN ? new TrailSample() : undefined;
    const edges = new EdgeList(this.bases);
    const state = { taken: false, row: 0 };
    for await (const run of this.#runs.scan()) {
      if (totals !== undefined) addTotals(totals, run);
      edges.clear();
      this.#addRun(edges, run, sample, state, totals !== undefined);
      if (edges.count > 0) yield edges;
    }
  }

  #addRun(
    edges: EdgeList,
    run: TrailRun,
    sample: TrailSample | undefined,
    state: { taken: boolean; row: number },
    counted: boolean,
  ): void {
    const { trailOffsets } = run;
    for (let trail = 0; trail + 1 < trailOffsets.length; trail++) {
      if (trail > 0 || !run.continued) {
        state.taken = sample === undefined || sample.next();
        edges.beginTrail();
      }
      let start = trailOffsets[trail]!;
      const end = trailOffsets[trail + 1]!;
      if (!state.taken) {
        // A quirk of the C program: the last event of all is always counted.
        if (state.row + end !== this.#options.events) continue;
        start = end - 1;
      }
      const first = edges.count;
      edges.addRows(run.columns, start, end);
      this.#numberDeltas(edges, first, run.deltas, start, counted);
    }
    state.row += run.count;
  }

  #numberDeltas(
    edges: EdgeList,
    first: number,
    deltas: Float64Array,
    start: number,
    counted: boolean,
  ): void {
    const base = this.bases[this.bases.length - 1]!;
    const offset = start - first;
    for (let event = first; event < edges.count; event++) {
      const delta = deltas[event + offset]!;
      edges.deltas[event] = base +
        (counted ? this.deltas.add(delta) : this.deltas.find(delta));
    }
  }
}

function addTotals(totals: EventTotals, run: TrailRun): void {
  const { deltas, timestamps } = run;
  let maxDelta = totals.maxDelta;
  let maxTime = 0;
  for (let row = 0; row < run.count; row++) {
    if (deltas[row]! > maxDelta) maxDelta = deltas[row]!;
    if (timestamps[row]! > maxTime) maxTime = timestamps[row]!;
  }
  const exact = run.maxTime ?? BigInt(maxTime);
  if (exact > totals.maxTime) totals.maxTime = exact;
  totals.maxDelta = maxDelta;
  totals.events += run.count;
}
