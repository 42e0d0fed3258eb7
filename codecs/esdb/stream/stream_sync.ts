/**
 * How a stream is put onto the disk, and closed.
 *
 * @module
 */

/**
 * When appended events are put onto the disk.
 *
 * - `each`: before `append` resolves. Nothing that was confirmed is lost, not
 *   even when the machine stops. Appends that wait together share one sync.
 * - `{ intervalMs }`: so often, while there is something to put. A machine
 *   that stops loses at most what was confirmed since.
 * - `none`: when the system sees fit, often after half a minute.
 *
 * A process that is killed loses nothing confirmed in any of the three.
 */
export type StreamSync = "each" | "none" | { readonly intervalMs: number };

/** Where an appended event lies. */
export interface AppendedEvent {
  /** Where it begins in the file. */
  readonly offset: number;
  /** Bytes it takes there. */
  readonly byteLength: number;
}

/** How to close a stream. */
export interface CloseStreamOptions {
  /**
   * Whether checksums of all bytes are added, with which `verify` finds any
   * flipped bit. Go reads such a stream, and does not see them; it is not the
   * very file that Go would write. Left out if not said.
   */
  readonly checksums?: boolean;
}
