/**
 * Values that come into a store before any event has them.
 *
 * @module
 */
import { type InputBatch, type Lexicon, packSpans } from "@cairn/core";

/** Rows of a batch. */
const ROWS = 1024;
/** Longer than any trail key, and all ones: no trail sorts behind it. */
const HIDDEN_KEY: Uint8Array = new Uint8Array(17).fill(0xff);

/**
 * Lexicons as rows of one trail that comes behind all others. Sorting them
 * numbers their values in order; the trail itself is then not written.
 */
export class LexiconRows {
  readonly #lexicons: readonly (Lexicon | undefined)[];

  /** Prepares rows. @param lexicons The lexicon of each field. */
  constructor(lexicons: readonly (Lexicon | undefined)[]) {
    this.#lexicons = lexicons;
  }

  /** Gives all rows: row `i` has value `i + 1` of each field, if there is one. */
  *batches(): Generator<InputBatch> {
    let rows = 0;
    for (const lexicon of this.#lexicons) {
      rows = Math.max(rows, (lexicon?.size ?? 1) - 1);
    }
    for (let start = 0; start < rows; start += ROWS) {
      const count = Math.min(ROWS, rows - start);
      yield {
        count,
        trailKeys: {
          bytes: HIDDEN_KEY,
          starts: new Uint32Array(count),
          ends: new Uint32Array(count).fill(HIDDEN_KEY.length),
        },
        timestamps: new Float64Array(count).fill(Number.MAX_SAFE_INTEGER),
        columns: this.#lexicons.map((lexicon) =>
          packSpans(Array.from({ length: count }, (_, row) => {
            const id = start + row + 1;
            return lexicon !== undefined && id < lexicon.size
              ? lexicon.value(id)
              : null;
          }))
        ),
      };
    }
  }
}
