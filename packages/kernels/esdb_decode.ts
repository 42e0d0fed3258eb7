/**
 * Decoding of many ESDB spaces: section tables, blocks, events.
 *
 * Layout: docs/formats/esdb.md.
 *
 * @module
 */
import { Kernel, type KernelExports, type KernelInstance } from "./_kernel.ts";
import type { EsdbDecodeKernel, EsdbDecodeRoom } from "./esdb_decode_layout.ts";
import { WASM_BASE64 } from "./esdb_decode_wasm.ts";

interface DecodeExports extends KernelExports {
  readonly initialize: () => void;
  readonly setRegions: (...regions: number[]) => void;
  readonly decode: (first: number, end: number, rowsWanted: number) => number;
  readonly getStatus: () => number;
  readonly getRowCount: () => number;
}

/** Unpacking reads and writes up to so many bytes behind its regions. */
const SLACK_BYTES = 64;

const kernel = new Kernel<DecodeExports>(WASM_BASE64);

/**
 * Makes a decoder.
 *
 * @param room How much it can hold.
 * @param section Name of the posting section whose events are wanted; empty
 * for all events of all event sections.
 * @returns `undefined` where WebAssembly is not at hand, or no memory for it.
 */
export function createEsdbDecodeCompiled(
  room: EsdbDecodeRoom,
  section: Uint8Array,
): EsdbDecodeKernel | undefined {
  try {
    const instance = kernel.instantiate();
    return instance && new CompiledDecoder(instance, room, section);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // out of memory
    throw error;
  }
}

class CompiledDecoder implements EsdbDecodeKernel {
  readonly stored: Uint8Array;
  readonly spaceStarts: Uint32Array;
  readonly spaceLengths: Uint32Array;
  readonly spaceRows: Uint32Array;
  readonly sectionCounts: Uint32Array;
  readonly content: Uint8Array;
  readonly timestamps: Float64Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  rowCount = 0;
  status = 0;
  readonly #exports: DecodeExports;
  /** Where spaces begin in memory, as the kernel wants to know it. */
  readonly #addresses: Uint32Array;

  constructor(
    instance: KernelInstance<DecodeExports>,
    room: EsdbDecodeRoom,
    section: Uint8Array,
  ) {
    const { exports, heapStart } = instance;
    this.#exports = exports;
    const { spaces, rows, contentBytes, storedBytes } = room;
    let end = heapStart;
    const place = (byteLength: number): number => {
      const start = end;
      end = (end + byteLength + SLACK_BYTES + 15) & ~15;
      return start;
    };
    const addresses = place(4 * spaces);
    const lengths = place(4 * spaces);
    const spaceRows = place(4 * spaces);
    const counts = place(4 * spaces);
    const wanted = place(section.length);
    const found = [8, 4, 4, 4].map((bytes) => place(bytes * rows));
    const columns = [8, 4, 4].map((bytes) => place(bytes * rows));
    const content = place(contentBytes);
    const stored = place(storedBytes);
    const memory = instance.reserve(end);
    exports.initialize();
    exports.setRegions(
      ...[addresses, lengths, spaceRows, counts, content, contentBytes],
      ...[...columns, rows, ...found, wanted, section.length],
    );
    new Uint8Array(memory, wanted, section.length).set(section);
    this.#addresses = new Uint32Array(memory, addresses, spaces);
    this.spaceStarts = new Uint32Array(spaces);
    this.spaceLengths = new Uint32Array(memory, lengths, spaces);
    this.spaceRows = new Uint32Array(memory, spaceRows, spaces);
    this.sectionCounts = new Uint32Array(memory, counts, spaces);
    this.timestamps = new Float64Array(memory, columns[0]!, rows);
    this.starts = new Uint32Array(memory, columns[1]!, rows);
    this.ends = new Uint32Array(memory, columns[2]!, rows);
    this.content = new Uint8Array(memory, content, contentBytes);
    this.stored = new Uint8Array(memory, stored, storedBytes);
  }

  decode(first: number, end: number, rowsWanted: number): number {
    const { spaceStarts, spaceLengths, stored } = this;
    const { byteLength, byteOffset } = stored;
    for (let i = first; i < end; i++) {
      const start = spaceStarts[i]!;
      if (start > byteLength || spaceLengths[i]! > byteLength - start) {
        throw new RangeError("Cannot decode space: it leaves the stored bytes");
      }
      this.#addresses[i] = byteOffset + start;
    }
    const next = this.#exports.decode(first, end, rowsWanted);
    this.status = this.#exports.getStatus();
    this.rowCount = this.#exports.getRowCount();
    return next;
  }
}
