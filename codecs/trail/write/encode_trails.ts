/**
 * Events into the member `trails.data`.
 *
 * Layout: docs/formats/traildb.md, parts 7 and 10.7.
 *
 * @module
 */
import {
  createTrailEncodeKernel,
  type TrailEncodeKernel,
  type TrailEncodeOutput,
  type TrailEncodeTables,
} from "@cairn/kernels";
import type { TrailRun } from "./trail_runs.ts";

/** An open trail is handed out before it is complete when it is longer than this. */
const OPEN_BYTES_MAX = 4 * 2 ** 20;

/** The first byte of a trail that was handed out before its last bits were known. */
export interface TrailHead {
  /** Offset of the byte in `trails.data`. */
  readonly offset: number;
  /** Bits to be set in it. */
  readonly bits: number;
}

/** Encodes runs of events, one after the other. */
export class TrailEncoder {
  /** Where each trail ends in `trails.data` that has ended; forgotten by `take`. */
  readonly ends: number[] = [];
  /** Heads that must be mended in what was handed out; few. */
  readonly heads: TrailHead[] = [];
  readonly #kernel: TrailEncodeKernel;
  /** Bytes that were not handed out yet. */
  #bytes: Uint8Array = new Uint8Array(65_536);
  #byteLength = 0;
  /** Offset in `trails.data` of the first of them. */
  #origin = 0;
  /** Offset in `trails.data` where the trail begins that ends next. */
  #start = 0;

  /** Makes an encoder. @param tables The model of the events. */
  constructor(tables: TrailEncodeTables) {
    this.#kernel = createTrailEncodeKernel(tables);
  }

  /** Encodes a run. @param run The events that follow those before. */
  encode(run: TrailRun): void {
    this.#add(this.#kernel.encode(run));
  }

  /** Ends the last trail; nothing may follow but `take`. */
  finish(): void {
    this.#add(this.#kernel.finish());
  }

  /**
   * Hands out the trails that have ended, and the open one if it has become
   * long.
   *
   * @returns A copy.
   */
  take(): Uint8Array {
    const ended = Math.max(0, this.#start - this.#origin);
    const byteLength = this.#byteLength - ended > OPEN_BYTES_MAX
      ? this.#byteLength
      : ended;
    const taken = this.#bytes.slice(0, byteLength);
    this.#bytes.copyWithin(0, byteLength, this.#byteLength);
    this.#byteLength -= byteLength;
    this.#origin += byteLength;
    this.ends.length = 0;
    return taken;
  }

  #add({ bytes, ends, residuals }: TrailEncodeOutput): void {
    const offset = this.#origin + this.#byteLength;
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#byteLength);
    this.#byteLength += bytes.length;
    for (let trail = 0; trail < ends.length; trail++) {
      const head = this.#start - this.#origin;
      if (head >= 0) this.#bytes[head]! |= residuals[trail]!;
      else if (residuals[trail] !== 0) {
        this.heads.push({ offset: this.#start, bits: residuals[trail]! });
      }
      this.#start = offset + ends[trail]!;
      this.ends.push(this.#start);
    }
  }

  #reserve(byteLength: number): void {
    const wanted = this.#byteLength + byteLength;
    if (wanted <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#byteLength));
    this.#bytes = bytes;
  }
}
