/**
 * Events of a TrailDB into bits.
 *
 * Layout: docs/formats/traildb.md, parts 7 and 10.7.
 *
 * @module
 */
import { Kernel, type KernelExports, type KernelInstance } from "./_kernel.ts";
import {
  eventBitsMax,
  type TrailCountKernel,
  type TrailEncodeKernel,
  type TrailEncodeOutput,
  type TrailEncodeRun,
  type TrailEncodeTables,
  type TrailGramCounts,
} from "./trail_encode_layout.ts";
import {
  createTrailCounterReference,
  createTrailEncoderReference,
} from "./trail_encode_reference.ts";
import { WASM_BASE64 } from "./trail_encode_wasm.ts";
import { PAIR_CODE, PAIR_WORDS } from "./trail_pairs.ts";

/** Most fields that the compiled form takes: it marks them in one word. */
const KERNEL_FIELDS_MAX = 32;
/** Most memory that the compiled form takes for its tables. */
const KERNEL_BYTES_MAX = 2 ** 30;

/**
 * Makes an encoder: compiled where that can be, else the reference.
 *
 * @param tables The model of the events.
 */
export function createTrailEncodeKernel(
  tables: TrailEncodeTables,
): TrailEncodeKernel {
  return createTrailEncodeCompiled(tables) ??
    createTrailEncoderReference(tables);
}

/**
 * Makes an encoder of the compiled form.
 *
 * @param tables The model of the events.
 * @returns `undefined` where WebAssembly is not at hand, or tables are too large.
 */
export function createTrailEncodeCompiled(
  tables: TrailEncodeTables,
): TrailEncodeKernel | undefined {
  return compiledEncoder(tables, false);
}

/**
 * Makes a counter of grams: compiled where that can be, else the reference.
 *
 * @param tables The model so far; `codes` are only looked at for their number.
 */
export function createTrailCountKernel(
  tables: TrailEncodeTables,
): TrailCountKernel {
  return createTrailCountCompiled(tables) ??
    createTrailCounterReference(tables);
}

/**
 * Makes a counter of the compiled form.
 *
 * @param tables The model so far.
 * @returns `undefined` where WebAssembly is not at hand, or tables are too large.
 */
export function createTrailCountCompiled(
  tables: TrailEncodeTables,
): TrailCountKernel | undefined {
  const encoder = compiledEncoder(tables, true);
  return encoder && {
    count: (run) => void encoder.encode(run),
    counts: () => encoder.counts(tables),
  };
}

interface EncodeExports extends KernelExports {
  readonly setTables: (
    fieldCount: number,
    fieldBits: number,
    bases: number,
    valueBits: number,
    codes: number,
    partners: number,
    pairs: number,
    pairMask: number,
    counting: number,
  ) => void;
  readonly setDeltas: (
    values: number,
    count: number,
    slots: number,
    mask: number,
  ) => void;
  readonly encode: (
    trails: number,
    continued: number,
    offsets: number,
    deltas: number,
    columns: number,
    columnBytes: number,
    out: number,
    ends: number,
    residuals: number,
  ) => number;
  readonly finish: (out: number, ends: number, residuals: number) => number;
  readonly endedTrails: () => number;
}

const kernel = new Kernel<EncodeExports>(WASM_BASE64);

function compiledEncoder(
  tables: TrailEncodeTables,
  counting: boolean,
): CompiledEncoder | undefined {
  if (tables.bases.length - 1 > KERNEL_FIELDS_MAX) return undefined;
  if (tableBytes(tables) > KERNEL_BYTES_MAX) return undefined;
  const instance = kernel.instantiate();
  return instance && new CompiledEncoder(instance, tables, counting);
}

function tableBytes(tables: TrailEncodeTables): number {
  return 4 * tables.pairs.words.length + 5 * tables.codes.length +
    32 * tables.deltas.size;
}

/** Counts the time differences that have a code or are in a pair. */
function usefulDeltas(tables: TrailEncodeTables): number {
  const { bases, codes, partners } = tables;
  let count = 0;
  for (let item = bases[bases.length - 1]!; item < codes.length; item++) {
    // The lowest bit tells a code from a literal.
    if (partners[item] !== 0 || (codes[item]! & 1) !== 0) count++;
  }
  return count;
}

/** Hands out memory from the front to the end. */
class Layout {
  end: number;
  constructor(start: number) {
    this.end = start;
  }
  take(byteLength: number): number {
    const start = this.end;
    this.end = (start + byteLength + 15) & ~15;
    return start;
  }
}

class CompiledEncoder implements TrailEncodeKernel {
  readonly #instance: KernelInstance<EncodeExports>;
  readonly #fieldCount: number;
  readonly #eventBits: number;
  readonly #runStart: number;
  readonly #codesAt: number;
  readonly #pairsAt: number;

  constructor(
    instance: KernelInstance<EncodeExports>,
    tables: TrailEncodeTables,
    counting: boolean,
  ) {
    this.#instance = instance;
    this.#fieldCount = tables.bases.length - 1;
    this.#eventBits = eventBitsMax(tables);
    const layout = new Layout(instance.heapStart);
    const { bases, valueBits, codes, partners, pairs, deltas } = tables;
    const at = {
      bases: layout.take(4 * bases.length),
      valueBits: layout.take(valueBits.length),
      codes: layout.take(4 * codes.length),
      partners: layout.take(partners.length),
      pairs: layout.take(4 * pairs.words.length),
    };
    let slots = 16;
    const useful = counting ? deltas.size : usefulDeltas(tables);
    while (slots < 2 * useful) slots *= 2;
    const slotsAt = layout.take(16 * slots);
    this.#runStart = layout.end;
    this.#codesAt = at.codes;
    this.#pairsAt = at.pairs;
    const valuesAt = layout.take(8 * deltas.size);
    const buffer = instance.reserve(layout.end);
    new Uint32Array(buffer, at.bases).set(bases);
    new Uint8Array(buffer, at.valueBits).set(valueBits);
    if (!counting) new Uint32Array(buffer, at.codes).set(codes);
    new Uint8Array(buffer, at.partners).set(partners);
    const words = new Uint32Array(buffer, at.pairs, pairs.words.length);
    words.set(pairs.words);
    if (counting) {
      for (let word = PAIR_CODE; word < words.length; word += PAIR_WORDS) {
        words[word] = 0;
      }
    }
    new Float64Array(buffer, valuesAt).set(deltas.values);
    instance.exports.setTables(
      this.#fieldCount,
      tables.fieldBits,
      at.bases,
      at.valueBits,
      at.codes,
      at.partners,
      at.pairs,
      pairs.words.length / 4 - 1,
      counting ? 1 : 0,
    );
    // The values lie where runs will: they are in the slots by then.
    instance.exports.setDeltas(valuesAt, deltas.size, slotsAt, slots - 1);
  }

  encode(run: TrailEncodeRun): TrailEncodeOutput {
    const { count, trailOffsets } = run;
    const layout = new Layout(this.#runStart);
    const columnBytes = (4 * count + 15) & ~15;
    const trails = trailOffsets.length - 1;
    const at = {
      offsets: layout.take(4 * trailOffsets.length),
      deltas: layout.take(8 * count),
      columns: layout.take(columnBytes * this.#fieldCount),
      ends: layout.take(4 * trails),
      residuals: layout.take(trails),
      out: layout.end,
    };
    const outBytes = Math.ceil(count * this.#eventBits / 8) + 3 * trails + 16;
    const buffer = this.#instance.reserve(at.out + outBytes);
    new Uint32Array(buffer, at.offsets).set(trailOffsets);
    new Float64Array(buffer, at.deltas).set(run.deltas.subarray(0, count));
    for (let field = 0; field < this.#fieldCount; field++) {
      new Uint32Array(buffer, at.columns + field * columnBytes)
        .set(run.columns[field]!.subarray(0, count));
    }
    const byteLength = this.#instance.exports.encode(
      trails,
      run.continued ? 1 : 0,
      at.offsets,
      at.deltas,
      at.columns,
      columnBytes,
      at.out,
      at.ends,
      at.residuals,
    );
    return this.#output(at, byteLength);
  }

  /** Copies the counts of all runs so far. */
  counts(tables: TrailEncodeTables): TrailGramCounts {
    const { buffer } = this.#instance.exports.memory;
    const pairs = new Uint32Array(
      buffer,
      this.#pairsAt,
      tables.pairs.words.length,
    );
    return {
      singles: new Uint32Array(buffer, this.#codesAt, tables.codes.length)
        .slice(),
      pairs: Uint32Array.from(
        { length: pairs.length / PAIR_WORDS },
        (_, slot) => pairs[PAIR_WORDS * slot + PAIR_CODE]!,
      ),
    };
  }

  finish(): TrailEncodeOutput {
    const layout = new Layout(this.#runStart);
    const at = {
      ends: layout.take(4),
      residuals: layout.take(1),
      out: layout.end,
    };
    this.#instance.reserve(at.out + 16);
    const { finish } = this.#instance.exports;
    return this.#output(at, finish(at.out, at.ends, at.residuals));
  }

  #output(
    at: { ends: number; residuals: number; out: number },
    byteLength: number,
  ): TrailEncodeOutput {
    const { exports } = this.#instance;
    const { buffer } = exports.memory;
    const ended = exports.endedTrails();
    return {
      bytes: new Uint8Array(buffer, at.out, byteLength),
      ends: new Uint32Array(buffer, at.ends, ended),
      residuals: new Uint8Array(buffer, at.residuals, ended),
    };
  }
}
