/**
 * Making a compiled kernel run: decode, compile once, instantiate.
 *
 * @module
 */

/** Bytes of a page of WebAssembly memory. */
const PAGE_BYTES = 65_536;

/** What every compiled kernel exports. */
export interface KernelExports {
  /** Its memory. Views of it are void after it grows. */
  readonly memory: WebAssembly.Memory;
  /** Gives the first byte that the host may use. */
  readonly heapBase: () => number;
}

/**
 * A compiled kernel. It is compiled at the first instance, and never where
 * WebAssembly with SIMD is not at hand: then there are no instances, and the
 * reference does the work.
 */
export class Kernel<Exports extends KernelExports> {
  readonly #base64: string;
  #module: WebAssembly.Module | null | undefined;

  /** Makes a kernel that is not compiled yet. @param base64 The module. */
  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** Makes an instance with its own memory; `undefined` where that cannot be. */
  instantiate(): KernelInstance<Exports> | undefined {
    if (this.#module === undefined) this.#module = compile(this.#base64);
    if (this.#module === null) return undefined;
    const { exports } = new WebAssembly.Instance(this.#module);
    return new KernelInstance(exports as unknown as Exports);
  }
}

/** One instance of a kernel and its memory. */
export class KernelInstance<Exports extends KernelExports> {
  /** What the kernel exports. */
  readonly exports: Exports;
  /** First byte of memory that the host may use; a multiple of 16. */
  readonly heapStart: number;

  /** Wraps an instance. @param exports Its exports. */
  constructor(exports: Exports) {
    this.exports = exports;
    this.heapStart = (exports.heapBase() + 15) & ~15;
  }

  /**
   * Makes the memory long enough; it never shrinks.
   *
   * @param end First byte that need not be there.
   * @returns The memory's buffer; earlier ones may be detached.
   */
  reserve(end: number): ArrayBuffer {
    const { memory } = this.exports;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    return memory.buffer as ArrayBuffer; // never shared: the kernel makes it
  }
}

/** Gives `null` where WebAssembly, or its SIMD, is not at hand. */
function compile(base64: string): WebAssembly.Module | null {
  if (typeof WebAssembly !== "object") return null;
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  if (!WebAssembly.validate(bytes)) return null;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    // Validated, so this is a policy of the host (no code from strings, no
    // synchronous compilation): the reference is right there too.
    return null;
  }
}
