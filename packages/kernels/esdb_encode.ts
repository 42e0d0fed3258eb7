/**
 * Encoding of many ESDB spaces from sorted records.
 *
 * Layout: docs/formats/esdb.md. The reference is the encoder of the codec, in
 * plain TypeScript (`codecs/esdb/space_encoder.ts`), which also does what is
 * refused here; the codec's tests compare the two.
 *
 * @module
 */
import { Kernel, type KernelExports, type KernelInstance } from "./_kernel.ts";
import { WASM_BASE64 } from "./esdb_encode_wasm.ts";

/** How much an encoder can hold. */
export interface EsdbEncodeRoom {
  /** Bytes of records. */
  readonly recordBytes: number;
  /** Records. */
  readonly rows: number;
  /** Spaces. */
  readonly spaces: number;
  /** Bytes that come out. */
  readonly outBytes: number;
}

/**
 * Encodes spaces, a run at a time. The caller fills `records`, `starts`, `ends`,
 * `times` and `spaceRows`; what comes out is overwritten by the next call.
 *
 * A record is `uvarint length | grouping | uvarint number of keys | (uvarint
 * length | key) ... | data`, and is not checked: the caller has made it.
 */
export interface EsdbEncodeKernel {
  /** Room for records. */
  readonly records: Uint8Array;
  /** Where each record begins. */
  readonly starts: Uint32Array;
  /** Where it ends. */
  readonly ends: Uint32Array;
  /** Its time. */
  readonly times: Uint32Array;
  /** Where the rows of each space begin, oldest first, and the end of the last. */
  readonly spaceRows: Uint32Array;
  /** The spaces of the last run, one behind the other. */
  readonly out: Uint8Array;
  /** Bytes of each space. */
  readonly lengths: Uint32Array;
  /** CRC-32C of each space up to its section table. */
  readonly checksums: Uint32Array;
  /** How many bytes of `out` count. */
  readonly outLength: number;

  /**
   * Encodes spaces from `first` up to `end`, exclusive.
   *
   * @returns The first space that was not encoded. Where that is `first`, it
   * has more events, names or bytes than a kernel takes.
   */
  encode(first: number, end: number): number;
}

interface EncodeExports extends KernelExports {
  readonly setRegions: (...regions: number[]) => void;
  readonly encode: (first: number, end: number) => number;
  readonly getOutLength: () => number;
}

/** Copying reads and writes up to so many bytes behind its regions. */
const SLACK_BYTES = 64;
/** Content of a space at most, as in the assembly. */
const CONTENT_BYTES = 2_097_152;

const kernel = new Kernel<EncodeExports>(WASM_BASE64);

/**
 * Makes an encoder.
 *
 * @param room How much it can hold.
 * @param avoidGoFaults The layout that Go's reader answers right.
 * @returns `undefined` where WebAssembly is not at hand, or no memory for it.
 */
export function createEsdbEncodeCompiled(
  room: EsdbEncodeRoom,
  avoidGoFaults: boolean,
): EsdbEncodeKernel | undefined {
  try {
    const instance = kernel.instantiate();
    return instance && new CompiledEncoder(instance, room, avoidGoFaults);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // out of memory
    throw error;
  }
}

class CompiledEncoder implements EsdbEncodeKernel {
  readonly records: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly times: Uint32Array;
  readonly spaceRows: Uint32Array;
  readonly out: Uint8Array;
  readonly lengths: Uint32Array;
  readonly checksums: Uint32Array;
  outLength = 0;
  readonly #exports: EncodeExports;

  constructor(
    instance: KernelInstance<EncodeExports>,
    room: EsdbEncodeRoom,
    avoidGoFaults: boolean,
  ) {
    const { exports, heapStart } = instance;
    this.#exports = exports;
    let end = heapStart;
    const place = (byteLength: number): number => {
      const start = end;
      end = (end + byteLength + SLACK_BYTES + 15) & ~15;
      return start;
    };
    const { rows, spaces, recordBytes, outBytes } = room;
    const records = place(recordBytes);
    const starts = place(4 * rows);
    const ends = place(4 * rows);
    const times = place(4 * rows);
    const spaceRows = place(4 * spaces + 4);
    const content = place(CONTENT_BYTES);
    const out = place(outBytes);
    const lengths = place(4 * spaces);
    const checksums = place(4 * spaces);
    const memory = instance.reserve(end);
    exports.setRegions(
      ...[records, starts, ends, times, spaceRows, content],
      ...[out, outBytes, lengths, checksums, avoidGoFaults ? 1 : 0],
    );
    this.records = new Uint8Array(memory, records, recordBytes);
    this.starts = new Uint32Array(memory, starts, rows);
    this.ends = new Uint32Array(memory, ends, rows);
    this.times = new Uint32Array(memory, times, rows);
    this.spaceRows = new Uint32Array(memory, spaceRows, spaces + 1);
    this.out = new Uint8Array(memory, out, outBytes);
    this.lengths = new Uint32Array(memory, lengths, spaces);
    this.checksums = new Uint32Array(memory, checksums, spaces);
  }

  encode(first: number, end: number): number {
    const next = this.#exports.encode(first, end);
    this.outLength = this.#exports.getOutLength();
    return next;
  }
}
