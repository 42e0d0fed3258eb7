/**
 * What the host and the kernel that filters trails agree on.
 *
 * The memory is that of the kernel that decodes trails, but for the effects of
 * entries: bit 31 is set where an event begins and bits 22 to 25 are 0, or 1 and
 * up for a literal whose bits of the state are looked up by value; bits 32 to 39
 * are which bits of the state stay and 40 to 47 those that are set. The state
 * has a bit for each pair of clause and field, 1 where the field's value is one
 * that the clause accepts.
 *
 * A row has its whole time, not the difference, and bit 2 of it is set. The row
 * of a lane is never complete: what goes on is a copy of it. Differences of
 * times must fit 32 bits when they are scaled.
 *
 * @module
 */
import type { TrailDecodeKernel } from "./trail_decode_layout.ts";

/** Most bits of a state. */
export const FILTER_STATE_BITS = 8;
/** Bytes of the table of states that pass. */
export const FILTER_STATES = 256;
/** Most fields with values to look up. */
export const FILTER_FIELDS = 8;
/** A kernel that filters, with a memory of its own. */
export interface TrailFilterKernel extends TrailDecodeKernel {
  /** Address of the table of states that pass. */
  readonly accept: number;
  /**
   * Address of the table of fields with values, 16 bytes each: address of their
   * bits, how many there are, and which bits of an unscaled value count.
   */
  readonly values: number;
  /**
   * Sets the state of an event without any value, and which bits of a scaled
   * time count.
   */
  configureFilter(state: number, timeMask: number): void;
}
