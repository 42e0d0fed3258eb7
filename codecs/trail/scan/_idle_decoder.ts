/**
 * Keeping what a scan decoded with for the next one.
 *
 * @module
 */
import type { DecodeModel } from "../event_decoder.ts";
import { rowBytes, RowDecoder, type RowPlan } from "./_row_decoder.ts";

/** Most bytes of the rows of a decoder that is kept. */
const KEPT_ROWS_BYTES_MAX = 8 * 2 ** 20;

/**
 * Holds at most one decoder that no scan uses. To make one takes as long as to
 * decode some hundred thousand events: memory, tables, a compiled kernel.
 */
export class IdleDecoder {
  #kept: { model: DecodeModel; plan: RowPlan; decoder: RowDecoder } | undefined;

  /** Gives the decoder that is kept if it does what is planned, or a new one. */
  take(model: DecodeModel, plan: RowPlan): RowDecoder {
    const kept = this.#kept;
    if (kept === undefined || kept.model !== model || !equal(kept.plan, plan)) {
      return new RowDecoder(model, plan);
    }
    this.#kept = undefined;
    return kept.decoder;
  }

  /**
   * Keeps a decoder for later.
   *
   * @param model The file's.
   * @param plan What it was made for.
   * @param decoder It has been flushed, and has not failed.
   */
  keep(model: DecodeModel, plan: RowPlan, decoder: RowDecoder): void {
    const bytes = plan.batchRows * rowBytes(plan.fields.length);
    if (bytes <= KEPT_ROWS_BYTES_MAX) this.#kept = { model, plan, decoder };
  }

  /** Lets go of what is kept. */
  clear(): void {
    this.#kept = undefined;
  }
}

/** Tells whether two plans, or parts of them, say the same. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => equal(Reflect.get(a, key), Reflect.get(b, key)));
}
