/**
 * CRC-32C (Castagnoli), the checksum of LevelDB's tables and of our additions.
 *
 * @module
 */
import { Kernel, type KernelExports, type KernelInstance } from "./_kernel.ts";
import { WASM_BASE64 } from "./crc32c_wasm.ts";

interface Crc32cExports extends KernelExports {
  readonly initialize: () => void;
  readonly update: (crc: number, start: number, end: number) => number;
}

/** Below this the copy into the kernel's memory costs more than it saves. */
const KERNEL_BYTES_MIN = 256;
/** Bytes copied into the kernel at a time: half of a first-level cache. */
const CHUNK_BYTES = 16_384;

const kernel = new Kernel<Crc32cExports>(WASM_BASE64);
const table = makeTable();
let shared: KernelInstance<Crc32cExports> | null | undefined;

/**
 * Computes the CRC-32C of bytes, or goes on from that of the bytes before.
 *
 * @example Piece by piece
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "@cairn/kernels";
 *
 * const digits = new TextEncoder().encode("123456789");
 * assertEquals(crc32c(digits), 0xe3069283);
 * assertEquals(crc32c(digits.subarray(4), crc32c(digits.subarray(0, 4))), 0xe3069283);
 * ```
 * @param bytes What to sum up.
 * @param crc The sum of what came before; 0 at the start.
 * @returns 0 to 2^32 - 1.
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  if (bytes.length < KERNEL_BYTES_MIN) return crc32cReference(bytes, crc);
  const instance = shared === undefined ? (shared = start()) : shared;
  if (instance === null) return crc32cReference(bytes, crc);
  const { exports, heapStart } = instance;
  const memory = new Uint8Array(exports.memory.buffer, heapStart, CHUNK_BYTES);
  let sum = crc;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = bytes.subarray(at, at + CHUNK_BYTES);
    memory.set(chunk);
    sum = exports.update(sum, heapStart, heapStart + chunk.length);
  }
  return sum >>> 0;
}

/**
 * Does what {@linkcode crc32c} does, in TypeScript alone.
 *
 * @param bytes What to sum up.
 * @param crc The sum of what came before; 0 at the start.
 * @returns 0 to 2^32 - 1.
 */
export function crc32cReference(bytes: Uint8Array, crc = 0): number {
  let state = ~crc;
  for (let i = 0; i < bytes.length; i++) {
    state = table[(state ^ bytes[i]!) & 0xff]! ^ (state >>> 8);
  }
  return ~state >>> 0;
}

function start(): KernelInstance<Crc32cExports> | null {
  const instance = kernel.instantiate();
  if (instance === undefined) return null;
  instance.reserve(instance.heapStart + CHUNK_BYTES);
  instance.exports.initialize();
  return instance;
}

function makeTable(): Uint32Array {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let word = i;
    for (let bit = 0; bit < 8; bit++) {
      word = (word >>> 1) ^ ((word & 1) !== 0 ? 0x82f6_3b78 : 0);
    }
    words[i] = word;
  }
  return words;
}
