/**
 * The option that everything that waits has.
 *
 * @module
 */

/** What can stop anything that waits. */
export interface AbortOptions {
  /** Stops with `aborted`. */
  readonly signal?: AbortSignal;
}
