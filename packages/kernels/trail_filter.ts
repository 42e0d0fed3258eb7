/**
 * Decoding only those events that may pass a filter.
 *
 * The memory is that of the kernel that decodes trails; the word `stateEffect` of
 * a record says what the symbol does to the state of the event:
 * `keep | set << 9 | values << 17`. The state has a bit for each pair of clause
 * and field, 1 where the field's value is one that the clause accepts; `keep`
 * has a 0 for each bit of the symbol's fields and `set` the bits of its values.
 * `values` is 0, or 1 and up for a literal whose bits are looked up by value.
 *
 * What this does without WebAssembly is what the kernel that decodes does, and
 * a filter over its columns: there is no reference of its own, and tests hold
 * it against those two.
 *
 * @module
 */
import { Kernel, type KernelExports } from "./_kernel.ts";
import type {
  TrailDecodeFunctions,
  TrailDecodeKernel,
} from "./trail_decode_layout.ts";
import { WASM_BASE64 } from "./trail_filter_wasm.ts";

/** Most bits of a state. */
export const FILTER_STATE_BITS = 8;
/** Bytes of the table of states that pass; the upper half stays 0. */
export const FILTER_STATES = 512;
/** Most fields with values to look up. */
export const FILTER_FIELDS = 8;
/** Where `set` is in the word of a record. */
export const FILTER_SET_SHIFT = 9;
/** Where the number of the field with values is. */
export const FILTER_VALUES_SHIFT = 17;

/** A kernel that filters, with a memory of its own. */
export interface TrailFilterKernel extends TrailDecodeKernel {
  /** Address of the table of states that pass. */
  readonly accept: number;
  /** Address of the table of fields with values: address and count, u32 each. */
  readonly values: number;
  /** Sets the state of an event without any value. */
  configureFilter(state: number): void;
}

interface TrailFilterExports extends KernelExports, TrailDecodeFunctions {
  readonly region: (which: number) => number;
  readonly filterRegion: (which: number) => number;
  readonly configureFilter: (state: number) => void;
}

const kernel = new Kernel<TrailFilterExports>(WASM_BASE64);

/** Makes a kernel; `undefined` where WebAssembly is not at hand. */
export function createTrailFilterKernel(): TrailFilterKernel | undefined {
  const instance = kernel.instantiate();
  if (instance === undefined) return undefined;
  const { exports, heapStart } = instance;
  return {
    functions: exports,
    isReference: false,
    regions: {
      first: exports.region(0),
      second: exports.region(1),
      records: exports.region(2),
      data: exports.region(3),
      lanes: exports.region(4),
      heap: heapStart,
    },
    accept: exports.filterRegion(0),
    values: exports.filterRegion(1),
    configureFilter: (state) => exports.configureFilter(state),
    reserve: (end) => instance.reserve(end),
  };
}
