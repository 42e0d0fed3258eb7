/**
 * What the host and the kernel that filters trails agree on.
 *
 * The memory is that of the kernel that decodes trails, but for entries. Here
 * `value` is what a codeword adds to the scaled time, 0 where it is none, and
 * the u64 `effect` has in bits 0 to 5 bits of the code; 6 set for a literal time;
 * 7 set for any literal; 8 to 17 four times its kind; 30 set for a symbol that
 * must not occur; 31 set where an event begins; 32 to 63 the pointer to its class
 * of transitions. What codes write to rows is in a list of its own, 8 bytes for
 * each entry, scaled: the lower word goes to the first slot of the kind, unless
 * the code is a literal, the upper one to the second.
 *
 * Codes of one kind write to the same slots. The kernel only notes where a code
 * of each kind was met last, and looks up what those wrote when an event passes.
 * Kind 0 is for codes that write to no column.
 *
 * The state has a bit for each pair of clause and field, 1 where the field's
 * value is one that the clause accepts. A class has a word for each state: four
 * times the state behind, and flags, see {@linkcode FILTER_STATE}. Class 0 keeps
 * each state as it is.
 *
 * A row has its whole time, not the difference, and bit 2 of it is set. The row
 * of a lane is never complete: what goes on is a copy of it.
 *
 * @module
 */
import type {
  TrailDecodeFunctions,
  TrailDecodeKernel,
} from "./trail_decode_layout.ts";

/** Most bits of a state. */
export const FILTER_STATE_BITS = 8;
/** Bytes of the classes of transitions together. */
export const FILTER_TRANSITIONS_BYTES = 65_536;
/** Most fields with values to look up. */
export const FILTER_FIELDS = 8;
/** Most kinds of codes, kind 0 among them. */
export const FILTER_KINDS = 256;
/**
 * Most bits of a scaled difference of times, so that the sum cannot pass 64 bits
 * between two looks at it.
 */
export const FILTER_TIME_BITS = 49;

/** Flags of a transition. */
export const FILTER_STATE = {
  /** Four times the state. */
  mask: 0x3fc,
  /** By how much the number of a field is shifted, from 1. */
  number: 24,
  /** A literal of that field must be looked up; `passes` is set too. */
  pending: 0x4000_0000,
  /** The event passes, if it ends here. */
  passes: 0x8000_0000,
} as const;

/** The functions of the kernel. */
export interface TrailFilterFunctions extends TrailDecodeFunctions {
  /**
   * Sets the state of an event without any value, bits of a difference of times,
   * how many kinds there are, and the address of a list of the kernel's own: for
   * each lane 16 bytes more than a row.
   */
  configureFilter(
    state: number,
    timeBits: number,
    kinds: number,
    seen: number,
  ): void;
  /** Walks the four lanes, which must be in order. */
  walkFour(a: number, b: number, c: number, d: number): void;
  /** Takes from the data what a lane may still need of it, before it moves. */
  settle(lane: number): void;
}

/** Where the regions are that a kernel has beside those for decoding. */
export interface TrailFilterRegions {
  /** The classes of transitions. */
  readonly transitions: number;
  /** What an address there is more than the pointer to it. */
  readonly transitionBias: number;
  /** What entries write. */
  readonly items: number;
  /** For each kind two slots of 16 bits; that of nothing is the row's length. */
  readonly slots: number;
  /**
   * Fields with values, 16 bytes each: the address of the bits of their values,
   * a byte each, how many there are, which bits of an unscaled value count, and
   * four times the kind of its literals.
   */
  readonly values: number;
}

/** A kernel that filters, with a memory of its own. */
export interface TrailFilterKernel extends TrailDecodeKernel {
  /** Its functions. */
  readonly functions: TrailFilterFunctions;
  /** Where its own regions are. */
  readonly filterRegions: TrailFilterRegions;
}
