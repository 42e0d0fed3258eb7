/**
 * Events being read.
 *
 * @module
 */
import type { InputBatch } from "@cairn/core";

/** How far reading has come. */
export interface ReadProgress {
  /** Bytes read of all inputs, as they lie there: compressed, if so. */
  readonly bytesRead: number;
  /** Bytes of all inputs; `undefined` when one of them does not say. */
  readonly bytesTotal: number | undefined;
  /** Events handed out. */
  readonly events: number;
  /** Lines skipped. */
  readonly skipped: number;
}

/** Events being read. */
export interface EventReader extends AsyncDisposable {
  /** Names of the fields, in the order of the batches' columns. */
  readonly fields: readonly string[];
  /**
   * NDJSON without `fields`: names that later lines have and the first has
   * not, whose values were left out; the first 64 met so far.
   */
  readonly leftOut: ReadonlySet<string>;
  /** How far it has come. */
  readonly progress: ReadProgress;

  /**
   * Reads all inputs, one after the other; once only. Batches are never
   * empty, and valid until the next one is asked for. Leaving the loop early
   * closes the inputs.
   *
   * @throws {CairnError} `invalid-input` for a bad line, with file, line (of
   * the text, from 1), column (in code points, from 1) and what was wanted;
   * `limit` for a value or record that is too long; `corrupt` for gzip that is
   * broken, cut or followed by something else; `io`; `aborted`.
   */
  batches(): AsyncIterableIterator<InputBatch>;

  /**
   * Says where in the input an event of the latest batch stands.
   *
   * @param row Which, from 0.
   * @returns File and line.
   */
  place(row: number): EventPlace;
}

/** Where an event stands. */
export interface EventPlace {
  /** Name of the input. */
  readonly file: string;
  /** Line where it begins, from 1. */
  readonly line: number;
}
