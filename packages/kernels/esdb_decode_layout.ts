/**
 * What goes into decoding ESDB spaces, and what comes out.
 *
 * @module
 */

/** How a run of spaces ended. */
export const ESDB_STATUS = {
  /** All spaces were decoded. */
  done: 0,
  /** There are as many rows as were wanted, or the next space needs more room. */
  full: 1,
  /** The next space is damaged or rare: it is to be looked at closer. */
  unusual: 2,
} as const;

/** Sections of a space at most; one with more is unusual. */
export const ESDB_SECTIONS_MAX = 1024;
/** Blocks of what is read of a space at most. */
export const ESDB_BLOCKS_MAX = 4096;
/** Bytes of a section's name at most. */
export const ESDB_NAME_MAX = 4096;

/** How much a decoder can hold. */
export interface EsdbDecodeRoom {
  /** Stored bytes of spaces. */
  readonly storedBytes: number;
  /** Spaces. */
  readonly spaces: number;
  /** Unpacked bytes of a run. */
  readonly contentBytes: number;
  /** Events of a run. */
  readonly rows: number;
}

/**
 * Decodes spaces, a run at a time. The caller fills `stored`, `spaceStarts` and
 * `spaceLengths`; columns are views that the next call writes over.
 */
export interface EsdbDecodeKernel {
  /** Room for stored bytes. */
  readonly stored: Uint8Array;
  /** Where each space begins in `stored`. */
  readonly spaceStarts: Uint32Array;
  /** Its bytes; it must lie within `stored`. */
  readonly spaceLengths: Uint32Array;
  /** Rows of the run up to the end of each space, that one included. */
  readonly spaceRows: Uint32Array;
  /** How many event sections a space has; only without a section to look for. */
  readonly sectionCounts: Uint32Array;
  /** The content of what was read. */
  readonly content: Uint8Array;
  /** Time of each row. */
  readonly timestamps: Float64Array;
  /** Where its data begins in `content`. */
  readonly starts: Uint32Array;
  /** Where it ends. */
  readonly ends: Uint32Array;
  /** Rows of the run. */
  readonly rowCount: number;
  /** How the run ended: one of `ESDB_STATUS`. */
  readonly status: number;

  /**
   * Decodes spaces from `first` up to `end`, exclusive.
   *
   * @param rowsWanted The run ends before a space that would make more, but
   * always has one.
   * @returns The first space that was not decoded.
   */
  decode(first: number, end: number, rowsWanted: number): number;
}
