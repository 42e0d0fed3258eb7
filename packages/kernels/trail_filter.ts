/**
 * Decoding only those events that may pass a filter.
 *
 * @module
 */
import { Kernel, type KernelExports } from "./_kernel.ts";
import type {
  TrailFilterFunctions,
  TrailFilterKernel,
} from "./trail_filter_layout.ts";
import { TrailFilterReference } from "./trail_filter_reference.ts";
import { WASM_BASE64 } from "./trail_filter_wasm.ts";

interface TrailFilterExports extends KernelExports, TrailFilterFunctions {
  readonly region: (which: number) => number;
  readonly filterRegion: (which: number) => number;
}

const kernel = new Kernel<TrailFilterExports>(WASM_BASE64);

/**
 * Makes a kernel: the compiled one, or the reference where WebAssembly is not
 * at hand.
 *
 * @param options `reference` asks for the reference.
 */
export function createTrailFilterKernel(
  options: { readonly reference?: boolean } = {},
): TrailFilterKernel {
  const instance = options.reference ? undefined : kernel.instantiate();
  if (instance === undefined) return new TrailFilterReference();
  const { exports, heapStart } = instance;
  return {
    functions: exports,
    isReference: false,
    regions: {
      first: exports.region(0),
      entries: exports.region(1),
      data: exports.region(2),
      lanes: exports.region(3),
      entryBias: exports.region(4),
      heap: heapStart,
    },
    filterRegions: {
      transitions: exports.filterRegion(0),
      items: exports.filterRegion(1),
      slots: exports.filterRegion(2),
      values: exports.filterRegion(3),
      transitionBias: exports.filterRegion(4),
    },
    reserve: (end) => instance.reserve(end),
  };
}
