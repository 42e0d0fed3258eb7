/**
 * Encoding of many spaces by a kernel.
 *
 * @module
 */
import {
  createEsdbEncodeCompiled,
  type EsdbEncodeKernel,
} from "@cairn/kernels";
import { holdKernel, mayHoldKernel } from "./_live_kernels.ts";
import type { SortedSpaces } from "./sorted_spaces.ts";

/** Records, their bytes, and spaces that are encoded together. */
const ROWS = 65_536;
const RECORD_BYTES = 4_194_304;
const SPACES = 65_536;
const OUT_BYTES = 8_388_608;

/** Encodes spaces into memory that is used again. */
export class KernelPack {
  readonly #kernel: EsdbEncodeKernel;
  /** Lets others have a kernel. */
  readonly release: () => void = holdKernel(this);

  private constructor(kernel: EsdbEncodeKernel) {
    this.#kernel = kernel;
  }

  /** Makes an encoder; `undefined` where WebAssembly is not at hand. */
  static create(avoidGoFaults: boolean): KernelPack | undefined {
    if (!mayHoldKernel()) return undefined;
    const kernel = createEsdbEncodeCompiled({
      recordBytes: RECORD_BYTES,
      rows: ROWS,
      spaces: SPACES,
      outBytes: OUT_BYTES,
    }, avoidGoFaults);
    return kernel && new KernelPack(kernel);
  }

  /** The spaces that were encoded last, one behind the other. */
  get bytes(): Uint8Array {
    return this.#kernel.out.subarray(0, this.#kernel.outLength);
  }

  /** Bytes of each of them. */
  get lengths(): Uint32Array {
    return this.#kernel.lengths;
  }

  /** CRC-32C of each, up to its section table. */
  get checksums(): Uint32Array {
    return this.#kernel.checksums;
  }

  /**
   * Encodes spaces from `from` on.
   *
   * @returns The first that was not; `from` itself when that one is rare and
   * must be encoded otherwise.
   */
  encode(spaces: SortedSpaces, from: number): number {
    const { first, offsets, timestamps, records } = spaces;
    const { bytes, starts, ends } = records;
    const kernel = this.#kernel;
    const base = offsets[first + from]!;
    const origin = starts[base]!;
    const most = Math.min(spaces.count, from + SPACES);
    kernel.spaceRows[0] = 0;
    let space = from;
    for (; space < most; space++) {
      const row = offsets[first + space]!;
      const end = offsets[first + space + 1]!;
      if (end - base > ROWS || ends[end - 1]! - origin > RECORD_BYTES) break;
      for (let i = row; i < end; i++) {
        const start = starts[i]! - origin;
        // Records lie one behind the other.
        if (!(start >= 0 && ends[i]! <= ends[end - 1]!)) return from;
        kernel.starts[i - base] = start;
        kernel.ends[i - base] = ends[i]! - origin;
        kernel.times[i - base] = timestamps[i]!;
      }
      kernel.spaceRows[space - from + 1] = end - base;
    }
    if (space === from) return from;
    const end = ends[offsets[first + space]! - 1]!;
    kernel.records.set(bytes.subarray(origin, end));
    return from + kernel.encode(0, space - from);
  }
}
