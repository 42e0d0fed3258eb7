/**
 * A filter as bits of a state that symbols change.
 *
 * @module
 */
import type { CompiledFilter } from "@cairn/core";
import { FILTER_FIELDS, FILTER_STATE_BITS } from "@cairn/kernels";

/** What the filtering kernel is told. */
export interface FilterStates {
  /** 1 for each state that passes; there are no others. */
  readonly accept: Uint8Array;
  /** Bits of each value of a field, by field id. */
  readonly values: ReadonlyMap<number, Uint8Array>;
  /** All bits of a field, by field id. */
  readonly bits: ReadonlyMap<number, number>;
  /** State of an event without any value. */
  readonly first: number;
  /** Whether all that passes matches the filter. */
  readonly isExact: boolean;
}

/**
 * Turns a filter to states. Clauses that look at times are left out: what
 * passes here is a superset.
 *
 * @param filter With verdict `some`; all its terms have `accepts`.
 * @returns `undefined` where the filter has no clause of values alone, or more
 * than a state can hold.
 */
export function makeFilterStates(
  filter: CompiledFilter,
): FilterStates | undefined {
  const values = new Map<number, Uint8Array>();
  const bits = new Map<number, number>();
  const clauseBits: number[] = [];
  let used = 0;
  for (const clause of filter.clauses) {
    if (clause.some((term) => term.kind === "time")) continue;
    const ofField = new Map<number, number>();
    for (const term of clause) {
      if (term.kind === "time") continue;
      const field = term.field + 1;
      let bit = ofField.get(field);
      if (bit === undefined) {
        if (used === FILTER_STATE_BITS) return undefined;
        bit = 1 << used++;
        ofField.set(field, bit);
        bits.set(field, (bits.get(field) ?? 0) | bit);
      }
      const accepts = term.accepts!;
      const known = values.get(field) ?? new Uint8Array(accepts.length);
      for (let id = 0; id < accepts.length; id++) {
        if (accepts[id] === 1) known[id]! |= bit;
      }
      values.set(field, known);
    }
    let all = 0;
    for (const bit of ofField.values()) all |= bit;
    clauseBits.push(all);
  }
  if (clauseBits.length === 0 || values.size > FILTER_FIELDS) return undefined;
  const accept = new Uint8Array(1 << used);
  for (let state = 0; state < accept.length; state++) {
    accept[state] = clauseBits.every((clause) => (state & clause) !== 0)
      ? 1
      : 0;
  }
  let first = 0;
  for (const known of values.values()) first |= known[0]!;
  const isExact = clauseBits.length === filter.clauses.length;
  return { accept, values, bits, first, isExact };
}
