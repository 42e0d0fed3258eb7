/**
 * The distinct values of a field and their ids.
 *
 * @module
 */

/**
 * A field's distinct values, numbered from 1; id 0 is no value.
 *
 * A lexicon is loaded: all of it answers without waiting.
 */
export interface Lexicon {
  /** How many ids there are, id 0 included: one more than distinct values. */
  readonly size: number;

  /**
   * Gets the bytes of an id.
   *
   * @returns A view, valid until the store is closed; empty for id 0.
   * @throws {RangeError} When the id is not below `size`.
   */
  value(id: number): Uint8Array;

  /**
   * Finds the id of a value.
   *
   * @returns The id; 0 for the empty value; `undefined` when no event can
   * have this value. Cost: constant, after a first call that may build a map.
   */
  find(value: Uint8Array): number | undefined;
}
