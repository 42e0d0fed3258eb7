/**
 * Decoding trails of TrailDB to columns.
 *
 * @module
 */
import { Kernel, type KernelExports } from "./_kernel.ts";
import type {
  TrailDecodeFunctions,
  TrailDecodeKernel,
} from "./trail_decode_layout.ts";
import { TrailDecodeReference } from "./trail_decode_reference.ts";
import { WASM_BASE64 } from "./trail_decode_wasm.ts";

interface TrailDecodeExports extends KernelExports, TrailDecodeFunctions {
  readonly region: (which: number) => number;
}

const kernel = new Kernel<TrailDecodeExports>(WASM_BASE64);

/**
 * Makes a kernel: the compiled one, or the reference where WebAssembly is not
 * at hand.
 *
 * @param options `reference` asks for the reference.
 */
export function createTrailDecodeKernel(
  options: { readonly reference?: boolean } = {},
): TrailDecodeKernel {
  const instance = options.reference ? undefined : kernel.instantiate();
  if (instance === undefined) return new TrailDecodeReference();
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
    reserve: (end) => instance.reserve(end),
  };
}
