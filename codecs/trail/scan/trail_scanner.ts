/**
 * What decodes many trails to columns.
 *
 * @module
 */
import type { ScanRows } from "./scan_buffer.ts";

/** Trails that lie in one run of bytes. */
export interface TrailExtent {
  /** Their ordinals, ascending. */
  readonly ordinals: Float64Array;
  /** Where each begins in `bytes`. */
  readonly starts: Float64Array;
  /** Where each ends in `bytes`. */
  readonly ends: Float64Array;
  /** The bytes, and 8 behind the last trail. */
  readonly bytes: Uint8Array;
  /** Where `bytes` begins in `trails.data`. */
  readonly offset: number;
}

/** Decodes trails. Rows that it gives are valid until the next step. */
export interface TrailScanner {
  /** Rows decoded so far: those that pass, where it filters. */
  readonly rowCount: number;
  /** Decodes the trails of an extent, and gives batches as they fill. */
  decode(extent: TrailExtent): Generator<ScanRows>;
  /** Gives what is left. */
  flush(): Generator<ScanRows>;
}

/** What a scanner decodes. */
export interface ScannerOptions {
  /** Field id of each column, from 1; distinct. */
  readonly fields: readonly number[];
  /** Most rows of a batch. */
  readonly batchRows: number;
  /** Largest time less smallest. */
  readonly timeSpan: number;
  /** Bytes of `trails.data` for each event, about. */
  readonly eventBytes: number;
  /** Asks for the TypeScript reference of the kernel. */
  readonly reference?: boolean;
}
